"""Fetching a shared profile or a facts bundle: small, text, over https (or from this machine), in bounded time."""

from __future__ import annotations

import os
import threading
from typing import Literal
from urllib.parse import urljoin, urlsplit

from claude_gw_cli.core.endpoint import is_this_machine
from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError
from claude_gw_cli.facts.transport import ALL_PROXY, PROXIES

Shared = Literal["profile", "facts bundle"]
_FROM_FILE: dict[Shared, str] = {"profile": "cgw init --from FILE", "facts bundle": "cgw facts update FILE"}
_TIMEOUT = (5, 5)
_TOTAL_SECONDS = 20.0
_REDIRECTS = 3


def download(url: str, *, limit: int, what: Shared = "profile", seconds: float = _TOTAL_SECONDS) -> bytes:
    """The text behind a URL. Redirects are followed on the same origin only; no .netrc and no cookie is used.

    Args:
        url: https, or http on a loopback address.
        limit: largest size in bytes.
        what: is fetched; for messages.
        seconds: the total time; a server that sends a byte now and then does not hold the command.

    Raises:
        UsageError: plain http to another machine, on which anybody on the way could change where the key goes; too
            large, or not text.
        UnavailableError: no answer in time, or not a success.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise UsageError(
            f"the address of the {what} contains a user name or password",
            hint=f"Download it with another tool, then: {_FROM_FILE[what]}",
        )
    if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
        raise UsageError(
            f"{without_query(url)} is plain http, on which others can change the {what}",
            hint="Use the https address.",
        )
    shown = without_query(url)
    answers: list[bytes] = []
    errors: list[CgwError] = []

    def fetch() -> None:
        try:
            answers.append(_fetched(url, limit, what))
        except CgwError as error:
            errors.append(error)

    worker = threading.Thread(target=fetch, daemon=True)
    worker.start()
    worker.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise UnavailableError(f"{shown} did not answer completely within {seconds:.0f} seconds", hint="Try again.")
    return answers[0]


def without_query(url: str) -> str:
    """An address for a message: its query can be a credential."""
    return url.partition("?")[0] if "://" in url else url


def _fetched(url: str, limit: int, what: Shared) -> bytes:
    import requests

    address, shown = url, without_query(url)
    try:
        for _ in range(_REDIRECTS + 1):
            with requests.get(
                # Without an ``auth`` argument the library takes a password from .netrc.
                address,
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
                auth=lambda request: request,
            ) as answer:
                if answer.is_redirect:
                    target = urljoin(address, answer.headers["Location"])
                    if urlsplit(target)[:2] != urlsplit(address)[:2]:
                        raise UnavailableError(
                            f"{shown} redirects to another origin", hint=f"Give the final address of the {what}."
                        )
                    address = target
                    continue
                if answer.status_code != 200:
                    raise UnavailableError(
                        f"{shown} answered {answer.status_code}", hint=f"Give the final address of the {what}."
                    )
                body = answer.raw.read(limit + 1, decode_content=True)
                if len(body) > limit:
                    raise UsageError(f"{shown} is larger than {limit} bytes; a {what} is not")
                return bytes(body)
    except (requests.RequestException, OSError, ValueError) as error:
        raise _explained(error, address) from None
    raise UnavailableError(
        f"{shown} redirects more than {_REDIRECTS} times", hint=f"Give the final address of the {what}."
    )


def _explained(error: Exception, url: str) -> UnavailableError:
    """What went wrong on the way to an address, in words; the library's own names say nothing to a person."""
    from requests import exceptions

    place = urlsplit(url).netloc.rpartition("@")[2]
    if isinstance(error, exceptions.ProxyError):
        name = next((item for item in (*PROXIES, *ALL_PROXY) if os.environ.get(item)), "HTTPS_PROXY")
        hop = os.environ.get(name, "").rpartition("@")[2].rpartition("//")[2].rstrip("/")
        return UnavailableError(
            f"{name} points to {hop}, which does not answer",
            hint=f"unset {name}\nor bypass it: export NO_PROXY={place.partition(':')[0]}",
        )
    if isinstance(error, exceptions.SSLError):
        return UnavailableError(
            f"the certificate of {place} is not trusted here", hint="Name its CA: export REQUESTS_CA_BUNDLE=FILE"
        )
    if isinstance(error, exceptions.Timeout):
        return UnavailableError(f"{place} does not answer in time", hint="Check network and VPN, then try again.")
    if isinstance(error, exceptions.ConnectionError):
        return UnavailableError(f"nothing answers at {place}", hint="Check the address, network and VPN.")
    return UnavailableError(
        f"{without_query(url)} cannot be read ({type(error).__name__})", hint="Check the address."
    )
