"""GitLab CI: ``variables`` of the pipeline, of its jobs and rules; each job has the pipeline's, too.

``$NAME`` and ``${NAME}`` are unknown, ``$$`` is a dollar sign, ``$[[ … ]]`` is an input of a component. The lines of
``before_script`` and ``script`` run in one shell.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import Reading, System
from claude_gw_cli.readers.common import Assignment, Start
from claude_gw_cli.record import replace


def read(text: str, path: str) -> Iterator[Start]:
    """What each job gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    _ = path
    yield from Reading(_SYSTEM, text).starts()


def _plain(item: Assignment) -> Assignment:
    return replace(item, value=yamltree.undoubled(item.value or ()))


_SYSTEM = System(
    frozenset({"variables"}),
    {"before_script": "shell", "script": "shell", "after_script": "shell"},
    lazy(r"\$\[\[.{0,300}?\]\]|\$\{(?!\{)[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\$\[\[.{0,300}?\]\]"),
    plain=_plain,
)
