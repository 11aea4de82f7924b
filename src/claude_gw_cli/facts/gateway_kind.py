"""What a row about a kind of gateway holds: ``facts.gateway_rows`` has them, ``facts.gateways`` asks them."""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass


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
    span: Span
    """Of the gateway's own versions."""
    marks: tuple[str, ...]
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
