"""Systems that run jobs of which a row says all: ``$A`` and the like in their values come from outside.

Bitbucket has variables of pipes and of pipelines that a person starts. Buildkite fills ``$A`` in when a pipeline is
uploaded, and ``$$A`` is the job's own. In GitLab ``$$`` is a dollar sign and ``$[[ … ]]`` an input of a component. In
a Taskfile ``{{ … }}`` is a template.
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.ci import Reading, System
from claude_gw_cli.record import replace


class _Taskfile(Reading):
    def language(self, member: str, node: yamltree.Node, keys: tuple[str, ...]) -> str:
        """A task may be a command, or a list of commands, by itself."""
        return "shell" if keys == ("tasks",) else super().language(member, node, keys)


BITBUCKET = System(frozenset({"variables", "environment"}), {"script": "shell", "after-script": "shell"})
BUILDKITE = System(frozenset({"env", "environment"}), {"command": "shell", "commands": "shell"})
GITLAB = System(
    frozenset({"variables"}),
    {"before_script": "shell", "script": "shell", "after_script": "shell"},
    lazy(r"\$\[\[.{0,300}?\]\]|\$\{(?!\{)[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\$\[\[.{0,300}?\]\]"),
    plain=lambda item: replace(item, value=yamltree.undoubled(item.value or ())),
)
TASKFILE = System(
    frozenset({"env"}),
    {"cmds": "shell", "cmd": "shell", "sh": "shell"},
    lazy(r"\{\{.{0,300}?\}\}|\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*"),
    lazy(r"\{\{.{0,300}?\}\}"),
    reading=_Taskfile,
)
