"""The next step where a starter other than ``claude`` in a shell does not start the client. Pure."""

from __future__ import annotations

from claude_gw_cli.core.starting import unmet, with_inputs_filled
from claude_gw_cli.facts.refusals import NOT_LOGGED_IN
from claude_gw_cli.facts.starters import TOO_MANY_PROVIDERS
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.predict.model import Prediction
    from claude_gw_cli.facts.starters import Demand, Starter

_KEY = "ANTHROPIC_API_KEY"
_APPROVE = "answer Yes when `claude` asks about the key, or set it as ANTHROPIC_AUTH_TOKEN"
_A_GATEWAY = ", or for a gateway: cgw init, then: cgw env --shell action"


def starter_step(
    starter: Starter, release: str, prediction: Prediction, env: Mapping[str, str], profile: str | None, auth: str
) -> str:
    """What this starter needs; empty where it needs what ``claude`` needs.

    Args:
        starter: that starts the client.
        release: of its package.
        prediction: a refused start.
        env: the environment of the starter.
        profile: the one in use.
        auth: how the profile's key reaches the client.
    """
    reason = prediction.reason or ""
    if NOT_LOGGED_IN in reason and any(source.name == _KEY for source in prediction.headers["x-api-key"].shadowed):
        return _APPROVE  # it is set, and a session uses it only after its person said so
    if profile is None:
        return _of_inputs(starter, env, reason)
    if NOT_LOGGED_IN not in reason or not starter.step:
        return ""
    is_read = not any(release in span for span in starter.reads_no_settings)
    applied = f"cgw settings apply --profile {profile}"
    return applied if auth == "helper" and is_read else starter.step.format(profile=profile)


def _of_inputs(starter: Starter, env: Mapping[str, str], reason: str) -> str:
    """The inputs that are missing: a flag that the environment has and the action empties, or what it demands."""
    if TOO_MANY_PROVIDERS in reason:
        return ""
    if flags := [row.name for row in starter.inputs if row.is_flag and env.get(row.variable)]:
        given = with_inputs_filled(starter, env)
        if not any(given.get(row.variable) for row in starter.inputs if row.is_flag):
            return f"set the action's input {flags[0]}: true"
    missing = next((row for row in unmet(starter, with_inputs_filled(starter, env)) if row.said in reason), None)
    return _given(starter, missing) if missing else ""


def _given(starter: Starter, missing: Demand) -> str:
    inputs = {row.variable: row.name for row in starter.inputs}
    names = missing.one_of[0]
    if all(name in inputs for name in names):
        step = f"set the action's input {' and '.join(inputs[name] for name in names)}"
        return step + (_A_GATEWAY if missing.flag is None else "")
    return f"set {' and '.join(names)} in the env of the action's step"
