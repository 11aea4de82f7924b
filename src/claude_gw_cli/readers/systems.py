"""Systems that run jobs of which a row says all: ``$A`` and the like in their values come from outside.

Bitbucket has variables of pipes and of pipelines that a person starts. Buildkite fills ``$A`` in when a pipeline is
uploaded, and ``$$A`` is the job's own. In GitLab ``$$`` is a dollar sign and ``$[[ … ]]`` an input of a component. In
a Taskfile ``{{ … }}`` is a template.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import Env, Reading, System
from claude_gw_cli.readers.common import Assignment, Unknown
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
