"""Declarations of ``cgw explain``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="-- CLIENT-ARGS",
            help="The client's own arguments (--settings, --model, --bare ...).",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="With this profile's environment over the ambient one.")
    ] = None,
    client_version: Annotated[
        str | None, typer.Option("--client-version", help="Predict this client; default: the installed one.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="VERSION", help="Also show what changes in this client version."),
    ] = None,
    managed_dir: Annotated[
        str | None, typer.Option("--managed-dir", help="Managed settings are in this directory.")
    ] = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Predict a session instead of `claude -p`.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accepted everywhere; this command never asks.")] = False,
) -> None:
    """Predict which credential a client started here sends in which header, and why."""
    from claude_gw_cli.cli.explain import Options
    from claude_gw_cli.cli.explain import explain as run

    del yes
    raise typer.Exit(
        run(Options(profile, client_version, against, managed_dir, interactive, format_, tuple(words or ())))
    )
