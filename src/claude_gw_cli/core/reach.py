"""Which other starts a working set-up does not reach: the same machine, started by another program or elsewhere."""

from __future__ import annotations

from claude_gw_cli.core.predict.model import Prediction
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.predict.url import parse_url
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.core.starting import unmet
from claude_gw_cli.facts.starters import BY_NAME, LOGIN_ENVIRONMENT
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = Literal["elsewhere", "no-settings", "action"]
TITLES: dict[Place, str] = {
    "elsewhere": "programs that are not started from this shell, such as an editor started from the desktop",
    "no-settings": "programs of the Agent SDKs with settingSources: []",
    "action": "the GitHub action anthropics/claude-code-action",
}


@dataclass(frozen=True, slots=True)
class Unreached:
    """One kind of start that does not do what the start here does."""

    place: Place
    reason: str
    """What happens there."""
    leaks: bool = False
    """A credential goes to another host than here."""


def unreached(snapshot: Snapshot, here: Prediction) -> tuple[Unreached, ...]:
    """The starts that differ from one that sends a request.

    Args:
        snapshot: the start here.
        here: its prediction.
    """
    return tuple(_all(snapshot, here)) if here.request else ()


def elsewhere(snapshot: Snapshot, here: Prediction) -> Unreached | None:
    """The same files without this shell's variables; ``None`` where it is the same, or its files are others."""
    if "CLAUDE_CONFIG_DIR" in snapshot.process:
        return None
    kept = {name: text for name, text in snapshot.process.items() if name in LOGIN_ENVIRONMENT}
    return _compared("elsewhere", here, replace(snapshot, process=kept))


def _all(snapshot: Snapshot, here: Prediction) -> Iterator[Unreached]:
    if found := elsewhere(snapshot, here):
        yield found
    unread = tuple(
        replace(file, status="unread") if file.scope in ("user", "project", "local") else file
        for file in snapshot.files
    )
    arguments = replace(snapshot.arguments, setting_sources=())
    if found := _compared("no-settings", here, replace(snapshot, files=unread, arguments=arguments)):
        yield found
    if refused := unmet(BY_NAME["action"], snapshot.process):
        yield Unreached("action", refused[0].said)


def _compared(place: Place, here: Prediction, snapshot: Snapshot) -> Unreached | None:
    there = predict(snapshot)
    if here.request is None:
        return None
    if there.request is None:
        return Unreached(place, there.reason or "")
    url = parse_url(there.request.url)
    if url is None or here.request.url.startswith(f"{url.origin}/"):
        login = "login" in _kinds(there) and "login" not in _kinds(here)
        return Unreached(place, "the person's claude.ai login is sent to the gateway") if login else None
    sources = [found.source.name for found in there.headers.values() if found.present and found.source]
    said = f"{sources[0]} is sent to {url.host}" if sources else f"requests go to {url.host}"
    return Unreached(place, said, leaks=bool(sources))


def _kinds(prediction: Prediction) -> set[str | None]:
    return {found.source_kind for found in prediction.headers.values() if found.present}
