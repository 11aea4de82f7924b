"""Members of settings files, as the 2xx rules walk, name and describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.gates import OWN_HOSTS
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.variables import SECRET_NAMES, VARIABLES
from claude_gw_cli.rules.context import BASE, RuleContext, url_parts


def env_values(s: RuleContext) -> Iterator[tuple[SettingsFile, str, object]]:
    """Every member of every loaded ``env``, as it is written."""
    for source in s.files:
        env = source.data.get("env")
        if isinstance(env, Mapping):
            for name, raw in env.items():
                yield source, name, raw


def has_env(source: SettingsFile, name: str) -> bool:
    """Whether the document's ``env`` has this variable."""
    env = source.data.get("env")
    return isinstance(env, Mapping) and name in env


def is_for_the_client(source: SettingsFile) -> bool:
    """Whether the document says anything that decides about a gateway: a helper, or a variable that we know."""
    env = source.data.get("env")
    names = env if isinstance(env, Mapping) else {}
    return bool(source.data.get("apiKeyHelper")) or any(name in VARIABLES for name in names)


def decides(s: RuleContext, meant: str, value: object) -> bool:
    """Whether, for want of this variable, a gateway's key goes to the provider itself, or no key is sent."""
    if s.text(meant):
        return False
    if meant == BASE.get(s.provider):
        parts = url_parts(js_text(value))
        gateway = parts is not None and not f".{parts.hostname}".endswith(OWN_HOSTS[s.provider])
        key = s.text("ANTHROPIC_AUTH_TOKEN") or s.helper
        return bool(gateway and key) and s.prediction.outcome == "request"
    # A file by itself says nothing about what is missing from it.
    return s.whole and meant in SECRET_NAMES and not s.gateway_key and s.prediction.outcome == "refused"


def env_at(source: SettingsFile, name: str) -> Location:
    """Where a variable stands."""
    return Location(source.file, pointer=pointer_text(("env", name)), variable=name)


def key_at(source: SettingsFile, key: str) -> Location:
    """Where a top-level key stands."""
    return Location(source.file, pointer=pointer_text((key,)))


def kind_of(raw: object) -> str:
    """A JSON value's kind, in a word."""
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, Mapping):
        return "an object"
    return "a list" if isinstance(raw, list) else "number"
