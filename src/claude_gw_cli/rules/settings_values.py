"""Members of settings files: how the 2xx rules walk them, and what a wrong name costs."""

from __future__ import annotations

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.providers import is_own_host
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.rules.context import BASE, RuleContext, env_of, url_parts


def has_env(source: SettingsFile, name: str) -> bool:
    """Whether the document's ``env`` has this variable."""
    return name in env_of(source)


def loses_the_gateway(ctx: RuleContext, meant: str, value: object) -> bool:
    """Whether, because this variable is not set, the gateway's key goes to the provider itself or is not sent."""
    if ctx.text(meant):
        return False
    if meant == BASE.get(ctx.provider):
        parts = url_parts(js_text(value))
        gateway = parts is not None and not is_own_host(ctx.provider, parts.hostname or "")
        key = ctx.text("ANTHROPIC_AUTH_TOKEN") or ctx.helper
        return bool(gateway and key) and ctx.prediction.outcome == "request"
    # In a file that is checked alone, what is missing may be set elsewhere.
    return ctx.whole and meant in SECRET_NAMES and not ctx.gateway_key and ctx.prediction.outcome == "refused"
