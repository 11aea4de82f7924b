"""Variables and inputs of a job that runs the GitHub action anthropics/claude-code-action.

The action checks the environment before it starts the client, and empties some variables unless an input fills them
(``facts.starters``). The key is never written: a value has a reference to a secret of the repository instead. Where
the job gets the key by its own identity there is no such secret: an earlier step exports the whole profile, and only
the action's inputs are filled.
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.starting import unmet
from claude_gw_cli.emit.common import refusal
from claude_gw_cli.emit.yamltext import mapping
from claude_gw_cli.facts.starters import ACTION_KEYS, ACTION_SKIPS, BY_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

_SECRET = lazy(r"\$\{\{ (?:secrets|env)\.[A-Z_][A-Z0-9_]* \}\}")
_BY_IDENTITY = """# The profile is the repository's cgw.toml.
permissions: {contents: read, id-token: write}
env: {CGW_TRUST_REPOSITORY: "1"}
steps:
  - uses: actions/checkout@v4
  - run: pipx install claude-gw-cli
  - run: cgw env --shell github >> "$GITHUB_ENV"
"""
_ACTION = BY_NAME["action"]


def action(sets: Sets, unsets: Unsets) -> str:
    """``env`` and ``steps`` of a job. A new job has nothing to unset, so ``unsets`` is not written.

    Raises:
        UsageError: GitHub would evaluate a value, or the action would not start with these variables.
    """
    del unsets
    values = dict(sets)
    if not values:
        return ""
    for name, value in values.items():
        if "${{" in _SECRET.sub("", value):
            raise refusal("action", name, "it has ${{, which GitHub evaluates")
    key = next((found[0] for value in values.values() if (found := _SECRET.search(value))), "")
    signs_in = ""
    for row in unmet(_ACTION, values):
        also = next((name for name in ACTION_KEYS if any(name in group for group in row.one_of)), None)
        if also and row.flag and not values.get(ACTION_SKIPS):
            signs_in = "# An earlier step of the job signs in to AWS: aws-actions/configure-aws-credentials.\n"
        elif also and key:
            values[also] = key
        else:
            raise refusal("action", row.one_of[0][0], f"the action does not start without it: {row.said}")
    inputs = {row.variable: row for row in _ACTION.inputs if values.get(row.variable)}
    given = {row.name: "true" if row.is_flag else values[name] for name, row in inputs.items()}
    env = {name: value for name, value in values.items() if name not in inputs}
    head = [*(["env:", *mapping(env, 2)] if env else []), "steps:"]
    if key.startswith("${{ env."):
        signs_in, head = _BY_IDENTITY, []
    lines = [*head, f"  - uses: {_ACTION.package}@v1"]
    return signs_in + "".join(f"{line}\n" for line in [*lines, *(["    with:", *mapping(given, 6)] if given else [])])


RENDERERS = {"action": action}
