"""GitLab CI: ``variables`` of the pipeline, of its jobs and rules; each job has the pipeline's, too.

``$NAME`` and ``${NAME}`` are unknown, ``$$`` is a dollar sign, ``$[[ … ]]`` is an input of a component. The lines of
``before_script`` and ``script`` run in one shell.
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import System
from claude_gw_cli.readers.common import Assignment
from claude_gw_cli.record import replace


def _plain(item: Assignment) -> Assignment:
    return replace(item, value=yamltree.undoubled(item.value or ()))


SYSTEM = System(
    frozenset({"variables"}),
    {"before_script": "shell", "script": "shell", "after_script": "shell"},
    lazy(r"\$\[\[.{0,300}?\]\]|\$\{(?!\{)[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\$\[\[.{0,300}?\]\]"),
    plain=_plain,
)
