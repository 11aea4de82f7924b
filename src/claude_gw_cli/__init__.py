"""cgw: configure Claude Code for an LLM gateway, and prove what the client sends.

Importing this package loads nothing else: every room imports what it needs.
"""

__version__ = "0.1.0"
