"""Which model the request names: flag, environment, settings or the client's own default, aliases resolved."""

from __future__ import annotations

from claude_gw_cli.core.layers import BLANKS, Effective
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import (
    ALIASES,
    BEDROCK_WORLDS,
    NO_DEFAULTS,
    REPLACEMENTS,
    families_of_default,
    find_model,
)
from claude_gw_cli.facts.versions import holds

_CONTEXT_SUFFIX = lazy(r"\[\w+\]$")


def choose_model(
    provider: str, snapshot: Snapshot, effective: Effective, *, subscription: bool = False
) -> str | None:
    """The model's name as it is sent, or ``None`` where no recording tells the client's own.

    ``--model`` > ANTHROPIC_MODEL > settings ``model`` > ANTHROPIC_DEFAULT_MODEL > default (header-atlas section 9).

    ``subscription``: the credential is a subscription's OAuth token, whose default is Sonnet.
    """
    version = snapshot.client_version
    chosen = snapshot.arguments.model
    if chosen is None:
        settings = (
            effective.model.text if effective.model and _model_key_counts(provider, snapshot, effective) else ""
        )
        chosen = effective.text("ANTHROPIC_MODEL") or settings or None
    elif chosen.strip(BLANKS).lower() == "default" and holds("model-flag-default", version):
        chosen = None
    if chosen is not None:
        return _named(chosen, provider, effective, version)
    default = effective.text("ANTHROPIC_DEFAULT_MODEL").strip(BLANKS)
    counts = holds("default-model-variable", version) and not subscription
    if counts and default and default.lower() not in NO_DEFAULTS:
        return _named(default, provider, effective, version)
    for family in ("sonnet",) if subscription else families_of_default(provider, version):
        replaced = _replacement(family, effective, version)
        if replaced:  # goes through the aliases once more, which the replacement of an alias does not
            return _named(replaced, provider, effective, version)
    return _own("sonnet" if subscription else "default", provider, effective, version)


def has_chosen_model(snapshot: Snapshot, effective: Effective) -> bool:
    """Whether somebody named a model, so that the client's own default does not count."""
    if snapshot.arguments.model is not None or effective.text("ANTHROPIC_MODEL"):
        return True
    return bool(effective.model and effective.model.text and _model_key_counts("anthropic", snapshot, effective))


def _model_key_counts(provider: str, snapshot: Snapshot, effective: Effective) -> bool:
    version = snapshot.client_version
    scope = effective.model.winner.origin.scope if effective.model else None
    if scope == "user" and provider == "anthropic" and holds("user-model-reset", version):
        return False
    broken = any(file.scope == "managed" and file.status == "invalid" for file in snapshot.files)
    return not (broken and holds("broken-managed-drops-model", version))


def _named(text: str, provider: str, effective: Effective, version: str) -> str | None:
    """What is sent for a name or alias."""
    name = text.strip(BLANKS)
    if holds("context-suffix", version):
        name = _CONTEXT_SUFFIX.sub("", name)
    family = ALIASES.get(name.lower())
    if family is None or (family == "haiku" and not holds("haiku-alias", version)):
        return name
    replaced = _replacement(family, effective, version)
    return _CONTEXT_SUFFIX.sub("", replaced) if replaced else _own(family, provider, effective, version)


def _replacement(family: str, effective: Effective, version: str) -> str:
    if not holds("default-model-variables", version):
        return ""
    return effective.text(REPLACEMENTS[family]).strip(BLANKS)


def _own(family: str, provider: str, effective: Effective, version: str) -> str | None:
    model = find_model(provider, family, version)
    return _regional(model, effective, version) if model and provider == "bedrock" else model


def _regional(model: str, effective: Effective, version: str) -> str:
    """A Bedrock inference profile begins with its part of the world; older clients know only ``us``."""
    if not holds("bedrock-worlds", version):
        return model
    world = effective.text("ANTHROPIC_BEDROCK_REGION_PREFIX").strip(BLANKS)
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    region = next((effective.text(name).strip(BLANKS) for name in names if effective.present(name)), "us-east-1")
    world = world or next(prefix for start, prefix in BEDROCK_WORLDS if region.startswith(start))
    return f"{world}.{model.removeprefix('us.')}"
