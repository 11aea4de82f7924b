"""How a key is written in a header, and what a person sets for that."""

from __future__ import annotations

from claude_gw_cli.core.plan import natural_format
from claude_gw_cli.facts.gateways import only_bare
from claude_gw_cli.facts.modes import MODES, PLACEHOLDER_TOKEN


def wanted_format(header: str) -> str:
    """The form of the key that the gateways which are known to read this header want in it."""
    return "bare" if only_bare(header) else natural_format(header)


def format_option(header: str) -> str:
    """The option that a profile needs for that form, behind a space; empty where it is the form by default."""
    wanted = wanted_format(header)
    return "" if wanted == natural_format(header) else f" --key-format {wanted}"


def variable_of(header: str) -> str:
    """What a person sets to send a key in this (lower-case) header without a profile.

    With custom headers alone the client says "Not logged in", so another variable has a text beside them.
    """
    names = {name: carrier.variable for name, carrier in MODES[0].carriers}  # of Anthropic's own API
    value = "Bearer KEY" if wanted_format(header) == "bearer" else "KEY"
    line = f'ANTHROPIC_CUSTOM_HEADERS to "{header}: {value}"'
    return names.get(header) or f"{line} and ANTHROPIC_AUTH_TOKEN to {PLACEHOLDER_TOKEN}"
