"""Scripts that need neither Python nor cgw, for machines where nothing can be installed.

Two kinds: a Vault or OpenBao KV field (curl and jq, else the bao or vault tool), and a JWT of HS256 (openssl).
Nothing is cached: the client's own cache is the only one. A key is never in a program's arguments, where every
user of the machine could read it: curl gets the token on its standard input, and the HMAC is built from plain hashes.
No path of the person who installs it is in it, so that it can be copied to other machines.
The origin guard is coarser than the run time's: any project whose settings mention base URLs, providers, proxies,
certificates or the like is refused, and so is one whose settings are not plain text (UTF-16).
"""

from __future__ import annotations

import json
import os
import time
from urllib.parse import urlsplit

from claude_gw_cli import __version__
from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.reference import Reference, parse
from claude_gw_cli.facts import transport
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.install import compile_spec, note
from claude_gw_cli.helper.installed import InstalledHelper, helpers_folder
from claude_gw_cli.helper.script import digest, filled_in, guard_lines, quote
from claude_gw_cli.helper.shared import write_shared
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.helper.spec import Spec

_MENTIONS = (
    "BASE_URL", "CLAUDE_CODE_USE_", "CLAUDE_CODE_HOST_", "PROXY", "_proxy", "CERT", "_CA_", "TLS", "SSL", "SOCKET",
    "CLIENT_KEY", "CUSTOM_HEADERS", "FOUNDRY_RESOURCE", "ANTHROPIC_PROFILE", "CONFIG_DIR", "FEDERATION",
    "ENDPOINT_URL",
    "NODE_EXTRA", "NODE_[OPRTU]", '"BUN_', '"CCR_', '"LD_', "DYLD_", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS",
    r"\\u",
)  # fmt: skip
"""Parts of names (basic regular expressions) of which a project's settings may have none."""


def install(profile: Profile, env: Mapping[str, str], grant: Grant, *, out: str | None = None) -> InstalledHelper:
    """Write a profile's standalone helper.

    Args:
        profile: the profile.
        env: the environment.
        grant: the permission to act for the profile.
        out: where to write it, for others to run; by default into cgw's own directory.

    Raises:
        UsageError: its secret is neither a Vault KV field read with a token nor a JWT of HS256 with a key in a
            variable or file.
    """
    spec = compile_spec(profile, env, grant, cache="none")
    home = paths.home(env)
    reference = parse(spec.reference)
    tables = specs.tables(spec)
    if reference.scheme == "vault":
        needs, body, lifetime = (
            "curl and jq (or the bao or vault tool), grep, tr",
            _vault(reference, tables["vault"], home),
            None,
        )
    elif reference.scheme == "jwt":
        needs, (body, lifetime) = "openssl, od, tr, wc, date, grep", _jwt(reference, tables, home)
    else:
        raise UsageError(
            f"a standalone helper cannot read {reference.scheme}: references",
            hint="It can read vault://mount/path#field (with a token) and sign jwt://NAME with HS256.",
        )
    text = filled_in(
        "standalone",
        body=body,
        name=spec.name,
        origin=spec.origin,
        version=__version__,
        needs=needs,
        guard=guard_lines(spec),
        connection=_connection(spec),
        mentions=" ".join(f"-e {quote(word)}" for word in _MENTIONS) + """ -e "$(printf '\\001')\"""",
    )
    if out:
        path = out
        write_shared(out, text)
    else:
        path = os.path.join(files.private_dir(helpers_folder(env)), f"{spec.name}.standalone")
        files.write_private(path, text.encode(), mode=0o700)
    spec.script = digest(text.encode())
    note(spec, path, env)
    ttl = int(expiry.fitting_ttl(lifetime) * 1000)
    return InstalledHelper(spec.name, path, ttl, spec.reference, spec.profile, spec.origin)


def _connection(spec: Spec) -> str:
    """The guard of the connection: what the environment may say about it on any machine.

    A proxy cannot read https; plain http goes over none but the gateway's own address. Certificate files are at an
    absolute path outside of the working directory.
    """
    lines: list[str] = []
    if spec.origin.startswith("http:"):
        host = quote(urlsplit(spec.origin).hostname or "")
        own = f"{quote(spec.origin)} | {quote(spec.origin + '/')}"
        lines += [f"  direct() {{ case ,${{no_proxy:-${{NO_PROXY-}}}}, in *,{host},*) ;; *) return 1 ;; esac; }}"]
        lines += [
            f"  case ${{{name}-}} in '' | {own}) ;; *) direct || return 1 ;; esac"
            for name in (*transport.PROXIES, *transport.ALL_PROXY)
        ]
    lines += ['  here=$PWD; [ "$here" != "$HOME" ] || here=/nonexistent']
    lines += [
        f"  case ${{{name}-}} in \"$here\"/* | *..*) return 1 ;; '' | /*) ;; *) return 1 ;; esac"
        for name in transport.ROOTS
    ]
    lines += [f'  [ "${{{name}-1}}" != 0 ] || return 1' for name in transport.TRUST]
    lines += ['  [ -z "' + "".join(f"${{{name}-}}" for name in transport.DETOURS) + '" ] || return 1']
    return "\n".join(lines)


def _shell_path(path: str, home: str) -> str:
    """A path as a shell word; one below the home directory means the home of the user who runs the script."""
    inside = path.removeprefix(home.rstrip("/") + "/")
    return quote(path) if inside == path else f'"$HOME"/{quote(inside)}'


def _vault(reference: Reference, table: Mapping[str, Any], home: str) -> str:
    if table.get("auth", "token") != "token" or "token" in table:
        raise UsageError(
            "a standalone helper signs in to Vault with VAULT_TOKEN or a token file only",
            hint="Leave auth and token out of [vault], or install without --standalone.",
        )
    mount = str(table.get("mount") or reference.path.partition("/")[0]).strip("/")
    rest = reference.path.removeprefix(mount).strip("/")
    newer = int(table.get("kv_version", 2)) == 2
    path = f"{mount}/data/{rest}" if newer else f"{mount}/{rest}"
    address = str(table["address"])
    authority = ""
    options = ["--proto", "=https" if address.startswith("https") else "=http"]
    if table.get("ca_file"):
        authority = f" --cacert {_shell_path(str(table['ca_file']), home)}"
    if table.get("namespace"):
        options += ["-H", f"X-Vault-Namespace: {table['namespace']}"]
    if any(char in "'\"\\{}[]*" or char < " " for char in path + address + reference.fragment):
        raise UsageError(f"{reference.text}: a standalone helper cannot read a path with quotes or brackets")
    field = reference.fragment
    return filled_in(
        "standalone_vault",
        token_file=_shell_path(str(table.get("token_file", "")), home),
        curl=" ".join(quote(word) for word in options) + authority,
        url=quote(f"{address}/v1/{path}"),
        address=address,
        address_word=quote(address),
        path=path,
        field=quote(field),
        field_text=field.replace("'", ""),
        data=".data.data" if newer else ".data",
        secret=quote(f"{mount}/{rest}"),
    )


def _jwt(reference: Reference, tables: Mapping[str, Any], home: str) -> tuple[str, float]:
    from claude_gw_cli.secrets import jwt

    table = tables["jwt"][reference.path]
    key = parse(str(table.get("key", "exec:-")))
    if key.scheme not in {"env", "file"} or table.get("algorithm", "HS256") != "HS256":
        raise UsageError(
            "a standalone helper signs with HS256 and a key in env://NAME or file:///path only",
            hint="Install without --standalone for other keys and algorithms.",
        )
    read = f"${{{key.path}-}}" if key.scheme == "env" else f"$(cat {_shell_path(key.path, home)})"
    claims = jwt.claims(table, int(time.time()))
    fixed = {name: value for name, value in claims.items() if name not in {"iat", "nbf", "exp", "jti"}}
    kid = {"kid": str(table["kid"])} if "kid" in table else {}
    text = filled_in(
        "standalone_jwt",
        key=read if key.scheme == "env" else f'"{read}"',
        reference=key.text.replace(home.rstrip("/") + "/", "~/").replace("'", ""),
        header=quote(json.dumps({"alg": "HS256", "typ": "JWT", **kid}, separators=(",", ":"))),
        claims=quote(json.dumps(fixed, separators=(",", ":"))[:-1] + ("," if fixed else "")),
        lifetime=jwt.lifetime(table),
        backdated=jwt.backdated(table),
    )
    return text, float(jwt.lifetime(table) - jwt.backdated(table))
