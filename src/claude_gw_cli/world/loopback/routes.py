"""Which request is which: method and path -> what it asks for. A gateway laid out like LiteLLM, or any layout."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote

from claude_gw_cli.record import dataclass

Ask = Literal["message", "event-stream", "count-tokens", "models", "profiles", "hello", "health", "google-token"]

GOOGLE_TOKEN_PATH = "/google/token"


@dataclass(frozen=True, slots=True)
class Route:
    """What a request asks for, and the model where the path names it (Bedrock, Vertex)."""

    ask: Ask
    model: str | None = None


# (method, LiteLLM's prefix, the provider's own path, what it asks for). LiteLLM answers 404 on every other
# prefix, which is how a base URL that ends in /v1 shows itself (reference: litellm 1.106, section 3).
_TABLE: tuple[tuple[str, str, str, Ask], ...] = (
    ("POST", r"(?:/anthropic)?", r"/v1/messages", "message"),
    ("POST", r"(?:/anthropic)?", r"/v1/messages/count_tokens", "count-tokens"),
    ("GET", r"(?:/anthropic)?", r"/v1/models", "models"),
    ("POST", r"/bedrock", r"/model/(?P<model>[^/]+)/invoke-with-response-stream", "event-stream"),
    ("POST", r"/bedrock", r"/model/(?P<model>[^/]+)/invoke", "message"),
    ("GET", r"/bedrock/?", r"/inference-profiles", "profiles"),
    (
        "POST",
        r"/vertex_ai(?:/v1)?",
        r"/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/count-tokens:rawPredict",
        "count-tokens",
    ),
    (
        "POST",
        r"/vertex_ai(?:/v1)?",
        r"/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/(?P<model>.+):(?:streamR|r)awPredict",
        "message",
    ),
    ("HEAD", r"(?:/anthropic)?", r"/api/hello", "hello"),
    ("GET", r"", r"/health/liveliness", "health"),
    ("POST", r"", GOOGLE_TOKEN_PATH, "google-token"),
)
_LITELLM = [(method, re.compile(prefix + path), ask) for method, prefix, path, ask in _TABLE]
_ANY = [(method, re.compile(".*?" + path), ask) for method, _, path, ask in _TABLE]


def find_route(method: str, target: str, *, any_path: bool = False) -> Route | None:
    """The route of a request, or ``None`` where LiteLLM has no such path.

    Args:
        method: as sent.
        target: the request target as sent, with its query.
        any_path: accept the provider's own path below any prefix.
    """
    path = target.partition("?")[0]
    for row_method, pattern, ask in _ANY if any_path else _LITELLM:
        if row_method == method and (match := pattern.fullmatch(path)):
            named = match.groupdict().get("model")
            return Route(ask, unquote(named) if named else None)
    return None
