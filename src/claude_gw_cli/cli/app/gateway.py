"""Declarations of ``cgw gateway``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="The gateway's side.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The gateway's side of a profile."""


@app.command()
def snippet(
    profile: Annotated[str | None, typer.Option("--profile", help="Profile name or file.")] = None,
) -> None:
    """Print the lines that the gateway's own configuration needs for a profile (LiteLLM)."""
    from claude_gw_cli.cli import gateway

    raise typer.Exit(gateway.snippet(profile))
