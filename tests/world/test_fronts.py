"""`cgw doctor` behind programs that remove, refuse, hold and cut. Real ones: tests/real/test_fronts.py."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Self

import pytest

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.fronts import removal
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.fronts import kept_by, named
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

KEY = "sk-canary-3f9a-7c21-zq7x"
NO_KEY = {"error": {"message": "Authentication Error, No api key passed in.", "type": "auth_error"}}
MISSING = {"error": {"type": "invalid_request_error", "message": "Missing required parameter: 'messages'."}}
EVENTS = [
    *("message_start", "content_block_start"), *["content_block_delta"] * 8, "content_block_stop", "message_delta",
    "message_stop",
]  # fmt: skip


def event(name: str) -> str:
    """One event of a stream, of which only the type matters here."""
    return f'event: {name}\ndata: {{"type": "{name}"}}\n\n'


class Front:
    """A LiteLLM-like gateway, and what is in front of it, on one port. Every member may be changed by a test."""

    def __init__(self) -> None:
        self.key = KEY
        self.reads = {"authorization", "x-litellm-api-key"}
        self.removes: set[str] = set()
        self.server = ""
        self.head_limit = 1 << 20
        self.head_refusal: tuple[int, bytes] | None = (431, b"<html>Header Too Large</html>")
        self.body_limit = 1 << 30
        self.announces = True
        self.wants_basic, self.scheme = "", "Basic"
        self.route = "/v1/messages"
        self.refuses: str = ""
        self.whole_after: float | None = None
        self.stream: Callable[[Any], None] = streams
        self.maintenance = False
        self.guard: Callable[[str, dict[str, str]], tuple[int, bytes, str] | None] = lambda _path, _headers: None
        """What refuses a request before the gateway sees it: status, body and content type."""
        self.closes: Callable[[str, dict[str, str]], bool] = lambda _path, _headers: False
        """Whether it closes the connection instead of an answer."""
        self.with_key: tuple[int, bytes, tuple[str, str]] | None = None
        """The answer to every request with the key; status 0 closes the connection."""
        self.seen: list[tuple[str, list[tuple[str, str]], int]] = []
        front = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while front.serve(self):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.address}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, connection: Any) -> bool:
        """One request; false at the end of the connection."""
        first = connection.rfile.readline().decode("latin-1").split()
        if len(first) != 3:
            return False
        lines = []
        while (line := connection.rfile.readline().decode("latin-1").strip()) and ":" in line:
            name, _, value = line.partition(":")
            lines.append((name.lower(), value.strip()))
        headers = dict(lines)
        length = int(headers.get("content-length", 0))
        self.seen.append((first[1], lines, length))
        if sum(len(name) + len(value) for name, value in lines) > self.head_limit:
            if self.head_refusal:
                self.answer(connection, *self.head_refusal, kind="text/html")
            return False
        if length > self.body_limit and (self.announces or not headers.get("expect")):
            self.answer(connection, 413, b"<html>too large</html>", kind="text/html")
            return False
        if self.wants_basic and headers.get("authorization") != f"Basic {self.wants_basic}":
            self.answer(
                connection,
                401,
                b"<html>Sign in</html>",
                ("WWW-Authenticate", f'{self.scheme} realm="x"'),
                "text/html",
            )
            return False
        if headers.get("expect"):
            connection.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = json.loads(connection.rfile.read(length) or b"{}") if length else {}
        path = "/" + first[1].split("?")[0].removeprefix("http://gw.test").lstrip("/")
        if self.closes(path, headers):
            return False
        if refusal := self.guard(path, headers):
            return self.answer(connection, *refusal[:2], kind=refusal[2])
        return self.gateway(connection, path, headers, body)

    def gateway(self, connection: Any, path: str, headers: dict[str, str], body: dict[str, Any]) -> bool:
        if path.endswith("/health/liveliness"):
            return self.answer(connection, 200, b'"I\'m alive!"')
        if not path.startswith(self.route) or "%2F" in path:
            return self.answer(connection, 404, b'{"detail":"Not Found"}')
        kept = {n: v for n, v in headers.items() if n not in self.removes and not ("_" in n and "_" in self.removes)}
        if self.maintenance:
            return self.answer(connection, 200, b"maintenance", kind="text/plain")
        if not any(self.key in kept.get(name, "") for name in self.reads):
            return self.answer(connection, 401, json.dumps(NO_KEY).encode())
        if self.with_key is not None:
            status, data, header = self.with_key
            return self.answer(connection, status, data, header) if status else False
        if path.endswith("/count_tokens"):
            return self.answer(connection, 200, b'{"input_tokens": 1, "litellm_count_source": "provider"}')
        if self.refuses and (self.refuses in body or self.refuses in headers) and body.get("messages"):
            return self.answer(connection, 400, json.dumps({"error": {"message": "Extra inputs"}}).encode())
        if body.get("stream") and self.whole_after is not None:
            time.sleep(self.whole_after)
            data = "".join(map(event, EVENTS)).encode()
            return self.answer(connection, 200, data, kind="text/event-stream")
        if body.get("stream"):
            connection.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
            connection.wfile.write(b"transfer-encoding: chunked\r\n\r\n")
            self.stream(connection.wfile)
            return False
        return self.answer(connection, 400, json.dumps(MISSING).encode())

    def answer(
        self, connection: Any, status: int, body: bytes, header: tuple[str, str] = ("x-a", "b"), kind: str = ""
    ) -> bool:
        server = f"server: {self.server}\r\n" if self.server else ""
        head = (
            f"HTTP/1.1 {status} X\r\ncontent-type: {kind or 'application/json'}\r\n{server}{header[0]}: {header[1]}"
        )
        connection.wfile.write(f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        return True


def chunk(name: str) -> bytes:
    data = event(name).encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def streams(out: Any) -> None:
    for name in EVENTS:
        out.write(chunk(name))
        time.sleep(0.03)
    out.write(b"0\r\n\r\n")


def holds(out: Any) -> None:
    time.sleep(1.2)
    out.write(b"".join(chunk(name) for name in EVENTS) + b"0\r\n\r\n")


def cuts(out: Any) -> None:
    out.write(chunk("message_start"))
    time.sleep(0.7)


@pytest.fixture
def front() -> Iterator[Front]:
    with Front() as running:
        yield running


def examine(
    gateway_front: Front, env: dict[str, str] | None = None, /, *, live: bool = False, key: str = KEY, **changes: Any
) -> dict[str, Verdict]:
    gateway_front.key = key
    plain = Profile("p", "unified", gateway_front.url, secret="env://K", models=Models(default="claude-opus-5-5"))
    gateway = Gateway(Grant("typed"), make_plan(replace(plain, **changes)), env or {}, ("CGW306",), "2.1.330")
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(key)))
    basic = Probe("front", "Password", lambda _: Verdict("ok", value=Secret(base64.b64encode(b"u:p").decode())))
    probes = [secret, *([basic] if "front_auth" in changes else []), *gateway.probes(live=live)]
    rows = Schedule(probes).run()
    found = {row.id: row.verdict for row in rows if row.verdict}
    assert key not in str([(verdict.cause, verdict.evidence, verdict.help) for verdict in found.values()])
    return found


def failure(found: dict[str, Verdict], probe: str) -> Verdict:
    assert [name for name, verdict in found.items() if verdict.status == "fail"] == [probe]
    return found[probe]


def healthy(found: dict[str, Verdict]) -> None:
    assert [(name, verdict) for name, verdict in found.items() if verdict.status in {"fail", "warn"}] == []


def test_with_nothing_wrong_nothing_is_said(front: Front) -> None:
    healthy(examine(front, live=True))


@pytest.mark.parametrize(
    ("removes", "server", "header", "words"),
    [
        ("authorization", "squid/6.1", None, "Squid as an accelerator, before the gateway, removes the header"),
        ("authorization", "", None, "Something before the gateway removes or replaces the header authorization"),
        ("authorization", "nginx", None, "nginx, named in its answers, passes it on by default"),
        ("proxy-authorization", "Caddy", "proxy-authorization", "Caddy, before the gateway, removes"),
        ("_", "nginx/1.30", "x_litellm_key", "nginx, before the gateway, removes the header x_litellm_key"),
    ],
)
def test_a_header_that_is_removed_on_the_way(
    front: Front, removes: str, server: str, header: str | None, words: str
) -> None:
    front.removes, front.server = {removes}, server
    front.reads |= {header} if header else set()
    verdict = failure(examine(front, key_header=header), "gateway.key")
    assert words in verdict.cause
    assert "accepts the key in x-litellm-api-key" in verdict.cause
    assert "--key-header x-litellm-api-key" in verdict.help


def test_a_header_that_the_gateway_does_not_read_may_also_be_removed(front: Front) -> None:
    verdict = failure(examine(front, key_header="proxy-authorization"), "gateway.key")
    assert "removes the header proxy-authorization" in verdict.cause
    assert "The gateway does not read its key from proxy-authorization, or" in verdict.cause
    assert "accepts the key in x-litellm-api-key" in verdict.cause


def test_a_password_for_the_front(front: Front) -> None:
    front.wants_basic = base64.b64encode(b"u:p").decode()
    verdict = failure(examine(front), "gateway.key")
    assert "asks for a user name and password (Basic) and takes the header Authorization" in verdict.cause
    assert "cgw profile set p --key-header x-litellm-api-key --front-auth REF" in verdict.help
    healthy(examine(front, key_header="x-litellm-api-key", front_auth="env://F", live=True))
    basic = [dict(lines).get("authorization") for _, lines, _ in front.seen]
    assert basic[-1] == f"Basic {front.wants_basic}"


def test_a_password_that_the_front_does_not_accept(front: Front) -> None:
    front.wants_basic = base64.b64encode(b"u:other").decode()
    verdict = failure(examine(front, key_header="x-litellm-api-key", front_auth="env://F"), "gateway.key")
    assert "does not accept the user name and password (Basic)" in verdict.cause
    assert "cgw secret test env://F" in verdict.help


def test_a_front_that_wants_another_scheme_cannot_be_given_one(front: Front) -> None:
    front.wants_basic, front.scheme = "x", "Negotiate"
    verdict = failure(examine(front, key_header="x-litellm-api-key"), "gateway.key")
    assert "(Negotiate)" in verdict.cause
    assert "--front-auth" not in verdict.help


def test_a_front_that_is_recognised_is_proposed_for_the_profile(front: Front) -> None:
    front.server = "Caddy"
    assert "cgw profile set p --front caddy" in examine(front)["gateway.headers"].help
    assert not examine(front, front="caddy")["gateway.headers"].help
    front.server = ""
    assert not examine(front)["gateway.headers"].help


@pytest.mark.parametrize("refusal", [(431, b""), (431, b"too large"), (400, b"<html>x</html>"), (400, b""), None])
@pytest.mark.parametrize("limit", [3_500, 9_000])
def test_a_key_that_is_larger_than_the_fronts_limit(
    front: Front, refusal: tuple[int, bytes] | None, limit: int
) -> None:
    front.head_limit, front.head_refusal = limit, refusal
    verdict = failure(examine(front, key="eyJ" + "k" * 12_000), "gateway.key")
    assert "The key has 12003 characters, more than" in verdict.cause
    assert {3_500: "with 2000 characters pass", 9_000: "with 8000 characters pass"}[limit] in verdict.cause


def test_a_large_key_must_leave_room_for_the_clients_other_headers(front: Front) -> None:
    front.head_limit = 7_000
    assert "more than" in failure(examine(front, key="k" * 6_500), "gateway.key").cause
    healthy(examine(front, key="k" * 3_000))


@pytest.mark.parametrize(
    ("limit", "status", "words"),
    [(1_048_576, "fail", "requests of 1.1 MB"), (10_485_760, "warn", "of 10.7 MB (413) and takes 8.6 MB")],
)
def test_a_limit_for_bodies_is_measured_without_sending_one(
    front: Front, limit: int, status: str, words: str
) -> None:
    front.body_limit = limit
    found = examine(front)
    assert found["gateway.body"].status == status
    assert words in found["gateway.body"].cause
    assert not [size for _, lines, size in front.seen if size > limit and "expect" not in dict(lines)]


@pytest.mark.parametrize(
    ("stream", "words"),
    [(holds, "held back and arrived in one piece"), (cuts, "cut after 0.7 s")],
)
def test_live_tells_held_and_cut_apart(front: Front, stream: Callable[[Any], None], words: str) -> None:
    front.stream = stream
    assert words in failure(examine(front, live=True), "gateway.stream").cause


@pytest.mark.parametrize(
    ("part", "variable"),
    [
        ("thinking", "CLAUDE_CODE_DISABLE_THINKING"),
        ("output_config", "CLAUDE_CODE_EFFORT_LEVEL"),
        ("context_management", "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"),
        ("tools", "let the gateway accept it"),
        ("anthropic-beta", "let the gateway accept it"),
    ],
)
def test_live_names_the_part_that_is_refused_and_what_leaves_it_out(front: Front, part: str, variable: str) -> None:
    front.refuses = part
    verdict = failure(examine(front, live=True), "gateway.stream")
    assert part in verdict.cause
    assert variable in verdict.help
    if variable.startswith("CLAUDE"):
        value = "unset" if part == "output_config" else "1"
        healthy(examine(front, {variable: value}, live=True))


@pytest.mark.parametrize(("seconds", "status"), [(0, "ok"), (0.6, "fail")])
def test_an_answer_with_a_length_is_held_back_only_if_it_had_to_be_waited_for(
    front: Front, seconds: float, status: str
) -> None:
    front.whole_after = seconds
    found = examine(front, live=True)["gateway.stream"]
    assert found.status == status
    assert "content-length" in found.evidence


def test_a_proxy_gets_both_lines_and_its_407_is_its_own(front: Front) -> None:
    env = {"HTTP_PROXY": f"http://u:p@{front.address}"}
    found = examine(front, env, gateway_url="http://gw.test", key_header="proxy-authorization")
    sent = [[value for name, value in lines if name == "proxy-authorization"] for _, lines, _ in front.seen]
    assert [f"Basic {base64.b64encode(b'u:p').decode()}", f"Bearer {KEY}"] in sent
    assert found["gateway.alive"].status == "ok"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "HTTP_PROXY"])
def test_a_dead_proxy_is_named_and_not_the_gateway(variable: str) -> None:
    scheme = "https" if variable == "HTTPS_PROXY" else "http"
    plain = Profile("p", "unified", f"{scheme}://gw.test", secret="env://K", models=Models(default="m"))
    gateway = Gateway(Grant("typed"), make_plan(plain), {variable: "http://127.0.0.1:9"})
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(KEY)))
    found = {row.id: row.verdict for row in Schedule([secret, *gateway.probes(live=False)]).run() if row.verdict}
    assert f"{variable} names the proxy 127.0.0.1:9, which cannot be reached" in failure(found, "proxy").cause


def test_a_front_that_makes_two_slashes(front: Front) -> None:
    front.route = "/llmv1/messages"
    verdict = failure(examine(front, gateway_url=f"{front.url}/llm"), "gateway.route")
    assert "two slashes" in verdict.cause


def test_a_front_that_refuses_an_encoded_slash(front: Front) -> None:
    front.route = "/bedrock/"
    models = Models(default="arn:aws:x/y")
    verdict = failure(examine(front, provider="bedrock", region="us-east-1", models=models), "gateway.model")
    assert "encoded slash (%2F) of the model arn:aws:x/y" in verdict.cause


NO_HEADER = ("x-a", "b")


@pytest.mark.parametrize(
    ("with_key", "words", "help_"),
    [
        ((200, b"", NO_HEADER), "is not one of a model API", "correct the URL"),
        ((200, b"It works!", NO_HEADER), "is not one of a model API", "correct the URL"),
        ((402, b'{"error": "payment required"}', NO_HEADER), "The credit or the quota is used up", "administrator"),
        ((406, b'{"error": "not acceptable"}', NO_HEADER), "refuses the request; its own message", "administrator"),
        ((0, b"", NO_HEADER), "answered other requests, and closes the connection", "administrator"),
        (
            (302, b"", ("location", "https://sso.example.com/login?to=%2Fv1%2Fmessages")),
            "is redirected to https://sso.example.com/login",
            "reachable without a sign-in",
        ),
        (
            (307, b"", ("location", "https://new.example.com/v1/messages")),
            "redirects to https://new.example.com/v1/messages",
            "cgw profile set p --gateway-url https://new.example.com",
        ),
        ((404, b"<html>Not Found</html>", NO_HEADER), "There is no /v1/messages", "--base-path PATH"),
    ],
)
def test_an_answer_with_which_the_client_fails_is_a_failure(
    front: Front, with_key: tuple[int, bytes, tuple[str, str]], words: str, help_: str
) -> None:
    front.with_key = with_key
    verdict = failure(examine(front), "gateway.key")
    assert words in verdict.cause
    assert help_ in verdict.help
    assert front.url not in verdict.help, "the address that is already set is no advice"


def test_a_page_that_answers_everything_is_not_called_a_removed_header(front: Front) -> None:
    front.maintenance = True
    verdict = failure(examine(front), "gateway.key")
    assert "is not one of a model API" in verdict.cause


def test_an_empty_refusal_is_not_taken_for_an_accepted_key(front: Front) -> None:
    front.with_key = (400, b"", NO_HEADER)
    assert examine(front)["gateway.key"].status == "warn"


def says_error(out: Any) -> None:
    data = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
    out.write(f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n")


def ends_early(out: Any) -> None:
    out.write(chunk("message_start") + b"0\r\n\r\n")


@pytest.mark.parametrize(("stream", "words"), [(says_error, "has an error"), (ends_early, "without the event that")])
def test_a_stream_that_ends_properly_is_not_called_cut(
    front: Front, stream: Callable[[Any], None], words: str
) -> None:
    front.stream = stream
    verdict = failure(examine(front, live=True), "gateway.stream")
    assert words in verdict.cause
    assert "time limit" not in verdict.cause + verdict.help


HTML, TEXT = "text/html", "text/plain"


def test_a_front_that_admits_the_client_alone_admits_the_doctor(front: Front) -> None:
    front.guard = lambda _, headers: None if "claude-cli/" in headers["user-agent"] else (403, b"<html>no", HTML)
    healthy(examine(front, live=True))
    assert all("x-cgw-doctor" in dict(lines) for _, lines, _ in front.seen)


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_for_requests_without_a_key_is_no_failure(front: Front, status: int) -> None:
    front.guard = lambda path, headers: (
        (status, b"<html>sign in</html>", HTML) if "authorization" not in headers and "health" not in path else None
    )
    healthy(examine(front))


def test_a_page_in_place_of_every_refusal_is_said(front: Front) -> None:
    front.guard = lambda path, _: (401, b"<html>sign in</html>", HTML) if "health" not in path else None
    assert "where the gateway refuses a key" in failure(examine(front), "gateway.key").cause


@pytest.mark.parametrize(("status", "kind"), [(403, TEXT), (401, "application/json"), (400, TEXT)])
def test_a_front_that_wants_more_than_a_key_is_not_called_a_wrong_key(front: Front, status: int, kind: str) -> None:
    front.guard = lambda _path, _headers: (status, b'{"error": "missing x-client-id"}', kind)
    cause = failure(examine(front), "gateway.key").cause
    assert "Every request gets this answer" in cause
    assert "another header" in cause


def test_a_missing_client_certificate_is_told_at_once(front: Front) -> None:
    page = b"<html>400 No required SSL certificate was sent</html>"
    front.guard = lambda _path, _headers: (400, page, HTML)
    assert "requires a client certificate" in failure(examine(front), "gateway.alive").cause


@pytest.mark.parametrize(("status", "kind"), [(429, TEXT), (503, HTML)])
def test_a_limit_for_requests_in_a_moment_is_waited_for(front: Front, status: int, kind: str) -> None:
    came: list[float] = []

    def guard(_path: str, _headers: dict[str, str]) -> tuple[int, bytes, str] | None:
        now = time.monotonic()
        if sum(now - 0.9 < then for then in came) >= 2:
            return status, b"<html>slow down</html>", kind
        came.append(now)
        return None

    front.guard = guard
    found = examine(front)
    assert [name for name, verdict in found.items() if verdict.status == "fail"] == []
    assert "limits how many requests may come in a moment" in found["gateway.headers"].cause


def test_a_limit_that_lasts_is_not_called_a_removed_header(front: Front) -> None:
    front.guard = lambda path, _: (429, b"too many", TEXT) if "health" not in path else None
    assert "refused as too many" in failure(examine(front), "gateway.key").cause


def test_a_key_that_something_puts_in_place_of_the_own_one(front: Front) -> None:
    unknown = json.dumps({"error": {"message": "no", "type": "token_not_found_in_db"}}).encode()
    front.guard = lambda path, headers: (
        None if "health" in path or "x-litellm-api-key" in headers else (401, unknown, "application/json")
    )
    verdict = failure(examine(front), "gateway.key")
    assert "removes or replaces the header authorization" in verdict.cause
    assert "--key-header x-litellm-api-key" in verdict.help


def test_a_prefix_that_reaches_the_gateway_is_told(front: Front) -> None:
    front.guard = lambda path, _: (404, b"<html>nothing here</html>", HTML) if not path.startswith("/llm/") else None
    front.route = "/nothing"
    verdict = failure(examine(front, base_path="/llm"), "gateway.route")
    assert "passes /llm on, which the gateway does not know" in verdict.cause
    assert "handle_path" in verdict.help


@pytest.mark.parametrize(
    ("limit", "words"), [(40_000, "of 300 kB"), (290_000, "of 300 kB"), (1_150_000, "of 1.2 MB")]
)
def test_a_small_limit_for_bodies_that_is_not_announced(front: Front, limit: int, words: str) -> None:
    front.body_limit, front.announces = limit, False
    assert f"refuses requests {words} (413)" in failure(examine(front), "gateway.body").cause


@pytest.mark.parametrize(
    ("limit", "words"), [(40_000, "of 45 kB (413). "), (200_000, "of 270 kB (413) and takes 140")]
)
def test_a_small_limit_for_bodies_that_is_announced(front: Front, limit: int, words: str) -> None:
    front.body_limit = limit
    assert words in failure(examine(front), "gateway.body").cause


def test_advice_for_a_front_is_about_the_header_that_it_removes() -> None:
    caddy, nginx = named("caddy"), named("nginx")
    assert kept_by(caddy, "x_litellm_key") == ""
    assert kept_by(nginx, "x_litellm_key") == "underscores_in_headers on;"
    assert "header_up" in kept_by(caddy, "proxy-authorization")
    cause, _ = removal("proxy-authorization", (named("apache"),), read=False)
    assert "as Caddy, Squid as an accelerator, Traefik," in cause


def test_a_proxy_that_answers_401_to_its_own_password_is_named(front: Front) -> None:
    front.wants_basic, front.scheme = "another", 'Basic realm="Tinyproxy"; is'
    way = {"HTTP_PROXY": f"http://u:wrong@{front.address}"}
    verdict = failure(examine(front, way), "gateway.alive")
    assert "does not accept the user name and password in HTTP_PROXY" in verdict.cause
    secure = {"HTTPS_PROXY": f"http://u:wrong@{front.address}"}
    plain = Profile("p", "unified", "https://gw.example.com", secret="env://K")
    gateway = Gateway(Grant("typed"), make_plan(plain), secure)
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(KEY)))
    rows = Schedule([secret, *gateway.probes(live=False)]).run()
    (verdict,) = [row.verdict for row in rows if row.id == "proxy" and row.verdict]
    assert "does not accept the user name and password in HTTPS_PROXY" in verdict.cause
