"""Command lines that must cost little are answered here, before Typer (and pydantic with it) is imported.

Only well-formed lines of a few commands that never ask: whatever is not recognised goes to the Typer app, which knows
every command and explains every mistake. A test holds the tables below against the app's own declarations.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Given = dict[str, str | bool]

_VERBOSITY = {"-q": "quiet", "--quiet": "quiet", "-v": "verbose", "--verbose": "verbose"}


class FastCommand:
    """One hot command: its options by the name that the command's function gives them.

    Attributes:
        values: option -> name, for options with a value.
        flags: option -> name, for switches.
        words: how many positional words it takes: 0, 1, or -1 for any number.
        call: runs it with the options and the words.
    """

    __slots__ = ("call", "flags", "values", "words")

    def __init__(
        self, values: dict[str, str], flags: dict[str, str], words: int, call: Callable[[Given, list[str]], int]
    ) -> None:
        self.values = values
        self.flags = flags
        self.words = words
        self.call = call


def run(argv: list[str]) -> int | None:
    """Answer a hot command line; ``None`` hands it over to the full command line."""
    from claude_gw_cli.cli.out import verbosity

    if argv == ["--version"]:
        return _version()
    said = [word for word in argv if word in _VERBOSITY]
    words = argv if not said else [word for word in argv if word not in _VERBOSITY]
    hot = FAST_COMMANDS.get(words[0]) if words else None
    rest = words[1:]
    if hot is None and len(words) > 1:
        hot = FAST_COMMANDS.get(f"{words[0]} {words[1]}")
        rest = words[2:]
    parsed = _parse(hot, rest) if hot else None
    if hot is None or parsed is None or (said and "--" in argv):
        return None
    for word in said:
        setattr(verbosity, _VERBOSITY[word], True)
    return hot.call(*parsed)


def _parse(hot: FastCommand, argv: list[str]) -> tuple[Given, list[str]] | None:
    given: Given = {}
    words: list[str] = []
    at = 0
    while at < len(argv):
        word = argv[at]
        name, equals, value = word.partition("=")
        if word == "--":
            words += argv[at + 1 :]
            break
        if word in hot.flags:
            given[hot.flags[word]] = True
        elif word in hot.values and at + 1 < len(argv) and not argv[at + 1].startswith("-"):
            at += 1
            given[hot.values[word]] = argv[at]
        elif equals and name in hot.values:
            given[hot.values[name]] = value
        elif word.startswith("-"):
            return None
        else:
            words.append(word)
        at += 1
    if hot.words >= 0 and len(words) != hot.words:
        return None
    return given, words


def _version() -> int:
    from claude_gw_cli import __version__
    from claude_gw_cli.cli.out import write_stdout

    write_stdout(f"cgw {__version__}\n")
    return 0


def _env(given: Given, words: list[str]) -> int:
    from claude_gw_cli.cli.env import env

    del words
    profile = given.pop("profile", None)
    return env(profile, **given)  # type: ignore[arg-type]  # the table gives each option its type


def _helper_run(given: Given, words: list[str]) -> int:
    from claude_gw_cli.helper.runtime import main

    del given
    return main(words)


def _explain(given: Given, words: list[str]) -> int:
    from claude_gw_cli.cli.explain import Options, explain

    return explain(Options(**given, words=tuple(words)))  # type: ignore[arg-type]  # as above


def _check(given: Given, words: list[str]) -> int:
    from claude_gw_cli.cli.check import Options, check

    return check(Options(tuple(words), **given))  # type: ignore[arg-type]  # as above


def _profile_list(given: Given, words: list[str]) -> int:
    from claude_gw_cli.cli.profile import list_profiles

    del words
    return list_profiles(**given)  # type: ignore[arg-type]  # as above


def _settings_diff(given: Given, words: list[str]) -> int:
    from claude_gw_cli.cli.settings import Target, diff

    del words
    place = {name: given.pop(name) for name in ("scope", "managed_dir", "drop_in", "out") if name in given}
    profile = given.pop("profile", None)
    return diff(Target(**place), profile, **given)  # type: ignore[arg-type]  # as above


FAST_COMMANDS: dict[str, FastCommand] = {
    "env": FastCommand(
        {"--profile": "profile", "--shell": "shell"},
        {"--unset": "unset", "--resolve": "resolve", "--reveal": "reveal"},
        0,
        _env,
    ),
    "helper run": FastCommand({}, {}, 1, _helper_run),
    "explain": FastCommand(
        {
            "--profile": "profile",
            "--client-version": "client_version",
            "--against": "against",
            "--managed-dir": "managed_dir",
            "--format": "format_",
        },
        {"--interactive": "interactive"},
        -1,
        _explain,
    ),
    "check": FastCommand(
        {
            "--managed-dir": "managed_dir",
            "--client-version": "client_version",
            "--fail-on": "fail_on",
            "--format": "format_",
        },
        {"--fix": "fix", "--unsafe-fixes": "unsafe_fixes", "--diff": "diff"},
        -1,
        _check,
    ),
    "settings diff": FastCommand(
        {"--scope": "scope", "--profile": "profile", "--managed-dir": "managed_dir", "--out": "out"},
        {"--write-secret": "write_secret", "--force": "force", "--drop-in": "drop_in"},
        0,
        _settings_diff,
    ),
    "profile list": FastCommand({"--format": "format_"}, {}, 0, _profile_list),
}
