"""SHA-256 without ``hashlib``: its import loads OpenSSL, which takes a third of an interpreter's start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # CPython 3.12 and later: what hashlib falls back to
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:  # pragma: no cover  # another Python than CPython
            from hashlib import sha256


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of some bytes, as 64 hexadecimal digits."""
    return sha256(data).hexdigest()
