"""A URL as the client's runtime parses it (WHATWG URL Standard, https://url.spec.whatwg.org, http and https only).

``urllib.parse`` is more lenient in some places and stricter in others: ``http:/host`` and the same with a backslash
have a host here, ``http://127.1`` is 127.0.0.1, ``%2e%2e`` is a parent folder, and a bad port makes the text invalid.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.record import dataclass, field

# What the parser leaves alone in a path; everything else is percent-encoded. "%" stays: it may begin an escape.
_PATH = "!$%&'(*)+,-./0123456789:;=@[]_|~"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_HIGHEST_PORT = 65_535

_CONTROLS = "".join(map(chr, range(0x21)))
_PASSED_OVER = dict.fromkeys(map(ord, "\t\n\r"))
_FORBIDDEN = frozenset(_CONTROLS + "#/:<>?@[\\]^|%\x7f")
"""What a host may not have."""


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of an http or https URL."""

    scheme: str
    userinfo: str | None = field(repr=False)
    """The text before ``@``, still percent-encoded; ``None`` where there is no ``@``."""
    host: str
    port: int | None
    """``None`` for the scheme's own port."""
    path: str
    """Normalized; it begins with a slash."""
    query: str | None
    fragment: str | None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")


def parse_url(text: str, *, caret: bool = True) -> Url | None:
    """The parts, or ``None`` where the runtime does not take the text as an http or https URL.

    Args:
        text: as configured.
        caret: whether ``^`` in a path is percent-encoded.
    """
    text = text.strip(_CONTROLS).translate(_PASSED_OVER)
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in _DEFAULT_PORTS:
        return None
    rest, _, fragment = rest.lstrip("/\\").partition("#")
    authority, path = split_at(rest, "/\\?")
    path, question, query = path.partition("?")
    userinfo, at, address = authority.rpartition("@")
    host, port = _address(address)
    if host is None or port is None:
        return None
    return Url(
        scheme,
        userinfo if at else None,
        host,
        None if port in (-1, _DEFAULT_PORTS[scheme]) else port,
        _path(path, "" if caret else "^"),
        query if question else None,
        fragment if "#" in text else None,
    )


def split_at(text: str, marks: str) -> tuple[str, str]:
    """What is before the first of some characters, and the rest."""
    at = min((found for mark in marks if (found := text.find(mark)) >= 0), default=len(text))
    return text[:at], text[at:]


def _address(text: str) -> tuple[str | None, int | None]:
    """Host and port (-1: not given); ``None`` for each that is invalid."""
    host, port = text, ""
    if ":" in text.rpartition("]")[2]:
        host, _, port = text.rpartition(":")
    number = natural(port) if port else -1
    if number is None or number > _HIGHEST_PORT:
        return None, None
    return parse_host(host), number


def parse_host(text: str) -> str | None:
    """A host name or address in its normal spelling; ``None`` where it is invalid."""
    if text.startswith("["):
        return _ip6(text[1:-1]) if text.endswith("]") else None
    name = text
    if "%" in text:
        from urllib.parse import unquote

        name = unquote(text)
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    name = name.lower()
    if not name or not _FORBIDDEN.isdisjoint(name):
        return None
    labels = name.removesuffix(".").split(".")
    return _ip4(labels) if _is_number(labels[-1]) else name


def _ip4(labels: list[str]) -> str | None:
    """An IPv4 address of one to four numbers, decimal, octal (0…) or hexadecimal (0x…); the last fills the rest."""
    if len(labels) > 4 or not all(map(_is_number, labels)):
        return None
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = numbers[-1] + sum(number * 256 ** (3 - index) for index, number in enumerate(numbers[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _is_number(label: str) -> bool:
    if label[:2].lower() == "0x":
        return not label[2:].strip("0123456789abcdefABCDEF")
    return label.isascii() and label.isdecimal()


def _number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8 if len(label) > 1 and label.startswith("0") else 10)


def _ip6(text: str) -> str | None:
    import ipaddress

    try:
        return f"[{ipaddress.IPv6Address(text.partition('%')[0]).compressed}]" if "%" not in text else None
    except ValueError:
        return None


def _path(text: str, unescaped: str) -> str:
    """Backslashes are slashes, dot segments are resolved, unsafe characters are percent-encoded."""
    kept: list[str] = []
    segments = text.replace("\\", "/").split("/")[1:] or [""]
    for index, segment in enumerate(segments):
        dots = segment.replace("%2e", ".").replace("%2E", ".")
        if dots == "..":
            kept = kept[:-1]
        elif dots != ".":
            kept.append(segment)
        if dots in (".", "..") and index == len(segments) - 1:
            kept.append("")
    return "/" + escape("/".join(kept), _PATH + unescaped)


def swallowed(query: str, *, encoded: bool) -> str:
    """A query behind which the client puts its path, as the request carries it.

    Args:
        query: with the client's path at its end.
        encoded: whether names and values are written again (every character but the unreserved ones escaped).
    """
    if not encoded:
        return escape(query, _PATH + "?/^`{}\\")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return "&".join(f"{_component(name)}={_component(value)}" for name, _, value in pairs)


def _component(text: str) -> str:
    data = utf8(text.replace("+", " "))
    if b"%" in data:
        from urllib.parse import unquote_to_bytes

        data = unquote_to_bytes(data)
    return _escaped(data, "!*'()")


def escape(text: str, safe: str) -> str:
    """Percent-encoded UTF-8 as the client's runtime does it."""
    return _escaped(utf8(text), safe) if text.strip(_UNRESERVED + safe) else text


def utf8(text: str) -> bytes:
    """A text as the client's runtime writes it: a lone surrogate becomes U+FFFD."""
    if text.isascii():  # the other codec is a file that Python has to load
        return text.encode()
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _escaped(data: bytes, safe: str) -> str:
    return "".join(chr(byte) if chr(byte) in _UNRESERVED or chr(byte) in safe else f"%{byte:02X}" for byte in data)
