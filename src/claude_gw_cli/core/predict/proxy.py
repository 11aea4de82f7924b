"""The HTTP proxy's own Proxy-Authorization: on plain http it arrives beside whatever else is in that header.

For https it travels only on CONNECT, to the proxy itself (header-atlas section 9).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from claude_gw_cli.core.layers import Effective
from claude_gw_cli.core.predict.model import HeaderPrediction
from claude_gw_cli.core.predict.userinfo import basic
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import replace


def beside_proxy(found: HeaderPrediction, url: str, effective: Effective, version: str) -> HeaderPrediction:
    """The Proxy-Authorization header, with the credential in HTTP_PROXY in front where it is sent.

    Two values are two header lines on the wire; here they are joined as HTTP joins them, with a comma.
    """
    layered = effective.variables.get("http_proxy") or effective.variables.get("HTTP_PROXY")
    if layered is None or not url.lower().startswith("http://") or not holds("http-proxy-credential", version):
        return found
    try:
        proxy, host = urlsplit(layered.text), urlsplit(url).hostname or ""
    except ValueError:
        return found
    if not proxy.username or is_direct(host, effective):
        return found
    own = basic(proxy, layered)
    if not found.present or found.value is None or own.value is None:
        return replace(own, shadowed=found.shadowed)
    both = f"{own.value.reveal()}, {found.prefix}{found.value.reveal()}"
    return replace(
        found, prefix="Basic ", value=Secret(both), note="Sent twice: the proxy's own credential and the custom line."
    )


def is_direct(host: str, effective: Effective) -> bool:
    """Whether NO_PROXY exempts the host."""
    text = effective.text("no_proxy") or effective.text("NO_PROXY")
    names = [name.strip().lstrip(".") for name in text.replace(" ", ",").split(",") if name.strip()]
    return any(name in ("*", host) or host.endswith(f".{name}") for name in names)
