"""Whether a provider has taken a model out of service, or will, and what to ask for instead. Pure.

A gateway may map names to any model. Only a name that is Anthropic's own, or a cloud's for the same model, says which
model is meant; read as client 2.1.332 reads names.
"""

from __future__ import annotations

import time

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.models import REPLACEMENTS, catalog, is_known, name_at
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.retired import DAYS, SHORT_LABELS, may_be
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.predict.models import Models
    from claude_gw_cli.facts.models import Model

_NAME = lazy(
    r"(?:.*/)?(?:(?:[a-z-]+\.)?anthropic\.)?"
    r"claude-(?:(?P<family>[a-z]+)-(?P<major>\d{1,2})(?!\d)(?:[.-](?P<minor>\d{1,2})(?!\d))?"
    r"|(?P<first>\d{1,2})(?:[.-](?P<second>\d{1,2}))?-(?P<kind>[a-z]+))"
    r"(?:-fast|-latest)?(?:-v\d{1,3}@\d{8}|[-@]\d{8})?(?:-v\d{1,3}(?::\d{1,3})?)?(?:\[[12]m\])?",
    needs=("claude-",),
)
_Version = tuple[str, str, str]
"""Family, and the two numbers of the version."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A model with a last day."""

    name: str
    """As it is asked for."""
    day: str
    """As ``2026-11-30``."""
    is_past: bool
    where: str
    """The provider, as a person knows it."""
    family: str
    instead: Model | None
    """The newest model of the same family that the provider and the client have."""

    @property
    def sentence(self) -> str:
        """What happened, or will happen, to the model."""
        said = "was retired" if self.is_past else "will be retired"
        return f"{self.name} {said} at {self.where} on {self.day}"


def version_of(name: str) -> _Version | None:
    """The model that a name of Anthropic's or of a cloud means; ``None`` for any other name."""
    found = _NAME.fullmatch(name.strip().lower())
    if found is None:
        return None
    family, major, minor = found["family"], found["major"], found["minor"]
    if family is None:
        family, major, minor = found["kind"], found["first"], found["second"]
    return family, major, minor or "0"


def retired(name: str, provider: str, now: float, version: str) -> Retired | None:
    """What is known about the last day of a model; ``None`` where it has none.

    Args:
        name: as it is sent to the gateway.
        provider: whose requests carry it.
        now: seconds since the epoch; 0 if that is not known, and then nothing is.
        version: the client's release, which knows some models only.
    """
    model = version_of(name) if may_be(name) else None
    days = {version_of(item): day for (item, at), day in DAYS.items() if at == provider} if model and now else {}
    if model is None or (day := days.get(model)) is None:
        return None
    others = ((item, version_of(item.id)) for item in reversed(catalog()) if is_known(item, version))
    instead = next(
        (item for item, of in others if of and of[0] == model[0] and of not in days and name_at(provider, item)), None
    )
    where = SHORT_LABELS.get(provider) or BY_NAME[provider].label
    return Retired(name, day, day <= time.strftime("%Y-%m-%d", time.gmtime(now)), where, model[0], instead)


def asked_for(models: Models, text: str) -> Retired | None:
    """The same for a model as it is configured: a name, or an alias such as ``sonnet``."""
    sent = models.named(text)
    return retired(sent, models.provider, models.snapshot.now, models.version) if sent else None


def step(
    models: Models, found: Retired, setting: str, text: str = "", called: Mapping[str, str] | None = None
) -> str:
    """What to set to which model.

    Args:
        models: the start.
        found: the model with a last day.
        setting: what names it; empty for the client's own default.
        text: as it is configured there: an alias is replaced by the variable of its family.
        called: variable -> what to call it.
    """
    if version_of(text) is None and holds("default-model-variables", models.version):
        setting = REPLACEMENTS.get(found.family, setting)
    setting = setting or "ANTHROPIC_MODEL"
    name = models.named(found.instead.name) if found.instead else None
    return f"set {(called or {}).get(setting, setting)} to {name or 'another model'}, if the gateway has it"
