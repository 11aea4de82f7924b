"""Addresses in one spelling, so that two of them can be compared. On the hot path: imports nothing."""

from __future__ import annotations


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL in one spelling; empty for anything that two parsers could read differently.

    Hosts in other scripts get their ASCII spelling (IDNA), as the client's own URL parser does it.
    """
    url = url.strip()
    scheme, colon, rest = url.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in {"http", "https"} or any(char <= " " or char in "\\\x7f" for char in url):
        return ""
    host = rest
    for end in "/?#":
        host = host.partition(end)[0]
    if not host.isascii():
        try:
            # ß, ς and joiners: two versions of IDNA give two hosts
            host = "" if set(host) & set("ßς\u200c\u200d") else host.encode("idna").decode()
        except UnicodeError:
            return ""
    host = host.lower().removesuffix(":443" if scheme == "https" else ":80")
    if not host or not all(char.isalnum() or char in ".-_:[]" for char in host):
        return ""
    return f"{scheme}://{host}"


def without_user(url: str) -> str:
    """A proxy's URL without its user name and password."""
    head, separator, tail = url.partition("://")
    return head + separator + tail.rpartition("@")[2] if separator else url
