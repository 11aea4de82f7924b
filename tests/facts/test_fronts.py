from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.fronts import FRONTS, NAMES, drops, find_fronts, named

_SPEC = importlib.util.spec_from_file_location("fronts_page", Path(__file__).with_name("write_fronts_page.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
fronts_page = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fronts_page)


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        fronts_page.write()
    assert fronts_page.PAGE.read_text(encoding="utf-8") == fronts_page.page()


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        ((("server", "nginx/1.22.1"),), "", "nginx"),
        ((("via", "1.1 Caddy"),), "", "caddy"),
        ((("via", "1.1 proxy1 (squid/5.7)"),), "", "squid"),
        ((("x-varnish", "2"),), "", "varnish"),
        ((("server", "envoy"), ("x-envoy-upstream-service-time", "8")), "", "envoy"),
        ((("server", "uvicorn"),), "<html><center>nginx/1.31.3</center></html>", "nginx"),
        ((("via", "http/1.1 h (ApacheTrafficServer/9.2.9)"), ("server", "ATS/9.2.9")), "", "trafficserver"),
    ],
)
def test_an_answer_names_its_front(headers: tuple[tuple[str, str], ...], body: str, name: str) -> None:
    assert [front.name for front in find_fronts(headers, body)] == [name]


def test_a_gateway_by_itself_is_no_front() -> None:
    assert find_fronts((("server", "uvicorn"), ("server-timing", "nginx")), "nginx") == ()


def test_no_front_removes_litellms_own_header() -> None:
    assert not [front.name for front in FRONTS if drops(front, "x-litellm-api-key", signs_in=True)]


@pytest.mark.parametrize(
    ("front", "header", "warned"),
    [
        ("caddy", "proxy-authorization", True),
        ("nginx", "x_litellm_key", True),
        ("squid", "authorization", True),
        ("nginx", "proxy-authorization", False),
        ("apache", "x_litellm_key", False),
        ("caddy", "x-litellm-api-key", False),
    ],
)
def test_a_plan_warns_of_a_header_that_its_front_removes(front: str, header: str, warned: bool) -> None:
    plan = make_plan(Profile("p", "unified", secret="env://K", key_header=header, front=front))
    notes = [note.text for note in plan.notes if note.severity == "warning"]
    assert (f"{named(front).title} removes the header {header} by default" in str(notes)) is warned


def test_an_unknown_front_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(Profile("p", "unified", front="cady"))
    assert "Did you mean caddy?" in caught.value.hint
    assert all(name in caught.value.hint for name in NAMES)
