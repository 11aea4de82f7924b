"""The command line's declarations: one Typer app, one file per group. The work is done in ``cli/<command>.py``."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Annotated

import typer

from claude_gw_cli.cli.out import voice

# (module in this folder, name of the group or None when its commands stand at the top level)
GROUPS: tuple[tuple[str, str | None], ...] = (
    ("start", None),
    ("settings", "settings"),
    ("helper", "helper"),
    ("secret", "secret"),
    ("check", None),
    ("rule", None),
    ("explain", None),
    ("trace", None),
    ("doctor", None),
    ("gateway", "gateway"),
    ("profile", "profile"),
    ("demo", None),
)

_GLOBAL_FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose", "--no-color"})


def build() -> typer.Typer:
    """The whole app."""
    app = typer.Typer(
        name="cgw",
        help="Configure Claude Code for an LLM gateway, and prove what the client sends.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for module, name in GROUPS:
        if not importlib.util.find_spec(f"claude_gw_cli.cli.app.{module}"):
            continue
        group = importlib.import_module(f"claude_gw_cli.cli.app.{module}").app
        app.add_typer(group, name=name) if name else app.add_typer(group)
    return app


def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour (as NO_COLOR=1).")] = False,
) -> None:
    """Options that every command accepts, before the command's name."""
    if version:
        from claude_gw_cli import __version__
        from claude_gw_cli.cli.out import product

        product(f"cgw {__version__}\n")
        raise typer.Exit
    voice.quiet, voice.verbose = quiet, verbose
    if no_color:
        os.environ["NO_COLOR"] = "1"


def hoisted(argv: list[str]) -> list[str]:
    """The command line with the global flags in front, wherever the user put them.

    ``cgw run`` is left alone: what follows belongs to somebody else's command.
    """
    command = next((word for word in argv if not word.startswith("-")), "")
    if command == "run":
        return argv
    end = argv.index("--") if "--" in argv else len(argv)
    flags = [word for word in argv[:end] if word in _GLOBAL_FLAGS]
    return [*flags, *(word for word in argv[:end] if word not in _GLOBAL_FLAGS), *argv[end:]]


def run(argv: list[str]) -> int:
    """Parse and run one command line; returns the exit code."""
    try:
        build()(args=hoisted(argv), prog_name="cgw")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    return 0
