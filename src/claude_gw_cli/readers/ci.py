"""Systems that run jobs from a YAML file: variables at any level, scripts, and what a step sets for later steps.

What a system calls these is a ``System``; each has a file of this room. A level's variables reach everything inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from claude_gw_cli.readers import embedded, limits, yamltree
from claude_gw_cli.readers.common import Assignment, Start
from claude_gw_cli.readers.written import Written, for_later
from claude_gw_cli.record import dataclass

Env = tuple[Assignment, ...]
Later = Callable[[list[Written]], Iterable[tuple[Assignment, bool]]]


class Job:
    """Steps that run one after another."""

    def __init__(self) -> None:
        self.written: Env = ()
        """What the steps so far set for the next ones."""
        self.is_clear = True
        """Whether the file says all that they set."""


@dataclass(frozen=True, slots=True)
class System:
    """What one system calls its parts.

    Attributes:
        environment: members that have variables.
        scripts: member -> the module that reads such a script; empty for another language.
        unknown: what the system fills in in a value.
        filled: what it fills in in a script.
        later: what a script sets for later steps, and whether it does so in any case.
        inherited: variables that a mapping has from elsewhere in the file: (root, mapping).
        plain: a value as the system hands it on.
        reading: what follows its files, where that is special.
        ends: why nothing gets what a script exports last; empty where another one goes on in the same shell.
    """

    environment: frozenset[str]
    scripts: Mapping[str, str]
    unknown: re.Pattern[str] = yamltree.DOLLAR
    filled: re.Pattern[str] | None = None
    later: Later | None = None
    inherited: Callable[[yamltree.Node, yamltree.Node], Env] = lambda _root, _node: ()
    plain: Callable[[Assignment], Assignment] = lambda item: item
    ends: str = ""
    reading: type[Reading] | None = None

    def starts(self, text: str) -> Iterator[Start]:
        """What each level, script and step of a file gets.

        Raises:
            NotReadableError: it is not YAML.
        """
        yield from (self.reading or Reading)(self, text).starts()


class Reading:
    """One file of a system."""

    def __init__(self, system: System, text: str) -> None:
        self._system = system
        self._text = text
        self._lines = text.split("\n")
        self._count = 0

    def starts(self) -> Iterator[Start]:
        """The processes of the file."""
        for root in yamltree.documents(self._text):
            yield from self._node(root, root, (), (), None)

    def step(self, node: yamltree.Node, keys: tuple[str, ...], env: Env, job: Job | None) -> Iterator[Start]:
        """What is special about a mapping; ``keys`` lead to it, ``env`` is all that it gets."""
        _ = self, node, keys, env, job
        yield from ()

    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """The module that reads a member as a script; empty for another member. ``keys`` lead to the mapping."""
        _ = node, keys
        return self._system.scripts.get(member, "")

    def environment(self, node: yamltree.Node) -> Env:
        """The variables of a mapping."""
        system = self._system
        found = (
            item
            for key, value in yamltree.pairs(node)
            if key.value in system.environment
            for item in yamltree.variables(value, system.unknown)
        )
        return tuple(map(system.plain, found))

    def script(self, node: yamltree.Node) -> tuple[str, yamltree.At]:
        """A script's text, and where its places are in the file."""
        return yamltree.script(node, self._lines)

    def _node(
        self, node: yamltree.Node, root: yamltree.Node, keys: tuple[str, ...], given: Env, job: Job | None
    ) -> Iterator[Start]:
        self._count += len(given)
        limits.check(depth=len(keys), count=self._count)
        if node.id == "sequence":
            for item in node.value:
                yield from self._node(item, root, (*keys, ""), given, job)
        elif node.id == "mapping":
            yield from self._mapping(node, root, keys, given, job)

    def _mapping(
        self, node: yamltree.Node, root: yamltree.Node, keys: tuple[str, ...], given: Env, job: Job | None
    ) -> Iterator[Start]:
        own = (*self._system.inherited(root, node), *self.environment(node))
        env = (*given, *(job.written if job else ()), *own)
        if own:
            yield Start(env)
        yield from self.step(node, keys, env, job)
        yield from self._scripts(node, keys, env, job)
        for key, item in yamltree.pairs(node):
            if item.id != "scalar" and not (key.value in self._system.environment and own):
                inner = Job() if key.value == "steps" and job is None else job
                yield from self._node(item, root, (*keys, key.value), (*given, *own), inner)

    def _scripts(self, node: yamltree.Node, keys: tuple[str, ...], env: Env, job: Job | None) -> Iterator[Start]:
        system = self._system
        for key, item in yamltree.pairs(node):
            if not (language := self.language(key.value, node, keys)):
                if job and key.value in system.scripts:
                    job.is_clear = False
                continue
            text, at = self.script(item)
            starts, written = embedded.run(text, at, env, system.filled, language, ends=system.ends)
            yield from starts
            if system.later and job and (later := list(system.later(written))):
                yield Start((*env, *(one for one, _ in later)))
                job.written += for_later(later)
            if job:
                job.is_clear &= self.is_clear(text, written)

    def is_clear(self, text: str, written: list[Written]) -> bool:
        """Whether it is known what a script sets for later steps."""
        _ = self, text, written
        return True
