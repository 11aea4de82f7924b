"""What a Vault or OpenBao server can refuse, each with its own code, message and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.secrets import http
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.secrets.vault import Server

# HTTP status -> (code, kind, what is wrong, what to do). 403 and 404 have several causes and are told apart below.
# Statuses: the servers' API documentation (sys/health and "HTTP status codes").
_BY_STATUS: dict[int, tuple[str, type[CgwError], str, str]] = {
    400: ("CGW452", UsageError, "the server does not understand the request", "Check path, role and login data."),
    405: ("CGW453", UsageError, "this path cannot be read", "Give the path of a secret, not of a folder."),
    412: ("CGW454", UnavailableError, "this node has not caught up yet (412)", "Try again in a few seconds."),
    429: ("CGW455", UnavailableError, "the server asks for fewer requests (429)", "Wait; its rate limit is used up."),
    472: ("CGW456", UnavailableError, "this is a disaster-recovery standby (472)", "Use the primary's address."),
    473: ("CGW457", UnavailableError, "this is a performance standby (473)", "Use the cluster's address."),
    501: (
        "CGW458",
        UnavailableError,
        "the server is not initialised (501)",
        "Its operator must run: bao operator init",
    ),
    503: (
        "CGW459",
        UnavailableError,
        "the server is sealed or in maintenance",
        "Its operator must run: bao operator unseal",
    ),
}


# Causes that share a status, or come with a success.
_BY_CAUSE: dict[str, tuple[str, type[CgwError], str, str]] = {
    "elsewhere": (
        *("CGW460", RefusedError, "the server sends us to another address; the token is not sent there"),
        "Use the address of the active node or of the cluster.",
    ),
    "expired": (
        *("CGW470", RefusedError, "the Vault token has expired or was revoked"),
        "Sign in again: bao login (or vault login)",
    ),
    "login": ("CGW471", RefusedError, "the login was refused", "Check the login data in [vault]."),
    "denied": (
        *("CGW472", RefusedError, "the token may not read this path (or there is no such mount)"),
        "Ask for a policy with read on it; for KV version 2 that is mount/data/path.",
    ),
    "wrapping": (
        *("CGW473", RefusedError, "the wrapped secret id is invalid: it was used before or has expired"),
        "If you did not use it, somebody else did: tell your security team, and ask for a new one.",
    ),
    "missing": ("CGW474", UsageError, "there is no such secret", "List what is there: bao kv list MOUNT"),
    "mixed": (
        *("CGW474", UsageError, "there is no such secret"),
        "Leave the /data/ out: cgw adds it for KV version 2.",
    ),
    "failed": ("CGW464", UnavailableError, "the server failed", "Try again; look at the server's log."),
    "odd": ("CGW465", UnavailableError, "the server gave an unexpected answer", "Check address and path."),
}


def refused(response: Any, title: str, server: Server) -> CgwError:
    """The error for an answer above 299; a ``retry_after`` in seconds goes with it."""
    status, said = response.status_code, _said(response)
    if 300 <= status < 400:
        error = _error(_BY_CAUSE["elsewhere"], title, shown(str(response.headers.get("Location")).partition("?")[0]))
    elif status == 403:
        error = _forbidden(said, title, server)
    elif status == 404:
        error = _not_found(response, said, title)
    elif status == 400 and "wrapping token" in said:
        error = _error(_BY_CAUSE["wrapping"], title, "")
    elif status == 400 and not server.token:
        error = _error(_BY_CAUSE["login"], title, said)
    elif status in _BY_STATUS:
        error = _error(_BY_STATUS[status], title, said)
    else:
        error = _error(_BY_CAUSE["failed" if status >= 500 else "odd"], title, f"{status} {said}".strip())
    error.retry_after = http.retry_after(response)
    return error


def deleted(title: str, meta: Mapping[str, Any]) -> CgwError:
    """The error for a KV version 2 secret without data."""
    how = "destroyed" if meta.get("destroyed") else "deleted"
    return UnavailableError(
        f"{title}: version {meta.get('version', '?')} was {how}",
        hint="Write a new version, or undelete it: bao kv undelete",
        code="CGW461",
    )


def _forbidden(said: str, title: str, server: Server) -> CgwError:
    """403 has four causes; a look at the token itself tells an expired one from a missing permission."""
    if "wrapping" in said:
        return _error(_BY_CAUSE["wrapping"], title, "")
    if not server.token:
        return _error(_BY_CAUSE["login"], title, said)
    return _error(_BY_CAUSE["expired" if server.token_is_valid() is False else "denied"], title, "")


def _not_found(response: Any, said: str, title: str) -> CgwError:
    try:
        inner = response.json().get("data") or {}
    except (ValueError, AttributeError):
        inner = {}
    if isinstance(inner, dict) and inner.get("metadata"):
        return deleted(title, inner["metadata"])
    return _error(_BY_CAUSE["mixed" if "/data/" in title else "missing"], title, said)


def _error(row: tuple[str, type[CgwError], str, str], title: str, said: str) -> CgwError:
    code, kind, message, hint = row
    return kind(f"{title}: {message}" + (f": {said}" if said else ""), hint=hint, code=code)


def _said(response: Any) -> str:
    """The server's own words, clipped: they may be anything."""
    if len(response.content) > 100_000:
        return ""
    try:
        errors = response.json().get("errors") or []
    except (ValueError, AttributeError):
        return ""
    return shown("; ".join(str(item) for item in errors)) if isinstance(errors, list) else ""
