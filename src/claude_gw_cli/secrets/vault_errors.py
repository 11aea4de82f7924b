"""Which failure a Vault or OpenBao server's answer is. The texts of the failures are in ``core.failures``."""

from __future__ import annotations

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import http
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Server(Protocol):
        """What is asked of the server that refused."""

        address: str
        token: str

        def token_is_valid(self) -> bool | None:
            """Whether the server still knows the token."""


# HTTP status -> failure; 403 and 404 have several causes and are told apart below. The statuses are in the servers'
# API documentation (sys/health and "HTTP status codes").
_BY_STATUS = {
    400: "CGW452",
    405: "CGW453",
    412: "CGW454",
    429: "CGW455",
    472: "CGW456",
    473: "CGW457",
    501: "CGW458",
    503: "CGW459",
}


def refused(response: Any, title: str, server: Server) -> CgwError:
    """The error for an answer above 299; a ``retry_after`` in seconds goes with it."""
    status, said = response.status_code, _said(response)
    if 300 <= status < 400:
        error = failure("CGW460", title, shown(str(response.headers.get("Location")).partition("?")[0]))
    elif (status == 403 and "wrapping" in said) or (status == 400 and "wrapping token" in said):
        error = failure("CGW473", title)
    elif status in {400, 403} and not server.token:
        error = failure("CGW471", title, said)
    elif status == 403:  # a look at the token itself tells an expired one from a missing permission
        from claude_gw_cli.core.masking import masked_text

        code = "CGW470" if server.token_is_valid() is False else "CGW472"
        error = failure(code, title, host=masked_text(server.address))
    elif status == 404:
        inner = (http.json_object(response) or {}).get("data")
        meta = inner.get("metadata") if isinstance(inner, dict) else None
        error = deleted(title, meta) if isinstance(meta, dict) else failure("CGW474", title, said)
    elif status in _BY_STATUS:
        error = failure(_BY_STATUS[status], title, said)
    else:
        error = failure("CGW464" if status >= 500 else "CGW465", title, f"{status} {said}".strip())
    error.retry_after = http.retry_after(response)
    return error


def deleted(title: str, meta: Mapping[str, Any]) -> CgwError:
    """The error for a KV version 2 secret without data."""
    how = "destroyed" if meta.get("destroyed") else "deleted"
    return failure("CGW461", title, f"version {meta.get('version', '?')} is {how}")


def _said(response: Any) -> str:
    """The server's own words, clipped: they may be anything."""
    if len(response.content) > 100_000:
        return ""
    errors = (http.json_object(response) or {}).get("errors")
    return shown("; ".join(str(item) for item in errors)) if isinstance(errors, list) else ""
