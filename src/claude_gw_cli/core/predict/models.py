"""Which model the request names: flag, environment, settings or the client's own default, aliases resolved."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective, js_text, truthy
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.providers import Route, aws_region
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import (
    ALIASES,
    BEDROCK_WORLDS,
    DEFAULT_REPLACEMENTS,
    FAMILIES,
    LEGACY_OPUS,
    MODEL_RESET,
    NO_DEFAULTS,
    NO_NAMES,
    REGION_PREFIXES,
    REGIONAL,
    REMAPPING,
    REPLACED_WITHOUT_SKIP,
    REPLACEMENTS,
    UNTRANSLATED,
    Model,
    catalog,
    find_model,
    is_known,
    name_at,
    sent_name,
)
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_CONTEXT_SUFFIX = lazy(r"(?<!\])(\[\w+\])+$", needs=("[",))
_DEFAULT_WORLD = "us"


@dataclass(frozen=True, slots=True)
class Models:
    """The names that one client start gives to models."""

    route: Route
    snapshot: Snapshot
    effective: Effective
    plan_family: str = ""
    """The family of the default that the credential's plan decides; ``""`` where it does not."""

    @property
    def version(self) -> str:
        """The client's release."""
        return self.snapshot.client_version

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self.route.provider.name

    def chosen(self) -> str | None:
        """The model's name as it is sent, or ``None`` where nothing tells the client's own.

        ``--model`` > the agent's > ANTHROPIC_MODEL > settings ``model`` > ANTHROPIC_DEFAULT_MODEL > default. A name
        that ``availableModels`` does not allow is as good as none.
        """
        what, text = self.asked()
        return self.named(text) if what else self._default()

    def asked(self) -> tuple[str, str]:
        """What names the model, and what it says there; two empty texts where the client takes its own default."""
        asked = self._asked()
        if asked is not None and self._counts(asked[1]):
            return asked
        default = self.effective.text("ANTHROPIC_DEFAULT_MODEL").strip(WHITESPACE)
        barred = default.lower() in NO_NAMES or _CONTEXT_SUFFIX.sub("", default.lower()) in NO_DEFAULTS
        counts = holds("default-model-variable", self.version) and not barred
        if default and counts and not self.plan_family and self._allows(default):
            return "ANTHROPIC_DEFAULT_MODEL", default
        return "", ""

    def is_chosen(self) -> bool:
        """Whether a model is named somewhere, so that the client's own default does not count."""
        asked = self._asked()
        return asked is not None and self._counts(asked[1])

    def _counts(self, asked: str) -> bool:
        free = asked == self.by_agent() and not holds("agent-model-checked", self.version)
        return free or self._allows(asked)

    def named(self, text: str) -> str | None:
        """What is sent for a name or an alias."""
        name = text.strip(WHITESPACE)
        if holds("context-suffix", self.version):
            name = _CONTEXT_SUFFIX.sub("", name)
        family = self._alias(name.lower())
        if family is not None:
            replaced = self.replacement(family)
            if replaced and self._allows(replaced):
                return self._translated(_CONTEXT_SUFFIX.sub("", replaced))
            return self._own(family)
        return self._translated(name)

    def _asked(self) -> tuple[str, str] | None:
        flag = self.snapshot.arguments.model
        if flag is not None and not (
            flag.strip(WHITESPACE).lower() == "default" and holds("model-flag-default", self.version)
        ):
            return "--model", flag
        if flag is not None:
            return None
        if (agent := self.snapshot.agent) and (by_agent := self.by_agent()):
            return f"model in {agent.file}", by_agent
        model = self.effective.model
        settings = model.text if model and self._model_key_counts() else ""
        if variable := self.effective.text("ANTHROPIC_MODEL"):
            return "ANTHROPIC_MODEL", variable
        return ("the key model", settings) if settings else None

    def by_agent(self) -> str:
        """The model that the agent which leads the conversation names; ``""`` where ``--model`` is there, too."""
        agent = self.snapshot.agent
        if agent is None or self.snapshot.arguments.model is not None:
            return ""
        known = holds("agent-any-model", self.version) or self._alias(agent.model.strip(WHITESPACE).lower())
        return agent.model if known else ""

    def _model_key_counts(self) -> bool:
        scope = self.effective.model.winner.origin.scope if self.effective.model else None
        is_reset = self.provider == "anthropic" and holds("user-model-reset", self.version)
        if scope == "user" and is_reset and not self.snapshot.claude_json.get(MODEL_RESET):
            return False
        broken = any(file.scope == "managed" and file.status == "invalid" for file in self.snapshot.files)
        return not (broken and holds("broken-managed-drops-model", self.version))

    def _default(self) -> str | None:
        default = self._unlisted_default()
        listed = self.effective.members.get("availableModels")
        enforced = self.effective.members.get("enforceAvailableModels") is True
        if not (enforced and isinstance(listed, list) and holds("default-model-enforced", self.version)):
            return default
        if default is None or self._allows(default):
            return default
        known = (entry for entry in listed if isinstance(entry, str) and self._is_own(entry))
        return next((self.named(entry) for entry in known), default)

    def _is_own(self, entry: str) -> bool:
        name = entry.strip(WHITESPACE).lower()
        return self._alias(name) is not None or self._known(name) is not None

    def _unlisted_default(self) -> str | None:
        family = self.plan_family or "default"
        for name in self._replacing(find_model(self.provider, family, self.version) or ""):
            replaced = self.replacement(name)
            if replaced:  # goes through the aliases once more, which the replacement of an alias does not
                return self.named(replaced)
        return self._own(family)

    def _replacing(self, default: str) -> tuple[str, ...]:
        """The families whose variables replace a default."""
        if "opus" not in default:
            return ("sonnet",)
        if self.provider in REPLACED_WITHOUT_SKIP:
            replaced = self.route.situation != "skip" and holds(REPLACED_WITHOUT_SKIP[self.provider], self.version)
            return ("opus",) if replaced else ()
        return DEFAULT_REPLACEMENTS.get(self.provider, ("opus",))

    def _alias(self, name: str) -> str | None:
        """The family of an alias in this client; ``None`` for a name."""
        if (
            name in LEGACY_OPUS
            and self.provider in REMAPPING
            and holds("legacy-opus-remapped", self.version)
            and not truthy(self.effective.text("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP"))
        ):
            return "opus"
        family = ALIASES.get(name)
        if family == "best" and not holds("best-alias", self.version):
            return None
        if family == "best":
            family = self._best_family()
        if family is None or (family == "haiku" and not holds("haiku-alias", self.version)):
            return None
        return family if find_model(self.provider, family, self.version) or family != "fable" else None

    def _best_family(self) -> str:
        """Fable where the client counts it as best and has it: at Anthropic, or with a variable that names it."""
        counted = "fable" in (find_model("anthropic", "best", self.version) or "")
        named = bool(self.replacement("fable"))
        return "fable" if counted and (named or self.provider == "anthropic") else "opus"

    def replacement(self, family: str) -> str:
        """What a variable says instead of a family's own model; ``""`` where none does."""
        if not holds("default-model-variables", self.version):
            return ""
        return self.effective.text(REPLACEMENTS[family]).strip(WHITESPACE)

    def _own(self, family: str) -> str | None:
        model_id = find_model(self.provider, family, self.version)
        if model_id is None:
            return None
        overridden = next((self._override(item) for item in catalog() if item.id == model_id), "")
        return overridden or self._regional(sent_name(self.provider, model_id, self.version))

    def _translated(self, name: str) -> str:
        """A full name as the provider has it; a name that the client does not know stays as it is."""
        known = self._known(name)
        if known is None or not holds("full-names-translated", self.version):
            return name
        own = "" if self.provider in UNTRANSLATED else name_at(self.provider, known)
        return self._override(known) or self._regional(own) or name

    def _known(self, name: str) -> Model | None:
        low = name.lower()
        return next((item for item in catalog() if item.name == low and is_known(item, self.version)), None)

    def _override(self, model: Model) -> str:
        overrides = self.effective.members.get("modelOverrides")
        if not isinstance(overrides, dict) or not holds("model-overrides", self.version):
            return ""
        found = overrides.get(model.name)
        return _CONTEXT_SUFFIX.sub("", found.strip(WHITESPACE)) if isinstance(found, str) else ""

    def _allows(self, name: str) -> bool:
        listed = self.effective.members.get("availableModels")
        if not isinstance(listed, list) or not holds("available-models", self.version):
            return True
        entries = [entry for entry in listed if isinstance(entry, str)]
        return len(entries) < len(listed) or is_available(name, entries, self._alias, self._meant)

    def _meant(self, alias: str) -> str | None:
        """The client's own model behind an alias; a replacement does not count for lists."""
        family = self._alias(alias)
        return self._own(family) if family else alias

    def _regional(self, name: str) -> str:
        """A Bedrock inference profile begins with its part of the world; older clients know only ``us``."""
        if self.provider not in REGIONAL or not name.startswith("anthropic."):
            return name
        if not holds("bedrock-worlds", self.version):
            return f"{_DEFAULT_WORLD}.{name}"
        region = aws_region(self.snapshot, self.effective)
        world = next(prefix for start, prefix in BEDROCK_WORLDS if region.startswith(start))
        given = self.effective.text("ANTHROPIC_BEDROCK_REGION_PREFIX").strip(WHITESPACE)
        if given in REGION_PREFIXES and world != "us-gov" and holds("bedrock-region-prefix", self.version):
            world = given
        return f"{world}.{name}"


def body_model(effective: Effective) -> str | None:
    """The ``model`` of CLAUDE_CODE_EXTRA_BODY, which replaces the chosen one; what is not a text becomes one."""
    body = extra_body(effective)
    return js_text(body["model"]) if "model" in body else None


def extra_body(effective: Effective) -> Mapping[str, object]:
    """The members of CLAUDE_CODE_EXTRA_BODY, which replace those of the request's body."""
    text = effective.text("CLAUDE_CODE_EXTRA_BODY").strip(WHITESPACE)
    if not text:
        return {}
    from claude_gw_cli.core.jsontext import JsonError, parse

    try:
        body = parse(text).value
    except JsonError:
        return {}
    return body if isinstance(body, dict) else {}


def is_available(
    name: str,
    listed: Sequence[str],
    alias: Callable[[str], str | None],
    sent: Callable[[str], str | None],
) -> bool:
    """Whether ``availableModels``, the administrator's or user's list, allows a name or alias.

    Read from the clients 2.1.70 and 2.1.332 and measured: an entry is a family (``sonnet``), an alias, or the
    beginning of a name up to a dash; a family that a longer entry narrows (``sonnet`` beside ``sonnet-4-5``) lets
    nothing through.

    Args:
        name: as configured.
        listed: ``availableModels``.
        alias: the family of an alias, ``None`` for a name.
        sent: the name that is sent for an alias.
    """
    entries = [_normal(entry) for entry in listed]
    asked = _normal(name)
    own = _normal(sent(asked) or "") if alias(asked) else asked
    if asked in entries and not (asked in FAMILIES and _is_narrowed(asked, entries)):
        return True
    for entry in entries:
        if entry in FAMILIES:
            allowed = not _is_narrowed(entry, entries) and (entry in own or alias(asked) == entry)
        elif entry in ALIASES:
            allowed = _normal(sent(entry) or "") == own
        else:
            allowed = any(_begins(own, start) for start in (entry, f"claude-{entry}"))
        if allowed:
            return True
    return False


def _normal(text: str) -> str:
    return text.strip(WHITESPACE).lower().removesuffix("[1m]").strip(WHITESPACE)


def _begins(name: str, start: str) -> bool:
    return name == start or name.startswith(f"{start}-")


def _is_narrowed(family: str, entries: Sequence[str]) -> bool:
    """Whether a longer entry names one version of the family."""
    rests = (entry.partition(family)[1:] for entry in entries if entry not in FAMILIES)
    return any(found and rest[:1] in ("", "-") for found, rest in rests)
