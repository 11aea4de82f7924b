"""GitLab CI: ``variables`` of the pipeline, of its jobs and of ``default``; each job has the pipeline's, too.

``$NAME`` and ``${NAME}`` are unknown, ``$$`` is a dollar sign.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers import shell, yamltree
from claude_gw_cli.readers.common import Assignment, NotReadableError, Start
from claude_gw_cli.record import replace

_SCRIPTS = ("before_script", "script", "after_script")


def read(text: str, path: str) -> Iterator[Start]:
    """What each job gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    for root in yamltree.documents(text):
        everywhere = _variables(root)
        jobs = [job for key, job in yamltree.pairs(root) if key.value != "variables" and job.id == "mapping"]
        if everywhere:
            yield Start(everywhere)
        for job in jobs:
            if own := _variables(job):
                yield Start((*everywhere, *own))
            yield from _scripts(job, everywhere + own, path)


def _variables(node: yamltree.Node | None) -> tuple[Assignment, ...]:
    found = yamltree.mapping(yamltree.get(node, "variables"), yamltree.DOLLAR)
    return tuple(replace(item, value=yamltree.undoubled(item.value or ())) for item in found)


def _scripts(job: yamltree.Node, given: tuple[Assignment, ...], path: str) -> Iterator[Start]:
    """What the lines of a job's scripts set; each line is shell."""
    for name in _SCRIPTS:
        for line in yamltree.items(yamltree.get(job, name)):
            yield from in_script(line, given, path)


def in_script(line: yamltree.Node, given: tuple[Assignment, ...], path: str) -> Iterator[Start]:
    """What a script inside of YAML sets, in addition to what it is given, at the place of its first line."""
    text = yamltree.text_of(line)
    if "ANTHROPIC_" not in text and "CLAUDE_" not in text:
        return
    top, left = yamltree.place(line)
    block = getattr(line, "style", None) in {"|", ">"}
    try:
        for start in shell.read(text, path):
            yield Start((*given, *(_moved(item, top, left, block=block) for item in start.assignments)))
    except NotReadableError:
        return  # another language


def _moved(item: Assignment, top: int, left: int, *, block: bool) -> Assignment:
    if block:  # the lines are indented by an amount that the parser drops
        return replace(item, line=top + item.line, column=1)
    return replace(item, line=top + item.line - 1, column=left + item.column - 1 if item.line == 1 else item.column)
