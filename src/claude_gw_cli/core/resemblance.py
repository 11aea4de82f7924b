"""Host names that a person can take for another: letters of the same look, one letter off, or a longer name."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import lru_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOST = lazy(r"(?i)https?://(?:[^/?#]*@)?([^/?#:\[]*)")
_LIKE = str.maketrans("аеорсухіјѕһԁԛԝвкмнтьѵɡıαοικνρυχτℓ", "aeopcyxijshdqwbkmhtbvgiaoiknpuxtl")
"""Letters of other scripts that look like a Latin one (Unicode TR 39, confusables)."""
_clouds: list[tuple[str, str, str, str]] = []
_LONG = 5
"""Names of fewer characters are one letter apart without meaning to be."""
_COUNTRY, _REGISTRY = 2, 3
"""Below a country's ending, a part of so few characters is a registry's own, as in ``co.uk``."""


def resemblance(url: str, known: Iterable[str]) -> str:
    """A sentence where the host of an address can be taken for another one, of another owner; else empty.

    Args:
        url: whose host it is; an address of numbers resembles nothing.
        known: the addresses that are meant; those of the clouds are known.
    """
    if not _clouds:
        _clouds.extend(_features(_host(item.cloud)) for item in TABLE if "{" not in item.cloud)
    host, owner, mine, _ = _features(_host(url))
    for other, owner_there, theirs, owned in (*_clouds, *map(_features, map(_host, known))):
        if host != other and owner != owner_there and min(len(host), len(other)) >= _LONG:
            within = f".{owned}." in f".{mine}"  # api.example.com.other.io, example.com.other.io
            if mine == theirs or within or _one_apart(mine, theirs):
                return f"the host {host} looks like {other}, and can have another owner"
    return ""


@lru_cache(maxsize=1000)
def _features(host: str) -> tuple[str, str, str, str]:
    """A host and its owner, and how the host and what was registered of it look; most files of a tree name one."""
    owner = _owner(host)
    return host, owner, _look(host), _look(owner or host)


def _host(url: str) -> str:
    found = _HOST.match(url.strip())
    return found[1].lower() if found else ""


def _owner(host: str) -> str:
    """The part of a name that its owner registered; empty for a name without a dot or an address of numbers."""
    parts = host.lower().rstrip(".").split(".")
    if len(parts) == 1 or parts[-1].isdigit() or ":" in host:
        return ""
    below = len(parts[-1]) == _COUNTRY and len(parts[-2]) <= _REGISTRY
    return ".".join(parts[-3:] if below else parts[-2:])


def _look(host: str) -> str:
    """What a person sees: decoded, without accents, in Latin letters."""
    try:
        parts = [
            part[4:].encode().decode("punycode") if part.startswith("xn--") else part
            for part in host.lower().split(".")
        ]
    except UnicodeError:
        parts = [host]
    name = ".".join(parts)
    if not name.isascii():
        import unicodedata

        plain = unicodedata.normalize("NFKD", name).translate(_LIKE)
        name = "".join(char for char in plain if not unicodedata.combining(char))
    return name.replace("rn", "m").replace("vv", "w")


def _one_apart(one: str, other: str) -> bool:
    """Whether one character was left out, added or replaced, or two were swapped; a number may count on."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    if a[:1].isdigit() and b[:1].isdigit():
        return False
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
