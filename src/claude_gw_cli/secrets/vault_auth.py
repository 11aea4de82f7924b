"""Signing in to Vault or OpenBao: one row per method. Every credential in the table is itself a reference or a file.

``[vault] auth = "METHOD"``, with the keys of its row; without ``auth`` a token is used: ``token = REFERENCE``, else
``VAULT_TOKEN``, else the token file that ``vault login`` and ``bao login`` write.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError, unknown_choice
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.secret import checked
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets import Within, resolve
from claude_gw_cli.secrets.file import expand, read_key_file
from claude_gw_cli.secrets.pin import PinnedReference, passed
from claude_gw_cli.secrets.pin import pin as pin_reference
from claude_gw_cli.secrets.vault_server import Server, member, seconds
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.secrets import Context


@dataclass(frozen=True, slots=True)
class Method:
    """A login method: hvac's attribute and function, and which key of the table is which argument."""

    owner: str
    function: str
    plain: Mapping[str, str]
    """table key -> argument, literal."""
    secret: Mapping[str, str]
    """table key -> argument, a reference."""
    mount: str = "mount_point"


_TOKENS = ("VAULT_TOKEN", "BAO_TOKEN")
_TOKEN_FILE = "~/.vault-token"
_KUBERNETES_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"

METHODS = {
    "approle": Method("approle", "login", {"role_id": "role_id"}, {"secret_id": "secret_id"}),
    "kubernetes": Method("kubernetes", "login", {"role": "role"}, {"jwt": "jwt"}),
    "jwt": Method("jwt", "jwt_login", {"role": "role"}, {"jwt": "jwt"}, mount="path"),
    "userpass": Method("userpass", "login", {"username": "username"}, {"password": "password"}),
    "cert": Method("cert", "login", {"role": "name", "client_cert": "cert_pem", "client_key": "key_pem"}, {}),
    "aws": Method(
        "aws",
        "iam_login",
        {"role": "role", "region": "region", "server_id": "header_value"},
        {"access_key": "access_key", "secret_key": "secret_key", "session_token": "session_token"},
    ),
    "gcp": Method("gcp", "login", {"role": "role"}, {"jwt": "jwt"}),
}
# (method, table key) that may be left out; hvac has a default for each.
_OPTIONAL = {("aws", "session_token"), ("aws", "region"), ("aws", "server_id"), ("cert", "role")}


def login(server: Server, table: Mapping[str, Any], context: Context) -> float | None:
    """Sign in; the token stays with the server. Returns its lifetime in seconds where the server says so.

    Raises:
        UsageError: the method or its keys are invalid.
        RefusedError: no token, or the login was refused.
    """
    name = str(table.get("auth", "token"))
    if name == "token":
        server.token = _token(server, table, context)
        return None
    method = _method(name)
    arguments = {
        argument: _plain(table, key, name) for key, argument in method.plain.items() if _wanted(table, key, name)
    }
    for key, argument in method.secret.items():
        if _wanted(table, key, name):
            arguments[argument] = _secret(server, table, key, name, context)
    arguments[method.mount] = str(table.get("auth_mount", name))
    send = getattr(getattr(_client(server).auth, method.owner), method.function)
    auth = member(server.answer(lambda: send(use_token=False, **arguments), f"login by {name}"), "auth")
    token = auth.get("client_token")
    if not isinstance(token, str) or not token:
        raise failure("CGW471", f"login by {name}", "it gave no token")
    server.token = token
    return seconds(auth.get("lease_duration")) or None


def lacks_token(table: Mapping[str, Any], env: Mapping[str, str]) -> bool:
    """Whether a token is needed, and is in none of the places where it is looked for; none is read."""
    if table.get("auth", "token") != "token" or "token" in table or any(env.get(name) for name in _TOKENS):
        return False
    return not os.path.isfile(paths.key_file(f"file://{table.get('token_file', _TOKEN_FILE)}", env))


def pinned(text: str, table: dict[str, Any], context: Context) -> PinnedReference:
    """A reference with its table in absolute names, the files to watch, the variables that hold its credential."""
    result = dict(table)
    inner: list[PinnedReference] = []
    watch: list[str] = []
    ambient: list[str] = []
    method = table.get("auth", "token")
    references = ["token"] if method == "token" else list(_method(str(method)).secret)
    for key in references:
        if isinstance(table.get(key), str):
            with Within(f"[vault] {key}"):
                inner.append(pin_reference(table[key], context))
            result[key] = inner[-1].reference
    for key in ("token_file", "jwt_file"):
        if isinstance(table.get(key), str):
            result[key] = expand(table[key], context)
            watch.append(result[key])
    if method == "token" and "token" not in table:
        ambient = [name for name in _TOKENS if context.env.get(name)]
        if "token_file" not in table:
            result["token_file"] = expand(_TOKEN_FILE, context)
            watch += [] if ambient else [result["token_file"]]
    if table.get("secret_id_wrapped"):
        result["secret_id_file"] = _secret_id_file(table, context)
    tables: dict[str, Any] = {"vault": result}
    if names := passed(context):
        tables["helper"] = {"pass_env": names}
    return PinnedReference(text, tables, tuple(watch), tuple(ambient)).with_inner(*inner)


def _client(server: Server) -> Any:
    """A client of hvac for the logins, over the server's own session: same TLS, same proxy, no redirect."""
    import hvac  # type: ignore[import-untyped]  # hvac ships no types
    from hvac.adapters import RawAdapter  # type: ignore[import-untyped]  # as above

    return hvac.Client(
        url=server.address,
        token="",
        cert=server.session.cert,
        verify=server.session.verify,
        timeout=server.context.remaining(),
        allow_redirects=False,
        session=server.session,
        namespace=server.namespace,
        adapter=RawAdapter,
        ignore_exceptions=True,
    )


def _no_token(server: Server, said: str) -> CgwError:
    from claude_gw_cli.core.masking import masked_text

    return failure("CGW475", said=said, host=masked_text(server.address))


def _token(server: Server, table: Mapping[str, Any], context: Context) -> str:
    if "token" in table:
        with Within("[vault] token"):
            return resolve(str(table["token"]), context).value.reveal()
    for name in _TOKENS:
        if context.env.get(name):
            return checked(context.env[name], name).reveal()
    path = expand(str(table.get("token_file", _TOKEN_FILE)), context)
    try:
        return checked(read_key_file(path), path).reveal()
    except UnavailableError:
        said = f"neither VAULT_TOKEN nor {path}"
        read = context.tables.get("pinned", {}).get("from_process")
        if isinstance(read, list) and not set(_TOKENS) & set(read):
            # A variable that was not set then is not read later: a project's settings could set it.
            said = f"no {path}, and VAULT_TOKEN was not set when the helper was installed: set it, cgw helper install"
        raise _no_token(server, said) from None


def _secret(server: Server, table: Mapping[str, Any], key: str, method: str, context: Context) -> str:
    if key == "jwt" and "jwt" not in table:
        path = str(table.get("jwt_file") or (_KUBERNETES_TOKEN if method == "kubernetes" else ""))
        if path:
            path = expand(path, context)
            try:
                # mounted by the platform, readable as the platform decides: not a key file of this user
                data = files.read_bytes(path)
            except CgwError as error:
                raise _no_token(server, error.message) from None
            if data is None:
                raise _no_token(server, f"{path}: there is no such file")
            return checked(data.decode("ascii", "replace"), path).reveal()
    if key == "secret_id" and table.get("secret_id_wrapped"):
        return _unwrapped(server, table, context)
    with Within(f"[vault] {key}"):
        return resolve(_plain(table, key, method), context).value.reveal()


def _unwrapped(server: Server, table: Mapping[str, Any], context: Context) -> str:
    """The secret id in a wrapping token, which can be opened once: the id is kept in a private file of cgw's state.

    Another wrapping token replaces it. It is used too where the token is gone by now (a variable, after a reboot).
    """
    path = _secret_id_file(table, context)
    kept = _kept_secret_id(path)
    try:
        token = resolve(_plain(table, "secret_id", "approle"), context).value.reveal()
    except UnavailableError:
        if kept is None:
            raise
        return kept[1]
    digest = sha256_hex(token.encode())
    if kept is not None and kept[0] == digest:
        return kept[1]
    server.token = token
    answer = server.post("sys/wrapping/unwrap", "unwrapping the secret id")
    server.token = ""
    secret_id = member(answer, "data").get("secret_id")
    if not isinstance(secret_id, str) or not secret_id:
        raise failure("CGW473", said="it holds no secret id")
    files.private_dir(os.path.dirname(path))
    files.write_private(path, f"{digest}\n{secret_id}\n".encode())
    return secret_id


def _kept_secret_id(path: str) -> tuple[str, str] | None:
    """The digest of a wrapping token and the secret id that was in it."""
    data = files.read_private(path)
    digest, _, secret_id = (data or b"").decode("utf-8", "replace").partition("\n")
    return (digest, secret_id.strip()) if secret_id.strip() else None


def _secret_id_file(table: Mapping[str, Any], context: Context) -> str:
    """Where the secret id of this server and role is kept; pinned with the table."""
    if "secret_id_file" in table:
        return expand(str(table["secret_id_file"]), context)
    names = ("address", "namespace", "auth_mount", "role_id")
    which = sha256_hex("\n".join(str(table.get(name, "")) for name in names).encode())
    return os.path.join(paths.state_dir(context.env), "vault", f"secret-id-{which[:16]}")


def _method(name: str) -> Method:
    if name not in METHODS:
        raise unknown_choice("[vault] auth", name, ("token", *METHODS))
    return METHODS[name]


def _wanted(table: Mapping[str, Any], key: str, method: str) -> bool:
    return (method, key) not in _OPTIONAL or key in table


def _plain(table: Mapping[str, Any], key: str, method: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"[vault] auth = {method!r} needs the key {key}", hint=f'Add to [vault]: {key} = "…"')
    return value
