"""What is said of a command line that is not well-formed. Imported only then."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS
from claude_gw_cli.core.errors import UsageError, nearest, unknown_choice
from claude_gw_cli.core.patterns import lazy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.cli.commands import Command, Parameter

_FLAGS = {"-V": "--version", "-version": "--version", "-help": "--help", "-?": "--help", "--list": "profile list"}
"""What people type in place of an option or command."""
_ALSO_CALLED: dict[str, dict[str, str]] = {
    "scope": {
        **dict.fromkeys(
            ("global", "home", "me", "personal", "always", "everywhere", "all", "default", "--global"), "user"
        ),
        **dict.fromkeys(("repo", "repository", "team", "shared", "workspace", "directory"), "project"),
        **dict.fromkeys(("system", "machine", "admin", "enterprise", "organization", "company", "policy"), "managed"),
        **dict.fromkeys(("no", "nowhere", "off", "false"), "none"),
    },
    "format": {**dict.fromkeys(("text", "plain", "table", "txt"), "human"), "yaml": "json"},
    "auth": {
        **dict.fromkeys(("token", "key", "api-key", "apikey", "env", "bearer"), "static"),
        **dict.fromkeys(("apikeyhelper", "script", "command", "dynamic"), "helper"),
        **dict.fromkeys(("oauth", "subscription", "claude.ai"), "login"),
    },
    "credentials": {
        **dict.fromkeys(("gateway", "server", "remote"), "proxy"),
        **dict.fromkeys(("local", "machine", "own", "me", "adc"), "client"),
    },
}
"""What an error calls an option's value -> what people write for a choice -> the choice."""
_NAME = lazy(r"[A-Za-z0-9][\w.-]*")


def not_well_formed(command: Command, message: str) -> UsageError:
    """The error for a line that does not fit its command: the message, and how the command is written."""
    return UsageError(message, hint=f"Usage: {command.usage()}\nOptions: cgw {command.words} --help")


def left_over(command: Command, word: str, given: Mapping[str, object], line: Sequence[str]) -> UsageError:
    """The error for a word that no argument takes; an address beside a name is an option.

    Args:
        command: the command.
        word: the word.
        given: what was understood of the line.
        line: all words after the command's own; they are in the line to type instead.
    """
    from claude_gw_cli.core import presets

    found = not_well_formed(command, f"unexpected argument {word!r}")
    options = command.spelled()
    meant: tuple[str, ...] = ()
    if given.get("name") and "--gateway-url" in options and presets.is_address(word):
        url, _ = presets.without_page(presets.with_scheme(word))
        provider = () if given.get("provider") else ("--provider", presets.provider_at(url, presets.recognized(url)))
        meant = (*provider, "--gateway-url", url)
    elif option := _option_for(word, options):
        meant = (option, word)
    if meant:
        at = len(line) - 1 - line[::-1].index(word)
        instead = shlex.join([*line[:at], *meant, *line[at + 1 :]])
        found.hint = f"Write it as: cgw {command.words} {instead}\n{found.hint}"
    return found


def _option_for(word: str, options: Mapping[str, Parameter]) -> str:
    """The option whose value a word is that was typed without it: of a choice, a shell, or else a profile."""
    from claude_gw_cli import emit

    for spelling, item in options.items():
        if word in item.allowed() or (item.completes == "shell" and emit.canonical(word) in emit.DIALECTS):
            return spelling
    return "--profile" if "--profile" in options and _NAME.fullmatch(word) else ""


def not_a_choice(item: Parameter, value: str) -> UsageError:
    """The error for a value that is not one of an option's choices; what people call them is known."""
    if item.name == "provider":
        from claude_gw_cli.core.presets import unknown_provider

        return unknown_provider(value)
    meant = _ALSO_CALLED.get(item.noun, {}).get(value.strip().lower())
    if meant in item.allowed():
        return UsageError(
            f"unknown {item.noun} {value!r}",
            hint=f"Use: {item.spellings[0]} {meant}    It is one of: {', '.join(item.allowed())}",
        )
    return unknown_choice(item.noun, value, item.allowed())


def unknown_option(command: Command, spelling: str) -> UsageError:
    """The error for an option that a command does not have; names the nearest one."""
    known = [*command.spelled(), *(item for flag in GLOBAL_FLAGS for item in flag.spellings)]
    message = f"there is no option {spelling}"
    if spelling == "--json":
        use = next((item for item in ("--format", "--shell") if item in known), None)
        if use:
            return UsageError(message, hint=f"Use: {use} json")
        return UsageError(message, hint=f"cgw {command.words} prints text only; cgw status --format json is data")
    # Without the dashes: they alone would make short options look alike.
    words = {item.lstrip("-"): item for item in known if item.startswith("--")}
    if "--format" in known:
        words["json"] = "--format json"
    found = nearest(spelling.lstrip("-"), words)
    more = f"{f'Did you mean {words[found]}? ' if found else ''}Options: cgw {command.words} --help"
    if not found and command.takes_client_options:
        more = f"An option of the client comes behind two dashes: cgw {command.words} -- {spelling}\n{more}"
    return UsageError(message, hint=more)


def unknown_command(words: list[str]) -> UsageError:
    """The error for a line that begins with no command: it names what the words may mean.

    Args:
        words: the line without global flags; not empty.
    """
    first = words[0]
    if first == "--json":
        return UsageError("there is no option --json", hint="Use: --format json, as in: cgw check --format json")
    if first in _FLAGS:
        return UsageError(f"there is no option {first}", hint=f"Use: cgw {_FLAGS[first]}")
    if first.startswith("-"):
        return UsageError(f"there is no option {first.partition('=')[0]}", hint="Options and commands: cgw --help")
    for line in (" ".join(words[:2]), first):
        meant = [f"cgw {command.words}" for command in COMMANDS.values() if line in command.also]
        if meant:
            *others, last = meant
            use = f"{', '.join(others)} or {last}" if others else last
            return UsageError(f"there is no command 'cgw {line}'", hint=f"Use: {use}")
    inner = [row.words.partition(" ")[2] for row in COMMANDS.values() if row.words.startswith(f"{first} ")]
    if first in GROUPS and len(words) == 1:
        return UsageError(
            f"cgw {first} needs a command", hint=f"It is one of: {', '.join(inner)}\nMore: cgw {first} --help"
        )
    known, typed, page = [line.partition(" ")[0] for line in COMMANDS], first, ""
    if first in GROUPS:
        known, typed, page = inner, words[1], f"{first} "
    found = nearest(typed, known)
    meant_line = f"Did you mean: cgw {page}{found}\n" if found else ""
    return UsageError(f"there is no command 'cgw {page}{typed}'", hint=f"{meant_line}Commands: cgw {page}--help")
