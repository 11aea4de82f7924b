from __future__ import annotations

import base64
import json

import pytest

from claude_gw_cli.core.expiry import DEFAULT_TTL, advisory, fitting_ttl, skew, token_end, ttl_from


@pytest.mark.parametrize("lifetime", [30, 60, 240, 600, 3600, 86_400])
def test_a_value_outlives_the_clients_cache_when_it_is_handed_out(lifetime: float) -> None:
    ttl = fitting_ttl(lifetime)
    least_left = advisory(lifetime, ttl)  # after that point a new value is fetched
    assert least_left - skew(lifetime) >= ttl or ttl == 1.0
    assert least_left <= lifetime / 2


@pytest.mark.parametrize(("lifetime", "ttl"), [(None, 300), (86_400, 300), (660, 300), (240, 96), (60, 24), (1, 1)])
def test_the_ttl_fits_the_lifetime(lifetime: float | None, ttl: float) -> None:
    assert fitting_ttl(lifetime) == pytest.approx(ttl)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1000", 1), ("1e3", 1), ("0", 0), ("abc", DEFAULT_TTL), ("", DEFAULT_TTL),
                          (None, DEFAULT_TTL), ("-1", DEFAULT_TTL), ("Infinity", DEFAULT_TTL), ("nan", DEFAULT_TTL)],
)  # fmt: skip
def test_the_ttl_is_read_as_the_client_reads_it(text: str | None, seconds: float) -> None:
    assert ttl_from(text) == seconds


def token(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{payload}.x"


def test_a_tokens_end_is_read_and_a_fast_clock_of_its_issuer_is_taken_off() -> None:
    assert token_end(token(exp=2000, iat=1000), 1000) == 2000
    assert token_end(token(exp=5600, iat=4600), 1000) == 2000
    assert token_end(token(exp=2000), 1000) == 2000


@pytest.mark.parametrize("hours", [-30_000, -1, 0, 1, 30_000])
def test_the_clock_of_the_server_that_gave_a_token_decides_about_its_end(hours: int) -> None:
    """This machine's clock may stand in 1970, or anywhere: what counts is the life that is left."""
    server = 1_800_000_000.0
    here = server - hours * 3600
    for issued in (server, server - 900):
        end = token_end(token(iat=issued, exp=server + 600), here, hours * 3600.0)
        assert end is not None
        assert end - here == 600
    assert token_end(token(exp=server + 600), here, hours * 3600.0) == here + 600


@pytest.mark.parametrize("text", ["sk-plain", "a.b.c", "ey.!!.x", token(exp="soon"), token(sub="x"), "eyJ.W10.x",
                                  token(exp=float("inf")), token(exp=float("nan")), token(exp=-1)])  # fmt: skip
def test_what_is_no_token_has_no_end(text: str) -> None:
    assert token_end(text, 0) is None
