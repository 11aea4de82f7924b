"""Every program that starts the client: which client, with which settings, and what it does to the environment.

The rows are in starters.txt. A starter never changes a credential or a base URL, except where a row says so.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span, span_of
from claude_gw_cli.hints import Any
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import filled, records


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the GitHub action that fills a variable of its step."""

    variable: str
    name: str
    is_flag: bool = False
    """Only the text ``true`` switches it on; it becomes ``1``."""
    inherits: bool = False
    """Without the input the job's own variable counts; otherwise the action empties it."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition on the environment that is checked before the client starts."""

    flag: str | None
    """The variable that makes it apply when it is ``1``; ``None``: none of the flags is on."""
    one_of: tuple[tuple[str, ...], ...]
    """Variables: all of one group must be set."""
    said: str
    """The error, in the starter's words."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One way to start the client."""

    name: str
    title: str
    entrypoint: str
    """CLAUDE_CODE_ENTRYPOINT of the client, which the user agent names."""
    evidence: str
    """The releases that were measured, or where it was read; then it begins with ``documented:``."""
    package: str = ""
    releases: tuple[tuple[str, str], ...] = ()
    """``(release of the package, client inside)``, newest first; empty where the installed client is started."""
    numbered_alike: bool = False
    """Releases ``0.2.N`` and ``0.3.N`` have client ``2.1.N`` inside."""
    numbered_as_client: bool = False
    """A release has the client of the same number inside."""
    sdk: str = ""
    """The release of the Agent SDK in it, where ``package`` is not that SDK."""
    keeps_entrypoint: bool = False
    """A CLAUDE_CODE_ENTRYPOINT of the environment stays."""
    reads_no_settings: tuple[Span, ...] = ()
    """Releases of the package that pass an empty ``--setting-sources`` unless the program names sources."""
    ignores_empty: tuple[Span, ...] = ()
    """Releases in which an empty list of sources counts as no list: all are read."""
    inputs: tuple[Input, ...] = ()
    accepts: tuple[tuple[list[str], frozenset[str]], ...] = ()
    """(majors, all inputs that any release of them has)."""
    replaced: tuple[tuple[str, str], ...] = ()
    """(input that the newest major ignores, what it has in its place)."""
    demands: tuple[Demand, ...] = ()
    model_variable_is_option: bool = False
    """ANTHROPIC_MODEL is passed as the option ``model``, which beats the settings."""
    editor_variables: bool = False
    """claudeCode.environmentVariables of the editor's user settings is added to its environment."""
    no_login: str = ""
    """What it says where the client would ask for ``/login``."""
    step: str = ""
    """What gives it the key of ``{profile}`` where settings do not: its own way to set variables."""
    notes: tuple[str, ...] = ()
    """What a person should know about it, one sentence each."""


def _input(text: str) -> Input:
    variable, name, *more = text.split(" ")
    return Input(variable, name, is_flag="flag" in more, inherits="inherits" in more)


def _demand(text: str) -> Demand:
    head, _, said = text.partition(": ")
    flag, _, groups = head.partition(" ")
    return Demand(flag if flag != "-" else None, tuple(tuple(group.split()) for group in groups.split("|")), said)


def _accepts(text: str) -> tuple[list[str], frozenset[str]]:
    majors, _, names = text.partition(": ")
    return majors.split(" "), frozenset(names.split(" "))


_PARSERS: dict[str, Any] = {
    "inputs": _input,
    "demands": _demand,
    "accepts": _accepts,
    "releases": lambda text: tuple(text.split(" ")),
    "replaced": lambda text: tuple(text.split(" ", 1)),
    "reads_no_settings": span_of,
    "ignores_empty": span_of,
}
STARTERS: tuple[Starter, ...] = tuple(filled(Starter, row, _PARSERS) for row in records("facts/starters.txt"))

BY_NAME: dict[str, Starter] = {row.name: row for row in STARTERS}
NAMES = tuple(BY_NAME)
ACTION_INPUTS = {major: names for majors, names in BY_NAME["action"].accepts for major in majors}
"""The inputs that any release of a major of the action has."""
REPLACED_INPUTS = dict(BY_NAME["action"].replaced)
"""Inputs of v0 that v1 ignores -> what v1 has in their place."""
PROVIDER_FLAGS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
"""The providers of the GitHub action; more than one stops it."""
TOO_MANY_PROVIDERS = (
    "Cannot use multiple providers simultaneously. Please set only one of: CLAUDE_CODE_USE_BEDROCK, "
    "CLAUDE_CODE_USE_VERTEX, or CLAUDE_CODE_USE_FOUNDRY."
)
LOGIN_ENVIRONMENT = frozenset(
    {"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER", "USERPROFILE", "SYSTEMROOT", "XDG_CONFIG_HOME"}
)
"""Of the variables of a shell, those that a program started from the desktop or by a timer has too."""
ACTION_KEYS = ("ANTHROPIC_API_KEY", "AWS_BEARER_TOKEN_BEDROCK")
"""Variables that satisfy the action's check when they have the gateway's key, where a profile puts it elsewhere."""
ACTION_SKIPS = "CLAUDE_CODE_SKIP_BEDROCK_AUTH"
"""With this one the client signs nothing, so the key may replace the credential that the action asks for."""
