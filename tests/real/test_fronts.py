"""`cgw doctor` behind real programs, and the real client beside it: what fails there is explained here.

The key headers first: four headers, three providers, seven programs. Then what else a program does: it asks for a
password, limits headers and bodies, changes paths, holds and cuts streams. Servers are shared, and the client is
started only where its answer is not known from another start.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_fronts import EVENTS, Front, chunk

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Models, Plan, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.fronts import drops, named
from claude_gw_cli.world.loopback.gateway import ANSWER
from claude_gw_cli.world.loopback.gateway import Gateway as Loopback
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

pytestmark = pytest.mark.real

_SPEC = importlib.util.spec_from_file_location("fronts_lab", Path(__file__).with_name("fronts_lab.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
lab = importlib.util.module_from_spec(_SPEC)
sys.modules["fronts_lab"] = lab
_SPEC.loader.exec_module(lab)

CLIENT = "2.1.330"
AT_ONCE = 2
BASIC = base64.b64encode(b"u:p").decode()
Env = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def programs(front_parts: tuple[Path, Path]) -> Any:
    return lab.Programs(*front_parts)


def plan_of(url: str, provider: str = "unified", header: str | None = None, **changes: Any) -> Plan:
    more: dict[str, dict[str, Any]] = {
        "bedrock": {"region": "us-east-1"},
        "vertex": {"project_id": "p", "region": "us-east5"},
    }
    profile = Profile("p", provider, url, secret="env://K", key_header=header, **more.get(provider, {}), **changes)
    return make_plan(profile)


def ask_client(program: Path, env: dict[str, str], plan: Plan, home: Path) -> str:
    """What the client prints."""
    home.mkdir()
    started = {**env, **{item.name: item.fill(lab.KEY, BASIC) for item in plan.sets}, "HOME": str(home)}
    done = subprocess.run(
        [program, "-p"], env=started, cwd=home, input="hi", capture_output=True, text=True, timeout=120, check=False
    )
    return (done.stdout + done.stderr).strip()


def ask_doctor(
    plan: Plan, env: dict[str, str] | None = None, key: str = lab.KEY, *, live: bool = False
) -> dict[str, Verdict]:
    gateway = Gateway(Grant("typed"), plan, env or {}, (), CLIENT)
    probes = [Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(key)))]
    if plan.profile.front_auth:
        probes.append(Probe("front", "Password", lambda _: Verdict("ok", value=Secret(BASIC))))
    rows = Schedule([*probes, *gateway.probes(live=live)], 40.0).run()
    return {row.id: row.verdict for row in rows if row.verdict}


def failures(found: dict[str, Verdict]) -> dict[str, str]:
    return {name: verdict.cause for name, verdict in found.items() if verdict.status == "fail"}


def test_every_key_header_behind_every_front(
    programs: Any, client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    """The doctor with all; the client once where a program passes everything on, and wherever it removes a header."""
    cases = [(f, p, h) for f in lab.NAMES for p in ("unified", "bedrock", "vertex") for h in lab.HEADERS]
    program, env = client(CLIENT), clean_env(tmp_path)

    def is_started(front: str, provider: str, header: str) -> bool:
        if drops(named(front), header):
            return provider == "unified" or (front, header) == ("squid", "authorization")
        return (provider, header) == ("unified", "x-litellm-api-key")

    with lab.LiteLLM() as gateway, contextlib.ExitStack() as stack:
        more = {"nginx": "client_max_body_size 40m;"}
        fronts = {
            name: stack.enter_context(programs.running(name, gateway.url, tmp_path / f"f-{name}", more.get(name, "")))
            for name in lab.NAMES
        }

        def run(case: tuple[str, str, str]) -> tuple[dict[str, str], str]:
            plan = plan_of(fronts[case[0]], *case[1:])
            said = ask_client(program, env, plan, tmp_path / "-".join(case)) if is_started(*case) else ""
            return failures(ask_doctor(plan)), said

        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = dict(zip(cases, pool.map(run, cases), strict=True))
    for (front, provider, header), (found, said) in results.items():
        about, removed = f"{front}, {provider}, {header}: {said[:200]} | {found}", drops(named(front), header)
        if is_started(front, provider, header):
            assert (ANSWER in said) is not removed, about
        assert list(found) == (["gateway.key"] if removed else []), about
        if removed:
            cause = found["gateway.key"]
            assert f"removes the header {header}" in cause, about
            assert "accepts the key in x-litellm-api-key" in cause, about
            # Traefik leaves no trace in an answer: there it is one of those that are listed.
            assert named(front).title in cause, about


def pauses(out: Any) -> None:
    """A stream with a silence after its first event."""
    out.write(chunk(EVENTS[0]))
    out.flush()
    time.sleep(1.6)
    with contextlib.suppress(ConnectionError):  # the front has cut it
        out.write(b"".join(chunk(name) for name in EVENTS[1:]) + b"0\r\n\r\n")


LONG = {9_000: "k9" * 4_500, 15_500: "k5" * 7_750, 24_000: "k4" * 12_000}
SLASHED = Models(default="arn:aws:bedrock:us-east-1:1:application-inference-profile/x")
GZIP = "gzip on; gzip_types text/event-stream; gzip_min_length 1;"
# situation: (program, configuration, profile, length of the key, failing probe, words of its cause)
SITUATIONS: dict[str, tuple[str, str, dict[str, Any], int, str, str]] = {
    "two slashes": (
        "nginx", "location /llm {{ proxy_pass http://{origin}/; }}", {"base_path": "/llm"}, 0,
        "gateway.route", "two slashes",
    ),
    "encoded slash": (
        "apache", "", {"provider": "bedrock", "models": SLASHED}, 0,
        "gateway.model", "does not pass on the encoded slash",
    ),
    "body limit": ("nginx", "", {}, 0, "gateway.body", "nginx, before the gateway, refuses requests of 1.1 MB"),
    "small body limit": ("nginx", "client_max_body_size 200k;", {}, 0, "gateway.body", "of 270 kB (413)"),
    "body limit at Caddy": (
        "caddy", "request_body {{\n max_size 200KB\n}}", {}, 0,
        "gateway.body", "Caddy, before the gateway, refuses requests of 300 kB (413)",
    ),
    "another key in its place": (
        "nginx", "client_max_body_size 40m; proxy_set_header Authorization 'Bearer sk-of-the-front';", {}, 0,
        "gateway.key", "removes or replaces the header authorization",
    ),
    "too many headers": (
        "apache", "LimitRequestFields 15", {}, 0,
        "gateway.key", "Apache, before the gateway, takes requests with at most 15 headers; Claude Code's have 21",
    ),
    "a query": (
        "nginx", "client_max_body_size 40m; if ($args) {{ return 403; }}", {}, 0,
        "gateway.key", "refuses requests with the query ?beta=true",
    ),
    "a header of the client": (
        "nginx", "client_max_body_size 40m; if ($http_x_stainless_lang) {{ return 403; }}", {}, 0,
        "gateway.key", "refuses requests with the header x-stainless-lang",
    ),
    "a long path": (
        "apache", "LimitRequestLine 60", {"provider": "vertex"}, 0, "gateway.route", "as too long (414)",
    ),
    "no POST": (
        "nginx", "if ($request_method = POST) {{ return 405; }}", {}, 0, "gateway.route", "does not take POST",
    ),
    "long key at nginx": ("nginx", "", {}, 9_000, "gateway.key", "more than nginx takes in a header"),
    "long key at Apache": ("apache", "", {}, 9_000, "gateway.key", "keys of the same form with 8000 characters"),
    "long key at HAProxy": ("haproxy", "", {}, 15_500, "gateway.key", "with 12000 characters pass"),
    "long key at Caddy": ("caddy", "", {}, 24_000, "gateway.key", "more than Caddy takes"),
    "long key at Varnish": ("varnish", "", {}, 9_000, "gateway.key", "more than Varnish takes in a header"),
    "password at nginx": (
        "nginx", "auth_basic x; auth_basic_user_file {users};", {}, 0,
        "gateway.key", "asks for a user name and password (Basic) and takes the header Authorization",
    ),
    "password at Apache": (
        "apache",
        "<Location />\nAuthType Basic\nAuthName x\nAuthUserFile {users}\nRequire valid-user\n</Location>",
        {"header": "x-litellm-api-key"}, 0, "gateway.key", "asks for a user name and password (Basic)",
    ),
    "a stream held": ("nginx", GZIP, {}, 0, "gateway.stream", "buffers it, and compresses it (gzip)"),
    "a stream held by lighttpd": ("lighttpd", "", {}, 0, "gateway.stream", "buffers it"),
    "a stream held by Varnish": (
        "varnish", "sub vcl_backend_response {{ set beresp.do_gzip = true; }}", {}, 0,
        "gateway.stream", "buffers it, and compresses it (gzip)",
    ),
    "a silent stream cut by nginx": ("nginx", "proxy_read_timeout 1s;", {}, 0, "gateway.stream", "cut after 1."),
    "a silent stream cut by HAProxy": ("haproxy", "", {}, 0, "gateway.stream", "cut after 1."),
    "a long stream cut by Envoy": ("envoy", ", timeout: 1s", {}, 0, "gateway.stream", "The stream was cut after"),
}  # fmt: skip


def test_what_else_a_front_does(programs: Any, tmp_path: Path) -> None:
    """One real program per situation, and the doctor says what it does."""
    users = tmp_path / "users"
    users.write_text(f"u:{{SHA}}{base64.b64encode(hashlib.sha1(b'p').digest()).decode()}\n")

    def run(name: str) -> dict[str, Verdict]:
        front, more, values, size, probe, _ = SITUATIONS[name]
        live, origin = probe == "gateway.stream", gateway.url
        if live:
            origin, more = slow.url, more + ("client_max_body_size 40m;" if front == "nginx" else "")
        more = more.format(origin=origin.removeprefix("http://"), users=users)
        template = lab.HAPROXY.replace("server 50s", "server 1s") if live and front == "haproxy" else None
        with programs.running(front, origin, tmp_path / name.replace(" ", "-"), more, template) as url:
            return ask_doctor(plan_of(url, **values), key=LONG.get(size, lab.KEY), live=live)

    with lab.LiteLLM() as gateway, Front() as slow:
        gateway.accept(lab.KEY, *LONG.values())
        slow.key, slow.stream = lab.KEY, pauses
        with ThreadPoolExecutor(4) as pool:
            found = dict(zip(SITUATIONS, pool.map(run, SITUATIONS), strict=True))
    for name, verdicts in found.items():
        *_, probe, words = SITUATIONS[name]
        failed = failures(verdicts)
        assert list(failed) == [probe], (name, failed)
        assert words in failed[probe], (name, failed)
        assert verdicts[probe].help, name


def test_a_password_for_the_front_beside_the_key(
    programs: Any, client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    users, program, env = tmp_path / "users", client(CLIENT), clean_env(tmp_path)
    users.write_text("u:{PLAIN}p\n")
    more = f"client_max_body_size 40m; auth_basic x; auth_basic_user_file {users};"

    def run(provider: str) -> tuple[dict[str, str], str]:
        plan = plan_of(url, provider, "x-litellm-api-key", front_auth="env://F")
        return failures(ask_doctor(plan)), ask_client(program, env, plan, tmp_path / provider)

    providers = ("unified", "bedrock", "vertex")
    with (
        lab.LiteLLM() as gateway,
        programs.running("nginx", gateway.url, tmp_path / "f", more) as url,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        found = dict(zip(providers, pool.map(run, providers), strict=True))
    for provider, (failed, said) in found.items():
        assert failed == {}, provider
        assert ANSWER in said, (provider, said)


ASKS = """#!/bin/sh
while read -r line; do [ "$line" = "u p" ] && echo OK || echo ERR; done
"""


def test_a_forward_proxy_that_asks_for_a_password(
    programs: Any, client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    program, env, asks = client(CLIENT), clean_env(tmp_path), tmp_path / "asks"
    asks.write_text(ASKS)
    asks.chmod(0o755)
    rules = f"auth_param basic program {asks}\nacl known proxy_auth REQUIRED\nhttp_access allow known"
    template = lab.FORWARD_SQUID.replace("http_access allow all", f"{rules}\nhttp_access deny all")
    with lab.LiteLLM() as gateway, programs.running("squid", gateway.url, tmp_path / "f", "", template) as proxy:
        address = proxy.removeprefix("http://")
        for scheme, probe in (("http", "gateway.alive"), ("https", "proxy")):
            plan = plan_of(gateway.url.replace("http", scheme, 1), header="x-litellm-api-key")
            variable = f"{scheme.upper()}_PROXY"
            for person, words in (("", "requires a user name"), ("u:wrong@", "does not accept the user name")):
                found = ask_doctor(plan, {variable: f"http://{person}{address}"})
                assert list(failures(found)) == [probe], (scheme, person, found)
                assert f"The proxy {address} {words}" in found[probe].cause
                assert variable in found[probe].help
        plan = plan_of(gateway.url, header="x-litellm-api-key")
        way = {"HTTP_PROXY": f"http://u:p@{address}"}
        assert failures(ask_doctor(plan, way)) == {}
        assert ANSWER in ask_client(program, env | way, plan, tmp_path / "answered")
        assert ANSWER not in ask_client(program, env | {"HTTP_PROXY": proxy}, plan, tmp_path / "refused")


def test_a_plain_http_proxy_gets_the_same_two_lines_from_client_and_doctor(
    client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    def lines(gateway: Loopback) -> set[tuple[str, ...]]:
        asked = [item.headers for item in gateway.requests if "/v1/messages" in item.path]
        found = {tuple(value for name, value in item if name.lower() == "proxy-authorization") for item in asked}
        gateway.forget()
        return found

    with Loopback(lab.KEY, "proxy-authorization") as gateway:
        plan = plan_of(gateway.url, header="proxy-authorization")
        way = {"HTTP_PROXY": gateway.url.replace("http://", "http://u:p@")}
        ask_client(client(CLIENT), clean_env(tmp_path) | way, plan, tmp_path / "client")
        both = (f"Basic {BASIC}", f"Bearer {lab.KEY}")
        assert lines(gateway) == {both}
        ask_doctor(plan, way)
        assert both in lines(gateway)
