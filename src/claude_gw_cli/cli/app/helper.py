"""Declarations of ``cgw helper``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="apiKeyHelper scripts: install, inspect, try and remove them.", no_args_is_help=True)

NameArgument = Annotated[str | None, typer.Argument(help="Helper name (the profile's); default: the only one.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Never ask.")]


@app.command()
def install(
    name: Annotated[str | None, typer.Argument(help="Profile name or file; default: the one in use.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The same as NAME.")] = None,
    cache: Annotated[
        str | None, typer.Option("--cache", help="file (private, in memory where possible), keyring or none.")
    ] = None,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="A script that needs neither Python nor cgw (Vault KV, HS256 JWT).")
    ] = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Write the helper script of a profile and print the command for apiKeyHelper."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.install(name or profile, cache, standalone=standalone))


@app.command()
def show(name: NameArgument = None) -> None:
    """Show what a helper does, where it is and how its cache stands."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.show(name))


@app.command("list")
def list_() -> None:
    """List the installed helpers."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.list_helpers())


@app.command()
def run(name: NameArgument = None) -> None:
    """Print the key, as the script does (the script itself does not come through here)."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.run(name))


@app.command("test")
def run_test(name: NameArgument = None) -> None:
    """Run a helper exactly as Claude Code does and report what the client would make of it."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.run_test(name))


@app.command()
def uninstall(
    name: NameArgument = None,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Remove a helper's script, spec and cache, and the settings that name it."""
    from claude_gw_cli.cli import helper

    raise typer.Exit(helper.uninstall(name))
