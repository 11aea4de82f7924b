"""``cgw doctor`` with a healthy gateway on this machine: the whole command, with the gateway's own answer times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from floors import floor
from house import House
from timing import Row

_LIBRARIES = "h11, json, jiter, tomledit, socket, threading, urllib.parse"
_WHY = "`h11`, which imports `typing`, `dataclasses` and `inspect`"
_KEY = "sk-cgw-bench-0123456789"
LIMIT, TARGET = 14.0, 12.0
"""Times an interpreter that does nothing. The gateway is in this process and answers within a millisecond or two."""


@contextmanager
def rows(*houses: House) -> Iterator[tuple[list[Row], ...]]:
    """The rows of each build, for as long as the gateway runs."""
    from claude_gw_cli.world.loopback.gateway import Gateway

    with Gateway(_KEY) as gateway:
        profiles = [house.home / ".config/cgw/profiles/doctor.toml" for house in houses]
        for profile in profiles:
            profile.write_text(f'provider = "unified"\ngateway_url = "{gateway.url}"\nsecret = "env://BENCH_KEY"\n')
        client = {"BENCH_KEY": _KEY, "ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_AUTH_TOKEN": _KEY}
        try:
            yield tuple(_rows(house, client) for house in houses)
        finally:
            for profile in profiles:
                profile.unlink()


def _rows(house: House, client: Mapping[str, str]) -> list[Row]:
    words = ["doctor", "--profile", "doctor"]
    least = floor(house, words, _LIBRARIES, client)
    command, env = [str(house.bin / "cgw"), *words], house.env | dict(client)
    return [
        Row("python -c pass", [str(house.bin / "python"), "-c", "pass"], house.env),
        Row("cgw doctor", command, env, LIMIT, target=TARGET, floor=least.name, why=_WHY),
        least,
    ]
