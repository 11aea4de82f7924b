"""The way of the model request, and the credentials in URLs: the base URL's, and the HTTP proxy's own.

A proxy's credential travels on plain http with the request, for https only on CONNECT, to the proxy itself
(header-atlas section 9).
"""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective, Layered
from claude_gw_cli.core.predict.model import HeaderPrediction, Source
from claude_gw_cli.core.proxies import Way, basic, choose_way, is_http
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import replace


def way_of(url: str, effective: Effective, version: str, *, through_socket: bool = True) -> Way:
    """The way of a request under everything that the layers add up to."""
    texts = {name: found.text for name, found in effective.variables.items()}
    return choose_way(url, texts, version, through_socket=through_socket)


def unsupported(way: Way | None) -> str:
    """Why nothing is sent over this proxy, in the client's words; empty if the client can use it."""
    if way is None or way.kind != "proxy" or is_http(way.proxy):
        return ""
    return "API Error: Unable to connect to API (UnsupportedProxyProtocol)"


def beside_proxy(found: HeaderPrediction, url: str, way: Way, effective: Effective, version: str) -> HeaderPrediction:
    """The Proxy-Authorization header, with the proxy's own credential first where it is sent.

    Two values are two header lines on the wire; here they are joined as HTTP joins them, with a comma.
    """
    if way.kind != "proxy" or not url.lower().startswith("http://") or not holds("http-proxy-credential", version):
        return found
    from urllib.parse import urlsplit

    try:
        proxy = urlsplit(way.proxy)
    except ValueError:
        return found
    has_name = proxy.username or (proxy.password and holds("proxy-password-alone", version))
    if not has_name or not basic(proxy.netloc):
        return found
    own = _header(proxy.netloc, effective.variables[way.variable])
    if not found.present or found.value is None or own.value is None:
        return replace(own, shadowed=found.shadowed)
    both = f"{own.value.reveal()}, {found.prefix}{found.value.reveal()}"
    return replace(
        found, prefix="Basic ", value=Secret(both), note="Sent twice: the proxy's own credential and the custom line."
    )


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
        authority = urlsplit(layered.text.strip(WHITESPACE)).netloc
    except ValueError:
        return found
    is_sent = "@" in authority and basic(authority)
    return replace(_header(authority, layered), shadowed=found.shadowed) if is_sent else found


def _header(authority: str, layered: Layered) -> HeaderPrediction:
    """The header for a URL's user name and password, from the variable that holds the URL."""
    origin = layered.winner.origin
    source = Source("env", origin.name, origin.scope, origin.file, origin.pointer)
    return HeaderPrediction(True, "Basic ", Secret(basic(authority)), source)
