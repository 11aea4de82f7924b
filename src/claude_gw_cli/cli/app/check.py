"""Declarations of ``cgw check``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="settings.json, profile, LiteLLM config.yaml or a directory; default: this machine, here and now.",
            show_default=False,
        ),
    ] = None,
    managed_dir: Annotated[
        str | None, typer.Option("--managed-dir", help="Managed settings are in this directory.")
    ] = None,
    client_version: Annotated[
        str | None, typer.Option("--client-version", help="Judge for this client; default: the installed one.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Apply safe fixes: none changes which credential is sent.")
    ] = False,
    unsafe_fixes: Annotated[bool, typer.Option("--unsafe-fixes", help="Apply the other fixes too.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what the fixes would change; exit 1 if anything.")
    ] = False,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="SEVERITY", help="Exit 1 from this severity on: error, warning, info.")
    ] = "error",
    format_: Annotated[str, typer.Option("--format", help="human, concise, json, jsonl, sarif or github.")] = "human",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accepted everywhere; this command never asks.")] = False,
) -> None:
    """Find every known way to get it wrong: settings, profiles, environment, gateway. Offline."""
    from claude_gw_cli.cli.check import Options
    from claude_gw_cli.cli.check import check as run

    del yes
    options = Options(tuple(paths or ()), managed_dir, client_version, fix, unsafe_fixes, diff, fail_on, format_)
    raise typer.Exit(run(options))
