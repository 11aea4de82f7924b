"""``cgw init`` on a terminal: looks, asks, shows what it would change, changes it, and proves it.

``look`` gathers; ``existing``, ``questions`` and ``key`` ask through an ``Asker``, with arrow keys (``screen``) or
line by line (``plain``); ``walk`` goes forward and back; ``finish`` shows, writes and proves.
"""
