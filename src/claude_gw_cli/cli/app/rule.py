"""Declarations of ``cgw rule``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def rule(
    code: Annotated[str | None, typer.Argument(help="A code (CGW101) or name (two-credentials).")] = None,
    all_: Annotated[bool, typer.Option("--all", help="List every rule.")] = False,
    format_: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
) -> None:
    """What a code means: of a rule, with a bad and a good example, or of a failure, with its remedy."""
    from claude_gw_cli.cli import rule

    raise typer.Exit(rule.show(code, everything=all_, format_=format_))
