"""Scripts as a sequence of scopes: what is set in a function, a branch or before one command holds only there.

A branch may or may not run, so each is checked as if it did, together with what was set before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown
from claude_gw_cli.readers.written import Line, Written
from claude_gw_cli.record import replace

NOT_EXPORTED = "it is not exported"
"""Why a process does not get a variable that the script keeps for itself, unless it exports it or passes it on."""
_TAKEN = lazy(r"[$%!][{(]?(?:env[:.])?([A-Z_]\w*)(?!\w|\s*=)", 2)
"""A reference to a variable."""


class Scopes:
    """The variables of the scope that is read now, and the processes found so far."""

    def __init__(self, given: Mapping[str, Text] | None = None) -> None:
        """Start with variables that come from outside."""
        self.starts: list[Start] = []
        self.written: list[Written] = []
        self._count = 0
        self._ran = 0
        """How many of the exported variables some program may have got."""
        self._given = frozenset(given or ())
        self._stack: list[tuple[list[Assignment], dict[str, Text]]] = [([], dict(given or {}))]
        self._later: list[tuple[Callable[[], None], tuple[list[Assignment], dict[str, Text]]]] = []

    def export(self, item: Assignment) -> None:
        """Set or unset a variable of the environment."""
        self._stack[-1][0].append(item)
        if item.value is None:
            self._stack[-1][1].pop(item.name, None)
        else:
            self._stack[-1][1][item.name] = item.value

    def remember(self, name: str, value: Text) -> None:
        """Set a variable of the script alone."""
        self._stack[-1][1][name] = value

    def runs(self) -> None:
        """Something runs that gets what is exported so far."""
        self._ran = len(self._stack[0][0])

    def lose(self, item: Assignment, why: str = NOT_EXPORTED) -> None:
        """A variable is written as if a process got it, and none does."""
        self.remember(item.name, item.value or ())
        if is_own(item.name):
            self._stack[-1][0].append(replace(item, lost=why))

    def value(self, name: str, source: str) -> Text:
        """A variable's value, or ``source`` as something unknown."""
        return self._stack[-1][1].get(name, (Unknown(source),))

    def is_known(self, name: str) -> bool:
        """Whether the script has set the variable."""
        return name in self._stack[-1][1]

    def is_exported(self, name: str) -> bool:
        """Whether the variable is in the environment as far as the file says."""
        return name in self._given or any(item.name == name and not item.lost for item in self._stack[-1][0])

    def write(self, target: str, lines: list[Line] | None) -> None:
        """A command prints lines, or something that is not known, to the log or a file (``written``)."""
        self.written.append(Written(target, lines, is_sure=len(self._stack) == 1))

    @contextmanager
    def inner(self) -> Iterator[None]:
        """A scope: sees what is set so far; its own assignments end with it."""
        limits.check(depth=len(self._stack), count=self._count)
        exported, known = self._stack[-1]
        self._count += len(exported)
        self._stack.append(([*exported], {**known}))
        try:
            yield
        finally:
            inside, changed = self._stack.pop()
            self._add(inside, len(exported))
            for name in changed:
                if changed[name] != known.get(name) and name in known:
                    known[name] = (Unknown(f"${name}"),)  # the branch may have run

    def later(self, body: Callable[[], None]) -> None:
        """A function: it is read when all that is set outside of functions is known."""
        self._later.append((body, self._stack[-1]))

    def finish(self, text: str = "", *, ends: str = "", keeps: bool = True) -> list[Start]:
        """Every process of the script.

        Args:
            text: the script, in which a variable that is not exported may be passed on.
            ends: why nothing gets what is exported behind the last program; empty where something later may.
            keeps: whether a variable that is not exported is a mistake in such a script.
        """
        while self._later:
            body, scope = self._later.pop(0)
            self._stack.append(scope)
            with self.inner():
                body()
            self._stack.pop()
        everywhere = self._stack[-1][0]
        for index in range(self._ran, len(everywhere) if ends else 0):
            item = everywhere[index]
            if is_own(item.name) and item.value is not None and text.count(item.name) == 1:
                everywhere[index] = replace(item, lost=item.lost or ends)
        self._add(everywhere, 0)
        passed_on = {found[1] for found in _TAKEN.finditer(text)}
        passed_on |= {item.name for start in self.starts for item in start.assignments if not item.lost}
        return [
            replace(
                start,
                assignments=tuple(
                    item
                    for item in start.assignments
                    if item.lost != NOT_EXPORTED or (keeps and item.name not in passed_on)
                ),
            )
            for start in self.starts
        ]

    def _add(self, exported: list[Assignment], inherited: int) -> None:
        if len(exported) > inherited:
            self._count += len(exported)
            limits.check(count=self._count)
            given = {item.name for item in exported[:inherited]} - {item.name for item in exported[inherited:]}
            self.starts.append(Start(tuple(exported), frozenset(given)))
