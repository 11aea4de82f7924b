"""One command line, parsed and run from the command table alone, without a command line library.

The words are read as people know it: ``--name value`` or ``--name=value``, the last one wins, options and arguments
in any order, and after ``--`` only arguments.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.cli.commands import Command, Value


def run(argv: list[str]) -> int:
    """Answer a command line; returns the exit code. Without a command it is the status, or where to start.

    Raises:
        UsageError: the line is not well-formed; the hint says what may be meant.
    """
    if argv == ["--version"]:
        return print_version()
    from claude_gw_cli.cli.commands import find

    flags, words = split(argv)
    if "--version" in flags:
        return print_version()
    set_global_flags(flags)
    command, rest = find(words)
    if not words and not {"-h", "--help"}.intersection(flags) and _has_profile():
        from claude_gw_cli.cli.commands import COMMANDS

        return call(COMMANDS["status"], {})
    if not words or "-h" in flags or "--help" in flags:
        from claude_gw_cli.cli.help_page import print_help

        return print_help(words=(command.words,) if command else (*words,))
    if command is None:
        from claude_gw_cli.cli.usage_errors import unknown_command

        raise unknown_command(words)
    return call(command, parse(command, rest))


def _has_profile() -> bool:
    """Whether cgw without a command has something to show besides its help page."""
    from claude_gw_cli.core.errors import CgwError
    from claude_gw_cli.world.config import NoneSelectedError, list_profiles, select
    from claude_gw_cli.world.paths import working_dir

    try:
        return bool(list_profiles(os.environ) or select(None, os.environ, working_dir()))
    except NoneSelectedError:
        return False
    except CgwError:
        return True  # the status says what is wrong


def split(argv: list[str]) -> tuple[list[str], list[str]]:
    """The global flags, anywhere in cgw's part of the line, and the other words."""
    from claude_gw_cli.cli.commands import GLOBAL_FLAGS

    known = [spelling for item in GLOBAL_FLAGS for spelling in item.spellings]
    end = _end_of_own_words(argv)
    flags = [word for word in argv[:end] if word in known]
    return flags, [*(word for word in argv[:end] if word not in known), *argv[end:]]


def _end_of_own_words(argv: list[str]) -> int:
    """How many words are for cgw: what follows ``--``, or begins another program's command line, is not."""
    from claude_gw_cli.cli.commands import find

    command, _ = find([word for word in argv if not word.startswith("-")])
    if command is None or not command.starts_a_program:
        return argv.index("--") if "--" in argv else len(argv)
    options = command.spelled()
    at = argv.index(command.words) + 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "--":
        takes_a_value = argv[at] in options and options[argv[at]].kind == "option"
        at += 2 if takes_a_value else 1
    return at


def parse(command: Command, words: list[str]) -> dict[str, Value]:
    """The keywords of the command's function, only those that are given.

    Raises:
        UsageError: an option is unknown or has no value, an argument is missing, or a word is left over.
    """
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
            from claude_gw_cli.cli.usage_errors import unknown_option

            raise unknown_option(command, spelling)
        value: Value = True
        if option.kind == "flag":
            if equals:
                raise _not_well_formed(command, f"{spelling} takes no value")
        elif equals:
            value = inline
        elif at == len(words):
            raise _not_well_formed(command, f"{spelling} needs a value")
        else:
            value = words[at]
            at += 1
        if option.name:
            given[option.name] = value
    _take_arguments(command, rest, given, len(words) - at)
    if rest:
        from claude_gw_cli.cli.usage_errors import left_over

        raise left_over(command, rest[0], given, words)
    return given


def _take_arguments(command: Command, words: list[str], given: dict[str, Value], behind_dashes: int) -> None:
    """Give the words that are not options to the command's arguments; what none of them takes stays."""
    for item in command.parameters:
        if item.kind in ("arguments", "program"):
            if command.takes_client_options and len(words) > behind_dashes:
                return  # a client's own words come behind two dashes
            given[item.name] = tuple(words)
            words.clear()
        elif item.kind == "argument":
            if words:
                given[item.name] = words.pop(0)
            elif item.required:
                raise _not_well_formed(command, f"{item.metavar or item.name.upper()} is missing")


def call(command: Command, given: dict[str, Value]) -> int:
    """Run a command with the keywords that were given; returns its exit code.

    Raises:
        UsageError: a value is not one of its option's choices.
    """
    for item in command.parameters:
        value = given.get(item.name)
        if item.choices and isinstance(value, str) and value not in item.allowed():
            from claude_gw_cli.cli.usage_errors import not_a_choice

            raise not_a_choice(item, value)
    if given.pop("trust_repository", False):
        os.environ["CGW_TRUST_REPOSITORY"] = "1"
    if command.doing and sys.stderr is not None and sys.stderr.isatty():
        from claude_gw_cli.cli.progress import Working

        with Working(command.doing, may_ask=True):
            return command.function()(**given)
    return command.function()(**given)


def set_global_flags(flags: list[str]) -> None:
    """Do what the flags say that every command accepts."""
    from claude_gw_cli.cli.out import verbosity

    verbosity.quiet = "-q" in flags or "--quiet" in flags
    verbosity.verbose = "-v" in flags or "--verbose" in flags
    if "--no-color" in flags:
        os.environ["NO_COLOR"] = "1"


def print_version() -> int:
    """Print the version, and up to which client release the facts in force go."""
    from claude_gw_cli import __version__
    from claude_gw_cli.cli.out import write_stdout
    from claude_gw_cli.facts.newest import NEWEST
    from claude_gw_cli.world.paths import facts_dir

    facts = f"{NEWEST}, packaged"
    if os.path.isdir(facts_dir(os.environ)):
        from claude_gw_cli.world.facts import load

        known = load(os.environ)
        learned = "".join(f", {item.version} learned here" for item in known.used)
        facts = f"{known.newest}, {'bundle' if known.bundle_counts else 'packaged'}{learned}"
    write_stdout(f"cgw {__version__} (facts: {facts})\n")
    return 0


def _not_well_formed(command: Command, message: str) -> Exception:
    from claude_gw_cli.cli.usage_errors import not_well_formed

    return not_well_formed(command, message)
