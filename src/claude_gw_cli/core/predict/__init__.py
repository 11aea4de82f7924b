"""What a client start sends: which credential goes out in which header, where to, or why nothing does.

What the client does, and since when, is in ``facts`` as rows; this room only applies them. The whole prediction is in
``prediction``; its parts are imported one by one by what needs only them.
"""
