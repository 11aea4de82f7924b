"""Kinds of gateways: how to recognise one, where it reads its key, and what its answers mean.

The rows are in gateways.txt, one per kind of gateway and span of its releases. What no row fits is never guessed:
`core.diagnosis` shows the answer unchanged.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span, span_of
from claude_gw_cli.hints import Any, Literal
from claude_gw_cli.record import dataclass, field
from claude_gw_cli.tables import filled, records


@dataclass(frozen=True, slots=True)
class Sign:
    """A text inside an answer, and the situation (`core.situations`) it is the sign of."""

    situation: str
    text: str
    """Searched in the whole body, letter case ignored."""
    statuses: tuple[int, ...] = ()
    """Empty: with any status of 400 or more."""


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """A header that a gateway reads its key from, and in which forms."""

    name: str
    bearer: bool = True
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of gateway in a span of its releases."""

    name: str
    """As `cgw doctor --format json` names it."""
    title: str
    """For messages to people."""
    span: Span = field(default_factory=Span)
    """Of the gateway's own versions."""
    marks: tuple[str, ...] = ()
    """Any of these in a body is this gateway speaking."""
    header_marks: tuple[str, ...] = ()
    """So does a response header whose name begins with one of these."""
    hello: tuple[str, ...] = ()
    """Public paths below its root whose answers have one of the marks."""
    version_header: str = ""
    key_headers: tuple[KeyHeader, ...] = ()
    """Where it reads its key, or the key that it passes on, in this order. Empty: it does not check keys."""
    not_read: tuple[tuple[str, frozenset[str]], ...] = ()
    """(form of requests, headers of the above that its route for them does not read)."""
    other_header: Literal["", "instead", "too"] = ""
    """Whether another header can be configured, and is then read instead of these or before them."""
    signs: tuple[Sign, ...] = ()
    """Its own words."""
    base_path: str = ""
    """Where Anthropic's /v1/messages is, below its root."""
    counts: Literal["", "says", "local", "cloud"] = ""
    """Who answers count_tokens: none, the one that the answer names, the gateway itself, or the cloud."""
    body_first: bool = False
    """It validates the body before the key, so the key cannot be tried at no cost."""
    key_sent_on: bool = False
    """The client's key goes on to the cloud; else the gateway has its own credential there."""
    required_headers: tuple[tuple[str, str], ...] = ()
    """(header that every request must have, what is in it)."""
    models: Literal["", "cloud", "list", "empty"] = ""
    """Who answers /v1/models: none, the cloud, the gateway with its list, or the gateway with an empty list."""
    model_form: str = ""
    """How it names models, where that is not the cloud's name."""
    default_model: bool = False
    """It answers a model that it does not know with another one, so a wrong name does not show."""
    keeps_betas: bool = True
    """It passes ``anthropic-beta`` on."""
    dropped: tuple[str, ...] = ()
    """Members of the client's body that it drops."""
    refused: tuple[str, ...] = ()
    """Members of the client's body for which it refuses every request of the client."""
    body_limit: int = 0
    """Megabytes of a body that it accepts; 0: more than the client sends."""
    aliases: tuple[str, ...] = ()
    """Other names that people give it on a command line."""
    hosts: tuple[str, ...] = ()
    """Its service's own addresses: whole host names, or endings that begin with a dot."""
    port: int = 0
    """The port on which it listens by default, where no other kind of this table does."""
    hosted: tuple[KeyHeader, ...] = ()
    """Where its hosted service reads keys, from its documentation, where the row itself is about its program."""
    source: str = ""
    """``measured`` with the release, or the documentation that the row is taken from; then it was not run."""

    @property
    def is_measured(self) -> bool:
        """Whether the row comes from running the gateway."""
        return self.source.startswith("measured")


def _key_header(text: str) -> KeyHeader:
    name, _, only = text.partition(" ")
    return KeyHeader(name, bearer=only != "bare", bare=only != "bearer")


def _sign(text: str) -> Sign:
    head, _, said = text.partition(": ")
    situation, *statuses = head.split(" ")
    return Sign(situation, said, tuple(map(int, statuses)))


def _kind(row: dict[str, list[str]]) -> Kind:
    parsers: dict[str, Any] = {
        "span": span_of,
        "key_headers": _key_header,
        "hosted": _key_header,
        "signs": _sign,
        "required_headers": lambda text: tuple(text.split(" ", 1)),
        "not_read": lambda text: (text.split(" ")[0], frozenset(text.split(" ")[1:])),
    }
    return filled(Kind, row, parsers)


_ROWS = records("facts/gateways.txt")
_CLOUDS = tuple(map(_sign, _ROWS.pop()["signs"]))
KINDS: tuple[Kind, ...] = tuple(map(_kind, _ROWS))
"""The first that is recognised and whose span has the version, or whose version is not known."""
USUAL_HEADERS = ("authorization", "x-api-key", "x-litellm-api-key", "api-key")
"""Where gateways of unknown kind read their keys."""
LITELLM = next(kind for kind in KINDS if kind.name == "litellm")
LITELLM_ALIVE = LITELLM.hello[0]
NAMES: tuple[str, ...] = tuple(dict.fromkeys(kind.name for kind in KINDS))

PRESETS: tuple[str, ...] = (*NAMES, *dict.fromkeys(alias for kind in KINDS for alias in kind.aliases))
"""Every name that ``cgw init --gateway`` takes."""

HELLOS: tuple[str, ...] = tuple(dict.fromkeys(path for kind in KINDS for path in kind.hello))

NOT_ROOTS: tuple[tuple[str, str], ...] = (
    (r"/(?:ui|sso)(?:/.*)?", "LiteLLM's page for people"),
    (r"/(?:docs|redoc|openapi\.json)", "the gateway's documentation"),
    (r"/v1/messages(?:/count_tokens)?", "the client's own path"),
    (r"/(?:v1/)?(?:chat/completions|responses|completions)", "a path for other clients"),
    (r"/v1/models", "the list of models"),
    (r"/health(?:/[a-z]+)?", "a check of the gateway's health"),
)
"""What people copy behind a gateway's address: the end of a path as a pattern, and what is there."""

SIGNS: tuple[Sign, ...] = (*dict.fromkeys(sign for kind in KINDS for sign in kind.signs), *_CLOUDS)
"""The first that fits wins."""

COUNT_SOURCE_LOCAL = '"litellm_count_source":"local_estimate"'
"""In a 200 answer of count_tokens: LiteLLM guessed, because the upstream did not answer (or cannot count)."""
COUNT_SOURCE = '"litellm_count_source":'
"""In a 200 answer of count_tokens: LiteLLM names who counted."""


def find_kind(body: str, headers: tuple[str, ...], version: str | None = None) -> Kind | None:
    """The kind of gateway that speaks.

    Args:
        body: of an answer.
        headers: names of the answer's headers, in lower case.
        version: of the gateway, if an answer told it.
    """
    text = body.replace('": "', '":"').replace('": ', '":').replace(', "', ',"').lower()
    for kind in KINDS:
        marked = any(mark.lower() in text for mark in kind.marks) or any(
            name.startswith(mark) for mark in kind.header_marks for name in headers
        )
        if marked and (version is None or version in kind.span):
            return kind
    return None


def named_kind(name: str) -> Kind | None:
    """The newest row of a kind, by its name or an alias of it."""
    return next((kind for kind in KINDS if name in (kind.name, *kind.aliases)), None)


def kind_at(host: str, port: int | None, *, is_local: bool) -> Kind | None:
    """The kind whose address this is, as far as the address alone tells.

    Args:
        host: in lower case.
        port: as it is in the address, if it is.
        is_local: whether the host is this machine, where a gateway's default port says which one it is.
    """
    for kind in KINDS:
        own = any(host == name or (name.startswith(".") and host.endswith(name)) for name in kind.hosts)
        if own or (is_local and port is not None and port == kind.port):
            return kind
    return None


def only_bare(header: str) -> bool:
    """Whether the gateways that are known to read this header all want the bare key in it."""
    found = [item for kind in KINDS for item in (*kind.hosted, *kind.key_headers) if item.name == header]
    return bool(found) and not any(item.bearer for item in found)


def is_known(header: str) -> bool:
    """Whether a gateway of the table wants something in this (lower-case) header."""
    read = (item.name for kind in KINDS for item in (*kind.hosted, *kind.key_headers))
    return header in read or any(name == header for kind in KINDS for name, _ in kind.required_headers)


def reads(kind: Kind, header: str, wire: str, read: tuple[KeyHeader, ...] | None = None) -> KeyHeader | None:
    """How a kind reads its key from this header with a form of requests; ``None``: not without set-up.

    Args:
        kind: of the gateway.
        header: in lower case.
        wire: the form of requests.
        read: the headers that it reads, where those are not its ``key_headers``.
    """
    if header in dict(kind.not_read).get(wire, ()):
        return None
    return next((item for item in read or kind.key_headers if item.name == header), None)
