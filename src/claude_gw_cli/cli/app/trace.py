"""Declarations of ``cgw trace``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def trace(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="-- CLIENT-ARGS",
            help="The client's own arguments (--settings, --model, --bare ...), without a prompt.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="With this profile's environment, as `cgw run` gives it.")
    ] = None,
    client: Annotated[
        str | None,
        typer.Option("--client", metavar="PATH", help="Claude Code's program; default: the first `claude` on PATH."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
    record: Annotated[
        str | None,
        typer.Option(
            "--record", metavar="FILE", help="Write the start and what was seen to a new file, nothing private in it."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accepted everywhere; this command never asks.")] = False,
) -> None:
    """Start the real client once against a loopback recorder; show what it sent beside the prediction."""
    from claude_gw_cli.cli.trace import Options
    from claude_gw_cli.cli.trace import trace as run

    del yes
    raise typer.Exit(run(Options(profile, client, format_, record, tuple(words or ()))))
