"""``cgw doctor`` with a healthy gateway on this machine: the whole command, with the gateway's own answer times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from house import House
from timing import Row

_KEY = "sk-cgw-bench-0123456789"
TARGET = 14.0
"""Times an interpreter that does nothing. The gateway is in this process and answers within a millisecond or two."""


@contextmanager
def rows(house: House) -> Iterator[list[Row]]:
    """The rows, for as long as the gateway runs."""
    from claude_gw_cli.world.loopback.gateway import Gateway

    with Gateway(_KEY) as gateway:
        profile = house.home / ".config/cgw/profiles/doctor.toml"
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text(f'provider = "unified"\ngateway_url = "{gateway.url}"\nsecret = "env://BENCH_KEY"\n')
        env = house.env | {"BENCH_KEY": _KEY, "ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_AUTH_TOKEN": _KEY}
        try:
            yield [
                Row("python -c pass", [str(house.bin / "python"), "-c", "pass"], env),
                Row("cgw doctor", [str(house.bin / "cgw"), "doctor", "--profile", "doctor"], env, TARGET),
            ]
        finally:
            profile.unlink()
