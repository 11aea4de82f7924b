"""Plan -> Patch: what a plan puts into a settings document. Pure."""

from __future__ import annotations

from claude_gw_cli.core.merge import Entry, Patch
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan

HELPER_TTL_VARIABLE = "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"


def settings_patch(
    plan: Plan,
    *,
    key: str | None = None,
    basic: str | None = None,
    helper_command: str | None = None,
    ttl_ms: int | None = None,
) -> Patch:
    """The entries that make one settings document say what the plan says, with exactly one credential.

    An empty text cancels the same name of a lower scope and of the shell (measured in every version), for variables
    and for apiKeyHelper. A variable that carries the key is left out if the key may not be written: it is then
    expected from the environment, so it must not be set to an empty text either.

    Args:
        plan: what the profile means.
        key: the literal key, only where a person asked to have it written.
        basic: the literal value of ``front_auth``, in Base64, beside such a key.
        helper_command: the apiKeyHelper string, for a plan with a helper.
        ttl_ms: how long the client may keep the helper's answer.
    """
    entries = []
    for item in plan.sets:
        if item.slot and key is None:
            continue
        entries.append(Entry(("env", item.name), item.fill(key, basic), secret=item.slot))
    if plan.helper and ttl_ms is not None:
        entries.append(Entry(("env", HELPER_TTL_VARIABLE), str(ttl_ms)))
    entries += [Entry(("env", name), "") for name in plan.clears]
    if plan.helper and helper_command is not None:
        entries.append(Entry(("apiKeyHelper",), helper_command))
    elif not plan.helper:
        entries.append(Entry(("apiKeyHelper",), ""))
    entries += [Entry((name,), value) for name, value in plan.settings]
    return Patch(tuple(entries))
