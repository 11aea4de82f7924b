"""Signing a JWT with the transit engine of Vault or OpenBao: the text goes there, a signature comes back."""

from __future__ import annotations

import base64
import json

from claude_gw_cli.core.failures import failure
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import vault, vault_auth
from claude_gw_cli.secrets.vault_server import Server, member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.secrets import Context

# Type of the transit key -> JWS algorithms it can make, the preferred first.
_ALGORITHMS = {
    "rsa-2048": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "rsa-3072": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "rsa-4096": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "ecdsa-p256": ("ES256",),
    "ecdsa-p384": ("ES384",),
    "ecdsa-p521": ("ES512",),
    "ed25519": ("EdDSA", "Ed25519"),
}


def sign(
    path: str,
    algorithm: object,
    headers: Mapping[str, str],
    claims: Callable[[int], Mapping[str, Any]],
    context: Context,
) -> tuple[str, str]:
    """The token and its algorithm.

    Args:
        path: ``mount/key-name``.
        algorithm: the wish of the table, or ``None``; the key's type decides what is possible.
        headers: further JOSE header fields.
        claims: the claims of a token that is issued at a time; the server's clock says when.
        context: clock, budget and ``[vault]`` table.
    """
    table = vault.settings(context)
    server = Server(table, context)
    with server.session:
        vault_auth.login(server, table, context)
        return _signed(server, path, algorithm, headers, claims)


def _signed(
    server: Server,
    path: str,
    algorithm: object,
    headers: Mapping[str, str],
    claims: Callable[[int], Mapping[str, Any]],
) -> tuple[str, str]:
    mount, _, name = path.rpartition("/")
    title = f"transit key {path}"
    kind = str(member(server.get(f"{mount}/keys/{name}", title), "data").get("type"))
    allowed = _ALGORITHMS.get(kind, ())
    chosen = str(algorithm or (allowed[0] if allowed else ""))
    if chosen not in allowed:
        possible = ", ".join(allowed) or "nothing; use rsa-2048, ecdsa-p256 or ed25519"
        raise failure(
            "CGW481", title, f"a key of type {kind} cannot sign {chosen or 'a JWT'}; it can sign {possible}"
        )
    issued = claims(int(server.context.clock() + server.clock_offset))
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": chosen, "typ": "JWT", **headers}, issued)
    )
    body = {"input": base64.b64encode(text.encode()).decode()}
    if not chosen.startswith("Ed"):
        body |= {"hash_algorithm": f"sha2-{chosen[2:]}"}
    if chosen[:2] in {"RS", "PS"}:
        body |= {"signature_algorithm": "pkcs1v15" if chosen[0] == "R" else "pss", "salt_length": "hash"}
    if chosen[:2] == "ES":
        body |= {"marshaling_algorithm": "jws"}
    answer = server.post(f"{mount}/sign/{name}", title, body)
    signature = str(member(answer, "data").get("signature", "")).rpartition(":")[2]
    return f"{text}.{signature.translate({43: 45, 47: 95}).rstrip('=')}", chosen
