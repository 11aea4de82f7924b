"""GitHub: ``env`` of a workflow, its jobs and steps, of a composite action, and what the Claude Code action is given.

``${{ … }}`` is unknown. What a step adds to ``$GITHUB_ENV``, later steps get. The action's inputs become variables of
the client that it starts (``facts.starters``).
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.jsontext import JsonError, parse
from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.starters import ACTION_INPUTS, BY_NAME, REPLACED_INPUTS
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.readers import written, yamltree
from claude_gw_cli.readers.ci import Env, Job, Reading, System
from claude_gw_cli.readers.common import Assignment, Place, Start, Text, Unknown, is_name, split_unknown
from claude_gw_cli.readers.written import Written

_ACTION = lazy(r"anthropics/claude-code-(?:base-)?action(?:/[\w/-]+)?@")
_HARMLESS = lazy(r"(?:actions|docker|aws-actions|google-github-actions|oven-sh|astral-sh|pnpm)/")
"""Owners of actions that set no variable of the client."""
_INPUTS = {row.name: row for row in BY_NAME["action"].inputs}
_MODEL = ("model", "anthropic_model")
_LANGUAGES = {"bash": "shell", "sh": "shell", "pwsh": "powershell", "powershell": "powershell", "cmd": "cmd"}


class _Reading(Reading):
    _shell = "bash"
    """The shell of a step that names none: what the job or the workflow says, else by the runner."""
    _everywhere = "bash"

    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """``shell`` of the step says what its script is."""
        _ = keys
        if member != "run":
            return ""
        shell = yamltree.text_of(yamltree.get(node, "shell")).partition(" ")[0] or self._shell
        return _LANGUAGES.get(shell, "")

    def step(self, node: yamltree.Node, keys: tuple[str, ...], env: Env, job: Job | None) -> Iterator[Start]:
        """The Claude Code action; of another action it is not known which variables it sets."""
        if not keys or (len(keys) == 2 and keys[0] == "jobs"):
            runner = yamltree.text_of(yamltree.get(node, "runs-on"))
            named = yamltree.text_of(yamltree.get(node, "defaults", "run", "shell")).partition(" ")[0]
            self._everywhere = named or "bash" if not keys else self._everywhere
            self._shell = named or ("pwsh" if runner.startswith("windows") else self._everywhere)
        uses = yamltree.text_of(yamltree.get(node, "uses"))
        if _ACTION.match(uses):
            # Of a composite action, or a job alone, it is not known what is around it.
            is_all = job is not None and job.is_clear and keys[:1] == ("jobs",)
            found = (*env, *_inputs(yamltree.get(node, "with"), self, uses))
            yield Start(found, starter="action" if is_all else "", place=yamltree.place(node))
        elif uses and job and not _HARMLESS.match(uses):
            job.is_clear = False

    def is_clear(self, text: str, found: list[Written]) -> bool:
        """A language that is not followed may set anything."""
        return "GITHUB_ENV" not in text or not (
            written.is_unclear(found, "GITHUB_ENV") or not any(item.target == "GITHUB_ENV" for item in found)
        )


def _inputs(node: yamltree.Node | None, reading: Reading, uses: str) -> Iterator[Assignment]:
    """What the inputs set in the release that ``uses`` names by a tag, a branch or a commit."""
    action, _, release = uses.partition("@")
    names = ACTION_INPUTS.get(release.partition(".")[0]) if "base-action" not in action else None
    names = names or frozenset[str]().union(*ACTION_INPUTS.values())
    for key, item in yamltree.pairs(node):
        text, row = yamltree.text_of(item), _INPUTS.get(key.value)
        if key.value.lower() not in names:
            lost = _unknown(key.value, split_unknown(text, yamltree.GITHUB), yamltree.place(key), names)
            yield lost
            row = _INPUTS.get(lost.instead.removeprefix("did you mean ").removesuffix("?"))
        if row and row.is_flag:
            if text.strip().lower() == "true":
                yield Assignment(row.variable, ("1",), *yamltree.place(key))
            elif "${{" in text:
                yield Assignment(row.variable, (Unknown(text),), *yamltree.place(key))
        elif text and (row or key.value in _MODEL):
            name = row.variable if row else "ANTHROPIC_MODEL"
            yield Assignment(name, split_unknown(text, yamltree.GITHUB), *yamltree.place(key))
        elif key.value in {"claude_env", "settings"}:
            yield from (_claude_env if key.value == "claude_env" else _settings)(*reading.script(item))


def _unknown(name: str, value: Text, at: Place, names: frozenset[str]) -> Assignment:
    """An input that the action does not have; as the variable that it has the name of, or by itself."""
    from difflib import get_close_matches

    plain = name.lower()
    near = get_close_matches(plain, names, 1, 0.75)
    if plain in REPLACED_INPUTS:
        why, instead = "v1 of the action ignores this input of v0", f"use {REPLACED_INPUTS[plain]}"
    elif plain.upper() in VARIABLES:
        return Assignment(plain.upper(), value, *at, f"the action has no input {name}")
    else:
        why, instead = "the action has no such input", f"did you mean {near[0]}?" if near else "remove it"
    return Assignment(f"input {name}", value, *at, why, instead)


def _claude_env(text: str, at: yamltree.At) -> Iterator[Assignment]:
    """Lines ``NAME: value`` in the text of the input."""
    for number, line in enumerate(text.split("\n"), 1):
        name, sign, value = line.partition(":")
        if sign and is_name(name.strip()):
            found = value.strip()
            if len(found) > 1 and found[0] == found[-1] and found[0] in "'\"":
                found = found[1:-1]
            yield Assignment(name.strip(), split_unknown(found, yamltree.GITHUB), *at(number, 1))


def _settings(text: str, at: yamltree.At) -> Iterator[Assignment]:
    """The ``env`` of settings that are given as JSON; a file's name is the file's own matter."""
    try:
        document = parse(text)
    except JsonError:
        return
    env = document.get(("env",))
    for name, value in env.items() if isinstance(env, dict) else ():
        place = document.locate(("env", name), of="key") or (1, 1)
        yield Assignment(name, split_unknown(js_text(value), yamltree.GITHUB), *at(*place))


WORKFLOW = System(
    frozenset({"env"}),
    {"run": "shell"},
    yamltree.GITHUB,
    yamltree.GITHUB,
    later=lambda found: list(written.github(found)),
    ends="it ends with its step",
    reading=_Reading,
)
