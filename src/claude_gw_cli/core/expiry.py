"""When a key is fresh, when it should be renewed and when it must be. Pure arithmetic on seconds; on the hot path.

Claude Code caches a helper's value for its TTL, ignores a token's own expiry, and still uses the old value for the
request that finds the cache expired (measured, 2.1.330). So a value must outlive the client's cache when it is
handed out. Two windows before the end follow botocore's shape: in the *advisory* window one process renews and a
failure is only noted; in the *mandatory* window the old value is not handed out any more.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_TTL = 300.0
"""How long the client caches a value unless told otherwise, in seconds."""

_SKEW = 30.0
"""Clocks of this machine and the gateway may differ by this much, and a request takes time."""

HOLD = 3600.0
"""How long a value without an expiry is kept before it is asked for again. A rotation in the meantime shows itself:
the gateway refuses the value and the client asks again at once."""


NEVER = 1e12
"""A value above this is not a valid time: JSON readers accept ``Infinity`` and ``NaN`` as numbers."""


def skew(lifetime: float) -> float:
    """The safety margin for a lifetime: 30 s, and no more than a tenth of a short one."""
    return min(_SKEW, lifetime / 10)


def advisory(lifetime: float, ttl: float) -> float:
    """Seconds before the end from which a renewal is tried: TTL plus margin, at most half the lifetime."""
    return min(ttl + skew(lifetime), lifetime / 2)


def fitting_ttl(lifetime: float | None) -> float:
    """The client's TTL, in seconds, that a token's lifetime allows; the default where it is long enough or unknown.

    A value is handed out with at least half its life left; the client must have forgotten it before the end.
    """
    if lifetime is None:
        return DEFAULT_TTL
    return max(1.0, min(DEFAULT_TTL, lifetime / 2 - skew(lifetime)))


def ttl_from(text: str | None) -> float:
    """``CLAUDE_CODE_API_KEY_HELPER_TTL_MS`` in seconds; a text that the client cannot read means its default."""
    try:
        milliseconds = float(text or "")
    except ValueError:
        return DEFAULT_TTL
    return milliseconds / 1000 if 0 <= milliseconds < 1e11 else DEFAULT_TTL


def token_end(token: str, now: float, offset: float = 0.0) -> float | None:
    """The end of a JWT by this machine's clock, or ``None`` for a token that is not one.

    A token that claims to be issued in the future shows that its issuer's clock is ahead: the difference is taken
    off, so that an hour of skew does not make a token look longer lived than it is.

    Args:
        token: the key, whatever it is.
        now: this machine's clock, seconds since 1970.
        offset: seconds by which the clock of the server that gave it is ahead, as far as it is known.
    """
    if token.count(".") != 2 or not token.startswith("ey"):
        return None
    try:
        claims = claims_of(token)
        end = float(claims["exp"])
        ahead = max(offset, float(claims["iat"]) - now) if "iat" in claims else offset
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None
    return end - ahead if 0 <= end < NEVER and ahead < NEVER else None


def claims_of(token: str) -> Any:
    """What the payload of a JSON Web Token says; its signature is not looked at.

    Raises:
        ValueError, IndexError: it is not one.
    """
    import base64

    payload = token.split(".")[1]
    return from_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
