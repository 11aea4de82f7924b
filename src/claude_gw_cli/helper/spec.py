"""What a helper was installed to do: a private text file of ``key value`` lines, compiled from the profile.

It holds references and addresses, never values. It is compiled so that the run time needs neither TOML nor the
profile, and so that nothing in the client's environment or working directory can change where a key is fetched from.
On the hot path: imports nothing heavy; the tables are JSON and parsed only for a fetch.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import UsageError

SCHEMA = "cgw-helper-1"
LONGEST = 1e9
"""Seconds that a time of a helper is below."""

_SINGLE = (
    "name", "reference", "origin", "variable", "ttl", "hold", "cache", "keep", "fallback", "tables", "managed",
    "profile", "record", "user",
)  # fmt: skip
_LISTS = ("watch", "ambient", "route", "plugin", "wiring")
_BESIDE = ("asked", "script", "sum")
"""About the installation; they change no value, so they are not part of ``key``."""


class Spec:
    """A compiled helper.

    Attributes:
        name: the helper's name, as typed.
        reference: the secret reference.
        origin: the gateway's origin; the key is handed out for requests to it alone.
        variable: the base URL variable of the profile's mode.
        ttl: the client's cache time in seconds that settings ask for.
        hold: seconds for which a value without an expiry is kept.
        cache: the cache directory; empty for no cache.
        keep: a keyring reference where the value is kept instead of in that directory; empty for the directory.
        fallback: the cache directory when the parent of ``cache`` is gone (a runtime directory after log-out).
        watch: files whose change makes the cached value stale.
        ambient: variables that change the answer (``VAULT_TOKEN``).
        route: ``FLAG BASE_VARIABLE`` pairs of every provider.
        plugin: ``scheme module:function`` pairs.
        tables: the profile's tables as JSON.
        managed: the administrator's settings directory.
        profile: the file of the profile; empty in helpers of older versions.
        record: where the guard remembers the client starts that it found good; empty to remember none.
        user: the client's own configuration directory at install.
        wiring: ``NAME VALUE`` of proxy and certificate variables at install, without user names and passwords.
        asked: the reference as the profile had it at install; empty in helpers of older versions.
        script: SHA-256 of the script as it was written, in hexadecimal; empty in helpers of older versions.
        sum: ``key`` at install; a spec that was edited since has another key.
        key: digest of all above but these three; a cached value under another key is not this helper's.
    """

    __slots__ = (*_SINGLE, *_LISTS, *_BESIDE, "key")

    name: str
    reference: str
    origin: str
    variable: str
    ttl: str
    hold: str
    cache: str
    keep: str
    fallback: str
    tables: str
    managed: str
    profile: str
    record: str
    user: str
    watch: tuple[str, ...]
    ambient: tuple[str, ...]
    route: tuple[str, ...]
    plugin: tuple[str, ...]
    wiring: tuple[str, ...]
    asked: str
    script: str
    sum: str
    key: str

    def __init__(self, **values: str | tuple[str, ...]) -> None:
        for name in (*_SINGLE, *_BESIDE):
            setattr(self, name, values.get(name, ""))
        for name in _LISTS:
            setattr(self, name, values.get(name, ()))
        self.key = _digest("\n".join([SCHEMA, *_lines(self), ""]))

    def replaced(self, **values: str) -> Spec:
        """The same helper with other values."""
        return Spec(**{name: getattr(self, name) for name in (*_SINGLE, *_LISTS, *_BESIDE)} | values)


def dumps(spec: Spec) -> str:
    """The file's text.

    Raises:
        UsageError: a value has a line break, which would become another line.
    """
    # The read stops after 400 lines; what is beside comes first so that it is not cut off.
    beside = (f"{name} {value}" for name in _BESIDE if (value := getattr(spec, name)))
    return "\n".join([SCHEMA, *beside, *_lines(spec), ""])


def _lines(spec: Spec) -> list[str]:
    lines = [f"{name} {getattr(spec, name)}" for name in _SINGLE]
    lines += [f"{name} {value}" for name in _LISTS for value in getattr(spec, name)]
    for line in lines:
        if "\n" in line or "\r" in line:
            raise UsageError(f"a helper's {line.split(' ')[0]} cannot contain a line break")
    return lines


def loads(text: str, path: str) -> Spec:
    """A spec from its file's text.

    Raises:
        UsageError: another version wrote it, or it was changed since.
    """
    first, *lines = text.split("\n")[:400] or [""]
    values: dict[str, str | tuple[str, ...]] = {}
    for line in lines:
        name, _, value = line.partition(" ")
        if name in _LISTS:
            values[name] = (*values.get(name, ()), value)
        else:
            values[name] = value
    named = path.replace("\\", "/").rpartition("/")[2] == f"{values.get('name')}.spec"
    times = all(_is_seconds(values.get(name)) for name in ("ttl", "hold"))
    if first != SCHEMA or not values.get("reference") or "\0" in text or not named or not times:
        raise UsageError(f"{path} was not written by this version of cgw", hint="Write it again: cgw helper install")
    return Spec(**values)


def tables(spec: Spec) -> dict[str, dict[str, object]]:
    """The profile's tables.

    Raises:
        UsageError: they were changed since, and are not JSON.
    """
    try:
        found = from_json(spec.tables or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
        raise UsageError(
            f"the tables of helper {spec.name} are not JSON", hint=f"Write it again: cgw helper install {spec.name}"
        )
    return found


def _is_seconds(text: object) -> bool:
    try:
        return 0 < float(str(text)) < LONGEST
    except ValueError:
        return False


def _digest(text: str) -> str:
    """64 bits that change when the text does; not a protection (the file is private)."""
    import zlib

    data = text.encode()
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}"
