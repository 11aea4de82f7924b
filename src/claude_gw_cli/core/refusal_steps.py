"""The command that mends a start that the client refuses."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.refusals import NOT_LOGGED_IN, STEPS

_STEPS = tuple((lazy(pattern), step) for pattern, step in STEPS)


def next_step(reason: str, profile: str | None, *, by_login: bool = False) -> str:
    """The command that mends a refusal; ``""`` for a reason without a row.

    Args:
        reason: why the client does not start.
        profile: the profile in use; without one the step is to make one where one is needed.
        by_login: whether its requests go out with the person's own login, which no settings give.
    """
    if by_login and NOT_LOGGED_IN in reason:
        return "claude auth login"
    for pattern, step in _STEPS:
        found = pattern.search(reason)
        if found:
            if profile is None and "{profile}" in step:
                return "cgw init"
            return step.format(profile=profile, found=found[1] if found.groups() else "")
    return ""
