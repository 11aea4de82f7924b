"""Systems that run jobs from a YAML file, except GitHub: ``$A`` and the like in their values come from outside.

Bitbucket has variables of pipes and of pipelines that a person starts. Buildkite fills ``$A`` in when a pipeline is
uploaded, and ``$$A`` is the job's own. In GitLab ``$$`` is a dollar sign and ``$[[ … ]]`` an input of a component. In
a Taskfile ``{{ … }}`` is a template. In Azure Pipelines ``$(A)``, ``${{ … }}`` and ``$[ … ]`` are unknown, a variable
of the pipeline is one of the environment, too, and a script sets one for later steps by ``##vso[task.setvariable]``.
In CircleCI ``<< parameters.x >>`` is unknown, ``$NAME`` in ``environment`` is not expanded (its documentation), and a
step adds ``export A=b`` to ``$BASH_ENV``.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import written, yamltree
from claude_gw_cli.readers.ci import Env, Job, Reading, System
from claude_gw_cli.readers.common import Assignment, Start, Unknown
from claude_gw_cli.readers.embedded import sourced
from claude_gw_cli.readers.written import Written
from claude_gw_cli.record import replace


class _Taskfile(Reading):
    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """A task may be a command, or a list of commands, by itself."""
        return "shell" if keys == ("tasks",) else super().language(member, node, keys)


BITBUCKET = System(frozenset({"variables", "environment"}), {"script": "shell", "after-script": "shell"})
BUILDKITE = System(frozenset({"env", "environment"}), {"command": "shell", "commands": "shell"})


class _GitLab(Reading):
    def environment(self, node: yamltree.Node) -> Env:
        """Also the ``secrets`` of a job, which are files unless it says otherwise."""
        return (*super().environment(node), *_secrets(yamltree.get(node, "secrets")))


def _secrets(node: yamltree.Node | None) -> Iterator[Assignment]:
    for key, item in yamltree.pairs(node):
        lost = (
            "" if yamltree.text_of(yamltree.get(item, "file")) == "false" else "GitLab sets it to the path of a file"
        )
        yield Assignment(
            key.value,
            (Unknown(f"${key.value}"),),
            *yamltree.place(key),
            lost,
            "write file: false below it" * bool(lost),
        )


GITLAB = System(
    frozenset({"variables"}),
    {"before_script": "shell", "script": "shell", "after_script": "shell"},
    lazy(r"\$\[\[.{0,300}?\]\]|\$\{(?!\{)[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\$\[\[.{0,300}?\]\]"),
    plain=lambda item: replace(item, value=yamltree.undoubled(item.value or ())),
    reading=_GitLab,
)
TASKFILE = System(
    frozenset({"env"}),
    {"cmds": "shell", "cmd": "shell", "sh": "shell"},
    lazy(r"\{\{.{0,300}?\}\}|\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\{\{.{0,300}?\}\}"),
    reading=_Taskfile,
)


_AZURES_FILLED = lazy(r"\$\{\{.{0,300}?\}\}|\$\[.{0,300}?\]|\$\([A-Za-z_][\w.-]*\)")
_AZURES_VALUE = lazy(r"\$\{\{(?!\s*secrets\.).{0,300}?\}\}|\$\[.{0,300}?\]|\$\([A-Za-z_][\w.-]*\)")
"""The same in a value; ``secrets`` is GitHub's, and no secret comes of it here."""
_TASKS = {
    "bash": "shell",
    "powershell": "powershell",
    "cmdline": "shell",
    "shellscript": "shell",
    "azurecli": "shell",
}


class _Azure(Reading):
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
    _AZURES_VALUE,
    _AZURES_FILLED,
    later=lambda found: list(written.azure(found)),
    ends="it ends with its step",
    reading=_Azure,
)


_CIRCLES_FILLED = lazy(r"<<.{0,300}?>>")


def _inherited(root: yamltree.Node, node: yamltree.Node) -> Env:
    """What a job has from its executor and its first image."""
    named = yamltree.get(node, "executor")
    name = yamltree.text_of(named) or yamltree.text_of(yamltree.get(named, "name"))
    executor = yamltree.get(root, "executors", name) if name else None
    return tuple(
        item
        for holder in (executor, *_image(executor), *_image(node))
        for item in yamltree.variables(yamltree.get(holder, "environment"), _CIRCLES_FILLED)
    )


def _image(node: yamltree.Node | None) -> list[yamltree.Node]:
    return list(yamltree.items(yamltree.get(node, "docker")))[:1]


def _later(found: list[Written]) -> list[tuple[Assignment, bool]]:
    return [
        (assigned, item.is_sure)
        for item in found
        if item.target == "BASH_ENV"
        for assigned in sourced([item], "BASH_ENV")
    ]


CIRCLECI = System(
    frozenset({"environment"}),
    {"run": "shell", "command": "shell"},
    _CIRCLES_FILLED,
    _CIRCLES_FILLED,
    later=_later,
    inherited=_inherited,
    ends="it ends with its step",
)
