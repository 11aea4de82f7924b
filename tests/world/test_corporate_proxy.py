"""Who is to blame where the requests go over a corporate proxy: the proxy, the gateway, or either of them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

import pytest
from tests.world.test_probe_gateway import Fake, examine, failed, fake, profile, reply

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.world.probe import corporate, gateway

__all__ = ["fake"]
NOWHERE = "http://gw.internal:4000"
Answering = Callable[[str], bytes | None]
"""Method and host of a request -> the proxy's own answer; ``None`` to pass it on."""


class Proxy:
    """A proxy for plain http, which may answer by itself, hang or close the connection."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._server = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                channel, _ = self._server.accept()
                threading.Thread(target=self._one, args=(channel,), daemon=True).start()

    def _one(self, channel: socket.socket) -> None:
        with channel, contextlib.suppress(OSError):
            data = channel.recv(65536)
            if not data:
                return  # only reached
            _, target, _ = data.split(b"\r\n")[0].decode().split()
            answer = self._answering(target)
            if answer == HANG:
                self._done.wait(30)
            elif answer is not None:
                channel.sendall(answer)
            else:
                self._pass_on(channel, data, target)

    def _pass_on(self, channel: socket.socket, data: bytes, target: str) -> None:
        parts = urlsplit(target)
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as behind:
            behind.sendall(data.replace(target.encode(), parts.path.encode(), 1))
            channel.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                while rest := channel.recv(65536):
                    behind.sendall(rest)
            behind.shutdown(socket.SHUT_WR)
            while answer := behind.recv(65536):
                channel.sendall(answer)


HANG, CLOSE = b"hang", b""


def asks(scheme: str) -> bytes:
    """A proxy's 407 with this scheme."""
    return f"HTTP/1.1 407 Sign in\r\nProxy-Authenticate: {scheme}\r\nContent-Length: 0\r\n\r\n".encode()


def page(status: int, more: str = "", body: str = "<html>Blocked by policy</html>") -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\n{more}content-type: text/html\r\ncontent-length: {len(body)}\r\n"
        f"connection: close\r\n\r\n{body}"
    ).encode()


JSON = b'HTTP/1.1 403 X\r\ncontent-type: application/json\r\ncontent-length: 7\r\nconnection: close\r\n\r\n{"a":1}'


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.Gateway._probe, "__kwdefaults__", {"one_of": (), "seconds": 2.0})
    monkeypatch.setattr(gateway, "SECONDS", 0.8)
    monkeypatch.setattr(corporate, "SECONDS", 0.8)


def over(url: str, answering: Answering, variable: str = "HTTP_PROXY") -> tuple[str, Verdict, str]:
    """The only failing probe, and the proxy's place."""
    with Proxy(answering) as proxy:
        found, _ = examine(profile(url), {variable: proxy.url})
    (name,) = failed(found)
    return name, found[name], proxy.url.removeprefix("http://")


@pytest.mark.parametrize("answer", [page(403), page(503), page(502), JSON, HANG, CLOSE, page(200), page(421)])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_answers_in_place_of_the_gateway_is_named(fake: Fake, answer: bytes, variable: str) -> None:
    _, verdict, place = over(fake.url, lambda _: answer, variable)
    assert verdict.situation == "proxy-in-between"
    assert f"The proxy {place} ({variable})" in verdict.cause
    assert "asked past the proxy: HTTP 401" in verdict.evidence
    assert "add 127.0.0.1 to NO_PROXY" in verdict.help
    assert not any("authorization" in headers for *_, headers, _ in fake.seen), "past the proxy no key is sent"


@pytest.mark.parametrize("answer", [page(403), page(503), JSON, HANG, CLOSE])
def test_a_proxy_that_answers_any_host_is_named_where_the_gateway_is_reached_over_it_alone(answer: bytes) -> None:
    _, verdict, place = over(NOWHERE, lambda _: answer)
    assert verdict.situation == "proxy-for-itself"
    assert f"The proxy {place} (HTTP_PROXY)" in verdict.cause


def test_a_page_that_names_the_host_is_the_same_for_another_host() -> None:
    def named(target: str) -> bytes:
        return page(503, body=f"<html>cannot connect to {urlsplit(target).netloc} at 12:30:01</html>")

    assert over(NOWHERE, named)[1].situation == "proxy-for-itself"


@pytest.mark.parametrize(
    ("here", "elsewhere", "situation"),
    [
        (page(403), page(502), "proxy-unsure"),
        (page(503), HANG, "proxy-unsure"),
        (HANG, page(502), "proxy-unsure"),
        (page(403, "Proxy-Connection: close\r\n"), page(502), "proxy-for-itself"),
    ],
)
def test_where_nothing_tells_them_apart_both_are_named(here: bytes, elsewhere: bytes, situation: str) -> None:
    _, verdict, place = over(NOWHERE, lambda target: elsewhere if "cgw-doctor" in target else here)
    assert verdict.situation == situation
    assert f"the proxy {place} (HTTP_PROXY)" in verdict.cause.replace("The proxy", "the proxy")
    if situation == "proxy-unsure":
        assert "cannot be told apart" in verdict.cause
        assert len(verdict.help.splitlines()) > 1


@pytest.mark.parametrize("status", [403, 503])
def test_what_the_gateway_answers_over_the_proxy_and_without_it_is_its_own(fake: Fake, status: int) -> None:
    fake.answer = lambda *_: reply(status, b"<html>Blocked</html>", content_type="text/html")  # type: ignore[method-assign]
    with Proxy(lambda target: page(502) if "cgw-doctor" in target else None) as proxy:
        found, _ = examine(profile(fake.url), {"HTTP_PROXY": proxy.url})
    (name,) = failed(found)
    assert not found[name].situation.startswith("proxy-")


def test_a_gateway_behind_a_proxy_is_healthy(fake: Fake) -> None:
    with Proxy(lambda _: None) as proxy:
        found, _ = examine(profile(fake.url), {"HTTP_PROXY": proxy.url})
    assert not failed(found)
    assert found["gateway.key"].status == "ok"


@pytest.mark.parametrize(
    ("answer", "situation", "words"),
    [
        (page(403), "proxy-refused", "HTTP 403"),
        (page(503), "proxy-cannot", "HTTP 503"),
        (page(504), "proxy-cannot", "HTTP 504"),
        (CLOSE, "proxy-refused", "the connection was closed without an answer"),
        (b"SSH-2.0-x\r\n", "proxy-not-http", "the answer is not one of HTTP"),
        (HANG, "proxy-silent", "no answer"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_named(answer: bytes, situation: str, words: str) -> None:
    name, verdict, place = over("https://gw.corp.invalid", lambda _: answer, "HTTPS_PROXY")
    assert (name, verdict.situation) == ("proxy", situation)
    assert place in verdict.cause
    assert words in verdict.evidence


@pytest.mark.parametrize("url", ["https://gw.corp.invalid", NOWHERE])
@pytest.mark.parametrize(
    ("scheme", "situation"),
    [
        ("NTLM", "proxy-scheme"),
        ("Negotiate", "proxy-scheme"),
        ('Digest realm="x"', "proxy-scheme"),
        ('Basic realm="x"', "proxy-auth"),
        ('NTLM\r\nProxy-Authenticate: Basic realm="x"', "proxy-auth"),
    ],
)
def test_a_proxy_is_sent_a_password_only_if_it_takes_one(url: str, scheme: str, situation: str) -> None:
    _, verdict, _ = over(url, lambda _: asks(scheme), "HTTPS_PROXY" if url.startswith("https") else "HTTP_PROXY")
    assert verdict.situation == situation
    assert ("USER:PASSWORD" in verdict.help) is (situation == "proxy-auth")
