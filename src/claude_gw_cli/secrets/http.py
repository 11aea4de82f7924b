"""How a source speaks HTTP: over TLS or to this machine, to the address that was configured and nowhere else.

The working environment has no say: a project's settings can set HTTPS_PROXY or REQUESTS_CA_BUNDLE for the client
and so for its helper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_gw_cli.core.errors import CgwError, RefusedError, UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


def check_address(address: str) -> None:
    """Refuse an address to which a credential must not be sent.

    Raises:
        UsageError: no plain http(s) URL.
        RefusedError: plain http to another machine.
    """
    scheme, colon, rest = address.partition("://")
    if (
        not colon
        or scheme not in {"http", "https"}
        or not rest
        or "@" in rest
        or not rest.isprintable()
        or " " in rest
    ):
        raise UsageError(f"{shown(address.rpartition('@')[2])!r} is no plain http(s) address")
    if scheme != "https" and not _is_this_machine(rest):
        raise RefusedError(
            f"{address} is not https: the credential would travel in the clear",
            hint="Use https. Plain http is accepted for this machine only (127.0.0.1, a local agent).",
        )


def new_session(table: Mapping[str, Any]) -> requests.Session:
    """A session that follows the table (``ca_file``, ``proxy``) and ignores the environment."""
    import requests

    session = requests.Session()
    session.trust_env = False  # neither HTTPS_PROXY nor REQUESTS_CA_BUNDLE nor .netrc
    session.verify = table.get("ca_file") or True
    if table.get("proxy"):
        session.proxies = {"https": str(table["proxy"])}
    return session


def retry_after(response: requests.Response) -> int:
    """The seconds of a ``Retry-After`` header; 0 for none (or for a date, which servers of this kind do not send)."""
    text = response.headers.get("Retry-After", "")
    return int(text) if text.isdigit() else 0


def clock_offset(response: requests.Response, now: float) -> float:
    """Seconds by which the server's clock is ahead of this machine's, by its ``Date``; 0 where it has none.

    ``Date`` counts whole seconds and travels for a while, so a clock that agrees seems up to a few seconds behind:
    well within the margins of ``expiry``.
    """
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp() - now
    except (KeyError, ValueError, OverflowError):
        return 0.0


def unreachable(error: Exception, address: str) -> CgwError:
    """The error for a request without an answer."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return failure("CGW466", host=address)
    if isinstance(error, requests.Timeout):
        return failure("CGW467", host=address)
    if isinstance(error, OSError) and not isinstance(error, requests.exceptions.ConnectionError):
        return failure("CGW469", address, shown(str(error)))
    return failure("CGW468", host=address)


def _is_this_machine(rest: str) -> bool:
    host = rest.partition("/")[0]
    host = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]
    return host in {"localhost", "::1"} or (host.startswith("127.") and host.replace(".", "").isdigit())
