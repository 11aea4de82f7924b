"""Which request is which: method and path -> what it asks for. A gateway with LiteLLM's paths, or any."""

from __future__ import annotations

import re
from urllib.parse import unquote

from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.facts.wires import WIRES, Ask
from claude_gw_cli.record import dataclass

GOOGLE_TOKEN_PATH = "/google/token"


@dataclass(frozen=True, slots=True)
class Route:
    """What a request asks for, and the model where the path names it."""

    ask: Ask
    model: str | None = None


def _prefix(wire: str) -> str:
    """A pattern for LiteLLM's paths before a form of requests; it also takes them without a version at the end.

    It answers 404 on every other prefix, which is how a base URL that ends in /v1 shows itself (reference: litellm
    1.106, section 3).
    """
    paths = dict.fromkeys(mode.base_path for mode in MODES if mode.wire == wire)
    found = (re.escape(path.removesuffix("/v1")) + ("(?:/v1)?" if path.endswith("/v1") else "") for path in paths)
    return f"(?:{'|'.join(found)})"


# (method, LiteLLM's prefix, the provider's own path, what it asks for)
_TABLE: tuple[tuple[str, str, str, Ask], ...] = (
    *((method, _prefix(name), path, ask) for name, wire in WIRES.items() for method, path, ask in wire.routes),
    ("GET", "", r"/health/liveliness", "health"),
    ("POST", "", GOOGLE_TOKEN_PATH, "google-token"),
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
