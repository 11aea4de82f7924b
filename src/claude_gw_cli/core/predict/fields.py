"""The fields of the request that say how a model answers: the rows of ``facts.fields`` applied to a start."""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.layers import WHITESPACE, truthy
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.model import Field
from claude_gw_cli.core.predict.models import extra_body
from claude_gw_cli.core.predict.winners import is_bare
from claude_gw_cli.facts import fields as facts
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.predict.models import Models

_KNOWN = lazy(facts.KNOWN, needs=("claude-",))
_OLDEST, _BUDGETED = lazy(facts.OLDEST), lazy(facts.BUDGETED)
_EARLY, _NEWEST = lazy(facts.EARLY), lazy(facts.NEWEST)
_LOWERED = tuple((level, lazy(pattern, needs=("claude-",)), lower) for level, pattern, lower in facts.LOWERED)
_OPUS_5, _OPUS_4_7, _SONNET_5 = lazy(facts.OPUS_5), lazy(facts.OPUS_4_7), lazy(facts.SONNET_5)
_BETAS, _EXPERIMENTAL = "ANTHROPIC_BETAS", "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"
_TOKENS, _NO_THINKING = "MAX_THINKING_TOKENS", "CLAUDE_CODE_DISABLE_THINKING"
_NO_ADAPTING, _EFFORT = "CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING", "CLAUDE_CODE_EFFORT_LEVEL"
_BODY, _HEADER = "CLAUDE_CODE_EXTRA_BODY", "anthropic-beta"


def request_fields(models: Models) -> tuple[Field, ...]:
    """Betas, thinking and effort of the prompt's request; nothing for a provider that was not measured."""
    if not any(models.provider in row.providers and models.version in row.span for row in facts.BETAS):
        return ()
    found = traits(models.chosen() or "", models.provider)
    own = (_betas(models, found), _thinking(models, found), _effort(models, found))
    return tuple(_with_body(field, extra_body(models.effective)) for field in own)


def _with_body(field: Field, body: Mapping[str, object]) -> Field:
    """The field as CLAUDE_CODE_EXTRA_BODY leaves it: its members replace the client's own."""
    if field.name == _HEADER:
        own = [name for name in (field.value or "").split(",") if name]
        if "output_config" in body:
            own = [name for name in own if name != facts.EFFORT_BETA]
        more = body.get("anthropic_beta")
        names = [*own, *(name for name in more if isinstance(name, str))] if isinstance(more, list) else own
        return replace(field, value=",".join(dict.fromkeys(names)) or None)
    member: object = body
    for step in ("thinking", "type") if field.name == "thinking" else ("output_config", "effort"):
        if not isinstance(member, dict) or step not in member:
            return field
        member = member[step]
    return replace(field, value=member, source=_BODY) if isinstance(member, str) else field


def traits(model: str, provider: str) -> frozenset[str]:
    """What a model can do, by its name; one that the client does not know counts as new, except at a cloud."""
    known = bool(_KNOWN.search(model))
    found = {name for name, holds in (("known", known), ("any-but-haiku", "haiku" not in model)) if holds}
    if _OLDEST.search(model):
        return frozenset(found)
    found |= {"thinking", "known-thinking"} if known else {"thinking"}
    if _BUDGETED.search(model) or not (known or provider not in facts.CLOUDS):
        return frozenset(found | ({"budgeted", "effort"} if "opus-4-5" in model else {"budgeted"}))
    found |= {"adaptive", "effort"}
    patterns = (("opus-5", _OPUS_5), ("opus-4-7", _OPUS_4_7), ("sonnet-5", _SONNET_5), ("newest", _NEWEST))
    found |= {name for name, pattern in patterns if pattern.search(model)}
    return frozenset(found if _EARLY.search(model) else found | {"late"})


def _betas(models: Models, found: frozenset[str]) -> Field:
    version, layers = models.version, models.effective
    stable = truthy(layers.text(_EXPERIMENTAL))
    if not models.is_chosen():
        found |= {"own-default"}
    arguments, bare = models.snapshot.arguments, is_bare(models.snapshot, layers)
    agent = models.snapshot.agent
    few = bare or arguments.tools not in (None, ("default",)) or (agent is not None and agent.few_tools)
    lost = {name for name, holds in (("few-tools", few), ("bare", bare)) if holds}
    names = [
        row.name
        for row in facts.BETAS
        if models.provider in row.providers
        and version in row.span
        and (not row.needs or row.needs in found)
        and not (row.experimental and stable)
        and row.lost not in lost
    ]
    own = any(models.provider in providers and version in span for providers, span in facts.OWN_BETAS)
    if own:
        names += [name for text in layers.text(_BETAS).split(",") if (name := text.strip(WHITESPACE))]
    if models.provider in facts.FIRST_PARTY:
        names += [name for name in arguments.betas if name in facts.FLAG_BETAS]
    sets = _BETAS if own and layers.present(_BETAS) else None
    changes = (_BETAS, _EXPERIMENTAL) if own else (_EXPERIMENTAL,)
    return Field(_HEADER, ",".join(dict.fromkeys(names)) or None, sets, changes)


def _thinking(models: Models, found: frozenset[str]) -> Field:
    version, layers = models.version, models.effective
    tokens = layers.text(_TOKENS).strip(WHITESPACE)
    name = "thinking"
    if version not in facts.THINKING:
        budget = tokens if natural(tokens) else ""
        return Field(name, f"enabled, {budget} tokens" if budget else None, _TOKENS if budget else None, (_TOKENS,))
    if "thinking" not in found:
        return Field(name, None, None, ())
    if truthy(layers.text(_NO_THINKING)):
        return Field(name, None, _NO_THINKING, (_NO_THINKING,))
    if "newest" in found:
        return Field(name, "adaptive", None, (_NO_THINKING,))
    changes = (_TOKENS, _NO_THINKING, "alwaysThinkingEnabled")
    off = _TOKENS if tokens == "0" else ""
    if not tokens and layers.members.get("alwaysThinkingEnabled") is False:
        off = "alwaysThinkingEnabled"
    if off:
        said = "known" in found and version in facts.DISABLED_IS_SENT
        return Field(name, "disabled" if said else None, off, changes)
    if "adaptive" in found and not truthy(layers.text(_NO_ADAPTING)):
        return Field(name, "adaptive", None, (*changes, _NO_ADAPTING))
    own = natural(tokens)
    most = facts.BUDGET if own is None else min(own, facts.BUDGET)
    return Field(name, f"enabled, {most} tokens", None if own is None else _TOKENS, changes)


def _effort(models: Models, found: frozenset[str]) -> Field:
    name, layers = "output_config.effort", models.effective
    if "effort" not in found or models.version not in facts.EFFORT:
        return Field(name, None, None, ())
    changes = (_EFFORT, "effortLevel")
    chosen, levels = layers.text(_EFFORT).strip(WHITESPACE).lower(), facts.effort_levels(models.version)
    if chosen in facts.NO_EFFORT and models.version in facts.NO_EFFORT_SPAN:
        return Field(name, None, _EFFORT, changes)
    if chosen in levels:
        return Field(name, _lowered(chosen, models), _EFFORT, changes)
    flag = (models.snapshot.arguments.effort or "").strip(WHITESPACE).lower()
    if flag in levels:
        return Field(name, _lowered(flag, models), "--effort", changes)
    key = layers.settings.get("effortLevel")
    unheard = key and key.winner.origin.scope == "user" and models.version in facts.EFFORT_KEY_IGNORED
    if key and key.text in levels and not (unheard and "newest" in found):
        return Field(name, _lowered(key.text, models), "effortLevel", changes)
    rows = (row for row in facts.DEFAULT_EFFORTS if models.version in row[0] and (not row[1] or row[1] in found))
    return Field(name, next((level for _, _, level in rows), None), None, changes)


def _lowered(level: str, models: Models) -> str:
    """The level that is sent: not every model has the two highest."""
    model = models.chosen() or ""
    rows = (lower for missing, pattern, lower in _LOWERED if missing == level and pattern.search(model))
    return next(rows, level)
