"""User name and password in a URL: they go out as Basic credentials where nothing else fills the header."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective, Layered
from claude_gw_cli.core.predict.model import HeaderPrediction, Source
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from urllib.parse import SplitResult


def or_userinfo(found: HeaderPrediction, effective: Effective, base: str, version: str) -> HeaderPrediction:
    """The Authorization header, with the base URL's own credential where that is all there is.

    Args:
        found: what the rows say.
        effective: the client's variables.
        base: the variable that holds the provider's base URL.
        version: the client's release.
    """
    layered = effective.variables.get(base)
    if found.present or layered is None or "@" not in layered.text or not holds("userinfo-is-sent", version):
        return found
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(layered.text.strip(WHITESPACE))
    except ValueError:
        return found
    return replace(basic(parts, layered), shadowed=found.shadowed) if "@" in parts.netloc else found


def basic(parts: SplitResult, layered: Layered) -> HeaderPrediction:
    """The header for a URL's user name and password (RFC 7617), from the variable that holds the URL."""
    from base64 import b64encode
    from urllib.parse import unquote

    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    origin = layered.winner.origin
    source = Source("env", origin.name, origin.scope, origin.file, origin.pointer)
    return HeaderPrediction(True, "Basic ", Secret(b64encode(pair.encode("utf-8", "replace")).decode()), source)
