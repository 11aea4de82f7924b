"""Declaration of ``cgw demo``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def demo(
    client: Annotated[
        str | None, typer.Option("--client", metavar="PATH", help="A claude to use; default: the installed one.")
    ] = None,
) -> None:
    """Walk every provider mode against a gateway on this machine and show what arrived.

    Needs no infrastructure and no account: the gateway is part of cgw, the keys are fake. Uses the real Claude
    Code if one is installed, else a stand-in that sends what cgw predicts.
    """
    from claude_gw_cli.cli import demo as command

    raise typer.Exit(command.demo(client))
