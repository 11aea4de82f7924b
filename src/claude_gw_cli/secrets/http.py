"""How a source speaks HTTP: over TLS or to this machine, to the address that was configured and nowhere else.

The working environment has no say: a project's settings can set HTTPS_PROXY or REQUESTS_CA_BUNDLE for the client
and so for its helper. The connection itself is in ``session``.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.endpoint import is_this_machine
from claude_gw_cli.core.errors import CgwError, RefusedError, UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.secrets import Context
    from claude_gw_cli.secrets.session import Response


def answered(send: Callable[[], Response], address: str, context: Context) -> Response:
    """The answer to a request, by the deadline whatever hangs: the name server, the handshake, a slow body.

    The time limit of a connection is for each single read, so the request runs in a thread that is left behind.

    Raises:
        UnavailableError, UsageError: no answer (see ``unreachable``).
    """
    import threading

    found: list[Response | Exception] = []

    def ask() -> None:
        try:
            found.append(send())
        except Exception as error:  # noqa: BLE001  # it is raised again where the caller waits
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(context.remaining())
    if not found:
        raise unreachable(TimeoutError(), address)
    if isinstance(found[0], Exception):
        raise found[0] if isinstance(found[0], CgwError) else unreachable(found[0], address) from None
    return found[0]


def json_object(response: Response) -> dict[str, Any] | None:
    """The JSON object of an answer; ``None`` where it is something else."""
    try:
        answer = from_json(response.content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def check_address(address: str) -> None:
    """Refuse an address to which a credential must not be sent.

    Raises:
        UsageError: no plain http(s) URL.
        RefusedError: plain http to another machine.
    """
    scheme, colon, rest = address.partition("://")
    if (
        not colon
        or scheme not in {"http", "https"}
        or not rest
        or "@" in rest
        or not rest.isprintable()
        or " " in rest
    ):
        raise UsageError(f"{shown(address.rpartition('@')[2])!r} is not a plain http(s) address")
    if scheme != "https" and not _is_this_machine(rest):
        raise RefusedError(
            f"{address} is not https: the credential would travel in the clear",
            hint="Use https. Plain http is accepted for this machine only (127.0.0.1, a local agent).",
        )


def retry_after(response: Response) -> int:
    """The seconds of a ``Retry-After`` header; 0 for none (or for a date, which servers of this kind do not send)."""
    text = response.headers.get("Retry-After", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def clock_offset(response: Response, now: float) -> float:
    """Seconds by which the server's clock is ahead of this machine's, by its ``Date``; 0 where it has none.

    ``Date`` counts whole seconds and travels for a while, so a clock that agrees seems up to a few seconds behind:
    well within the margins of ``expiry``.
    """
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp() - now
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def unreachable(error: Exception, address: str) -> Exception:
    """The error for a request without an answer; an error that is not about the request is returned as it is."""
    from http.client import HTTPException
    from ssl import SSLError

    if isinstance(error, TimeoutError):
        return failure("CGW467", host=address)
    if isinstance(error, SSLError):
        return failure("CGW466", host=address)
    if isinstance(error, FileNotFoundError | ValueError):  # of hvac; of a URL
        return failure("CGW469", address, shown(str(error)))
    return failure("CGW468", host=address) if isinstance(error, OSError | HTTPException) else error


def _is_this_machine(rest: str) -> bool:
    host = rest.partition("/")[0]
    host = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]
    return is_this_machine(host.lower())
