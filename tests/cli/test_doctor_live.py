"""What `cgw doctor --live` says about the questions that only a real request answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_probe_gateway import KEY, MISSING, Fake, Reply, fake, reply

from claude_gw_cli.cli.checklist import settled
from claude_gw_cli.cli.doctor import doctor
from claude_gw_cli.core.diagnosis import LIVE_STEP, Verdict
from claude_gw_cli.world import paths
from claude_gw_cli.world.loopback import wire
from claude_gw_cli.world.probe.schedule import Row

__all__ = ["fake"]
STREAM = reply(200, wire.server_sent_events("claude", "hi"), content_type=wire.SSE)
NOT_FOUND = reply(404, {"detail": "Not Found"})
UNKNOWN = reply(401, {"error": "who are you?"})


def gateway(real: Reply, incomplete: Reply) -> object:
    """Answers to a real request, and to those that show nothing about the key."""

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if "count_tokens" in path:
            return NOT_FOUND
        if not path.startswith("/v1/messages"):
            return NOT_FOUND
        if "messages" not in body:
            return incomplete
        return (real if KEY in headers.get("authorization", "") else UNKNOWN) if body.get("stream") else UNKNOWN

    return answer


INCOMPLETE: dict[str, Reply] = {
    "the body is checked before the key": reply(400, MISSING),
    "it fails on incomplete requests": reply(500, {"error": "x"}),
}


@pytest.mark.parametrize("name", INCOMPLETE)
@pytest.mark.parametrize(("real", "code"), [(STREAM, 0), (UNKNOWN, 1)])
def test_with_live_no_warning_advises_it_again(
    fake: Fake, isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    name: str, real: Reply, code: int,
) -> None:  # fmt: skip
    (isolated / "work").mkdir()
    monkeypatch.chdir(isolated / "work")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(paths, "managed_dir", lambda: str(isolated / "managed"))
    monkeypatch.setenv("ANTHROPIC_BASE_URL", fake.url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    fake.answer = gateway(real, INCOMPLETE[name])  # type: ignore[method-assign, assignment]

    def run(*, live: bool) -> tuple[int, dict[str, dict[str, Any]]]:
        found = doctor(live=live, format_="json")
        return found, {row["id"]: row for row in json.loads(capfd.readouterr().out)["probes"]}

    _, rows = run(live=False)
    if "fail" in {row["status"] for row in rows.values()}:
        pytest.fail(str(rows))
    assert LIVE_STEP in str([row["help"] for row in rows.values()])
    exit_code, rows = run(live=True)
    assert exit_code == code
    warned = [row for row in rows.values() if row["status"] == "warn" and row["id"].startswith("gateway.")]
    assert all(LIVE_STEP not in (row["help"] or "") for row in rows.values())
    assert bool(warned) == (code == 1)
    if code == 0:
        assert rows["gateway.key"]["evidence"] == "a real request was answered"


def row(name: str, verdict: Verdict | None) -> Row:
    return Row(name, name, 0.1, verdict)


@pytest.mark.parametrize(
    ("live", "status", "step"),
    [
        (None, None, None),
        (Verdict("ok"), "ok", ""),
        (Verdict("warn", "whole"), "ok", ""),
        (Verdict("fail", "refused"), "warn", "see what the live request was answered, below"),
        (Verdict("skip", "needs something"), "warn", "try it with the client: claude -p hi"),
    ],
)
def test_a_row_waits_for_the_live_request(live: Verdict | None, status: str | None, step: str | None) -> None:
    waiting = row("gateway.key", Verdict("warn", "not known", help=LIVE_STEP))
    plain = row("gateway.model", Verdict("warn", "odd", help="tell someone"))
    found = settled([plain, waiting, row("gateway.stream", live)])
    assert found[0] == plain
    assert found[1] is not None
    verdict = found[1].verdict
    assert (verdict and verdict.status, verdict and verdict.help) == (status, step)
    assert settled([waiting]) == [waiting]
    assert settled([waiting, None]) == [waiting, None]
