"""What a start asks for beside the prompt's request: the rows of ``facts.besides`` that apply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from claude_gw_cli.core.layers import BLANKS
from claude_gw_cli.core.predict.model import Also, HeaderPrediction
from claude_gw_cli.core.predict.models import Models
from claude_gw_cli.core.predict.providers import credential_text
from claude_gw_cli.facts.besides import BESIDES, Besides
from claude_gw_cli.facts.headers import VARIABLES
from claude_gw_cli.facts.versions import holds


def further_requests(models: Models, headers: dict[str, HeaderPrediction]) -> tuple[Also, ...]:
    """Every further request of the start, in the order of the table.

    Args:
        models: the start, and the names it gives to models.
        headers: those of the prompt's request, sent or not.
    """
    return tuple(
        item
        for row in BESIDES
        if row.provider == models.provider
        and (not row.situations or models.route.situation in row.situations)
        and (row.fact is None or holds(row.fact, models.version))
        and all(_CONDITIONS[name](models) for name in row.needs)
        for item in _requests(row, models, headers)
    )


def _requests(row: Besides, models: Models, headers: dict[str, HeaderPrediction]) -> Iterator[Also]:
    base = models.effective.text(models.route.provider.base).strip(BLANKS).removesuffix("/")
    base = base or models.route.provider.cloud
    names = [models.named(family) for family in row.families] if row.families else [None]
    for name in dict.fromkeys(names):
        url = row.path.replace("{base}", base).replace("{model}", quote(name or "", safe=":@"))
        yield Also(row.method, url, _credential(row, headers), row.when, name)


def _credential(row: Besides, headers: dict[str, HeaderPrediction]) -> tuple[str, ...]:
    if row.credential == "none":
        return ()
    if row.credential == "token":
        return (VARIABLES["token"],)
    sent = (found.source.name for found in headers.values() if found.present and found.source)
    return tuple(dict.fromkeys(sent))


_CONDITIONS: dict[str, Callable[[Models], bool]] = {
    "token": lambda models: bool(credential_text("token", models.effective, models.version)),
}
