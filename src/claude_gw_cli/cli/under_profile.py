"""What a start under a profile's variables sends, as `cgw run` gives it, beside what the plain client does."""

from __future__ import annotations

import os

from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.snapshot import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.core.predict.model import Prediction
    from claude_gw_cli.core.snapshot import Snapshot

# In place of the profile's key, which is not fetched; masked as any other.
_KEY = "********"


def environment(profile: str | None) -> dict[str, str]:
    """The ambient environment, with a profile's variables over it where one is named. The profile is only read."""
    if profile is None:
        return dict(os.environ)
    from claude_gw_cli.cli.use import read_profile

    return under(read_profile(profile).profile, os.environ)


def under(profile: Profile, ambient: Mapping[str, str]) -> dict[str, str]:
    """An environment with a profile's variables over it, as `cgw run` makes it, with a placeholder as the key."""
    from claude_gw_cli.core.layers import effective
    from claude_gw_cli.core.plan import make_plan

    # Where no settings file names a helper, `cgw run` puts the key itself into a variable.
    asks_helper = profile.auth == "helper" and effective(take(ambient, working_dir())).helper is not None
    as_it_is = asks_helper or profile.auth == "login"
    plan = make_plan(profile if as_it_is else replace(profile, auth="static"))
    env = {name: value for name, value in ambient.items() if name not in plan.clears}
    return env | {item.name: item.fill(_KEY, _KEY) for item in plan.sets}


def with_note(
    prediction: Prediction, snapshot: Snapshot, profile: str | None, ambient: Mapping[str, str]
) -> Prediction:
    """The prediction for a profile with a sentence about the plain client, where that does something else.

    Args:
        prediction: with the profile's variables.
        snapshot: what it was made from.
        profile: its name.
        ambient: the environment without the profile's variables.
    """
    if profile is None:
        return prediction
    if over := _overriding(prediction, ambient):
        note = f"{over} overrides profile {profile}: these requests do not go to its gateway, with `cgw run` neither."
        prediction = replace(prediction, sentences=(note, *prediction.sentences))
    plain = predict(replace(snapshot, process=dict(ambient)))
    if _sent(plain) == _sent(prediction):
        return prediction
    does = f"stops: {plain.reason}"
    if plain.request is not None:
        names = (found.source.name for found in plain.headers.values() if found.present and found.source)
        credentials = ", ".join(dict.fromkeys(names)) or "no credential"
        does = f"sends {credentials} to {masked_text(plain.request.url).partition('?')[0]}"
    note = (
        f"Profile {profile} is not applied here: this is what `cgw run --profile {profile}` gives. "
        f"The plain `claude` {does}"
    )
    return replace(prediction, sentences=(f"{note.rstrip('.')}.", *prediction.sentences))


def _sent(prediction: Prediction) -> tuple[object, ...]:
    """What a start sends, except for the values of its credentials."""
    headers = {name: found.source for name, found in prediction.headers.items() if found.present}
    named = {name: (source.kind, source.name) if source else None for name, source in headers.items()}
    return (prediction.request and prediction.request.url, named)


def _overriding(prediction: Prediction, ambient: Mapping[str, str]) -> str:
    """What leads the requests elsewhere than a profile's variables say, for a message; empty if nothing does."""
    url = prediction.request.url if prediction.request else ""
    layers = [found for provider in BY_NAME.values() if (found := prediction.variables.get(provider.base))]
    values = [value for layered in layers for value in (layered.winner, *layered.shadowed)]
    wanted = (it.text for it in values if it.origin.scope == "process" and it.text != ambient.get(it.origin.name))
    if not url or any(url.startswith(text.rstrip("/")) for text in wanted if text):
        return ""
    origins = (
        it.origin for it in values if it.origin.file and it.text and url.startswith(it.text.strip().rstrip("/"))
    )
    return next((f"{origin.name} in {origin.file} ({origin.scope})" for origin in origins), "")
