"""Taskfiles: ``env`` of the file, of tasks and of commands, and what the commands set. ``{{ … }}`` is unknown."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import Reading, System

_FILLED = lazy(r"\{\{.{0,300}?\}\}")


class _Reading(Reading):
    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """A task may be a command, or a list of commands, by itself."""
        return "shell" if keys == ("tasks",) else super().language(member, node, keys)


SYSTEM = System(
    frozenset({"env"}),
    {"cmds": "shell", "cmd": "shell", "sh": "shell"},
    lazy(r"\{\{.{0,300}?\}\}|\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    _FILLED,
    reading=_Reading,
)
