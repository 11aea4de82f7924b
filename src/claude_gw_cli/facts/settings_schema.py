"""The client's own schema of settings.json: what each member accepts, and what a wrong value costs.

Measured, not read: a running client re-reads its settings files on the control request ``get_settings`` and lists
what it dropped. ``tests/atlas/settings_schema.py VERSION`` asks it about every row, in every JSON type, at every
bound and with every word, and about every name that its package contains; it prints what differs from here.

The rows are in ``settings_schema.txt``: what is accepted (``_kind``), and below it the paths that accept it.

A path is written with dots: ``*`` is any member, ``[]`` any item of an array, and ``!`` marks a member that must be
there. ``@NAME`` is a structure that several members share, and ``@NAME=WORD`` the variant of it that one member
selects. ``PATH>2.1.228`` is known to releases after that one, ``PATH<2.1.281`` to those before; the two releases
around each change are neighbours in npm's list. Of the 99 releases from 2.1.113 to 2.1.227 85 were asked, 56 of them
all 10,240 questions; the table differs from 959 of these 573,440 answers. Releases before 2.1.113 were not asked. A
member without a row takes any value.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """What a member accepts. The client drops the whole file for anything else, unless ``alone``."""

    types: tuple[str, ...] = ()
    """JSON types: ``string``, ``boolean``, ``number``, ``integer``, ``array``, ``object``, ``null``."""
    words: tuple[str, ...] = ()
    """The only texts, where there is a list of them."""
    low: float | None = None
    high: float | None = None
    above: bool = False
    """The number must be more than ``low``."""
    pattern: str = ""
    """A regular expression that a text must match, and, after a line break, how to say it."""
    shared: str = ""
    """The shared structure ``@NAME`` that the value has."""
    by: str = ""
    """The member whose text selects the variant of a shared structure."""
    alone: bool = False
    """The client ignores only this member, and all that is inside a shared structure."""
    always: bool = False
    """A text that is none of ``words`` costs the file even there."""
    null_since: str = ""
    """First release that takes ``null`` for absent, where ``null`` is accepted."""


_PATTERNS = {
    "filled": r"(?s).+" + "\na text that is not empty",
    "plain": r"(?!\.$)(?!.*\.\.)[^\s/\\]+" + "\na name without whitespace and slashes",
    "hour": r"([01]?\d|2[0-3]):[0-5]\d" + '\na time like "22:00"',
    "name": r"[A-Za-z_]\w*" + "\nthe name of a variable",
    "url": r"[A-Za-z][A-Za-z0-9+.-]*:.+" + "\na URL",
}


def _kind(head: str) -> Kind:
    """The kind that a row's first line says: ``number; >= 0; alone``, ``one of deny mask; or null``, ``@source``."""
    first, *more = head.split("; ")
    said = {name: text for name, _, text in (part.partition(" ") for part in more)}
    words = first.removeprefix("one of ").split() if first.startswith("one of ") else ()
    shared = first if first.startswith("@") else ""
    low = said.get(">=", said.get(">"))
    return Kind(
        types=tuple(said["or"].split() if "or" in said else () if words or shared else first.split(" or ")),
        words=tuple(words),
        low=None if low is None else int(low),
        high=int(said["<="]) if "<=" in said else None,
        above=">" in said,
        pattern=_PATTERNS[said["as"]] if "as" in said else "",
        shared=shared,
        by=said.get("by", ""),
        alone="alone" in said,
        always="always" in said,
        null_since=said.get("null-since", ""),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What one path accepts in a span of releases."""

    kind: Kind
    after: str = ""
    """Known to releases after this one."""
    before: str = ""
    needed: bool = False
    """The object around it is faulty without it."""


def _marks() -> tuple[Mapping[str, Sequence[tuple[str, str]]], Mapping[str, Sequence[str]]]:
    marks: dict[str, list[tuple[str, str]]] = {}
    needed: dict[str, list[str]] = {}
    for head, text in table("settings_schema"):
        for mark in text.split():
            path = mark
            if "<" in mark or ">" in mark or "!" in mark:
                path = mark.partition("<")[0].partition(">")[0].rstrip("!")
            if path in marks:
                marks[path].append((head, mark))
            else:
                marks[path] = [(head, mark)]
            if "!" in mark:
                parent, _, member = path.rpartition(".")
                members = needed.setdefault(parent, [])
                members += [member] if member not in members else []
    return marks, needed


def rows_of(path: str) -> tuple[Row, ...]:
    """What a path accepts, in each span of releases."""
    return tuple(_row(head, mark) for head, mark in MARKS.get(path, ()))


def _row(head: str, mark: str) -> Row:
    start, _, before = mark.partition("<")
    name, _, after = start.partition(">")
    return Row(_kind(head), after, before, name.endswith("!"))


_EVENT_NAMES = """
PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion
SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch
PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation
ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged
DirectoryAdded MessageDisplay PreSkillShellCommand
"""
EVENTS = frozenset(_EVENT_NAMES.split())
"""The events of ``hooks`` in 2.1.332; a client ignores every other name."""

GUARDS = frozenset({"PreToolUse", "PermissionRequest"})
"""Events whose hooks may stop a tool: one that cannot be loaded costs the whole file."""

MARKS, NEEDED = _marks()
"""Path -> the first lines of its rows, and its marks (``rows_of``); path of an object -> the members that it must
have in some release."""

_STRICT = """
apiKeyHelper cleanupPeriodDays disabledMcpjsonServers enableAllProjectMcpServers enabledMcpjsonServers env
forceLoginMethod hooks includeCoAuthoredBy learnMode model permissions
awsAuthRefresh>1.0.52 awsCredentialExport>1.0.52 otelHeadersHelper>1.0.52 outputMode>1.0.62 statusLine>1.0.63
$schema>1.0.64
"""
"""The keys that releases know which drop a file with any other (fact ``strict-settings``): read in their schemas."""


def is_known_key(key: str, version: str) -> bool:
    """Whether a release with strict settings knows a top-level key."""
    after = dict(mark.partition(">")[::2] for mark in _STRICT.split()).get(key)
    return after is not None and (not after or version_key(after) < version_key(version))
