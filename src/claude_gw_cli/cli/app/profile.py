"""Declarations of ``cgw profile``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="List, show, choose, remove and export profiles.", no_args_is_help=True)

NameArgument = Annotated[str | None, typer.Argument(help="Profile name or file; default: the one in use.")]


@app.command("list")
def list_(
    format_: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
) -> None:
    """List the profiles; a star marks the one in use here."""
    from claude_gw_cli.cli import profile

    raise typer.Exit(profile.list_profiles(format_))


@app.command()
def show(name: NameArgument = None) -> None:
    """Show a profile and what it makes the client do."""
    from claude_gw_cli.cli import profile

    raise typer.Exit(profile.show(name))


@app.command()
def use(name: Annotated[str, typer.Argument(help="Profile name.")]) -> None:
    """Choose the profile that is used when none is named."""
    from claude_gw_cli.cli import profile

    raise typer.Exit(profile.use(name))


@app.command()
def rm(
    name: Annotated[str, typer.Argument(help="Profile name.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a profile."""
    from claude_gw_cli.cli import profile

    raise typer.Exit(profile.rm(name, yes=yes))


@app.command()
def export(
    name: NameArgument = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The same as NAME.")] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write to a file instead of stdout.")
    ] = None,
) -> None:
    """Print a profile for a team: references only, no secrets."""
    from claude_gw_cli.cli.profile import export as run

    raise typer.Exit(run(name or profile, out))
