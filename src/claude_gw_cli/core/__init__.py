"""Pure functions and frozen data: profiles, plans, predictions, lossless edits.

No I/O; the standard library, and jiter for JSON.
"""
