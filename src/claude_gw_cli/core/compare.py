"""Prediction against observation: where a real start differs from its prediction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.observation import CREDENTIAL_HEADERS, Observation
from claude_gw_cli.core.predict.model import HeaderPrediction, Prediction
from claude_gw_cli.facts.headers import OWN_HEADERS
from claude_gw_cli.record import dataclass, field

_RECORDER = r"^http://(?:[^/@]*@)?(?:localhost|127\.0\.0\.1|\[::1\]|\[::ffff:7f00:1\]):"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. Both texts may contain a credential: mask them before they are shown."""

    what: str
    """``outcome``, ``url``, ``model``, or a header's lower-case name."""
    predicted: str | None = field(repr=False)
    """``None``: not sent."""
    observed: str | None = field(repr=False)


def differences(prediction: Prediction, seen: Observation, origin: str) -> tuple[Difference, ...]:
    """Every difference; none where the prediction leaves something open.

    Open are: a header that depends on a race, a request that depends on what awsCredentialExport prints, a value that
    only the helper or the cloud knows, and a model that no recording of that client tells.

    Args:
        prediction: for the start as it was run, with its base URLs on the recorder.
        seen: what arrived.
        origin: the recorder's URL; a request predicted to any other host cannot have arrived.
    """
    return tuple(_all(prediction, seen, origin))


def out_of_reach(prediction: Prediction, seen: Observation, origin: str) -> bool:
    """True if the client should call a host that the recorder blocks, and nothing arrived."""
    request = prediction.request
    return seen.requests == 0 and request is not None and not (_within(request.url, origin) and not request.socket)


def _within(url: str, origin: str) -> bool:
    return url.removeprefix(origin)[:1] in ("/", "?", "#", "") and url.startswith(origin)


def target_on(url: str, origin: str) -> str:
    """The request target of a URL on the recorder, under whichever of its names it was called."""
    port = origin.rpartition(":")[2]
    return re.sub(_RECORDER + port, "", url.removeprefix(origin))


def _all(prediction: Prediction, seen: Observation, origin: str) -> Iterator[Difference]:
    request = prediction.request
    if out_of_reach(prediction, seen, origin):
        return
    if seen.requests == 0 and request is not None and not prediction.headers["authorization"].certain:
        return
    if (request is None) != (seen.requests == 0):
        came = seen.url if seen.requests else f"refused: {seen.says or f'exit {seen.exit}'}"
        yield Difference("outcome", request.url if request else f"refused: {prediction.reason}", came)
    if request is None or seen.requests == 0:
        return
    names = dict.fromkeys([*CREDENTIAL_HEADERS, *prediction.headers, *seen.others])
    for name in names:
        found = prediction.headers.get(name, HeaderPrediction())
        came = seen.headers.get(name)
        if not found.present and name in OWN_HEADERS:
            continue  # a custom line of that name does not count, and the client sends the header anyway
        if not agrees(found, came):
            yield Difference(name, (found.text() or f"{found.prefix}…") if found.present else None, came)
    if request.model is not None:
        url = target_on(request.url, origin)
        if seen.url is None or url != target_on(seen.url, origin):
            yield Difference("url", url, seen.url)
        if seen.model not in (None, request.model):
            yield Difference("model", request.model, seen.model)


def agrees(found: HeaderPrediction, came: str | None) -> bool:
    """Whether a header arrived as predicted, as far as the prediction goes."""
    if came is None:
        return not found.present or not found.certain
    if not found.present:
        return False
    if found.known:
        return found.text() == came
    return came.startswith(found.prefix.strip())
