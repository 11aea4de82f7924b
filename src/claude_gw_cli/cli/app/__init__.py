"""The command line's declarations: one Typer app, one file per group. The work is done in ``cli/<command>.py``."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Annotated

import typer

from claude_gw_cli.cli.app.help import Command, Group
from claude_gw_cli.cli.out import verbosity, write_stdout

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

_GLOBAL_FLAGS = frozenset({"--version", "-q", "--quiet", "-v", "--verbose", "--no-color"})


def build(*, plain: bool = False) -> typer.Typer:
    """The whole app; ``plain``: its help pages and usage errors have no colour, no bold, no boxes."""
    app = typer.Typer(
        name="cgw",
        cls=Group,
        help="Configure Claude Code for an LLM gateway, and prove what the client sends.",
        epilog="Start here: cgw init   or, to look around: cgw demo",
        rich_markup_mode=None if plain else "rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for module, name in GROUPS:
        if not importlib.util.find_spec(f"claude_gw_cli.cli.app.{module}"):
            continue
        group = importlib.import_module(f"claude_gw_cli.cli.app.{module}").app
        for command in group.registered_commands:
            command.cls = Command
        app.add_typer(group, name=name, cls=Group)
    return app


def _print_version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:  # which is the shell asking how a line could go on
        from claude_gw_cli import __version__

        write_stdout(f"cgw {__version__}\n")
        raise typer.Exit


def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour (as NO_COLOR=1).")] = False,
) -> None:
    """Options that every command accepts."""
    del version
    verbosity.quiet, verbosity.verbose = quiet, verbose
    if no_color:
        os.environ["NO_COLOR"] = "1"


def apart(argv: list[str]) -> tuple[list[str], list[str]]:
    """The global flags, wherever the user put them, and the other words of a command line."""
    own = _own(argv)
    flags = [word for word in argv[:own] if word in _GLOBAL_FLAGS]
    return flags, [*(word for word in argv[:own] if word not in _GLOBAL_FLAGS), *argv[own:]]


def _own(argv: list[str]) -> int:
    """How many words speak to cgw: what follows ``--`` or ``cgw run`` belongs to somebody else's command."""
    at = next((at for at, word in enumerate(argv) if not word.startswith("-")), len(argv))
    if argv[at : at + 1] != ["run"]:
        return argv.index("--") if "--" in argv else len(argv)
    at += 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "--":
        at += 2 if argv[at] == "--profile" else 1
    return at


def run(argv: list[str]) -> int:
    """Parse and run one command line; returns the exit code. Without a command it is the help page."""
    flags, words = apart(argv)
    plain = "--no-color" in flags or bool(os.environ.get("NO_COLOR"))
    try:
        build(plain=plain)(args=[*flags, *(words or ["--help"])], prog_name="cgw")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    return 0
