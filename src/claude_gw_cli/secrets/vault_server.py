"""One Vault or OpenBao server: requests below ``/v1/``, and the errors that its refusals become."""

from __future__ import annotations

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import http
from claude_gw_cli.secrets.session import Session
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.secrets import Context
    from claude_gw_cli.secrets.session import Response


class Server:
    """One server; every refusal becomes a typed error.

    A read is one GET with the standard library. hvac signs in where more than a token is needed (``vault_auth``).

    Args:
        table: the checked ``[vault]`` table.
        context: the budget and the clock.

    Attributes:
        token: what travels as ``X-Vault-Token``; empty until signed in.
        clock_offset: seconds by which the server's clock is ahead, by its latest answer.
    """

    def __init__(self, table: Mapping[str, Any], context: Context) -> None:
        self.address = str(table["address"])
        self.namespace: str | None = table.get("namespace")
        self.context = context
        self.token = ""
        self.clock_offset = 0.0
        self.session = Session(table)
        if table.get("client_cert"):
            certificate, key = str(table["client_cert"]), table.get("client_key")
            self.session.cert = (certificate, str(key)) if key else certificate  # one file may hold both

    def get(self, path: str, title: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one path below ``/v1/``."""
        return self.answer(lambda: self._send("GET", path, params=query or {}), title)

    def post(self, path: str, title: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Post a JSON object, or nothing, to one path below ``/v1/``."""
        return self.answer(lambda: self._send("POST", path, json=body), title)

    def answer(self, send: Callable[[], Response], title: str) -> dict[str, Any]:
        """Send a request and return the answer's JSON object.

        Raises:
            UnavailableError, RefusedError, UsageError: by cause (see ``refused``).
        """
        response = http.answered(send, self.address, self.context)
        self.clock_offset = http.clock_offset(response, self.context.clock())
        if response.status_code >= 300:
            raise refused(response, title, self)
        answer = http.json_object(response) if response.content else {}
        if answer is None:
            raise failure("CGW450", self.address)
        return answer

    def token_data(self) -> dict[str, Any]:
        """What the server knows of the token: its ``ttl`` in seconds; empty where it may not be asked."""
        response = self._look_up()
        answer = http.json_object(response) if response is not None and response.status_code == 200 else None
        return member(answer or {}, "data")

    def token_is_valid(self) -> bool | None:
        """Whether the server knows the token, to tell an expired one from a missing permission; ``None``: unknown."""
        response = self._look_up()
        if response is None:
            return None
        return True if response.status_code == 200 else False if response.status_code == 403 else None

    def _look_up(self) -> Response | None:
        try:
            return http.answered(lambda: self._send("GET", "auth/token/lookup-self"), self.address, self.context)
        except CgwError:
            return None

    def _send(self, method: str, path: str, **more: Any) -> Response:
        headers = {"X-Vault-Request": "true"}  # an agent may demand it, as a guard against forged requests
        if self.token:
            headers["X-Vault-Token"] = self.token
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        # the servers answer a double slash with a redirect
        url = f"{self.address}/v1/" + "/".join(part for part in path.split("/") if part)
        limit = self.context.remaining()
        return self.session.request(method, url, headers=headers, timeout=limit, **more)


def member(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within an answer; empty where there is none or something else."""
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def seconds(value: object) -> float:
    """A duration of an answer; 0 where it is not a number."""
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12 else 0.0
    )


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
