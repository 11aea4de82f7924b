"""Command lines that must cost next to nothing are answered here, before Typer is imported.

Anything that this file does not recognise goes to the Typer app, which knows every command and explains mistakes.
"""

from __future__ import annotations


def run(argv: list[str]) -> int | None:
    """Answer a hot command line; ``None`` hands it over to the full command line."""
    if argv == ["--version"]:
        from claude_gw_cli import __version__
        from claude_gw_cli.cli.out import product

        product(f"cgw {__version__}\n")
        return 0
    return None
