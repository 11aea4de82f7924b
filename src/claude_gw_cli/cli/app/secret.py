"""Declarations of ``cgw secret``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Store, try and remove keys; a key is never shown.", no_args_is_help=True)

ReferenceArgument = Annotated[
    str, typer.Argument(metavar="REF", help="Secret reference, such as keyring://cgw/work or file:///path.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Never ask (a prompt for the key is not a question).")]


@app.command("set")
def set_(ref: ReferenceArgument, yes: YesOption = False) -> None:  # noqa: ARG001  # accepted everywhere by contract
    """Put a key into the OS keyring (or a private file): from stdin, or from a prompt on a terminal."""
    from claude_gw_cli.cli import secret

    raise typer.Exit(secret.set_key(ref))


@app.command("test")
def run_test(
    ref: ReferenceArgument,
    profile: Annotated[str | None, typer.Option("--profile", help="Profile whose tables the reference uses.")] = None,
) -> None:
    """Fetch a key and tell its length, expiry and origin, without printing it."""
    from claude_gw_cli.cli import secret

    raise typer.Exit(secret.run_test(ref, profile))


@app.command()
def rm(ref: ReferenceArgument, yes: YesOption = False) -> None:  # noqa: ARG001  # accepted everywhere by contract
    """Remove a key from the OS keyring (or the private file that holds it)."""
    from claude_gw_cli.cli import secret

    raise typer.Exit(secret.remove(ref))
