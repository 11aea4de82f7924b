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


def pinned(name: str, value: str) -> str:
    """What a helper keeps of a proxy or certificate variable, and compares: a proxy without user name and password.

    Empty, which fits nothing, where the user name does not surely end before the host: ``http://other/@proxy`` leads
    to ``other``.
    """
    if "PROXY" not in name.upper():
        return value
    scheme, separator, rest = value.partition("://")
    if not separator:
        scheme, rest = "", value
    user, _, place = rest.rpartition("@")
    return "" if any(mark in user for mark in "/?#\\") else scheme + separator + place
