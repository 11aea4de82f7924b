"""GitHub: ``env`` of a workflow, its jobs and steps, of a composite action, and what the Claude Code action is given.

``${{ … }}`` is unknown. The action's inputs become variables of the client it starts (``facts.starters``).
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.jsontext import JsonError, parse
from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.starters import BY_NAME
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.common import Assignment, Start, Unknown, is_name
from claude_gw_cli.readers.gitlab import in_script

_ACTION = lazy(r"anthropics/claude-code-(?:base-)?action(?:/[\w/-]+)?@")
_INPUTS = {row.name: row for row in BY_NAME["action"].inputs}
_MODEL = ("model", "anthropic_model")
Env = tuple[Assignment, ...]


def read(text: str, path: str) -> Iterator[Start]:
    """What each step gets that sets a variable or starts the client, and what each job gives its steps.

    Raises:
        NotReadableError: it is not YAML.
    """
    for root in yamltree.documents(text):
        everywhere = _env(root)
        if everywhere:
            yield Start(everywhere)
        for _name, job in yamltree.pairs(yamltree.get(root, "jobs")):
            own = _env(job)
            if own:
                yield Start(everywhere + own)
            yield from _steps(yamltree.get(job, "steps"), everywhere + own, path, starter="action")
        yield from _steps(yamltree.get(root, "runs", "steps"), (), path)
        yield from _steps(yamltree.get(root, "steps"), everywhere, path)  # a job alone, to be included elsewhere


def _env(node: yamltree.Node | None) -> Env:
    return tuple(yamltree.mapping(yamltree.get(node, "env"), yamltree.GITHUB))


def _steps(steps: yamltree.Node | None, given: Env, path: str, starter: str = "") -> Iterator[Start]:
    """What each step gets.

    Args:
        steps: the list of steps.
        given: what the workflow and the job set.
        path: the file.
        starter: ``action`` where ``given`` is all that the Claude Code action gets from outside of its step.
    """
    for step in yamltree.items(steps):
        own = _env(step)
        if _ACTION.match(yamltree.text_of(yamltree.get(step, "uses"))):
            found = (*given, *own, *_inputs(yamltree.get(step, "with")))
            yield Start(found, starter=starter, place=yamltree.place(step))
        elif own:
            yield Start(given + own)
        if (script := yamltree.get(step, "run")) is not None:
            yield from in_script(script, given + own, path)
            if "GITHUB_ENV" in yamltree.text_of(script):
                starter = ""  # later steps get more than the file says


def _inputs(node: yamltree.Node | None) -> Iterator[Assignment]:
    for key, item in yamltree.pairs(node):
        text, row = yamltree.text_of(item), _INPUTS.get(key.value)
        if row and row.is_flag:
            if text.strip().lower() == "true":
                yield Assignment(row.variable, ("1",), *yamltree.place(key))
            elif "${{" in text:
                yield Assignment(row.variable, (Unknown(text),), *yamltree.place(key))
        elif text and (row or key.value in _MODEL):
            name = row.variable if row else "ANTHROPIC_MODEL"
            yield Assignment(name, yamltree.value(text, yamltree.GITHUB), *yamltree.place(key))
        elif key.value == "claude_env":
            yield from _claude_env(text, item)
        elif key.value == "settings":
            yield from _settings(text, item)


def _claude_env(text: str, item: yamltree.Node) -> Iterator[Assignment]:
    """Lines ``NAME: value`` in the text of the input."""
    top, _ = yamltree.place(item)
    block = getattr(item, "style", None) in {"|", ">"}
    for number, line in enumerate(text.splitlines()):
        name, sign, value = line.partition(":")
        if sign and is_name(name.strip()):
            found = value.strip()
            if len(found) > 1 and found[0] == found[-1] and found[0] in "'\"":
                found = found[1:-1]
            yield Assignment(name.strip(), yamltree.value(found, yamltree.GITHUB), top + number + block, 1)


def _settings(text: str, item: yamltree.Node) -> Iterator[Assignment]:
    """The ``env`` of settings that are given as JSON; a file's name is the file's own matter."""
    try:
        document = parse(text)
    except JsonError:
        return
    env = document.get(("env",))
    top, _ = yamltree.place(item)
    block = getattr(item, "style", None) in {"|", ">"}
    for name, value in env.items() if isinstance(env, dict) else ():
        line, column = document.locate(("env", name), of="key") or (1, 1)
        yield Assignment(name, yamltree.value(js_text(value), yamltree.GITHUB), top + line - 1 + block, column)
