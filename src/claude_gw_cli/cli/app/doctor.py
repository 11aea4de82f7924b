"""Declaration of ``cgw doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def doctor(
    profile: Annotated[str | None, typer.Option("--profile", help="Profile name or file.")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also send one streamed request for one token (billable).")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing (it never does).")] = False,  # noqa: ARG001 # by contract
) -> None:
    """Tell what is wrong with the live set-up, and what to do about it, in seconds."""
    from claude_gw_cli.cli.doctor import doctor as run

    raise typer.Exit(run(profile, live=live, format_=format_))
