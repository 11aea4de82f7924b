"""The command that mends a start that the client refuses."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.refusals import NOT_LOGGED_IN, SIGN_IN, STEPS, WITHOUT_PROFILE

_STEPS = tuple((lazy(pattern), step) for pattern, step in STEPS)
_WITHOUT_PROFILE = tuple((lazy(pattern), step) for pattern, step in WITHOUT_PROFILE)


def next_step(reason: str, profile: str | None, *, auth: str = "") -> str:
    """The command that mends a refusal; ``""`` for a reason without a row.

    Args:
        reason: why the client does not start.
        profile: the profile in use; without one the step is to make one where one is needed.
        auth: how the profile's key reaches the client; ``""`` where that is not known.
    """
    if profile is not None and auth in SIGN_IN and NOT_LOGGED_IN in reason:
        return SIGN_IN[auth].format(profile=profile)
    for pattern, step in (_WITHOUT_PROFILE + _STEPS) if profile is None else _STEPS:
        found = pattern.search(reason)
        if found:
            if profile is None and "{profile}" in step:
                return "cgw init"
            return step.format(profile=profile, found=found[1] if found.groups() else "")
    return ""
