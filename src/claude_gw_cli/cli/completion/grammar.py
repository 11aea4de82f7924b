"""The command table as a completion script needs it: what can follow the words of a line, with a description of each.

Values that are known when the script is made are in it (choices, rule codes, reference schemes). Profiles and helpers
are files, so a script looks into their directory, and files are the shell's own business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claude_gw_cli.cli.commands import Command, Parameter

Described = tuple[str, str]
"""A word and what it means, one line."""

FROM_DISK = frozenset(("profile", "helper", "file", "directory", "program"))
"""Kinds of value that are not in the script."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option or flag.

    Attributes:
        spelling: ``--scope``.
        kind: the kind of its value, empty if nothing is known of it; ``None`` for a flag, which has no value.
        help: one line.
        short: the one-letter spelling, if it has one. It is not offered, because the long one says more.
    """

    spelling: str
    kind: str | None
    help: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """What can follow some words of a line, such as ``settings apply``.

    Attributes:
        help: what the command or group does, one line.
        words: the next words of commands, each with its meaning; empty for a command.
        options: the options and flags.
        arguments: (name, kind) of each argument, in their order. A kind is one of ``FROM_DISK``, the name of one of
            ``Grammar.lists``, or empty.
        repeats: whether more words of the last kind can follow.
    """

    help: str
    words: tuple[Described, ...] = ()
    options: tuple[Option, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """Everything that a script offers.

    Attributes:
        nodes: words of the line -> what can follow; the empty text is the beginning of the line.
        lists: kind -> its values.
    """

    nodes: dict[str, Node]
    lists: dict[str, tuple[Described, ...]]


def grammar() -> Grammar:
    """The whole table; hidden commands are left out."""
    lists = _known_lists()
    shown = [command for command in COMMANDS.values() if not command.hidden]
    first = {command.words.split()[0]: _sentence(command) for command in shown} | GROUPS
    everywhere = tuple(_options(GLOBAL_FLAGS, lists))
    alone = [
        Option(row.words, _kind(row.parameters[0], lists), _sentence(row))
        for row in COMMANDS.values()
        if row.words.startswith("--")
    ]
    nodes = {"": Node("Configure Claude Code for an LLM gateway.", tuple(first.items()), (*everywhere, *alone))}
    for group, text in GROUPS.items():
        inner = [(row.words.split()[1], _sentence(row)) for row in shown if row.words.startswith(f"{group} ")]
        nodes[group] = Node(text, tuple(inner), everywhere)
    for row in shown:
        positional = [item for item in row.parameters if not item.spellings]
        nodes[row.words] = Node(
            _sentence(row),
            options=(*_options(row.parameters, lists), *everywhere),
            arguments=tuple((item.name, _kind(item, lists)) for item in positional),
            repeats=any(item.kind == "arguments" for item in positional),
        )
    return Grammar(nodes, lists)


def _sentence(command: Command) -> str:
    return command.help.partition("\n")[0]


def _options(parameters: Iterable[Parameter], lists: dict[str, tuple[Described, ...]]) -> Iterator[Option]:
    for item in parameters:
        if not item.spellings:
            continue
        kind = _kind(item, lists) if item.kind == "option" else None
        short, long = sorted(("", *item.spellings), key=len)[-2:]
        yield Option(long, kind, item.help_text(), short)


def _kind(item: Parameter, lists: dict[str, tuple[Described, ...]]) -> str:
    """The kind of a parameter's values. Choices become a list with the name of the first parameter that has them."""
    if item.kind == "program" or item.completes or not item.choices:
        return "program" if item.kind == "program" else item.completes
    values = tuple((word, "") for word in item.allowed())
    for name, known in lists.items():
        if known == values:
            return name
    name = item.noun.replace(" ", "-")
    while name in lists:
        name += "-"
    lists[name] = values
    return name


def _known_lists() -> dict[str, tuple[Described, ...]]:
    from claude_gw_cli import emit
    from claude_gw_cli.core.failures import failures
    from claude_gw_cli.core.reference import FORMS
    from claude_gw_cli.facts.starters import NAMES
    from claude_gw_cli.rules.engine import all_rules

    rules = [(item.code, item.slug) for item in all_rules().values()]
    rules += [(item.code, item.slug) for item in failures().values()]
    return {
        "shell": tuple((name, "") for name in emit.DIALECTS),
        "rule": tuple(rules),
        "reference": tuple((re.match(r"[a-z-]+:/*", form)[0], form) for form in FORMS.values()),  # type: ignore[index]
        "shell-with-completion": tuple((name, "") for name in ("bash", "zsh", "fish", "nu", "powershell")),
        "starter": tuple((name, "") for name in NAMES),
    }
