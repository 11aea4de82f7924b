"""Scripts as a sequence of scopes: what is set in a function, a branch or before one command holds only there.

A branch may or may not run, so each is checked as if it did, together with what was set before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown
from claude_gw_cli.readers.written import Line, Written


class Scopes:
    """The variables of the scope that is read now, and the processes found so far."""

    def __init__(self, given: Mapping[str, Text] | None = None) -> None:
        """Start with variables that come from outside."""
        self.starts: list[Start] = []
        self.written: list[Written] = []
        self._count = 0
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

    def value(self, name: str, source: str) -> Text:
        """A variable's value, or ``source`` as something unknown."""
        return self._stack[-1][1].get(name, (Unknown(source),))

    def is_known(self, name: str) -> bool:
        """Whether the script has set the variable."""
        return name in self._stack[-1][1]

    def is_exported(self, name: str) -> bool:
        """Whether the variable is in the environment as far as the file says."""
        return name in self._given or any(item.name == name for item in self._stack[-1][0])

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

    def finish(self) -> list[Start]:
        """Every process of the script."""
        while self._later:
            body, scope = self._later.pop(0)
            self._stack.append(scope)
            with self.inner():
                body()
            self._stack.pop()
        self._add(self._stack[-1][0], 0)
        return self.starts

    def _add(self, exported: list[Assignment], inherited: int) -> None:
        if len(exported) > inherited:
            self._count += len(exported)
            limits.check(count=self._count)
            given = {item.name for item in exported[:inherited]} - {item.name for item in exported[inherited:]}
            self.starts.append(Start(tuple(exported), frozenset(given)))
