"""What a start asks for beside the prompt's request: the rows of ``facts.besides`` that apply."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, truthy
from claude_gw_cli.core.predict.model import Also, HeaderPrediction
from claude_gw_cli.core.predict.models import Models
from claude_gw_cli.core.predict.providers import credential_text
from claude_gw_cli.core.predict.target import base_url_of
from claude_gw_cli.core.predict.url import escape
from claude_gw_cli.facts.besides import BESIDES, Besides
from claude_gw_cli.facts.headers import VARIABLES
from claude_gw_cli.facts.transport import PROXIES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def further_requests(models: Models, headers: Mapping[str, HeaderPrediction], region: str) -> tuple[Also, ...]:
    """Every further request of the start, in the order of the table.

    Args:
        models: the start, and the names it gives to models.
        headers: those of the prompt's request, sent or not.
        region: the Vertex or AWS region.
    """
    return tuple(
        item
        for row in BESIDES
        if row.provider == models.provider
        and (not row.situations or models.route.situation in row.situations)
        and (row.fact is None or holds(row.fact, models.version))
        and all(_CONDITIONS[name](models, headers) for name in row.needs)
        for item in _requests(row, models, headers, region)
    )


def _requests(row: Besides, models: Models, headers: Mapping[str, HeaderPrediction], region: str) -> Iterator[Also]:
    base = base_url_of(models.route.provider, models.effective, region, models.version).rstrip("/")
    filled = {
        "{base}": base,
        "{project}": models.effective.text("ANTHROPIC_VERTEX_PROJECT_ID").strip(WHITESPACE),
        "{region}": region,
        "{token_url}": "the token URL of the Google credential",
    }
    names = [_probed(family, models) for family in row.families] if row.families else [None]
    for name in dict.fromkeys(names):
        if row.families and name is None:
            continue
        url = row.path
        for mark, value in {**filled, "{model}": escape(name or "", ":@")}.items():
            url = url.replace(mark, value)
        yield Also(row.method, url, _credential(row, headers), row.when, name)


def _probed(family: str, models: Models) -> str | None:
    """The model of a family that is asked for; ``None`` where a variable says which one counts."""
    if family == "default":
        return models.chosen()
    if family == "title":
        small = models.replacement("haiku") or models.effective.text("ANTHROPIC_SMALL_FAST_MODEL").strip(WHITESPACE)
        return models.named(small) if small else models.chosen()
    return None if models.replacement(family) else models.named(family)


def _credential(row: Besides, headers: Mapping[str, HeaderPrediction]) -> tuple[str, ...]:
    if row.credential == "none":
        return ()
    if row.credential == "token":
        return (VARIABLES["token"],)
    counted = headers if row.credential == "same" else {"authorization": headers["authorization"]}
    sent = (found.source.name for found in counted.values() if found.present and found.source)
    return tuple(dict.fromkeys(sent))


def _has_token(models: Models) -> bool:
    return bool(credential_text("token", models.effective, models.version))


def _discovers(models: Models, headers: Mapping[str, HeaderPrediction]) -> bool:
    """Discovery is on, and there is more than a custom header to ask with."""
    layers, version = models.effective, models.version
    on = truthy(layers.text("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"))
    if layers.text("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") and not holds("discovery-without-traffic", version):
        return False
    useless = {"custom-header"} if holds("discovery-with-helper", version) else {"custom-header", "helper"}
    return on and any(found.source is not None and found.source.kind not in useless for found in headers.values())


_CONDITIONS: dict[str, Callable[[Models, Mapping[str, HeaderPrediction]], bool]] = {
    "token": lambda models, _headers: _has_token(models),
    "no-token-probes": lambda models, _headers: (
        not (holds("bedrock-probes-carry-token", models.version) and _has_token(models))
    ),
    "interactive": lambda models, _headers: models.snapshot.interactive,
    "noisy": lambda models, _headers: not models.effective.text("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"),
    "no-proxy": lambda models, _headers: not any(models.effective.text(name) for name in PROXIES),
    "discovery": _discovers,
}
