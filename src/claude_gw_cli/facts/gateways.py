"""Kinds of gateways: how to recognise one, where it reads its key, and what its answers mean.

What no row fits is never guessed: `core.diagnosis` shows the answer unchanged. Texts of the clouds are their
documented error codes.
"""

from __future__ import annotations

from claude_gw_cli.facts.gateway_kind import KeyHeader, Kind, Sign
from claude_gw_cli.facts.gateway_rows import KINDS, LITELLM, LITELLM_ALIVE

__all__ = [
    "COUNT_SOURCE", "COUNT_SOURCE_LOCAL", "HELLOS", "KINDS", "LITELLM", "LITELLM_ALIVE", "NAMES", "NOT_ROOTS",
    "PRESETS", "SIGNS", "KeyHeader", "Kind", "Sign", "find_kind", "kind_at", "named_kind", "only_bare", "reads",
]  # fmt: skip

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

_CLOUDS = (
    # -- the cloud refuses the credential -----------------------------------------------------------------------
    Sign("upstream-credential-rejected", "invalid x-api-key"),
    Sign("upstream-credential-rejected", "authentication_error", (401, 403)),
    Sign("upstream-credential-rejected", "security token included in the request"),
    Sign("upstream-credential-rejected", "UnrecognizedClientException"),
    Sign("upstream-credential-rejected", "InvalidSignatureException"),
    Sign("upstream-credential-rejected", "ExpiredTokenException"),
    Sign("cloud-not-permitted", "is not authorized to perform", (403,)),
    Sign("upstream-credential-rejected", "is not authorized to perform"),
    Sign("upstream-credential-rejected", "invalid authentication credentials"),
    Sign("cloud-not-permitted", "PERMISSION_DENIED"),
    Sign("cloud-not-permitted", "does not have permission to access project"),
    Sign("cloud-not-permitted", "Permission denied on resource"),
    # -- the cloud does not know the model ----------------------------------------------------------------------
    Sign("model-upstream", "model identifier is invalid"),
    Sign("model-upstream", "don't have access to the model"),
    Sign("model-upstream", "Publisher Model", (404,)),
    Sign("model-missing", "not_found_error", (404,)),
    # -- the cloud cannot be reached ----------------------------------------------------------------------------
    Sign("upstream-dead", "Cannot connect to host"),
    Sign("upstream-dead", "Connection error"),
    *(
        Sign("upstream-dead", text, (500, 502, 503, 504))
        for text in (
            "fetch failed",
            "ECONNREFUSED",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ETIMEDOUT",
            "dial tcp",
            "Connection refused",
            "Name or service not known",
            "Max retries exceeded",
            "All connection attempts failed",
        )
    ),
    Sign("rate-limited", "rate_limit_error"),
    Sign("overloaded", "overloaded_error"),
    Sign("credit", "credit balance is too low"),
    Sign("credit", "insufficient_quota"),
    # -- a server that was spoken to in the wrong protocol (nginx, Go, Apache) -----------------------------------
    Sign("tls-client-certificate", "No required SSL certificate was sent", (400,)),
    Sign("tls-client-certificate", "The SSL certificate error", (400,)),
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
