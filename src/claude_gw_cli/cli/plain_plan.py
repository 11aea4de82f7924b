"""The set-up that is here as a plan, where there is no profile: what its headers carry tells which one is the key."""

from __future__ import annotations

from claude_gw_cli.cli.beside_key import beside_key
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.plan import MODEL_VARIABLES, make_plan
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN, find_mode
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.variables import MODELS
from claude_gw_cli.facts.wires import WIRES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import is_credential

if TYPE_CHECKING:
    from claude_gw_cli.cli.plain_start import PlainStart
    from claude_gw_cli.core.model import Plan
    from claude_gw_cli.core.predict.model import HeaderPrediction, Prediction

LOGINS = ("login", "login-key")
CLOUDS = ("aws-sigv4", "aws-bearer", "gcp-token", "azure-token")
PLAIN_NAME = "this set-up"
"""The name of the plan that is made where there is no profile."""


def plan_of(start: PlainStart) -> Plan | None:
    """The set-up that is here as a plan without a profile; ``None`` where it does not name a gateway.

    Raises:
        UsageError: the address is one that no profile can have.
    """
    prediction, address = start.prediction, start.address
    if address is None:
        return None
    provider = BY_NAME[prediction.provider]
    by_cloud = any(found.source_kind in CLOUDS for found in prediction.headers.values())
    name = next((mode.provider for mode in provider.modes), "unified")
    mode = find_mode(name, "client" if by_cloud else "proxy") or find_mode(name, "proxy")
    if mode is None:
        raise UsageError(f"a set-up of {prediction.provider} cannot be examined")
    base = address.text.strip().rstrip("/")
    model = None
    if prediction.request is not None:
        path = WIRES[provider.wire].request.partition("?")[0].partition("{")[0]
        base, model = prediction.request.url.rpartition(path)[0], prediction.request.model
    fields = {field: text for field, variable, _ in mode.fields if (text := prediction.effective.text(variable))}
    others = [name for name in MODELS if name not in dict(MODEL_VARIABLES).values()]
    pinned = {field: prediction.effective.text(variable) or None for field, variable in MODEL_VARIABLES}
    plain = Profile(
        PLAIN_NAME,
        mode.provider,
        base,
        base_path="",
        credentials=mode.credentials,
        models=Models(**pinned | {"default": model}),
        headers=beside_key(prediction, *key_headers(prediction)[:1]),
        env={name: text for name in others if (text := prediction.effective.text(name))},
        **fields,  # type: ignore[arg-type]  # fields of the profile, by name
    )
    plan = next((found for header in key_headers(prediction) if (found := _planned(plain, header))), None)
    plan = plan or make_plan(plain)
    sets = tuple(replace(item, before=base) if item.before == plan.base_url else item for item in plan.sets)
    return replace(plan, base_url=base, sets=sets, missing=())


def key_headers(prediction: Prediction) -> list[str]:
    """The headers that may carry the gateway's key, the likeliest first: a login or a placeholder is not one."""
    ranks = {}
    for name, found in prediction.headers.items():
        text = found.text() or ""
        if not found.present or found.source_kind in CLOUDS:
            continue
        if found.source_kind == "custom-header" and not is_credential(name, text):
            continue
        others = found.source_kind in LOGINS or is_of_cloud(found, prediction.provider)
        ranks[name] = others or PLACEHOLDER_TOKEN in text
    return sorted(ranks, key=lambda name: ranks[name])


def is_of_cloud(found: HeaderPrediction, provider: str) -> bool:
    """Whether a header carries a credential of the provider's cloud."""
    named = found.source is not None and found.source.name in BY_NAME[provider].clears
    return named or found.source_kind in CLOUDS


def _planned(profile: Profile, header: str) -> Plan | None:
    """The plan with the key in this header; ``None`` where the mode cannot have it there."""
    try:
        return make_plan(replace(profile, key_header=header))
    except UsageError:
        return None
