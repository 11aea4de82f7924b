"""CircleCI: ``environment`` at each level, and ``export A=b`` that a step adds to ``$BASH_ENV``.

``<< parameters.x >>`` is unknown. ``$NAME`` in ``environment`` is not expanded (CircleCI's documentation).
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import Env, System
from claude_gw_cli.readers.common import Assignment
from claude_gw_cli.readers.embedded import sourced
from claude_gw_cli.readers.written import Written

_FILLED = lazy(r"<<.{0,300}?>>")


def _inherited(root: yamltree.Node, node: yamltree.Node) -> Env:
    """What a job has from its executor and its first image."""
    named = yamltree.get(node, "executor")
    name = yamltree.text_of(named) or yamltree.text_of(yamltree.get(named, "name"))
    executor = yamltree.get(root, "executors", name) if name else None
    return tuple(
        item
        for holder in (executor, *_image(executor), *_image(node))
        for item in yamltree.variables(yamltree.get(holder, "environment"), _FILLED)
    )


def _image(node: yamltree.Node | None) -> list[yamltree.Node]:
    return list(yamltree.items(yamltree.get(node, "docker")))[:1]


def _later(written: list[Written]) -> list[tuple[Assignment, bool]]:
    return [
        (assigned, item.is_sure)
        for item in written
        if item.target == "BASH_ENV"
        for assigned in sourced([item], "BASH_ENV")
    ]


CIRCLECI = System(
    frozenset({"environment"}),
    {"run": "shell", "command": "shell"},
    _FILLED,
    _FILLED,
    later=_later,
    inherited=_inherited,
    ends="it ends with its step",
)
