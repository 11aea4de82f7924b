"""``cgw explain`` as a command: real files, the process environment, the client's arguments; stdout as JSON."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.cli import explain as command
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.world import paths


def _load(name: str) -> ModuleType:
    path = Path(__file__).parent.parent / "atlas" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


recording = _load("recording")
Explain = Callable[..., Any]


@pytest.fixture
def explain(monkeypatch: pytest.MonkeyPatch) -> Explain:
    """Run the command function; returns what it printed, parsed when it is JSON."""

    def run(*words: str, **options: Any) -> Any:
        printed: list[str] = []
        monkeypatch.setattr(command, "write_stdout", printed.append)
        options = {"format_": "json", "client_version": "2.1.330", **options}
        assert command.explain(words=words, **options) == 0
        return json.loads(printed[0]) if options["format_"] == "json" else printed[0]

    return run


def test_every_recording_is_explained_from_real_files(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    checked = 0
    for number, row in enumerate(recording.recordings()):
        top = tmp_path / str(number)
        moved = {
            recording.HOME: str(top / "home"),
            recording.CWD: str(top / "work"),
            recording.MANAGED: str(top / "managed"),
            recording.HELPER: str(top / "helper.sh"),
        }

        def at(text: str, places: dict[str, str] = moved) -> str:
            for old, new in places.items():
                text = text.replace(old, new)
            return text

        (top / "work").mkdir(parents=True)
        for path, text in recording.documents(row["config"]).items():
            place = Path(at(path))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(at(text), encoding="utf-8")
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in recording.environment(row["config"]).items():
            monkeypatch.setenv(name, at(value))
        monkeypatch.chdir(top / "work")
        document = explain(
            *(at(word) for word in recording.arguments(row["config"])),
            client_version=row["version"],
            managed_dir=moved[recording.MANAGED],
        )
        differences = _differences(row, document)
        checked += differences is not None
        wrong += [f"{row['version']} {row['case']}: {item}" for item in differences or ()]
    assert not wrong, "\n".join(wrong[:40])
    assert checked == 1390  # 19 needed a network, 10 depend on what the helper prints


def _differences(row: dict[str, Any], document: dict[str, Any]) -> list[str] | None:
    """What the document says otherwise than the recording; ``None`` where no configuration decides it."""
    observed = row["observed"]
    if observed["requests"] == 0:
        if document["outcome"] == "request":
            if any(
                header["source"] and header["source"]["kind"] == "helper" for header in document["headers"].values()
            ):
                return None  # only a run of the helper would tell
            host = document["request"]["url"].removeprefix("https://")
            return None if host.startswith(("api.anthropic.com", "gw.invalid", "fakeres.")) else ["not refused"]
        return [] if document["reason"] else ["no reason"]
    if document["outcome"] == "refused":
        return [f"refused: {document['reason']}"]
    found = []
    for name in ("authorization", "x-api-key", "proxy-authorization", *(observed.get("other_headers") or {})):
        seen, header = observed.get(name), document["headers"].get(name)
        seen = (observed.get("other_headers") or {}).get(name, seen)
        if name == "proxy-connection" or (header and not header["certain"] and seen is None):
            continue
        if header is None or header["present"] != (seen is not None):
            found.append(f"{name}: {header} but {seen!r}")
        elif seen is not None and not _shows(header, seen):
            found.append(f"{name}: {header['value']!r} but {seen!r}")
    url = document["request"]["url"]
    if "haiku" in observed["url"] or "haiku" in (observed["model"] or ""):
        return found
    if not url.endswith(observed["url"]):
        found.append(f"{url} but {observed['url']}")
    return found


def _shows(header: dict[str, Any], seen: str) -> bool:
    first, space, rest = seen.partition(" ")
    if header["value"].endswith(" …") or header["value"] == "…":
        return header["value"].removesuffix("…").strip() in ("", first)
    if header["source"]["kind"] == "helper":
        return False
    known = space and first.lower() in ("bearer", "basic")
    return bool(header["value"] == (f"{first} {mask(rest)}" if known else mask(seen)))


def test_values_are_masked_and_places_are_named(
    explain: Explain, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{\n  "env": {\n    "ANTHROPIC_AUTH_TOKEN": "canary-user-token"\n  }\n}\n')
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "canary-process-token")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Team: canary-header-value")
    document = explain()
    assert "canary-" not in json.dumps(document)
    header = document["headers"]["authorization"]
    assert header["value"] == "Bearer cana…"
    assert header["source"] == {
        "kind": "env",
        "name": "ANTHROPIC_AUTH_TOKEN",
        "scope": "user",
        "file": str(settings),
        "pointer": "/env/ANTHROPIC_AUTH_TOKEN",
        "line": 3,
    }
    assert [item["scope"] for item in header["shadowed"]] == ["process"]
    assert document["headers"]["x-team"]["source"]["name"] == "X-Team"
    assert document["variables"]["ANTHROPIC_AUTH_TOKEN"]["shadowed"][0]["scope"] == "process"
    assert {"scope": "user", "file": str(settings), "status": "loaded", "reason": None} in document["settings"]


def test_the_picture_names_file_and_line(explain: Explain, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {\n"ANTHROPIC_AUTH_TOKEN": "canary-user-token"}}')
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000/")
    picture = explain(format_="human", against="1.0.35")
    assert "POST http://127.0.0.1:4000/v1/messages?beta=true" in picture
    assert "from ANTHROPIC_BASE_URL in the environment" in picture
    assert "from ANTHROPIC_AUTH_TOKEN in ~/.claude/settings.json:2 (user)" in picture
    assert "proxy-authorization  2.1.330: not sent · 1.0.35: Bearer cana… from ANTHROPIC_AUTH_TOKEN" in picture
    assert "canary-user" not in picture


def test_the_helper_is_never_run(explain: Explain, isolated: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"apiKeyHelper": f"touch {proof}; echo key"}))
    document = explain()
    assert document["headers"]["authorization"]["source"]["kind"] == "helper"
    assert document["headers"]["authorization"]["value"] == "Bearer …"
    assert not proof.exists()


def test_client_arguments_choose_the_settings(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.json").write_text('{"env": {"ANTHROPIC_API_KEY": "key-from-the-file"}}')
    document = explain("--settings", "s.json", "--model=my-model")
    assert document["headers"]["x-api-key"]["source"]["file"] == str(tmp_path / "s.json")
    assert document["request"]["model"] == "my-model"
    assert explain("--settings", "missing.json")["reason"].startswith("Error: Settings file not found")
    assert explain("--setting-sources", "bogus")["outcome"] == "refused"


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.0.45", "--bare"),
        ("1.0.124", "--agents {}"),
        ("2.0.24", "--plugin-dir ."),
        ("2.0.30", "--tools Bash"),
        ("2.0.57", "--betas interleaved-thinking"),
        ("2.1.117", "--managed-settings {}"),
    ],
)
def test_an_option_that_the_client_does_not_know_stops_it(explain: Explain, version: str, words: str) -> None:
    unknown = f"error: unknown option '{words.split(maxsplit=1)[0]}'"
    assert explain(*words.split(), client_version=version)["reason"] == unknown
    assert unknown not in (explain(*words.split(), client_version="2.1.332")["reason"] or "")


def test_a_key_that_was_not_approved_stays_at_home_in_a_session(
    explain: Explain, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-0123456789abcdefghij")
    assert explain()["headers"]["x-api-key"]["present"] is True
    assert explain(interactive=True)["outcome"] == "refused"
    answers = {"customApiKeyResponses": {"approved": ["0123456789abcdefghij"], "rejected": []}}
    (isolated / ".claude.json").write_text(json.dumps(answers))
    assert explain(interactive=True)["headers"]["x-api-key"]["present"] is True


def test_without_a_client_the_newest_known_one_is_assumed(explain: Explain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert explain(client_version=None)["client"]["version"] == NEWEST


@pytest.mark.parametrize("options", [{"client_version": "latest"}, {"against": "next"}])
def test_what_cannot_be_meant_is_a_usage_error(explain: Explain, options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        explain(**options)


def test_a_key_in_an_address_is_in_no_picture(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    key = "cgw-canary-0123456789"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"https://me:{key}@gw.example.com?k={key}")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", key)
    for words in ((), ("--format", "json"), ("--against", "2.0.45")):
        assert run(["explain", "--client-version", "2.1.330", *words]) == 0
        out, err = capfd.readouterr()
        assert "gw.example.com" in out
        assert key not in out + err


def test_the_findings_are_those_of_check(
    explain: Explain, isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claude_gw_cli.world import git

    monkeypatch.chdir(tmp_path)
    path = isolated / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"env": {"ANTHROPIC_BASE_URL": "https://x.example.com"}, "apiKeyHelper": "/nowhere/key.sh"}')
    path.chmod(0o600)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "")
    assert "CGW401" in {item["code"] for item in explain(managed_dir=str(tmp_path / "managed"))["findings"]}
    path.write_text('{"env": {"ANTHROPIC_BASE_URL": "https://x.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-0a1b2c3d"}}')
    monkeypatch.setattr(git, "tracked", lambda place, env: place == str(path.resolve()))
    assert [item["code"] for item in explain(managed_dir=str(tmp_path / "managed"))["findings"]] == ["CGW124"]


def test_an_empty_config_dir_is_explained_as_the_client_takes_it(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "")
    (tmp_path / "settings.json").write_text('{"env": {"ANTHROPIC_AUTH_TOKEN": "gw-0a1b2c3d"}}')
    assert explain(managed_dir=str(tmp_path / "managed"))["headers"]["authorization"]["present"]


def test_the_way_of_the_request_is_said(isolated: Path, explain: Explain) -> None:
    env = {
        "ANTHROPIC_BASE_URL": "https://gw.corp.example",
        "ANTHROPIC_AUTH_TOKEN": "sk-fake-0123456789",
        "HTTPS_PROXY": "http://me:hidden-word@proxy.example:3128",
        "NO_PROXY": "*.corp.example",
    }
    path = isolated / ".claude" / "settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"env": env}), encoding="utf-8")
    for version, kind, variable in (("2.1.330", "direct", "NO_PROXY"), ("2.1.206", "proxy", "HTTPS_PROXY")):
        document = explain(client_version=version)
        connection, text = document["connection"], json.dumps(document)
        assert (connection["kind"], connection["variable"], connection["scope"]) == (kind, variable, "user")
        assert "gw.corp.example" in connection["reason"]
        assert "hidden-word" not in text
        text = explain(client_version=version, format_="human")
        assert ("over the proxy http://…@proxy.example:3128" in text) == (kind == "proxy")
        assert "hidden-word" not in text


def test_a_profile_that_is_not_applied_is_explained_as_cgw_run_gives_it(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    key = isolated / "key"
    key.write_text("sk-0123456789")
    key.chmod(0o600)
    made = ["init", "work", "--provider", "unified", "--auth", "helper", "--gateway-url", "https://gw.example"]
    assert run([*made, "--secret", f"file://{key}", "--yes"]) == 0
    capfd.readouterr()
    assert run(["explain", "--profile", "work", "--format", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["outcome"] == "request"
    assert document["headers"]["authorization"]["source"]["name"] == "ANTHROPIC_AUTH_TOKEN"
    assert "is not applied here" in document["sentences"][0]
    assert "The plain `claude` stops: Not logged in" in document["sentences"][0]
    assert run(["settings", "apply", "--scope", "user", "--profile", "work", "--yes"]) == 0
    capfd.readouterr()
    assert run(["explain", "--profile", "work", "--format", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["headers"]["authorization"]["source"]["name"] == "apiKeyHelper"
    assert not any("not applied" in sentence for sentence in document["sentences"])


@pytest.mark.parametrize("auth", ["static", "helper"])
@pytest.mark.parametrize(
    ("provider", "more"),
    [
        ("unified", []),
        ("bedrock", ["--region", "us-east-1"]),
        ("anthropic", []),
        ("unified", ["--key-header", "x-k"]),
    ],
)
def test_the_settings_of_another_profile_override_as_with_cgw_run(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    auth: str, provider: str, more: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "managed_dir", lambda: str(tmp_path / "managed"))
    monkeypatch.setenv("CGW_TEST_KEY", "sk-0123456789")
    made = ["--secret", "env://CGW_TEST_KEY", "--yes", "--gateway-url"]
    assert run(["init", "one", "--provider", "unified", "--auth", auth, *made, "http://127.0.0.1:9"]) == 0
    assert run(["init", "two", "--provider", provider, "--auth", "static", *more, *made, "http://127.0.0.1:10"]) == 0
    assert run(["settings", "apply", "--scope", "user", "--profile", "one", "--yes"]) == 0
    capfd.readouterr()
    assert run(["explain", "--profile", "two", "--format", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["request"]["url"].startswith("http://127.0.0.1:9/")
    said = next(sentence for sentence in document["sentences"] if "overrides profile two" in sentence)
    assert said.startswith(f"ANTHROPIC_BASE_URL in {isolated}/.claude/settings.json (user)")
    assert run(["doctor", "--profile", "two", "--format", "json"]) == 1
    rows = {row["id"]: row for row in json.loads(capfd.readouterr().out)["probes"]}
    assert rows["start"]["cause"].startswith("It would not use this gateway")
    assert "http://127.0.0.1:9" in rows["start"]["cause"]
    assert "cgw settings apply --scope user --profile two" in rows["start"]["help"]
    assert rows["settings"]["status"] != "fail"


@pytest.mark.parametrize("is_linked", [True, False])
def test_in_the_home_directory_the_settings_file_is_read_once(
    explain: Explain, isolated: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_linked: bool
) -> None:
    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}}')
    (tmp_path / "link").symlink_to(isolated)
    monkeypatch.chdir(tmp_path / "link" if is_linked else isolated)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-0123456789")
    base = explain()["variables"]["ANTHROPIC_BASE_URL"]
    assert (base["scope"], base["shadowed"]) == ("user", [])
    assert [item["scope"] for item in explain()["settings"] if item["status"] == "loaded"] == ["user"]
    arguments = ("--setting-sources", "project")
    assert explain(*arguments)["variables"]["ANTHROPIC_BASE_URL"]["scope"] == "project", "then only as a project's"


@pytest.mark.parametrize(
    ("words", "step"),
    [
        (("--bare",), "leave out --bare"),
        (("--setting-sources", "project"), "--setting-sources user,project,local"),
        (("--setting-sources", ""), "--setting-sources user,project,local"),
    ],
)
@pytest.mark.parametrize("starter", ["cli", "interactive"])
def test_an_argument_that_hides_the_credential_is_the_next_step(
    cgw: Callable[..., Any], isolated: Path, work: Path, words: tuple[str, ...], step: str, starter: str
) -> None:
    assert work
    (isolated / ".claude").mkdir()
    document = {"env": {"ANTHROPIC_BASE_URL": "https://gateway.example"}, "apiKeyHelper": "echo key"}
    (isolated / ".claude" / "settings.json").write_text(json.dumps(document))
    found = json.loads(cgw("explain", "--format", "json", "--starter", starter, "--", *words).out)
    assert found["outcome"] == "refused"
    assert step in found["next"]
    assert "cgw init" not in found["next"]
