"""`cgw facts` and `cgw trace --learn` as a user sees them."""

from __future__ import annotations

import hashlib
import json
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core.observation import Observation
from claude_gw_cli.facts.newest import NEWEST
from claude_gw_cli.facts.overlay import Overlay
from claude_gw_cli.facts.versions import use
from claude_gw_cli.world import laboratory, paths

sys.path.insert(0, str(Path(__file__).parents[1] / "atlas"))
import bundle as maker

NEWER, NEXT = "2.1.340", "2.1.341"
# Passes for a client of a release to come: it sends a token as x-api-key.
CLIENT = """#!{python}
import json, os, urllib.request
body = {{"model": "claude-opus-5-5", "max_tokens": 9, "messages": [1], "tools": [1]}}
headers = {{"user-agent": "claude-cli/{version}", "content-type": "application/json"}}
headers["x-api-key"] = os.environ["ANTHROPIC_AUTH_TOKEN"]
url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages?beta=true"
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).read()
"""
Cgw = Callable[..., Any]


@pytest.fixture(autouse=True)
def packaged() -> Iterator[None]:
    yield
    use(Overlay())


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "facts-newer"
    path.write_bytes(maker.text("2026-11-28T12:00:00Z", Overlay(), NEWER))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def taken(cgw: Cgw, path: Path) -> Any:
    return cgw("facts", "update", str(path), "--allow-unsigned", "--sha256", digest(path))


def test_without_anything_the_packaged_facts_are_in_force(cgw: Cgw, isolated: Path) -> None:
    document = json.loads(cgw("facts", "show", "--format", "json").out)
    assert document["in_force"] == {"newest": NEWEST, "source": "packaged"}
    assert (document["bundle"], document["learned"]) == (None, [])
    shown = cgw("facts", "show").out
    assert "cgw facts update FILE|URL" in shown
    assert "cgw trace --learn" in shown
    assert not list(isolated.rglob("facts"))


def test_a_client_newer_than_the_facts_is_said(cgw: Cgw) -> None:
    said = f"{NEWER} is newer than the facts ({NEWEST}); `cgw trace` shows what it really sends"
    assert said in cgw("explain", "--client-version", NEWER).out
    document = json.loads(cgw("explain", "--client-version", NEWER, "--format", "json").out)
    assert f"{said}." in document["sentences"]
    assert "CGW613" in {finding["code"] for finding in document["findings"]}
    checked = json.loads(cgw("check", "--client-version", NEWER, "--format", "json").out)
    assert said in [finding["message"] for finding in checked["findings"]]
    assert "newer than the facts" not in cgw("explain", "--client-version", NEWEST).out


def test_a_bundle_is_taken_shown_used_and_removed(cgw: Cgw, bundle: Path) -> None:
    assert "not signed" in taken(cgw, bundle).err
    assert f"(facts: {NEWER}, bundle)" in cgw("--version").out
    shown = json.loads(cgw("facts", "show", "--format", "json").out)
    assert shown["bundle"]["sha256"] == digest(bundle)
    assert shown["in_force"] == {"newest": NEWER, "source": "bundle"}
    assert "newer than the facts" not in cgw("explain", "--client-version", NEWER).out
    assert f"newer than the facts ({NEWER})" in cgw("explain", "--client-version", NEXT).out
    cgw("facts", "reset")
    assert f"(facts: {NEWEST}, packaged)" in cgw("--version").out


def test_uninstall_removes_the_facts(cgw: Cgw, bundle: Path, isolated: Path) -> None:
    taken(cgw, bundle)
    cgw("uninstall", "--yes")
    assert list(isolated.iterdir()) == []


def test_what_is_not_accepted_says_what_to_do(cgw: Cgw, bundle: Path, tmp_path: Path) -> None:
    assert "--allow-unsigned --sha256 HEX" in cgw("facts", "update", str(bundle), fails=77).err
    assert "needs --sha256" in cgw("facts", "update", str(bundle), "--allow-unsigned", fails=2).err
    assert "cannot read" in cgw("facts", "update", str(tmp_path / "none"), fails=74).err
    assert "plain http" in cgw("facts", "update", "http://gateway.example/facts", fails=2).err
    huge = tmp_path / "huge"
    huge.write_bytes(b"{" * 2_000_000)
    assert "larger than" in cgw("facts", "update", str(huge), fails=2).err
    assert "(facts: " + NEWEST in cgw("--version").out


def test_a_bundle_comes_from_an_address(cgw: Cgw, bundle: Path) -> None:
    class Serves(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bundle.read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Serves) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/facts"
        cgw("facts", "update", address, "--allow-unsigned", "--sha256", digest(bundle))
        server.shutdown()
        thread.join()
    assert json.loads(cgw("facts", "show", "--format", "json").out)["bundle"]["source"] == address


def test_what_is_learned_counts_until_a_bundle_covers_it(
    cgw: Cgw, bundle: Path, isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "claude-code"
    folder.mkdir()
    folder.joinpath("package.json").write_text(json.dumps({"name": "@anthropic-ai/claude-code", "version": NEWER}))
    program = folder / "claude"
    program.write_text(CLIENT.format(python=sys.executable, version=NEWER))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    env = {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": "tok"}
    monkeypatch.setattr(laboratory, "matrix", lambda: [("a", {"env": env}), ("b", {"env": {**env, "X": "1"}})])
    monkeypatch.setattr(paths, "managed_dir", lambda: str(tmp_path / "no-managed"))
    learned = cgw("trace", "--learn", "--client", str(program), "--yes")
    assert f"learned   {NEWER}, from 2 starts" in learned.out
    assert "x-api-key is filled by token" in learned.out
    assert "not explained" not in learned.out
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "tok-0123456789")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example")
    for version in (NEWER, NEXT):
        found = json.loads(cgw("explain", "--client-version", version, "--format", "json").out)
        assert found["headers"]["x-api-key"]["source"]["name"] == "ANTHROPIC_AUTH_TOKEN"
        assert not found["headers"]["authorization"]["present"]
        assert f"`cgw trace --learn` measured with {NEWER}" in found["sentences"][0]
    before = json.loads(cgw("explain", "--client-version", NEWEST, "--format", "json").out)
    assert before["headers"]["authorization"]["present"]
    assert f"{NEWER} learned here" in cgw("--version").out
    taken(cgw, bundle)
    assert "learned here" not in cgw("--version").out
    assert [item["in_force"] for item in json.loads(cgw("facts", "show", "--format", "json").out)["learned"]] == [
        False
    ]


def test_a_request_over_the_proxy_is_recorded_as_one_without_it() -> None:
    for url in ("/x", "http://127.0.0.1:4000/x", "http://[::1]:4000/x"):
        assert laboratory.recorded(Observation(1, url), "http://127.0.0.1:4000", None)["url"] == "/x"


def test_nothing_is_learned_beside_managed_settings(
    cgw: Cgw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "managed_dir", lambda: str(tmp_path))
    program = tmp_path / "2.1.340"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert "managed settings" in cgw("trace", "--learn", "--client", str(program), fails=69).err
    assert "no arguments" in cgw("trace", "--learn", "--format", "json", fails=2).err
