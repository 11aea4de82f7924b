from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.check import check
from claude_gw_cli.cli.commands import COMMANDS
from claude_gw_cli.cli.gateway import snippet
from claude_gw_cli.cli.rule import rule
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.world import git

KEY = "gw-0a1b2c3d4e5f6071"
GOOD = {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": KEY}}


@pytest.fixture
def home(isolated: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A HOME with a working directory beside it and no managed settings."""
    monkeypatch.chdir(tmp_path)
    return isolated


FORMATS = COMMANDS["check"].spelled()["--format"].allowed()


def write(path: Path, document: Any, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=2) + "\n")
    path.chmod(mode)
    return path


def user(home: Path, document: Any, mode: int = 0o600) -> Path:
    return write(home / ".claude" / "settings.json", document, mode)


def report(capfd: pytest.CaptureFixture[str], **options: Any) -> tuple[int, dict[str, Any]]:
    code = check(**options)
    return code, json.loads(capfd.readouterr().out)


def here(home: Path, **more: Any) -> dict[str, Any]:
    return {"managed_dir": str(home / "managed"), "client_version": "2.1.330", "format_": "json", **more}


def codes(found: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in found["findings"]]


def test_a_working_machine_is_clean(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    user(home, GOOD)
    code, found = report(capfd, **here(home))
    assert code == 0
    assert codes(found) == ["CGW123"]
    assert found["summary"] == {"error": 0, "warning": 0, "info": 1}
    assert "environment" in found["checked"]


def test_here_and_now_includes_environment_settings_and_helper(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/nowhere/ca.pem")
    user(
        home, {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"}, "apiKeyHelper": str(home / "no-such-helper")}
    )
    code, found = report(capfd, **here(home))
    assert code == 1
    assert {"CGW102", "CGW305", "CGW401"} <= set(codes(found))


def test_managed_settings_come_from_the_directory_that_is_named(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    user(home, GOOD)
    write(home / "managed" / "managed-settings.json", {"forceLoginMethod": "claudeai"}, 0o644)
    code, found = report(capfd, **here(home))
    assert code == 1
    assert "CGW213" in codes(found)


def test_a_parent_directory_s_settings_are_reported_as_not_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    user(home, GOOD)
    write(tmp_path / ".claude" / "settings.json", {"env": {"ANTHROPIC_MODEL": "claude-opus-5-5"}})
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    _, found = report(capfd, **here(home))
    assert "CGW215" in codes(found)


def test_a_file_is_judged_by_itself(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "settings.json", {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com/v1"}})
    code, found = report(capfd, paths=(str(path),), format_="json")
    assert code == 1
    (finding,) = found["findings"]
    assert (finding["code"], finding["line"], finding["column"]) == ("CGW501", 3, 5)
    assert finding["pointer"] == "/env/ANTHROPIC_BASE_URL"
    assert finding["fix"] == {"safety": "unsafe", "title": "remove /v1"}
    assert found["checked"] == [str(path)]


@pytest.mark.parametrize(("threshold", "expected"), [("error", 0), ("warning", 1), ("info", 1)])
def test_the_threshold_includes_its_severity(
    home: Path, tmp_path: Path, threshold: str, expected: int, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "settings.json", {"env": {"DISABLE_TELEMETRY": "0"}})
    assert check(paths=(str(path),), fail_on=threshold) == expected
    capfd.readouterr()


def test_an_info_does_not_fail_a_warning_threshold(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = user(home, GOOD)
    assert check(paths=(str(path),), fail_on="warning") == 0
    assert check(paths=(str(path),), fail_on="info") == 1
    capfd.readouterr()


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_shows_the_key(home: Path, format_: str, capfd: pytest.CaptureFixture[str]) -> None:
    document = {
        "env": {"ANTHROPIC_BASE_URL": f"https://u:{KEY}@gw.example.com/v1", "ANTHROPIC_AUTH_TOKEN": f"Bearer {KEY} x"}
    }
    path = user(home, document, 0o644)
    assert check(paths=(str(path),), format_=format_, client_version="2.1.330") == 1
    captured = capfd.readouterr()
    assert captured.out
    assert KEY not in captured.out + captured.err
    assert check(paths=(str(path),), unsafe_fixes=True, diff=True) == 1
    captured = capfd.readouterr()
    assert "ANTHROPIC_AUTH_TOKEN" in captured.out
    assert KEY not in captured.out + captured.err


def test_a_directory_is_searched_and_other_programs_files_are_left_alone(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = {"env": {"DISABLE_TELEMETRY": "0"}}
    for name in (
        "a/.claude/settings.json", "a/.claude/settings.local.json", "fleet/host1/settings.json",
        "etc/managed-settings.json", "etc/managed-settings.d/10-x.json",
    ):  # fmt: skip
        write(tmp_path / name, bad)
    for name in ("node_modules/p/.claude/settings.json", ".venv/.claude/settings.json", ".git/settings.json"):
        write(tmp_path / name, bad)
    write(tmp_path / "editor" / "settings.json", {"editor.fontSize": 12})
    write(tmp_path / "package.json", bad)
    code, found = report(capfd, paths=(str(tmp_path),), format_="json")
    assert code == 0
    names = [os.path.relpath(name, tmp_path) for name in found["checked"]]
    assert sorted(names) == [
        "a/.claude/settings.json", "a/.claude/settings.local.json", "etc/managed-settings.d/10-x.json",
        "etc/managed-settings.json", "fleet/host1/settings.json",
    ]  # fmt: skip
    assert codes(found) == ["CGW302"] * 5


def test_files_below_here_are_named_as_a_checkout_names_them(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(Path(".claude") / "settings.json", GOOD)
    _, found = report(capfd, **here(home, paths=(".",)))
    assert found["checked"] == [str(Path(".claude") / "settings.json")]


def test_a_symlinked_directory_does_not_loop(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / ".claude" / "settings.json", {"env": {}})
    (tmp_path / "loop").symlink_to(tmp_path)
    _, found = report(capfd, paths=(str(tmp_path),), format_="json")
    assert len(found["checked"]) == 1


def test_fix_applies_safe_fixes_only_and_reports_the_rest(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = '{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com/v1",\t"DISABLE_TELEMETRY": "0"}}'
    path = user(home, text)
    code, found = report(capfd, paths=(str(path),), fix=True, format_="json")
    assert code == 1
    assert codes(found) == ["CGW501"]
    assert path.read_text() == text.replace('"0"', '""')
    before = path.stat()
    report(capfd, paths=(str(path),), fix=True, format_="json")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_makes_an_exposed_file_private(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = user(home, GOOD, 0o644)
    code, found = report(capfd, **here(home, fix=True))
    assert code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert codes(found) == ["CGW123"]


def test_unsafe_fixes_apply_when_asked(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = user(
        home, {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com/v1", "ANTHROPIC_AUTH_TOKEN": f"Bearer {KEY}"}}
    )
    code, _ = report(capfd, paths=(str(path),), unsafe_fixes=True, format_="json")
    assert code == 0
    assert json.loads(path.read_text()) == GOOD


def test_in_home_the_user_s_file_is_judged_and_repaired_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    helper = write(home / "bin" / "key.sh", "#!/bin/sh\necho gw-0a1b2c3d4e5f6071\n", 0o700)
    bad = {"env": {**GOOD["env"], "DISABLE_TELEMETRY": "0"}, "apiKeyHelper": str(helper)}
    path = user(home, bad, 0o644)
    _, found = report(capfd, **here(home))
    assert sorted(codes(found)) == ["CGW102", "CGW124", "CGW302"]  # no CGW212: it is no repository's file
    assert found["checked"].count(str(path)) == 1
    assert report(capfd, **here(home, fix=True))[0] == 0
    assert json.loads(path.read_text())["env"]["DISABLE_TELEMETRY"] == ""


def test_a_file_that_is_named_twice_is_judged_once(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / ".claude" / "settings.json", {"env": {"DISABLE_TELEMETRY": "0"}})
    _, found = report(capfd, **here(home, paths=(str(path), str(tmp_path), ".claude/settings.json")))
    assert codes(found) == ["CGW302"]


def test_a_user_s_file_in_a_repository_of_dotfiles_exposes_its_key(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = write(tmp_path / "dotfiles" / "claude.json", GOOD)
    monkeypatch.setattr(git, "tracked", lambda path, env: path == str(kept.resolve()))
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").symlink_to(kept)
    _, found = report(capfd, **here(home))
    assert codes(found) == ["CGW124"]


def test_a_key_that_the_next_commit_would_take_is_a_warning_until_it_is_ignored(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / ".claude" / "settings.json", GOOD)
    try:
        subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    except FileNotFoundError:
        return  # without git there is no next commit
    ways = (here(home), here(home, paths=(str(path),)), here(home, paths=(str(tmp_path),)))
    for way in ways:
        assert codes(report(capfd, **way)[1]) == ["CGW142"]
    (tmp_path / ".gitignore").write_text("settings.json\n")
    for way in ways:
        assert codes(report(capfd, **way)[1]) == ["CGW123"]


def test_diff_shows_and_writes_nothing(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = user(home, {"env": {"DISABLE_TELEMETRY": "0"}})
    before = path.read_bytes()
    assert check(paths=(str(path),), diff=True) == 1
    out = capfd.readouterr().out
    assert '-    "DISABLE_TELEMETRY": "0"' in out
    assert '+    "DISABLE_TELEMETRY": ""' in out
    assert path.read_bytes() == before
    write(path, GOOD)
    assert check(paths=(str(path),), diff=True) == 0
    assert not capfd.readouterr().out


def test_where_no_fix_is_safe_the_diff_says_how_to_see_the_others(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = user(home, {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com/v1"}})
    assert check(paths=(str(path),), diff=True) == 0
    told = capfd.readouterr()
    assert not told.out
    assert f"cgw check {path} --diff --unsafe-fixes" in told.err
    assert check(paths=(str(path),), diff=True, unsafe_fixes=True) == 1
    assert "/v1" in capfd.readouterr().out
    write(path, GOOD)
    assert check(paths=(str(path),), diff=True, unsafe_fixes=True) == 0
    assert "There is nothing to fix." in capfd.readouterr().err


def test_what_is_ignored_with_a_reason_is_neither_reported_nor_fixed(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path / "cgw.toml", '[check]\nignore = [{ code = "presence-counts", reason = "kept until the audit" }]\n'
    )
    path = write(tmp_path / ".claude" / "settings.json", {"env": {"DISABLE_TELEMETRY": "0"}})
    before = path.read_bytes()
    code, found = report(capfd, paths=(str(path),), fix=True, fail_on="info", format_="json")
    assert code == 0
    assert found["ignored"] == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "table",
    [
        'ignore = [{ code = "CGW302" }]',
        'ignore = [{ code = "CGW302", reason = " " }]',
        'ignore = [{ code = "CGW000", reason = "x" }]',
        'ignore = [{ code = "CGW302", reason = "x", files = "a" }]',
        'ignore = ["CGW302"]',
        "ignore = 302",
        "select = []",
    ],
)
def test_an_ignore_without_rule_or_reason_is_refused(home: Path, tmp_path: Path, table: str) -> None:
    write(tmp_path / "cgw.toml", f"[check]\n{table}\n")
    with pytest.raises(UsageError):
        check(paths=(str(tmp_path),))


@pytest.mark.parametrize(
    "options",
    [
        {"client_version": "latest"},
        {"paths": ("/no/such/file.json",)},
    ],
)
def test_what_cannot_be_meant_is_refused(home: Path, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        check(**options)


def test_a_file_tracked_by_git_exposes_its_key(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / ".claude" / "settings.json", GOOD)
    code, found = report(capfd, paths=(str(tmp_path),), format_="json")
    assert codes(found) == ["CGW123"]
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(tmp_path)]
    try:
        subprocess.run([*command, "init", "-q"], check=True)
    except FileNotFoundError:
        return  # without git nothing is tracked, and that was just shown
    subprocess.run([*command, "add", ".claude/settings.json"], check=True)
    for named in (tmp_path, path):
        code, found = report(capfd, paths=(str(named),), format_="json")
        assert (code, codes(found)) == (1, ["CGW124"])


def test_a_profile_and_a_gateway_s_file_are_judged_together(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path / "cgw.toml", 'provider = "unified"\ngateway_url = "https://llm.example.com"\nsecret = "env://KEY"\n'
    )
    config = "model_list:\n  - model_name: gpt-5\n    litellm_params:\n      model: openai/gpt-5\ngeneral_settings:\n"
    config += "  master_key: os.environ/K\n  litellm_key_header_name: X-Key\n"
    write(tmp_path / "config.yaml", config, 0o644)
    code, found = report(capfd, paths=(str(tmp_path),), format_="json")
    assert code == 1
    assert [(item["code"], item["line"]) for item in found["findings"]] == [("CGW533", 1), ("CGW532", 7)]


@pytest.mark.parametrize(
    ("name", "text", "line", "rule"),
    [
        ("cgw.toml", 'provider = "nobody"\n', 1, "CGW530"),
        ("cgw.toml", 'provider = "unified"\nsecret = env\n', 2, "CGW530"),
        ("config.yaml", "model_list:\n  - a: [\n", 3, "CGW541"),
    ],
)
def test_one_broken_file_is_a_finding_and_hides_no_other(
    home: Path, tmp_path: Path, name: str, text: str, line: int, rule: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "team"
    path = write(folder / name, text)
    settings = write(
        folder / ".claude" / "settings.json", {"env": {"ANTHROPIC_BASE_URL": "https://x.example.com/v1"}}
    )
    for paths in ((str(folder),), (str(path), str(settings)), (str(settings), str(path))):
        code, found = report(capfd, paths=paths, format_="json")
        assert (code, sorted(codes(found))) == (1, ["CGW501", rule])
        assert {item["line"] for item in found["findings"] if item["code"] == rule} == {line}
        assert sorted(found["checked"]) == sorted([str(path), str(settings)])


def test_a_broken_cgw_toml_here_hides_nothing(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It may say what is accepted; as long as nobody can read it, nothing is."""
    write(Path("cgw.toml"), "[check\n")
    path = user(home, {"env": {"ANTHROPIC_BASE_URL": "https://x.example.com/v1", "ANTHROPIC_AUTH_TOKEN": KEY}})
    for options in (here(home), here(home, paths=(".", str(path)))):
        code, found = report(capfd, **options)
        assert (code, sorted(codes(found))) == (1, ["CGW123", "CGW501", "CGW530"])
    _, found = report(capfd, **here(home, paths=(str(path),)))
    assert sorted(codes(found)) == ["CGW123", "CGW501"], "a file elsewhere is no matter of this directory's"


def test_an_empty_config_dir_is_the_working_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    user(home, GOOD)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "")
    code, found = report(capfd, **here(home))
    assert (code, codes(found)) == (0, ["CGW215"])
    write(Path("settings.json"), {"env": {"ANTHROPIC_BASE_URL": "https://x.example.com/v1"}})
    assert "CGW501" in codes(report(capfd, **here(home))[1])


@pytest.mark.parametrize(
    "place",
    [".claude/setting.json", ".claude/config.json", "managed/settings.json", "managed/managed_settings.json"],
)
def test_settings_under_a_name_that_nobody_reads_are_reported(
    home: Path, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    user(home, GOOD)
    path = write(home / place, {"primaryApiKey": "any", "env": {"NODE_ENV": "x"}})
    assert codes(report(capfd, **here(home))[1]) == ["CGW123"]
    write(path, {"env": {"ANTHROPIC_BASE_URL": "https://x.example.com"}})
    assert codes(report(capfd, **here(home))[1]) == ["CGW215", "CGW123"]


def test_an_editor_s_settings_are_not_the_client_s(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = '{\n  // mine\n  "claudeCode.preferredLocation": "panel", "x": "ANTHROPIC_BASE_URL", "model": 5,\n}\n'
    paths = [write(tmp_path / name / "settings.json", text) for name in (".vscode", "Code/User")]
    for way in (paths[0], paths[1], tmp_path / ".vscode", tmp_path):
        assert check(paths=(str(way),), format_="json") == 0
        captured = capfd.readouterr()
        assert json.loads(captured.out)["checked"] == []
        assert check(paths=(str(way),)) == 0
        assert "Nothing was checked." in capfd.readouterr().err


@pytest.mark.parametrize("format_", FORMATS)
def test_bytes_that_are_no_text_leave_the_report_one(
    home: Path, format_: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = user(home, "{}")
    for data in (json.dumps(GOOD).encode("utf-16-be"), b"\xfe\xff" + json.dumps(GOOD).encode("utf-16-be"), b'{"\xfe'):
        path.write_bytes(data)
        assert check(paths=(str(path),), format_=format_) == 1
        text = capfdbinary.readouterr().out.decode("utf-8")
        assert "CGW201" in text
        assert "\x00" not in text
        if format_ in {"json", "sarif", "jsonl"}:
            json.loads(text)


def test_a_reader_that_has_seen_enough_is_not_complained_to(home: Path) -> None:
    path = user(home, GOOD)
    command = [sys.executable, "-m", "claude_gw_cli", "check", str(path), "--format", "sarif"]
    reader, writer = os.pipe()
    os.close(reader)
    closed = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (closed.returncode, closed.stderr) == (74, b"")
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 74
        assert b"cannot write" in done.stderr


@pytest.mark.parametrize("provider", ["unified", "anthropic", "bedrock", "vertex", "foundry"])
@pytest.mark.parametrize("header", ["authorization", "x-litellm-api-key", "x-team-key"])
def test_the_snippet_makes_the_gateway_fit_the_profile(
    home: Path,
    tmp_path: Path,
    provider: str,
    header: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    profile = f'provider = "{provider}"\ngateway_url = "https://llm.example.com"\nsecret = "env://KEY"\n'
    profile += f'key_header = "{header}"\nproject_id = "p"\n[models]\ndefault = "team-opus"\n'
    path = write(tmp_path / "cgw.toml", profile)
    assert snippet(profile=str(path)) == 0
    write(tmp_path / "config.yaml", capfd.readouterr().out, 0o644)
    code, found = report(capfd, paths=(str(tmp_path),), fail_on="info", format_="json")
    assert (code, found["findings"]) == (0, [])


def test_a_rule_is_explained_with_its_examples(capfd: pytest.CaptureFixture[str]) -> None:
    assert rule(code="CGW101") == 0
    text = capfd.readouterr().out
    assert "two-credentials" in text
    assert "\nBad\n" in text
    assert "##" not in text
    assert rule(everything=True) == 0
    head, *lines = capfd.readouterr().out.splitlines()
    assert head.split()[:3] == ["CODE", "KIND", "NAME"]
    listed = [line.split()[:2] for line in lines]
    assert [code for code, kind in listed if kind != "failure"] == list(all_rules())
    assert rule(everything=True, format_="json") == 0
    assert len(json.loads(capfd.readouterr().out)["rules"]) == len(all_rules())
    assert rule() == 0
    assert capfd.readouterr().out.splitlines() == [head, *lines]
    with pytest.raises(UsageError):
        rule(code="CGW999")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env.example", "ANTHROPIC_BASE_URL=https://<host>\n"),
        (".envrc.sample", "export ANTHROPIC_BASE_URL='<gateway-url>'\n"),
        ("settings.json.example", {"env": {"ANTHROPIC_BASE_URL": "<gateway-url>"}}),
        ("claude-settings.example.json", {"env": {"ANTHROPIC_BASE_URL": "https://<host>/"}}),
    ],
)
def test_an_example_s_placeholder_is_meant(
    home: Path, tmp_path: Path, name: str, text: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    code, found = report(capfd, paths=(str(write(tmp_path / name, text)),), format_="json")
    assert (code, len(found["checked"]), codes(found)) == (0, 1, [])


def test_a_pipe_in_place_of_a_settings_file_holds_nobody_up(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / ".claude").mkdir()
    os.mkfifo(home / ".claude" / "settings.json")
    code, found = report(capfd, **here(home))
    assert code == 1
    assert "pipe" in found["findings"][0]["message"]


def test_streams_that_are_closed_or_full_end_with_the_contract_s_codes(home: Path) -> None:
    user(home, {**GOOD, "apiKeyHelper": "/nonexistent"})
    for shell, wanted in (("exec >&-", 74), ("exec >/dev/full", 74), ("exec 2>/dev/full", 1), ("exec 2>&-", 1)):
        words = f'{shell}; exec "$0" -m claude_gw_cli check --fail-on info'
        command = ["/bin/sh", "-c", words, sys.executable]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert done.returncode == wanted, shell


def test_a_log_for_code_scanning_names_files_from_the_top_of_the_checkout(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".claude" / "settings.json", {"env": {"ANTHROPIC_AUTH_TOKEN": None}})
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    for path in ("..", str(tmp_path)):
        check(paths=(path,), format_="sarif")
        results = json.loads(capfd.readouterr().out)["runs"][0]["results"]
        places = {item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in results}
        assert places == {".claude/settings.json"}
        check(paths=(path,), format_="github")
        assert "file=.claude/settings.json,line=" in capfd.readouterr().out


def test_a_large_tree_is_read_quickly_with_flat_memory(home: Path, tmp_path: Path) -> None:
    count = (
        2_000  # a fifth of a large fleet keeps the suite quick; time and memory grow with the files or they do not
    )
    for index in range(count):
        document = {"env": {"ANTHROPIC_MODEL": f"m-{index}"}}
        write(tmp_path / "fleet" / f"{index:05}" / ".claude" / "settings.json", document)
    script = """if True:
        import resource, sys, time
        from claude_gw_cli.cli.check import check
        check(paths=(sys.argv[1] + "/00000",), format_="concise")
        before, start = resource.getrusage(0).ru_maxrss, time.process_time()
        check(paths=(sys.argv[1],), format_="concise")
        print(time.process_time() - start, resource.getrusage(0).ru_maxrss - before, "yaml" in sys.modules,
              "pydantic" in sys.modules)
    """
    command = [sys.executable, "-c", script, str(tmp_path / "fleet")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    seconds, grown, yaml, pydantic = run.stdout.split()
    assert (yaml, pydantic) == ("False", "False")
    assert count / float(seconds) > 500  # a machine five times slower than a quiet one still passes
    assert int(grown) < 20_000  # kilobytes


def test_a_profile_with_a_key_is_worse_the_more_people_read_it(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = 'provider = "unified"\ngateway_url = "https://llm.example.com"\nsecret = "exec:echo sk-4f1c9a7e22b0"\n'
    path = write(tmp_path / "cgw.toml", text, 0o600)
    for mode, severity in ((0o600, "warning"), (0o644, "error")):
        path.chmod(mode)
        for way in (here(home), here(home, paths=(str(path),))):
            _, found = report(capfd, **way)
            assert [(item["line"], item["severity"]) for item in found["findings"] if item["code"] == "CGW537"] == [
                (3, severity)
            ]


def test_a_repositorys_profile_gets_the_same_findings_by_its_name(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = 'provider = "unified"\ngateway_url = "https://llm.example.com"\n[env]\nNODE_OPTIONS = "--x"\n'
    path = write(tmp_path / "cgw.toml", text)
    for way in (here(home), here(home, paths=(str(path),))):
        _, found = report(capfd, **way)
        assert [item["line"] for item in found["findings"] if item["code"] == "CGW530"] == [4]


def test_a_helper_script_that_git_tracks_exposes_its_key(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script = write(home / "bin" / "key.sh", "#!/bin/sh\necho sk-4f1c9a7e22b0\n", 0o700)
    user(home, {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"}, "apiKeyHelper": "~/bin/key.sh"})
    assert codes(report(capfd, **here(home))[1]) == ["CGW407"]
    monkeypatch.setattr(git, "tracked", lambda path, env: path == str(script.resolve()))
    assert codes(report(capfd, **here(home))[1]) == ["CGW408"]


def test_a_broken_file_s_key_is_found_at_its_line(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path / ".claude" / "settings.json", f'{{\n  // team\n  "ANTHROPIC_AUTH_TOKEN": "{KEY}"\n}}\n', 0o644
    )
    _, found = report(capfd, paths=(str(path),), format_="json")
    assert [(item["code"], item["line"]) for item in found["findings"]] == [("CGW201", 2), ("CGW124", 3)]
    assert KEY not in json.dumps(found)


def test_a_gateway_is_compared_with_the_profiles_of_its_own_set_up(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not with every profile in the tree: each would be wrong for the others' gateways."""
    tree = tmp_path / "tree"
    for name in "abcd":
        (tree / name / "deploy").mkdir(parents=True)
        (tree / name / "cgw.toml").write_text(
            f'provider = "unified"\ngateway_url = "https://{name}.example"\nkey_header = "x-{name}"\n'
        )
        (tree / name / "deploy" / "config.yaml").write_text(
            "model_list:\n  - model_name: '*'\n    litellm_params: {model: anthropic/*}\n"
            f"general_settings:\n  litellm_key_header_name: x-{name}\n"
        )
    (tree / "config.yaml").write_text("model_list: []\ngeneral_settings:\n  litellm_key_header_name: x-q\n")
    check(paths=(str(tree),), format_="concise")
    assert "CGW532" not in capfd.readouterr().out
    (tree / "a" / "cgw.toml").write_text((tree / "b" / "cgw.toml").read_text())
    check(paths=(str(tree),), format_="concise")
    assert capfd.readouterr().out.count("CGW532") == 1
