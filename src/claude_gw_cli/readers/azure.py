"""Azure Pipelines: ``variables`` at each level, ``env`` of steps, scripts, and ``##vso[task.setvariable]`` in them.

``$(A)``, ``${{ … }}`` and ``$[ … ]`` are unknown. A variable of the pipeline is one of the environment, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import written, yamltree
from claude_gw_cli.readers.ci import Env, Job, Reading, System
from claude_gw_cli.readers.common import Start

_FILLED = lazy(r"\$\{\{.{0,300}?\}\}|\$\[.{0,300}?\]|\$\([A-Za-z_][\w.-]*\)")
_VALUE = lazy(r"\$\{\{(?!\s*secrets\.).{0,300}?\}\}|\$\[.{0,300}?\]|\$\([A-Za-z_][\w.-]*\)")
"""The same in a value; ``secrets`` is GitHub's, and no secret comes of it here."""
_TASKS = {
    "bash": "shell",
    "powershell": "powershell",
    "cmdline": "shell",
    "shellscript": "shell",
    "azurecli": "shell",
}


class _Reading(Reading):
    _task = ""

    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """``script`` of a task is in the language of the task."""
        if keys[-1:] == ("inputs",) and member in {"script", "inlineScript"}:
            return _TASKS.get(self._task, "")
        return super().language(member, node, keys)

    def step(self, node: yamltree.Node, keys: tuple[str, ...], env: Env, job: Job | None) -> Iterator[Start]:
        """Remember which task the inputs are for."""
        _ = keys, env, job
        self._task = yamltree.text_of(yamltree.get(node, "task")).partition("@")[0].lower() or self._task
        yield from ()


AZURE = System(
    frozenset({"variables", "env"}),
    {"script": "shell", "inlineScript": "shell", "bash": "shell", "pwsh": "powershell", "powershell": "powershell"},
    _VALUE,
    _FILLED,
    later=lambda found: list(written.azure(found)),
    ends="it ends with its step",
    reading=_Reading,
)
