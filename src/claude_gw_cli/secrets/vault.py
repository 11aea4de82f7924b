"""``vault://mount/path#field``: HashiCorp Vault and OpenBao: KV version 1 and 2, and dynamic secrets with leases.

The profile's ``[vault]`` table says where and how; what it leaves out comes from the ``VAULT_*`` variables that the
tools of both servers know. A helper writes all of it down when it is installed. The token goes to the configured
origin over TLS (or to this machine) and nowhere else: no redirect is followed and no ambient proxy or CA is used.
"""

from __future__ import annotations

from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.profile_members import check_names
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import Context, FetchedSecret, http, vault_auth
from claude_gw_cli.secrets.file import expand
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.text import field, shown
from claude_gw_cli.secrets.vault_server import Server, deleted, member, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.reference import Reference

_FROM_ENVIRONMENT = {
    "address": ("VAULT_ADDR", "BAO_ADDR"),
    "namespace": ("VAULT_NAMESPACE", "BAO_NAMESPACE"),
    "ca_file": ("VAULT_CACERT", "BAO_CACERT"),
    "client_cert": ("VAULT_CLIENT_CERT", "BAO_CLIENT_CERT"),
    "client_key": ("VAULT_CLIENT_KEY", "BAO_CLIENT_KEY"),
    "proxy": ("VAULT_PROXY_ADDR", "BAO_PROXY_ADDR"),
}


def ambient(table: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
    """The keys that a ``[vault]`` table leaves out -> the variable of the environment that says them."""
    found = {
        key: next((name for name in names if env.get(name)), "")
        for key, names in _FROM_ENVIRONMENT.items()
        if key not in table
    }
    return {key: name for key, name in found.items() if name}


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """One field of one secret, with the end of its lease where it has one."""
    table = settings(context)
    asked = reference.query.get("version")
    if asked is not None and not (asked.isascii() and asked.isdecimal() and int(asked[:9])):
        raise UsageError(f"{reference.text}: version must be a whole number from 1", hint="The newest: leave it out.")
    if {".", ".."}.intersection(reference.path.split("/")):
        raise UsageError(
            f"{reference.text}: the path has . or .. between slashes", hint="Write it as `bao kv list` shows it."
        )
    server = Server(table, context)
    with server.session:
        return _fetched(server, table, reference, context)


def _fetched(server: Server, table: Mapping[str, Any], reference: Reference, context: Context) -> FetchedSecret:
    asked = reference.query.get("version")
    lifetime = vault_auth.login(server, table, context)
    mount, version = _mount(server, reference.path, table)
    rest = reference.path[len(mount) :].strip("/")
    facts = {"source": "vault", "address": str(table["address"]), "engine": f"kv version {version}"}
    if version == 2:
        query = {"version": asked} if asked else {}
        inner = member(server.get(f"{mount}/data/{rest}", reference.text, query), "data")
        data, meta = inner.get("data"), member(inner, "metadata")
        if data is None:
            raise deleted(reference.text, meta)
        facts["version"] = shown(str(meta.get("version", "")))
        kept = None
    else:
        if asked:
            raise UsageError(
                f"{reference.text}: {mount}/ keeps no versions (it is not KV version 2)",
                hint="Leave ?version= out of the reference.",
            )
        answer = server.get(reference.path, reference.text)
        data, kept = answer.get("data"), _kept(answer)
        if answer.get("lease_id"):
            facts["engine"] = "dynamic"
            # a lease is revoked with the token that made it
            lifetime = lifetime or seconds(server.token_data().get("ttl"))
            kept = min(kept or 0.0, lifetime) if lifetime else kept
    value = context.accept(field(data, reference.fragment, reference.text), reference.text)
    now = context.clock()
    end = now + kept if kept else expiry.token_end(value.reveal(), now, server.clock_offset)
    return FetchedSecret(value, end, facts)


def _kept(answer: Mapping[str, Any]) -> float | None:
    """Seconds after which an answer is to be read again: its lease, or what the secret or its mount says.

    KV version 1 gives each secret the mount's default (32 days where nothing was set), which says nothing about it; a
    ``ttl`` (once ``lease``) in the secret, or a shorter time on the mount, is meant. Where the server cannot read the
    secret's own, it answers the mount's.
    """
    duration = seconds(answer.get("lease_duration"))
    data = member(answer, "data")
    own = any(str(data.get(name, ""))[:1].isdigit() for name in ("ttl", "lease"))
    return duration if duration and (answer.get("lease_id") or own or duration <= expiry.HOLD) else None


def pin(reference: Reference, context: Context) -> PinnedReference:
    """Everything that was taken from the environment, written down; token files are watched."""
    return vault_auth.pinned(reference.text, settings(context), context)


def settings(context: Context) -> dict[str, Any]:
    """The ``[vault]`` table, completed from the environment and checked.

    Raises:
        UsageError: no address, an unknown key.
        RefusedError: the address is plain http and not this machine.
    """
    table: dict[str, Any] = dict(context.tables.get("vault", {}))
    check_names("vault", table, "[vault]")
    for key, value in table.items():
        wanted = (bool,) if key == "secret_id_wrapped" else (str, int) if key == "kv_version" else (str,)
        if not isinstance(value, wanted):
            raise UsageError(f"[vault] {key} must be {'true or false' if bool in wanted else 'text in quotes'}")
    if str(table.get("kv_version", 1)) not in {"1", "2"}:
        raise UsageError(f"[vault] kv_version must be 1 or 2, not {table['kv_version']!r}")
    table |= {key: context.env[name] for key, name in ambient(table, context.env).items()}
    for key in ("ca_file", "client_cert", "client_key"):
        if key in table:
            table[key] = expand(str(table[key]), context)
    address = str(table.get("address", "")).rstrip("/")
    if not address:
        raise UsageError(
            "the address of the Vault or OpenBao server is missing",
            hint="Add it to the profile: cgw profile set NAME --vault-address https://vault.example.com:8200\n"
            "Or for this shell: export VAULT_ADDR=https://vault.example.com:8200",
        )
    http.check_address(address)
    table["address"] = address
    return table


def _mount(server: Server, path: str, table: Mapping[str, Any]) -> tuple[str, int]:
    """Where the engine is mounted and its KV version (1 means every engine that is read plainly).

    The same preflight as the servers' own command line makes; ``mount`` and ``kv_version`` in the table avoid it.
    """
    if table.get("mount") and table.get("kv_version"):
        return str(table["mount"]).strip("/"), int(table["kv_version"])
    answer = member(server.get(f"sys/internal/ui/mounts/{path}", f"vault://{path}"), "data")
    options = member(answer, "options")
    mount = str(answer.get("path") or path.partition("/")[0]).strip("/")
    return mount, 2 if answer.get("type") == "kv" and str(options.get("version")) == "2" else 1
