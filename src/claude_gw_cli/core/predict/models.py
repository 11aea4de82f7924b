"""Which model the request names: flag, environment, settings or the client's own default, aliases resolved."""

from __future__ import annotations

import re

from claude_gw_cli.core.layers import BLANKS, Effective
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import ALIASES, BEDROCK_WORLDS, REPLACEMENTS, family_of_default, find_model
from claude_gw_cli.facts.versions import holds

_CONTEXT_SUFFIX = re.compile(r"\[\w+\]$")


def choose_model(
    provider: str, snapshot: Snapshot, effective: Effective, *, subscription: bool = False
) -> str | None:
    """The model's name as it is sent, or ``None`` where no recording tells the client's own.

    ``--model`` > ANTHROPIC_MODEL > settings ``model`` > ANTHROPIC_DEFAULT_MODEL > default (header-atlas section 9).

    ``subscription``: the credential is a subscription's OAuth token, whose default is Sonnet.
    """
    chosen = snapshot.arguments.model
    if chosen is None:
        settings = effective.model.text if effective.model else ""
        chosen = effective.text("ANTHROPIC_MODEL") or settings
        chosen = chosen or (effective.text("ANTHROPIC_DEFAULT_MODEL") if not subscription else "") or "default"
    name = _CONTEXT_SUFFIX.sub("", chosen.strip(BLANKS))
    family = ALIASES.get(name.lower())
    version = snapshot.client_version
    if family is None or (family == "haiku" and not holds("haiku-alias", version)):
        return name
    if family == "default":
        family_of_variable = "sonnet" if subscription else family_of_default(provider, version)
        family = "sonnet" if subscription else family
    else:
        family_of_variable = family
    if holds("default-model-variables", version):
        replaced = effective.text(REPLACEMENTS[family_of_variable]).strip(BLANKS)
        if replaced:
            return _CONTEXT_SUFFIX.sub("", replaced)
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
