"""``vault://mount/path#field``: HashiCorp Vault and OpenBao: KV version 1 and 2, and dynamic secrets with leases.

The profile's ``[vault]`` table says where and how; what it leaves out comes from the ``VAULT_*`` variables that the
tools of both servers know. A helper writes all of it down when it is installed. The token goes to the configured
origin over TLS (or to this machine) and nowhere else: no redirect is followed and no ambient proxy or CA is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.secrets import Context, FetchedSecret, http, vault_auth, vault_errors
from claude_gw_cli.secrets.file import expand
from claude_gw_cli.secrets.pin import PinnedReference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from claude_gw_cli.core.reference import Reference

_FROM_ENVIRONMENT = {
    "address": ("VAULT_ADDR", "BAO_ADDR"),
    "namespace": ("VAULT_NAMESPACE", "BAO_NAMESPACE"),
    "ca_file": ("VAULT_CACERT", "BAO_CACERT"),
    "client_cert": ("VAULT_CLIENT_CERT", "BAO_CLIENT_CERT"),
    "client_key": ("VAULT_CLIENT_KEY", "BAO_CLIENT_KEY"),
    "proxy": ("VAULT_PROXY_ADDR", "BAO_PROXY_ADDR"),
}
_KEYS = {*_FROM_ENVIRONMENT, "kv_version", "mount", *vault_auth.KEYS}


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """One field of one secret, with the end of its lease where it has one."""
    table = settings(context)
    server = Server(table, context)
    lifetime = vault_auth.login(server, table, context)
    mount, version = _mount(server, reference.path, table)
    rest = reference.path[len(mount) :].strip("/")
    facts = {"source": "vault", "address": str(table["address"]), "engine": f"kv version {version}"}
    if version == 2:
        query = {"version": reference.query["version"]} if "version" in reference.query else {}
        answer = server.get(f"{mount}/data/{rest}", reference.text, query)
        inner = answer.get("data") or {}
        data, meta = inner.get("data"), inner.get("metadata") or {}
        if data is None:
            raise vault_errors.deleted(reference.text, meta)
        facts["version"] = str(meta.get("version", ""))
        lease_end = None
    else:
        answer = server.get(reference.path, reference.text)
        data, lease_end = answer.get("data"), None
        if answer.get("lease_id"):
            lease = float(answer.get("lease_duration") or 0)
            # a lease is revoked with the token that made it
            lease_end = context.clock() + (min(lease, lifetime) if lifetime else lease)
            facts["engine"] = "dynamic"
    value = context.accept(_field(data, reference), reference.text)
    end = lease_end or expiry.token_end(value.reveal(), context.clock(), server.clock_offset)
    return FetchedSecret(value, end, facts)


def pin(reference: Reference, context: Context) -> PinnedReference:
    """Everything that was taken from the environment, written down; token files are watched."""
    table = settings(context)
    table, watch, ambient = vault_auth.pinned(table, context)
    helper = {"helper": dict(context.tables["helper"])} if "helper" in context.tables else {}
    return PinnedReference(reference.text, {"vault": table, **helper}, watch, ambient)


def settings(context: Context) -> dict[str, Any]:
    """The ``[vault]`` table, completed from the environment and checked.

    Raises:
        UsageError: no address, an unknown key.
        RefusedError: the address is plain http and not this machine.
    """
    table: dict[str, Any] = dict(context.tables.get("vault", {}))
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"[vault] has no key {key!r}", hint=f"Known keys: {', '.join(sorted(_KEYS))}")
    for key, names in _FROM_ENVIRONMENT.items():
        value = next((context.env[name] for name in names if context.env.get(name)), None)
        if value and key not in table:
            table[key] = value
    for key in ("ca_file", "client_cert", "client_key"):
        if key in table:
            table[key] = expand(str(table[key]), context)
    address = str(table.get("address", "")).rstrip("/")
    if not address:
        raise UsageError(
            "the address of the Vault or OpenBao server is missing",
            hint='Add to the profile:  [vault]\n  address = "https://vault.example.com:8200"\nor set VAULT_ADDR.',
        )
    http.check_address(address)
    table["address"] = address
    return table


class Server:
    """One server; every refusal becomes an error of its own kind.

    Requests go straight through ``requests``: a read is one GET, and importing hvac costs a cold helper a quarter of
    its time. hvac signs in where more than a token is needed (``vault_auth``).

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
        self.session = http.new_session(table)
        if table.get("client_cert"):
            certificate, key = str(table["client_cert"]), table.get("client_key")
            self.session.cert = (certificate, str(key)) if key else certificate  # one file may hold both

    def get(self, path: str, title: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one path below ``/v1/``."""
        return self.answer(lambda: self._send("GET", path, params=dict(query or {})), title)

    def post(self, path: str, title: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Post a JSON object, or nothing, to one path below ``/v1/``."""
        return self.answer(lambda: self._send("POST", path, json=body), title)

    def answer(self, send: Callable[[], requests.Response], title: str) -> dict[str, Any]:
        """Send a request and return the answer's JSON object.

        Raises:
            UnavailableError, RefusedError, UsageError: by cause (see ``vault_errors``).
        """
        try:
            response = send()
        except OSError as error:  # requests' own errors are of this kind, and a missing certificate file is one
            raise http.unreachable(error, self.address) from None
        self.clock_offset = http.clock_offset(response, self.context.clock())
        if response.status_code >= 300:
            raise vault_errors.refused(response, title, self)
        try:
            answer = response.json() if response.content else {}
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise failure("CGW450", self.address)
        return answer

    def token_is_valid(self) -> bool | None:
        """Whether the server knows the token, to tell an expired one from a missing permission; ``None``: unknown."""
        try:
            response = self._send("GET", "auth/token/lookup-self")
        except OSError:
            return None
        return True if response.status_code == 200 else False if response.status_code == 403 else None

    def _send(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"X-Vault-Request": "true"}  # an agent may demand it, as a guard against forged requests
        if self.token:
            headers["X-Vault-Token"] = self.token
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        # the servers answer a double slash with a redirect
        url = f"{self.address}/v1/" + "/".join(part for part in path.split("/") if part)
        # the time limit is for each read; the watchdog of the caller is for everything
        limit = self.context.remaining()
        return self.session.request(method, url, headers=headers, allow_redirects=False, timeout=limit, **more)


def _mount(server: Server, path: str, table: Mapping[str, Any]) -> tuple[str, int]:
    """Where the engine is mounted and its KV version (1 stands for every engine that is read plainly).

    The same preflight as the servers' own command line makes; ``mount`` and ``kv_version`` in the table avoid it.
    """
    if table.get("mount") and table.get("kv_version"):
        return str(table["mount"]).strip("/"), int(table["kv_version"])
    answer = server.get(f"sys/internal/ui/mounts/{path}", f"vault://{path}").get("data") or {}
    options = answer.get("options") or {}
    mount = str(answer.get("path") or path.partition("/")[0]).strip("/")
    return mount, 2 if answer.get("type") == "kv" and str(options.get("version")) == "2" else 1


def _field(data: Any, reference: Reference) -> str:
    if not isinstance(data, dict) or reference.fragment not in data:
        names = ", ".join(sorted(data)) if isinstance(data, dict) else "none"
        raise failure("CGW462", reference.text, f"{reference.fragment!r} (it has: {names})")
    value = data[reference.fragment]
    if not isinstance(value, str):
        raise failure("CGW463", reference.text, type(value).__name__)
    return value
