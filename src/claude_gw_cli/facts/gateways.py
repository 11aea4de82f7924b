"""Kinds of gateways: how to recognise one, where it reads its key, and what its answers mean. One row per kind.

A row of a kind that was measured in two releases with different behaviour is two rows with their versions, the newest
first. What no row fits is never guessed: `core.diagnosis` shows the answer unchanged.

Measured with curl and the real client 2.1.332 on loopback: LiteLLM 1.106.2, 1.106.12 and 1.108.7, @portkey-ai/gateway
1.15.2, @musistudio/claude-code-router 2.0.0, @nullplatform/llm-gateway 2.0.11, mlflow 3.17.2 (`mlflow server`) and
any-llm-sdk[gateway] 1.14.0. Texts of the clouds are their documented error codes.
"""

from __future__ import annotations

from typing import Literal

from claude_gw_cli.facts.versions import Span
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
    """Where it reads its key, in this order. Empty: it does not check keys, and passes the client's on."""
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
    snippet: bool = False
    """`cgw gateway snippet` writes its configuration."""


_LITELLM_SIGNS = (
    # -- its check of the key -----------------------------------------------------------------------------------
    Sign("key-unseen", "No api key passed in", (401,)),
    Sign("key-malformed", "Malformed API Key passed in", (401,)),
    Sign("key-is-jwt", "JWT auth is not enabled", (401,)),
    Sign("key-form", "LiteLLM Virtual Key expected", (401,)),
    Sign("key-expired", "expired_key"),
    Sign("key-blocked", "Key is blocked"),
    Sign("key-unknown", "token_not_found_in_db"),
    Sign("key-unknown", "Invalid proxy server token passed"),
    Sign("key-not-master", "no_db_connection", (400,)),
    Sign("budget", "budget_exceeded"),
    Sign("key-route", "not allowed to call this route", (403,)),
    # -- its check of the model ---------------------------------------------------------------------------------
    Sign("model-denied", "model_access_denied"),
    Sign("model-unknown", "Invalid model name passed in"),
    # -- without its own credential -----------------------------------------------------------------------------
    Sign("upstream-credential-missing", "credential is configured on this proxy"),
    Sign("upstream-credential-missing", "Missing Anthropic API Key"),
    Sign("upstream-credential-missing", "Unable to locate credentials"),
    Sign("upstream-credential-missing", "default credentials were not found"),
    # -- the cloud refuses its credential, or is not reachable --------------------------------------------------
    Sign("upstream-credential-rejected", "litellm.AuthenticationError"),
    Sign("upstream-credential-rejected", "litellm.PermissionDeniedError"),
    Sign("upstream-dead", "litellm.APIConnectionError"),
    Sign("upstream-dead", "litellm.Timeout"),
    Sign("upstream-dead", "litellm.ServiceUnavailableError"),
)
LITELLM_ALIVE = "/health/liveliness"

LITELLM = Kind(
    "litellm",
    "LiteLLM",
    Span(since="1.108.0"),
    marks=(
        "litellm",
        '"type":"auth_error"',
        '"type":"no_db_connection"',
        '"type":"token_not_found_in_db"',
        "I'm alive!",
    ),
    header_marks=("x-litellm-",),
    hello=(LITELLM_ALIVE,),
    version_header="x-litellm-version",
    key_headers=(
        KeyHeader("x-litellm-api-key"),
        KeyHeader("authorization", bare=False),
        KeyHeader("x-api-key"),
        KeyHeader("api-key"),
        KeyHeader("x-goog-api-key"),
    ),
    # 401, "Ensure Key has Bearer prefix".
    not_read=(("predict", frozenset({"x-api-key", "api-key", "x-goog-api-key"})),),
    other_header="too",
    signs=_LITELLM_SIGNS,
    counts="says",
    snippet=True,
)

KINDS: tuple[Kind, ...] = (
    LITELLM,
    # Measured: 1.106.12 accepts the named header only, 1.108.7 all of them.
    Kind(
        LITELLM.name,
        LITELLM.title,
        Span(until="1.107.99"),
        LITELLM.marks,
        LITELLM.header_marks,
        LITELLM.hello,
        LITELLM.version_header,
        LITELLM.key_headers,
        LITELLM.not_read,
        "instead",
        LITELLM.signs,
        counts="says",
        snippet=True,
    ),
    Kind(
        "portkey",
        "Portkey's gateway",
        Span(),
        marks=("AI Gateway says hey!", '"message":"not found","ok":false'),
        header_marks=("x-portkey-",),
        hello=("/",),
        signs=(
            Sign("model-upstream", "anthropic error: model:"),
            Sign("cloud-refuses-key", "anthropic error: ", (401, 403)),
        ),
        counts="cloud",
    ),
    Kind(
        "claude-code-router",
        "Claude Code Router",
        Span(),
        marks=('"message":"LLMs API"',),
        hello=("/",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(Sign("key-refused", "Invalid API key", (401,)), Sign("key-unseen", "APIKEY is missing", (401,))),
        counts="local",
    ),
    Kind(
        "nullplatform",
        "nullplatform's gateway",
        Span(),
        marks=('"status":"healthy","timestamp"',),
        hello=("/health",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(
            Sign("model-upstream", "Anthropic API Error (404): model:"),
            Sign("upstream-credential-rejected", "Anthropic API Error (401)"),
        ),
        base_path="/anthropic",
        body_first=True,
    ),
    Kind(
        "mlflow",
        "MLflow's gateway",
        Span(),
        marks=("GatewayEndpoint not found",),
        header_marks=("x-mlflow-",),
        signs=(Sign("model-unknown", "GatewayEndpoint not found", (404,)),),
        base_path="/gateway/anthropic",
    ),
    Kind(
        "any-llm",
        "any-llm's gateway",
        Span(),
        marks=("X-AnyLLM-Key", "<title>AI Gateway"),
        hello=("/",),
        key_headers=(
            KeyHeader("x-anyllm-key", bare=False),
            KeyHeader("authorization", bare=False),
            KeyHeader("x-api-key", bearer=False),
        ),
        signs=(
            Sign("key-unseen", "Missing X-AnyLLM-Key or Authorization header", (401,)),
            Sign("key-refused", '"detail":"Invalid API key"', (401,)),
        ),
    ),
)
"""The first that is recognised and whose span has the version, or whose version is not known."""

HELLOS: tuple[str, ...] = tuple(dict.fromkeys(path for kind in KINDS for path in kind.hello))

_CLOUDS = (
    # -- the cloud refuses the credential -----------------------------------------------------------------------
    Sign("upstream-credential-rejected", "invalid x-api-key"),
    Sign("upstream-credential-rejected", "authentication_error", (401, 403)),
    Sign("upstream-credential-rejected", "security token included in the request"),
    Sign("upstream-credential-rejected", "UnrecognizedClientException"),
    Sign("upstream-credential-rejected", "InvalidSignatureException"),
    Sign("upstream-credential-rejected", "ExpiredTokenException"),
    Sign("upstream-credential-rejected", "is not authorized to perform"),
    Sign("upstream-credential-rejected", "invalid authentication credentials"),
    Sign("upstream-credential-rejected", "PERMISSION_DENIED"),
    # -- the cloud does not know the model ----------------------------------------------------------------------
    Sign("model-upstream", "model identifier is invalid"),
    Sign("model-upstream", "don't have access to the model"),
    Sign("model-upstream", "Publisher Model", (404,)),
    Sign("model-upstream", "not_found_error", (404,)),
    # -- the cloud cannot be reached ----------------------------------------------------------------------------
    Sign("upstream-dead", "Cannot connect to host"),
    Sign("upstream-dead", "Connection error"),
    Sign("rate-limited", "rate_limit_error"),
    # -- a server that was spoken to in the wrong protocol (nginx, Go, Apache) -----------------------------------
    Sign("plain-to-tls", "plain HTTP request was sent to HTTPS port", (400,)),
    Sign("plain-to-tls", "Client sent an HTTP request to an HTTPS server", (400,)),
    Sign("plain-to-tls", "speaking plain HTTP to an SSL-enabled server", (400,)),
)

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


def reads(kind: Kind, header: str, wire: str) -> KeyHeader | None:
    """How a kind reads its key from this header with a form of requests; ``None``: not without set-up."""
    if header in dict(kind.not_read).get(wire, ()):
        return None
    return next((item for item in kind.key_headers if item.name == header), None)
