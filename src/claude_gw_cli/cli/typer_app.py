"""The command table as a Typer app: it prints help pages, explains usage errors and answers completion."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from claude_gw_cli.cli.command_line import call, set_global_flags, split
from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS
from claude_gw_cli.core.terminal import styled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from claude_gw_cli.cli.declare import Command, Parameter

_LONGEST_HELP = 1000
"""Longer than any sentence that tells what a command does: plain pages wrap it instead of cutting it."""


def run(argv: list[str]) -> int:
    """Parse and run one command line; returns the exit code. Without a command it is the help page."""
    flags, words = split(argv)
    plain = "--no-color" in flags or bool(os.environ.get("NO_COLOR"))
    try:
        with contextlib.redirect_stderr(_Escaped(sys.stderr)):  # a usage error quotes the words of the line
            build(plain=plain)(args=[*flags, *(words or ["--help"])], prog_name="cgw")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    return 0


class _Escaped:
    """A text stream whose writes are escaped. It has no ``buffer``, so that Click cannot write past it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(styled(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)


def print_help(*, words: tuple[str, ...] = ()) -> int:
    """Print the help page of a command, as ``--help`` does."""
    return run([*words, "--help"])


def build(*, plain: bool = False) -> typer.Typer:
    """The whole app; ``plain``: its help pages and usage errors have no colour, no bold, no boxes."""
    app = typer.Typer(
        name="cgw",
        cls=_Group,
        help="Configure Claude Code for an LLM gateway, and prove what the client sends.",
        epilog="Start here: cgw init   or, to look around: cgw demo",
        rich_markup_mode=None if plain else "rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_signed(_set_globals, GLOBAL_FLAGS))
    groups = {name: typer.Typer(help=text, no_args_is_help=True) for name, text in GROUPS.items()}
    for command in COMMANDS.values():
        *group, name = command.words.split()
        _add(groups[group[0]] if group else app, name, command)
    for name, group_app in groups.items():
        app.add_typer(group_app, name=name, cls=_Group)
    return app


def _add(app: typer.Typer, name: str, command: Command) -> None:
    def callback(**values: Any) -> None:
        context = values.pop("context", None)
        given = {item.name: values[item.name] for item in command.parameters if item.name in values}
        for item in command.parameters:
            if item.kind == "arguments":
                given[item.name] = tuple(given[item.name] or ())
            elif item.kind == "program":
                given[item.name] = tuple(context.args)
        raise typer.Exit(call(command, given))

    program = next((item for item in command.parameters if item.kind == "program"), None)
    app.command(
        name,
        cls=_Command,
        help=command.help,
        hidden=command.hidden,
        options_metavar=f"[OPTIONS] {program.metavar}" if program else "[OPTIONS]",
        # From its first word on, the program's line is not cgw's to read: not its options, not a `--` among them.
        context_settings={"allow_extra_args": True, "allow_interspersed_args": False} if program else None,
    )(_signed(callback, command.parameters))


def _signed(function: Callable[..., None], parameters: Iterable[Parameter]) -> Callable[..., None]:
    """The function with the signature that Typer reads its parameters from."""

    def wrapper(**values: Any) -> None:
        function(**values)

    fields = [_field(item) for item in parameters]
    wrapper.__signature__ = inspect.Signature(fields)  # type: ignore[attr-defined]
    return wrapper


def _field(item: Parameter) -> inspect.Parameter:
    """One parameter in Typer's terms."""
    kind = inspect.Parameter.KEYWORD_ONLY
    name = item.name or item.spellings[0].strip("-")
    annotation: object
    default: object = item.default
    match item.kind:
        case "program":
            return inspect.Parameter("context", kind, annotation=typer.Context)
        case "flag":
            annotation, default = Annotated[bool, typer.Option(*item.spellings, help=item.help_text())], False
        case "option":
            option = typer.Option(*item.spellings, help=item.help_text(), metavar=item.metavar)
            annotation = Annotated[str | None if default is None else str, option]
        case "arguments":
            words = typer.Argument(help=item.help_text(), metavar=item.metavar, show_default=False)
            annotation = Annotated[list[str] | None, words]
        case _:
            word = typer.Argument(help=item.help_text(), metavar=item.metavar)
            annotation = Annotated[str if item.required else str | None, word]
            default = inspect.Parameter.empty if item.required else None
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _set_globals(**values: bool) -> None:
    set_global_flags([f"--{name.replace('_', '-')}" for name, value in values.items() if value])


class _Page:
    """How help pages name what a parameter takes: a word such as FILE, not ``<str>`` and ``<bool>``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Every parameter of the command, its word included."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if parameter.param_type_name == "argument":
                # Its metavar is its name in Typer 0.29; the type is printed beside it in any case.
                parameter.display_type_rich = lambda ctx: ""  # noqa: ARG005 - Typer's signature
            elif parameter.metavar is None:
                parameter.metavar = "" if parameter.is_flag else parameter.opts[0].rpartition("-")[2].upper()
        return parameters

    def get_short_help_str(self, limit: int = 45) -> str:
        """The sentence beside the command's name, uncut."""
        text: str = super().get_short_help_str(max(limit, _LONGEST_HELP))  # type: ignore[misc]
        return text


class _Command(_Page, TyperCommand):
    pass


class _Group(_Page, TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """The commands and groups in the order of the table."""
        order = [word for words in COMMANDS for word in words.split()]
        return sorted(self.commands, key=order.index)
