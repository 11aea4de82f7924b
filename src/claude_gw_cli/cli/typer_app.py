"""The command table as a Typer app, for what Typer does best: shells ask it for completions."""

from __future__ import annotations

import contextlib
import inspect
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claude_gw_cli.cli.commands import COMMANDS, GROUPS
from claude_gw_cli.core.terminal import styled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from claude_gw_cli.cli.declare import Command, Parameter


def run(argv: list[str]) -> int:
    """Answer a shell's question for completions, or install or print its completion script; returns the exit code."""
    try:
        with contextlib.redirect_stderr(_Escaped(sys.stderr)):  # an error quotes the words of the line
            build()(args=argv, prog_name="cgw")
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


def build() -> typer.Typer:
    """The whole app. Its commands have every option, and do nothing: ``command_line`` runs them."""
    app = typer.Typer(name="cgw", rich_markup_mode=None, pretty_exceptions_enable=False)
    groups = {name: typer.Typer(help=text) for name, text in GROUPS.items()}
    for command in COMMANDS.values():
        *group, name = command.words.split()
        _add(groups[group[0]] if group else app, name, command)
    for name, group_app in groups.items():
        app.add_typer(group_app, name=name)
    return app


def _add(app: typer.Typer, name: str, command: Command) -> None:
    app.command(
        name,
        help=command.help,
        hidden=command.hidden,
        # From its first word on, the program's line is not cgw's to read: not its options, not a `--` among them.
        context_settings=(
            {"allow_extra_args": True, "allow_interspersed_args": False} if command.starts_a_program else None
        ),
    )(_signed(command.parameters))


def _signed(parameters: Iterable[Parameter]) -> Any:
    """A function with the signature that Typer reads the parameters from."""

    def nothing(**values: Any) -> None:
        del values

    nothing.__signature__ = inspect.Signature([_field(item) for item in parameters])  # type: ignore[attr-defined]
    return nothing


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
