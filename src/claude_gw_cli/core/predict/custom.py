"""ANTHROPIC_CUSTOM_HEADERS as the client reads it: lines of ``Name: value``.

Measured (header-atlas section 8, and clients 1.0.35 .. 2.1.330): lines end with LF or CRLF, the first colon
separates, whitespace around both parts is removed, a line without a colon is ignored, a repeated name replaces the
earlier one whatever its case; commas and a backslash with an n separate nothing.
"""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE
from claude_gw_cli.facts.headers import CONNECTION_HEADERS
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLIENTS_SPELLING = ("Authorization", "Proxy-Authorization")
_NAME = "!#$%&'*+.^_`|~-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters of a header's name (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class CustomHeader:
    """One line that counts."""

    name: str
    """As written."""
    value: str = field(repr=False)
    outlasts_token: bool = False
    """It is, in another spelling, after a line spelt as the client spells the header."""


@dataclass(frozen=True, slots=True)
class CustomHeaders:
    """All lines that count, by lower-case name, or the reason why the client stops at them."""

    lines: Mapping[str, CustomHeader]
    problem: str = ""


def parse_custom_headers(text: str, version: str) -> CustomHeaders:
    """The headers that the text adds in this client version.

    The client keeps the lines by exact name, writes its token under its own spelling, where that name was first,
    and sends the last of those that differ in case only. So ``Authorization: a`` and then ``authorization: b`` send
    b in spite of a token (found by the differential tester, every client).
    """
    exact: dict[str, str] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        name, value = name.strip(WHITESPACE), value.strip(WHITESPACE)
        if not colon or (not name and not holds("custom-headers-nameless", version)):
            continue
        if "\r" in line.strip(WHITESPACE) and not holds("custom-headers-carriage-return", version):
            continue
        exact[name] = value
    lines: dict[str, CustomHeader] = {}
    for name, value in exact.items():
        before = lines.pop(name.lower(), None)
        outlasts = before is not None and (before.outlasts_token or before.name in _CLIENTS_SPELLING)
        lines[name.lower()] = CustomHeader(name, value, outlasts and name not in _CLIENTS_SPELLING)
    return CustomHeaders(lines, _problem(lines, version))


def header_problem(value: str, *, widest: str = "\xff") -> str:
    """Why a text cannot travel as a header's value, as the client says it; ``""`` when it can.

    Latin-1 passes, inner spaces and tabs pass (measured: val.tok.nonascii, val.key.tab).
    """
    for index, char in enumerate(value.strip(WHITESPACE), 1):
        if char in "\r\n":
            return f"it contains a line break at character {index}"
        if char == "\0":
            return f"it contains a NUL byte at character {index}"
        if char > widest:
            return f"it contains a non-ASCII character at character {index}"
    return ""


def _problem(lines: Mapping[str, CustomHeader], version: str) -> str:
    if holds("connection-lines-refused", version):
        refused = next((line for line in lines.values() if _is_connections(line)), None)
        if refused:
            return f"API Error: Unable to connect to API: the header {refused.name} cannot be set."
    for index, line in enumerate(lines.values(), 1):
        named = bool(line.name) and not line.name.strip(_NAME)
        if named and not header_problem(line.value):
            continue
        if not holds("helper-output-checked", version):
            return f'API Error: "{line.name}" is an invalid header {"value" if named else "name"}.'
        what = f"value for distinct header {index}" if named else f"name for distinct header {index}"
        return (
            f"Invalid ANTHROPIC_CUSTOM_HEADERS · Fix the environment variable · Invalid {what} of {len(lines)} "
            f"parsed from ANTHROPIC_CUSTOM_HEADERS"
        )
    return ""


def _is_connections(line: CustomHeader) -> bool:
    """Whether a line would change the connection itself, which Node's HTTP client does not allow."""
    name = line.name.lower()
    return name in CONNECTION_HEADERS or (name == "connection" and line.value.lower() not in ("close", "keep-alive"))
