from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from claude_gw_cli.cli.checklist import show, unasked
from claude_gw_cli.cli.doctor import doctor
from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Row, Schedule, not_checked

KEY = "sk-canary-3f9a-7c21-zq7x"
KEYS = {"id", "title", "status", "seconds", "cause", "evidence", "help"}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(KEY) as running:
        yield running


@pytest.fixture(autouse=True)
def elsewhere(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(isolated)
    monkeypatch.setenv("PATH", os.defpath)


def save(home: Path, url: str, extra: str = "", *, secret: str | None = "env://CGW_TEST_KEY") -> None:
    folder = home / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    reference = f'secret = "{secret}"\n' if secret else ""
    text = f'provider = "unified"\ngateway_url = "{url}"\n{reference}{extra}'
    (folder / "work.toml").write_text(text)


def apply(url: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell as `cgw env` leaves it, and the store with the key."""
    monkeypatch.setenv("CGW_TEST_KEY", key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", key)


def examine(
    capfd: pytest.CaptureFixture[str], name: str | None = None
) -> tuple[int, dict[str, dict[str, object]], str]:
    code = doctor(profile=name, format_="json")
    out, err = capfd.readouterr()
    assert KEY not in out + err
    document = json.loads(out)
    assert set(document) == {"schema_version", "verdict", "gateway", "probes", "findings"}
    assert document["schema_version"] == 1
    for probe in document["probes"]:
        assert set(probe) == KEYS
        assert probe["status"] in {"ok", "warn", "fail", "skip"}
    assert code == (1 if document["verdict"] == "fail" else 0)
    return code, {probe["id"]: probe for probe in document["probes"]}, document["gateway"]["kind"]


def test_a_healthy_set_up_is_ok_and_the_gateway_saw_no_message(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    code, probes, kind = examine(capfd)
    assert code == 0, probes
    assert kind == "litellm"
    assert probes["gateway.key"]["status"] == "ok"
    assert "gateway.stream" not in probes


def test_a_wrong_key_is_the_only_failure_and_what_needs_it_is_skipped(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, "sk-another-key-zzzz", monkeypatch)
    code, probes, _ = examine(capfd)
    assert code == 1
    assert [name for name, probe in probes.items() if probe["status"] == "fail"] == ["gateway.key"]
    assert "does not know this key" in str(probes["gateway.key"]["cause"])
    assert probes["gateway.model"]["status"] == "skip"
    assert "Key accepted" in str(probes["gateway.model"]["cause"])


def test_a_key_that_is_not_in_its_store_is_the_stores_failure(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    monkeypatch.delenv("CGW_TEST_KEY")
    _, probes, _ = examine(capfd)
    assert [name for name, probe in probes.items() if probe["status"] == "fail"] == ["secret"]
    assert "CGW_TEST_KEY" in str(probes["secret"]["cause"])
    assert probes["gateway.route"]["status"] == "ok"


def test_a_profile_without_a_secret_says_which_option_is_missing(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url, secret=None)
    apply(gateway.url, KEY, monkeypatch)
    _, probes, _ = examine(capfd)
    assert [name for name, probe in probes.items() if probe["status"] == "fail"] == ["profile"]
    assert "cgw profile set work --secret" in str(probes["profile"]["help"])


def test_broken_settings_are_a_failure_with_the_findings_of_check(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    (isolated / ".claude").mkdir()
    (isolated / ".claude" / "settings.json").write_text('{"env": {},}')
    code = doctor(format_="json")
    document = json.loads(capfd.readouterr().out)
    probes = {probe["id"]: probe for probe in document["probes"]}
    assert code == 1
    assert probes["settings"]["status"] == "fail"
    assert probes["settings"]["help"] != "cgw check"
    assert any(finding["code"].startswith("CGW2") for finding in document["findings"])
    assert probes["gateway.key"]["status"] == "ok"


def test_what_the_repository_accepts_with_a_reason_is_no_finding(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    monkeypatch.setenv("CLAUDE_CODE_CLIENT_CERT", "/nowhere/me.pem")
    _, probes, _ = examine(capfd)
    assert probes["settings"]["status"] == "warn"
    codes = ("CGW305", "CGW314")
    entries = ", ".join(f'{{ code = "{code}", reason = "comes with the VPN" }}' for code in codes)
    (isolated / "cgw.toml").write_text(f"[check]\nignore = [{entries}]\n")
    _, probes, _ = examine(capfd, "work")
    assert probes["settings"]["status"] == "ok"


def test_settings_that_lead_elsewhere_are_told_with_their_file(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(
        '{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9/elsewhere", "ANTHROPIC_AUTH_TOKEN": "x"}}'
    )
    _, probes, _ = examine(capfd)
    assert probes["start"]["status"] == "fail"
    assert "http://127.0.0.1:9/elsewhere" in str(probes["start"]["cause"])
    assert str(settings) in str(probes["start"]["evidence"])


def test_a_helper_that_no_settings_file_names_is_told(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url, 'auth = "helper"\n')
    monkeypatch.setenv("CGW_TEST_KEY", KEY)
    _, probes, _ = examine(capfd)
    assert [name for name, probe in probes.items() if probe["status"] == "fail"] == ["start"]
    assert probes["start"]["help"] == "cgw settings apply --scope user --profile work"
    assert probes["gateway.key"]["status"] == "ok"


def test_plain_lines_name_cause_evidence_and_next_command(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, "sk-another-key-zzzz", monkeypatch)
    assert doctor(profile="work") == 1
    out = capfd.readouterr().out
    assert "\x1b" not in out
    assert "FAIL: Key accepted\n    The gateway does not know this key" in out
    assert "    seen: HTTP 400" in out
    assert "    next: try the key: cgw secret test env://CGW_TEST_KEY" in out
    assert "1 problem" in out.splitlines()[-1]
    assert "sk-another" not in out
    assert "zzzz" not in out


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_a_narrow_terminal_keeps_the_marks_and_cuts_the_notes(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    verdict = Verdict("fail", f"The gateway does not know this key. {'Much more. ' * 9}", "", "cgw secret test X")
    show(Schedule([Probe("key", "Key accepted", lambda _: verdict)]), "profile work")
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().out)
    *_, row, _details = (line for line in shown.splitlines() if "Key accepted" in line)
    assert "✗" in row
    assert len(row) <= columns
    assert "→ cgw secret test X" in shown


def test_with_a_warning_nobody_is_told_that_all_is_well(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    assert doctor(profile="work") == 0
    assert capfd.readouterr().out.splitlines()[-1] == "Nothing failed, 1 warning."


def test_live_says_that_it_is_billable_before_it_starts(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    save(isolated, "http://127.0.0.1:1")
    apply("http://127.0.0.1:1", KEY, monkeypatch)
    assert doctor(live=True, format_="json") == 1
    out, err = capfd.readouterr()
    assert "billable" in err
    stream = next(probe for probe in json.loads(out)["probes"] if probe["id"] == "gateway.stream")
    assert stream["status"] == "skip"


def test_a_key_in_a_failing_helpers_complaint_is_not_shown(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from claude_gw_cli.helper.trial import Run

    save(isolated, gateway.url, 'auth = "helper"\n')
    apply(gateway.url, KEY, monkeypatch)
    monkeypatch.setattr("claude_gw_cli.helper.installed.find_for", lambda *_: SimpleNamespace(command="key.sh"))
    failed = Run(3, 0.1, None, "it exited 3", f"vault: bad key {KEY}\x1b[2J")
    monkeypatch.setattr("claude_gw_cli.helper.trial.run_as_client", lambda *_: failed)
    _, probes, _ = examine(capfd)
    assert probes["helper"]["cause"] == "The client gets no key from the helper: it exited 3."
    assert str(probes["helper"]["evidence"]).startswith("vault: bad key …")
    assert probes["helper"]["help"] == "cgw helper test"


def test_a_key_is_sent_in_the_clear_only_where_that_is_accepted(
    isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("claude_gw_cli.world.probe.contact.exposure", lambda _: "public")
    save(isolated, gateway.url)
    apply(gateway.url, KEY, monkeypatch)
    _, probes, _ = examine(capfd)
    assert [name for name, probe in probes.items() if probe["status"] == "fail"] == ["gateway.key"]
    assert "cgw does not send it" in str(probes["gateway.key"]["cause"])
    assert 'ignore = [{ code = "CGW306"' in str(probes["gateway.key"]["help"])
    assert not any(KEY in str(request.headers) for request in gateway.requests)
    entry = '{ code = "CGW306", reason = "a tunnel carries it" }'
    (isolated / "cgw.toml").write_text(f"[check]\nignore = [{entry}]\n")
    code, probes, _ = examine(capfd, "work")
    assert (code, probes["gateway.key"]["status"]) == (0, "ok")


def test_the_editors_settings_are_read_with_their_comments(isolated: Path) -> None:
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.core.plan import make_plan
    from claude_gw_cli.world.probe.local import examine_editor

    plan = make_plan(Profile("work", "unified", "https://gw.example.com", secret="env://K"))
    env = {"HOME": str(isolated), "XDG_CONFIG_HOME": str(isolated / "cfg")}
    assert examine_editor(plan, env, str(isolated)).status == "skip"
    file = isolated / "cfg" / "Code" / "User" / "settings.json"
    if sys.platform != "linux":
        file = isolated / ".vscode" / "settings.json"
    file.parent.mkdir(parents=True)
    row = '{"name": "ANTHROPIC_BASE_URL", "value": "%s"},'
    text = '{ // mine\n "a": "x // not a comment, }", /* b */ "claudeCode.environmentVariables": [%s] ,}'
    file.write_text(text % (row % "https://gw.example.com"))
    assert examine_editor(plan, env, str(isolated)).status == "ok"
    file.write_text(text % (row % "https://other.example.com"))
    verdict = examine_editor(plan, env, str(isolated))
    assert verdict.status == "warn"
    assert verdict.help == "cgw env --profile work --shell vscode"
    file.unlink()
    os.mkfifo(file)
    assert examine_editor(plan, env, str(isolated)).status == "skip"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gateway.alive", "the gateway was not asked"),
        ("gateway.key", "the time was over before the key was tried"),
        ("gateway.body", ""),
    ],
)
def test_a_gateway_that_was_not_asked_about_the_key_is_not_called_healthy(name: str, words: str) -> None:
    healthy = [Row(part, part, 0.1, Verdict("ok", "", "", "")) for part in ("gateway.alive", "gateway.key")]
    assert unasked(healthy) == ""
    late = Row(name, name, 0.0, not_checked(name))
    assert unasked([row for row in healthy if row.id != name] + [late]) == words
