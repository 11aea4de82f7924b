"""Verifies a signature in OpenSSH's own format (PROTOCOL.sshsig): Ed25519 keys, one namespace.

The format is OpenSSH's so that every team can sign with ``ssh-keygen -Y sign``; the mathematics is that of the
library ``cryptography``. Does not read files.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence

from claude_gw_cli.core.errors import RefusedError

NAMESPACE = "cgw-facts"
"""What the signer has to say that the signature is for: a signature for git or mail does not count."""

_MAGIC = b"SSHSIG"
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_HASHES = ("sha256", "sha512")
_ED25519 = b"ssh-ed25519"
_AGAIN = "Take it and its signature from their source again; if they still differ, tell the one who signs."


def verified(
    message: bytes, armored: bytes, keys: Sequence[str], namespace: str = NAMESPACE, what: str = "bundle"
) -> str:
    """The one of ``keys`` that signed the message.

    Args:
        message: exactly what was signed.
        armored: the signature, as ``ssh-keygen -Y sign -n NAMESPACE`` writes it.
        keys: public keys as in ``id_ed25519.pub``: ``ssh-ed25519 AAAA… comment``.
        namespace: what the signature has to be for.
        what: was signed, for messages.

    Raises:
        RefusedError: none of them did, or the message was changed.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key, signature, algorithm = _read(armored, namespace)
    except ValueError as error:
        raise RefusedError(f"the signature cannot be read: {error}", hint=_AGAIN) from None
    signer = next((line for line in keys if _key_of(line) == key), None)
    if signer is None:
        raise RefusedError(
            f"the {what} is signed with a key that is not trusted here",
            hint="To trust your own key, add its public half to the file that `cgw facts show` names under signers"
            if namespace == NAMESPACE
            else "Ask who signs it for the public key: --signed-by FILE",
        )
    digest = hashlib.new(algorithm, message).digest()
    parts = (namespace.encode(), b"", algorithm.encode(), digest)
    try:
        public = Ed25519PublicKey.from_public_bytes(key[-32:])
        public.verify(signature, _MAGIC + b"".join(_string(part) for part in parts))
    except (InvalidSignature, ValueError):
        raise RefusedError(
            f"the {what} was changed after it was signed: its signature does not match", hint=_AGAIN
        ) from None
    return signer


def _read(armored: bytes, wanted: str) -> tuple[bytes, bytes, str]:
    """Public key, signature and hash of an armored signature."""
    text = armored.strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        raise ValueError("it is cut off")
    blob = base64.b64decode(b"".join(text[len(_BEGIN) : -len(_END)].split()), validate=True)
    if blob[:10] != _MAGIC + (1).to_bytes(4, "big"):
        raise ValueError("it is not an SSH signature of version 1")
    fields = list(_strings(blob[10:]))
    if len(fields) != 5:
        raise ValueError("it is not complete")
    key, namespace, _, algorithm, signature = fields
    if namespace != wanted.encode():
        raise ValueError(f"it was made for something else; sign with: ssh-keygen -Y sign -n {wanted}")
    kind, *raw = _strings(signature)
    if kind != _ED25519 or len(raw) != 1 or len(key) != 51:
        raise ValueError("only Ed25519 keys are accepted")
    if algorithm.decode("ascii", "replace") not in _HASHES:
        raise ValueError("its hash is not SHA-256 or SHA-512")
    return key, raw[0], algorithm.decode()


def is_key(line: str) -> bool:
    """Whether a line holds a public key that can be verified with: as in ``id_ed25519.pub``."""
    return _key_of(line) is not None


def shown(line: str) -> str:
    """A public key as people compare it: its comment and its fingerprint, as ``ssh-keygen -l`` prints it."""
    digest = base64.b64encode(hashlib.sha256(_key_of(line) or b"").digest()).decode().rstrip("=")
    return f"{' '.join(line.split()[2:])} SHA256:{digest}".strip()


def _key_of(line: str) -> bytes | None:
    """The key of a line as in ``id_ed25519.pub``; ``None`` for any other line."""
    words = line.split()
    if len(words) < 2 or words[0] != _ED25519.decode():
        return None
    try:
        key = base64.b64decode(words[1], validate=True)
    except ValueError:
        return None
    return key if len(key) == 51 else None


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes) -> Iterator[bytes]:
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise ValueError("it is cut off")
        yield data[4 : 4 + size]
        data = data[4 + size :]
