"""Fetching a shared profile: small, text, over https (or from this machine)."""

from __future__ import annotations

from urllib.parse import urlsplit

from claude_gw_cli.core.errors import RefusedError, UnavailableError, UsageError

_TIMEOUT = (5, 10)


def download(url: str, *, limit: int) -> str:
    """The text behind a URL.

    Args:
        url: https, or http on a loopback address.
        limit: largest size in bytes.

    Raises:
        RefusedError: plain http to another machine; anybody on the way could change where the key goes.
        UnavailableError: no answer, or not a success.
        UsageError: too large or not text.
    """
    import requests

    parts = urlsplit(url)
    if parts.username or parts.password:
        raise UsageError(
            "the address of a profile contains a user name or password",
            hint="Download it with a tool of your own, then: cgw init --from FILE",
        )
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise RefusedError(
            f"{url} is plain http: a profile decides where your key is sent", hint="Use the https address."
        )
    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True, allow_redirects=False) as answer:
            if answer.status_code != 200:
                raise UnavailableError(
                    f"{url} answered {answer.status_code}", hint="Give the profile's final address."
                )
            body = answer.raw.read(limit + 1, decode_content=True)
    except requests.RequestException as error:
        raise UnavailableError(f"cannot fetch {url}: {type(error).__name__}") from None
    if len(body) > limit:
        raise UsageError(f"{url} is larger than {limit} bytes; a profile is not")
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{url} is not UTF-8 text") from None
