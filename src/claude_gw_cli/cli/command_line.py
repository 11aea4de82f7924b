"""One command line, parsed and run from the command table alone.

Every well-formed line of every command is answered here, without Typer (and pydantic with it). Lines that are not
go to ``typer_app``, which explains the mistake from the same table; so do requests for help and for completion.
The words are read as Click reads them: ``--name value`` or ``--name=value``, the last one wins, options and arguments
in any order, and after ``--`` only arguments.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.cli.declare import Command, Parameter, Value


def run(argv: list[str]) -> int | None:
    """Answer a command line; ``None`` for a request for help or a line that is not well-formed.

    Raises:
        UsageError: a word that people type for another one, or a value that is not one of its option's choices.
    """
    if argv == ["--version"]:
        return print_version()
    flags, words = split(argv)
    if "--version" in flags:
        return print_version()
    command, rest = find(words)
    if command is None:
        _point_to_the_right_words(words)
        return None
    given = parse(command, rest)
    if given is None:
        return None
    set_global_flags(flags)
    return call(command, given)


def split(argv: list[str]) -> tuple[list[str], list[str]]:
    """The global flags, anywhere in cgw's part of the line, and the other words."""
    from claude_gw_cli.cli.commands import GLOBAL_FLAGS

    known = [spelling for item in GLOBAL_FLAGS for spelling in item.spellings]
    end = _end_of_own_words(argv)
    flags = [word for word in argv[:end] if word in known]
    return flags, [*(word for word in argv[:end] if word not in known), *argv[end:]]


def _end_of_own_words(argv: list[str]) -> int:
    """How many words are for cgw: what follows ``--``, or begins another program's command line, is not."""
    command, _ = find([word for word in argv if not word.startswith("-")])
    if command is None or not command.starts_a_program:
        return argv.index("--") if "--" in argv else len(argv)
    options = command.spelled()
    at = argv.index(command.words) + 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "--":
        takes_a_value = argv[at] in options and options[argv[at]].kind == "option"
        at += 2 if takes_a_value else 1
    return at


def find(words: list[str]) -> tuple[Command | None, list[str]]:
    """The command that a line begins with, and the rest of the line."""
    from claude_gw_cli.cli.commands import COMMANDS

    for count in (1, 2):
        command = COMMANDS.get(" ".join(words[:count]))
        if command:
            return command, words[count:]
    return None, words


def parse(command: Command, words: list[str]) -> dict[str, Value] | None:
    """The keywords of the command's function, only those that are given; ``None`` if the line is not well-formed."""
    options = command.spelled()
    given: dict[str, Value] = {}
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            rest += words[at:]
            break
        if word == "-" or not word.startswith("-"):
            rest.append(word)
            if command.starts_a_program:
                rest += words[at:]
                break
            continue
        spelling, equals, inline = word.partition("=")
        option = options.get(spelling)
        if option is None:
            _point_to_the_right_option(word, options)
            return None
        value: Value = True
        if option.kind == "flag":
            if equals:
                return None
        elif equals:
            value = inline
        elif at == len(words):
            return None
        else:
            value = words[at]
            at += 1
        if option.name:
            given[option.name] = value
    return given if _take_arguments(command, rest, given) else None


def _take_arguments(command: Command, words: list[str], given: dict[str, Value]) -> bool:
    """Give the words that are not options to the command's arguments; whether they fit."""
    for item in command.parameters:
        if item.kind in ("arguments", "program"):
            given[item.name] = tuple(words)
            return True
        if item.kind == "argument":
            if words:
                given[item.name] = words.pop(0)
            elif item.required:
                return False
    return not words


def call(command: Command, given: dict[str, Value]) -> int:
    """Run a command with the keywords that were given; returns its exit code.

    Raises:
        UsageError: a value is not one of its option's choices.
    """
    for item in command.parameters:
        value = given.get(item.name)
        if item.choices and isinstance(value, str) and value not in item.allowed():
            from claude_gw_cli.core.errors import unknown_choice

            raise unknown_choice(item.noun, value, item.allowed())
    if given.pop("trust_repository", False):
        os.environ["CGW_TRUST_REPOSITORY"] = "1"
    return command.function()(**given)


def set_global_flags(flags: list[str]) -> None:
    """Do what the flags say that every command accepts."""
    from claude_gw_cli.cli.out import verbosity

    verbosity.quiet = "-q" in flags or "--quiet" in flags
    verbosity.verbose = "-v" in flags or "--verbose" in flags
    if "--no-color" in flags:
        os.environ["NO_COLOR"] = "1"


def print_version() -> int:
    """Print the name and version."""
    from claude_gw_cli import __version__
    from claude_gw_cli.cli.out import write_stdout

    write_stdout(f"cgw {__version__}\n")
    return 0


def _point_to_the_right_words(words: list[str]) -> None:
    """Refuse what people type for another command (``cgw apply``) by naming that command."""
    from claude_gw_cli.cli.commands import COMMANDS
    from claude_gw_cli.core.errors import UsageError

    if words[:1] == ["--json"]:
        raise UsageError("there is no option --json", hint="Use: --format json, as in: cgw check --format json")
    for line in (" ".join(words[:2]), " ".join(words[:1])):
        meant = [f"cgw {command.words}" for command in COMMANDS.values() if line in command.also]
        if meant:
            *others, last = meant
            use = f"{', '.join(others)} or {last}" if others else last
            raise UsageError(f"there is no command 'cgw {line}'", hint=f"Use: {use}")


def _point_to_the_right_option(word: str, options: dict[str, Parameter]) -> None:
    if word == "--json" and "--format" in options:
        from claude_gw_cli.core.errors import UsageError

        raise UsageError("there is no option --json", hint="Use: --format json")
