"""cgw status, switch and uninstall, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world import health

from .conftest import Cgw


def tree(home: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(home.rglob("*"))}


def status(cgw: Cgw) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cgw("status", "--format", "json").out)
    return found


@pytest.fixture
def profiles(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "sk-gateway-0123456789")
    for name, port in (("work", 4000), ("lab", 4001)):
        url = f"http://127.0.0.1:{port}"
        line = ("--gateway-url", url, "--secret", "env://GATEWAY_KEY", "--auth", "helper", "--yes")
        cgw("init", name, "--provider", "unified", *line)


def test_without_a_profile_the_next_step_is_to_make_one(cgw: Cgw) -> None:
    seen = status(cgw)
    assert seen["profile"] is None
    assert seen["problem"] == "there is no profile yet"
    assert seen["next"].startswith("cgw init")
    assert "profile   none: there is no profile yet\n" in cgw("status").out


@pytest.mark.parametrize("text", ["bad toml here", 'provider = "unified', 'provider = "no-such"'])
def test_a_repositorys_profile_that_is_not_valid_is_to_be_checked(cgw: Cgw, work: Path, text: str) -> None:
    (work / "cgw.toml").write_text(text)
    for line in (("status",), ()):
        told = cgw(*line).out
        assert "profile   none: " in told
        assert told.endswith("next      cgw check\n")


@pytest.mark.parametrize(
    ("provider", "missing"),
    [("unified", ["--secret"]), ("vertex", ["--project-id", "--secret"]), ("bedrock", ["--secret"])],
)
def test_the_place_of_a_key_that_is_missing_can_be_typed_as_it_is_shown(
    cgw: Cgw, provider: str, missing: list[str]
) -> None:
    cgw("init", "w", "--provider", provider, "--yes")
    assert sorted(status(cgw)["profile"]["missing"]) == missing
    step = status(cgw)["next"]
    assert step in cgw("doctor", fails=1).out.replace("\n          ", " ")
    assert "--secret file://~/.config/cgw/keys/w" in step
    cgw(*step.replace("…", "mine").split()[1:])
    assert status(cgw)["profile"]["missing"] == []


def test_a_profile_that_was_removed_while_it_was_applied_is_to_be_undone(cgw: Cgw) -> None:
    cgw("init", "w", "--provider", "unified", "--secret", "env://K", "--auth", "helper", "--scope", "user", "--yes")
    cgw("profile", "rm", "w")
    seen = status(cgw)
    assert seen["next"] == "cgw settings undo --scope user"
    assert "without cgw" not in cgw("status").out
    cgw(*seen["next"].split()[1:])
    assert status(cgw)["next"] == "cgw init"


@pytest.mark.parametrize("scope", ["user", "project", "local"])
def test_the_profile_that_a_line_applies_is_the_one_in_use(cgw: Cgw, work: Path, scope: str) -> None:
    for name in ("a", "b"):
        line = ("--provider", "unified", "--secret", "env://K", "--auth", "helper", "--yes")
        cgw("init", name, *line, "--scope", scope)
        assert status(cgw)["profile"]["name"] == name
    cgw("profile", "use", "a")
    cgw("init", "b", "--provider", "unified", "--model", "m", "--yes")
    assert status(cgw)["profile"]["name"] == "a"


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("name", ["lab", "work"])
def test_where_none_is_chosen_the_next_step_is_the_one_that_is_applied(cgw: Cgw, name: str) -> None:
    cgw("settings", "apply", "--profile", name)
    assert status(cgw)["next"] == f"cgw profile use {name}"
    cgw(*status(cgw)["next"].split()[1:])
    assert status(cgw)["profile"]["name"] == name


@pytest.mark.parametrize("scope", ["local", "project"])
def test_a_denied_profile_that_is_applied_is_named_and_its_undo_is_the_next_step(
    cgw: Cgw, work: Path, scope: str
) -> None:
    (work / ".git").mkdir()
    (work / "cgw.toml").write_text(
        'provider = "unified"\ngateway_url = "https://llm.example.com"\nauth = "helper"\nsecret = "env://K"\n'
    )
    cgw("profile", "trust", "--yes")
    cgw("settings", "apply", "--scope", scope)
    undo = f"cgw settings undo --scope {scope}"
    assert undo in cgw("profile", "deny").err
    assert status(cgw)["next"] == undo
    cgw(*undo.split()[1:])
    assert status(cgw)["next"] == "cgw init"
    assert "settings undo" not in cgw("profile", "deny").err
    cgw("init", "mine", "--provider", "unified", "--secret", "env://K", "--yes")
    assert status(cgw)["next"] == "export CGW_PROFILE=mine"


@pytest.mark.parametrize("where", ["settings", "variable", "helper", "bedrock"])
def test_a_gateway_that_is_used_without_cgw_is_named_and_can_be_taken_over(
    cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    variable, address = "ANTHROPIC_BASE_URL", "https://llm.example.com"
    document: dict[str, Any] = {"env": {variable: address, "ANTHROPIC_AUTH_TOKEN": "sk-old-0123456789abcdef"}}
    if where == "variable":
        monkeypatch.setenv(variable, address)
        document = {}
    elif where == "helper":
        document = {"env": {variable: address}, "apiKeyHelper": "pass show llm"}
    elif where == "bedrock":
        variable = "ANTHROPIC_BEDROCK_BASE_URL"
        document = {"env": {variable: address, "CLAUDE_CODE_USE_BEDROCK": "1"}}
    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_text(json.dumps(document))
    seen = status(cgw)
    assert seen["next"] == "cgw init --from-current"
    assert seen["gateway"]["url"] == address
    assert seen["gateway"]["place"].startswith(variable)
    assert f"gateway   {address}, by {variable} in " in cgw("status").out


def test_a_gateway_that_only_a_repository_sets_is_not_proposed(cgw: Cgw, work: Path) -> None:
    (work / ".claude").mkdir()
    (work / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"}}')
    seen = status(cgw)
    assert (seen["gateway"], seen["next"]) == (None, "cgw init")


@pytest.mark.usefixtures("profiles")
def test_switch_chooses_and_applies_together_and_status_follows(cgw: Cgw, isolated: Path) -> None:
    assert status(cgw)["problem"].startswith("there are 2 profiles")
    done = cgw("switch", "work")
    assert "/env/ANTHROPIC_BASE_URL: not set -> http://127.0.0.1:4000\n" in done.err
    assert "3 set, 24 cleared." in done.err
    seen = status(cgw)
    assert seen["profile"]["name"] == "work"
    settings = isolated / ".claude/settings.json"
    assert seen["applied"] == [{"scope": "user", "file": str(settings), "profile": "work", "state": "ok"}]
    assert seen["helper"]["name"] == "work"
    cgw("profile", "set", "work", "models.opus=team-opus")
    assert status(cgw)["applied"][0]["state"] == "outdated"
    assert "(profile work, outdated)\n" in cgw("status").out
    again = cgw("switch", "lab")
    assert "/env/ANTHROPIC_BASE_URL: http://127.0.0.1:4000 -> http://127.0.0.1:4001\n" in again.err
    seen = status(cgw)
    assert (seen["profile"]["name"], seen["applied"][0]["profile"]) == ("lab", "lab")
    assert cgw().out == cgw("status").out


@pytest.mark.usefixtures("profiles")
def test_switch_changes_nothing_where_a_value_was_changed_since(cgw: Cgw, isolated: Path) -> None:
    cgw("switch", "work")
    settings = isolated / ".claude/settings.json"
    settings.write_text(settings.read_text().replace(":4000", ":5000"))
    before = tree(isolated)
    assert "Nothing was changed." in cgw("switch", "lab", fails=1).err
    assert {k: v for k, v in tree(isolated).items() if "/.cache/" not in k} == {
        k: v for k, v in before.items() if "/.cache/" not in k
    }
    seen = status(cgw)
    assert (seen["profile"]["name"], seen["applied"][0]["state"]) == ("work", "changed")
    assert cgw("switch", "lab", "--force").code == 0


@pytest.mark.usefixtures("profiles")
def test_switch_says_which_other_file_wins_here(cgw: Cgw) -> None:
    cgw("settings", "apply", "--scope", "local", "--profile", "lab")
    assert "settings.local.json has the profile lab, which wins in this directory" in cgw("switch", "work").err


@pytest.mark.usefixtures("profiles")
def test_status_shows_what_doctor_saw_last(cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cgw("switch", "work")
    env = {"HOME": str(isolated)}
    assert status(cgw)["health"] is None
    health.remember("http://127.0.0.1:4000", "fail", "the gateway does not answer", env)
    seen = status(cgw)["health"]
    assert (seen["verdict"], seen["cause"]) == ("fail", "the gateway does not answer")
    assert "health    fail" in cgw("status").out
    (isolated / ".local/state/cgw/health.json").write_text("[1]")
    assert status(cgw)["health"] is None


def test_health_of_many_gateways_is_bounded(isolated: Path) -> None:
    env = {"HOME": str(isolated)}
    for number in range(60):
        health.remember(f"http://g{number}", "ok", "", env)
    assert health.last("http://g0", env) is None
    newest = health.last("http://g59", env)
    assert newest
    assert newest.verdict == "ok"


@pytest.mark.parametrize("existing", [None, '{"model": "opus",\n "env": {"A": "1"}}\n'])
def test_uninstall_gives_back_the_home_as_it_was(
    cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch, existing: str | None
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "sk-gateway-0123456789")
    if existing is not None:
        (isolated / ".claude").mkdir()
        (isolated / ".claude/settings.json").write_text(existing)
    before = tree(isolated)
    line = ("--gateway-url", "http://127.0.0.1:4000", "--secret", "env://GATEWAY_KEY", "--auth", "helper")
    cgw("init", "work", "--provider", "unified", *line, "--scope", "user", "--yes")
    cgw("helper", "run")
    cgw("env", "--shell", "sh")
    cgw("settings", "apply", "--scope", "local")
    health.remember("http://127.0.0.1:4000", "ok", "", {"HOME": str(isolated)})
    assert tree(isolated) != before
    during = tree(isolated)
    listed = cgw("uninstall", "--dry-run").out
    assert tree(isolated) == during
    assert f"undo    {isolated / '.claude/settings.json'}\n" in listed
    assert "settings.local.json" in listed
    assert "there is no terminal to ask on" in cgw("uninstall", fails=2).err
    assert tree(isolated) == during
    done = cgw("uninstall", "--yes")
    assert "the program itself" in done.err
    assert tree(isolated) == before
    assert not Path(".claude").exists()
    assert "Nothing of cgw was found" in cgw("uninstall", "--yes").out


@pytest.mark.usefixtures("profiles")
def test_uninstall_keeps_what_the_user_changed_and_its_record(cgw: Cgw, isolated: Path) -> None:
    cgw("switch", "work")
    settings = isolated / ".claude/settings.json"
    settings.write_text(settings.read_text().replace(":4000", ":5000"))
    planned = cgw("uninstall", "--dry-run").out
    assert "        except /env/ANTHROPIC_BASE_URL: changed since cgw set it\n" in planned
    assert "except" not in cgw("uninstall", "--dry-run", "--force").out
    done = cgw("uninstall", "--yes", fails=1)
    assert "/env/ANTHROPIC_BASE_URL was changed since cgw set it (cgw uninstall --force undoes that too)" in done.err
    assert json.loads(settings.read_text()) == {"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:5000"}}
    assert not (isolated / ".config").exists()
    cgw("uninstall", "--yes", "--force")
    assert tree(isolated) == {}


def test_uninstall_names_keys_and_startup_lines_that_are_not_its_own(cgw: Cgw, isolated: Path) -> None:
    key = isolated / "key"
    key.write_text("sk-1234567890abcdef")
    key.chmod(0o600)
    (isolated / ".bashrc").write_text('# cgw is nice\neval "$(cgw env)"\n')
    cgw("init", "work", "--provider", "unified", "--secret", f"file://{key}", "--yes")
    done = cgw("uninstall", "--yes")
    assert f"cgw secret rm file://{key}" in done.err
    assert f'{isolated}/.bashrc:2: eval "$(cgw env)"' in done.err
    assert sorted(path.name for path in isolated.iterdir()) == [".bashrc", "key"]


@pytest.mark.usefixtures("profiles")
def test_uninstall_names_the_helpers_that_are_for_all_users(cgw: Cgw, tmp_path: Path) -> None:
    kept, gone, theirs = (str(tmp_path / name) for name in ("kept", "gone", "it's theirs"))
    for out in (kept, gone, theirs):
        cgw("helper", "install", "work", "--out", out, "--force")
    Path(gone).unlink()
    Path(theirs).write_text("#!/bin/sh\necho mine\n")
    for done in (cgw("uninstall", "--dry-run"), cgw("uninstall", "--yes")):
        assert f"{kept}: a helper for all users, whose settings may name it; to remove it: rm {kept}\n" in done.err
        assert gone not in done.err
        assert "theirs" not in done.err
    assert Path(kept).exists()


def test_uninstall_removes_a_key_in_its_own_directory_and_does_not_name_it(cgw: Cgw, isolated: Path) -> None:
    key = isolated / ".config/cgw/keys/work"
    key.parent.mkdir(parents=True, mode=0o700)
    key.write_text("sk-1234567890abcdef")
    cgw("init", "work", "--provider", "unified", "--secret", f"file://{key}", "--yes")
    assert "cgw secret rm" not in cgw("uninstall", "--yes").err
    assert tree(isolated) == {}


def test_uninstall_does_not_follow_a_link(cgw: Cgw, isolated: Path, tmp_path: Path) -> None:
    shared = tmp_path / "dotfiles"
    (shared / "profiles").mkdir(parents=True)
    (shared / "notes").write_text("mine")
    (isolated / ".config").mkdir()
    (isolated / ".config/cgw").symlink_to(shared)
    cgw("uninstall", "--yes")
    assert not (isolated / ".config/cgw").exists()
    assert (shared / "notes").read_text() == "mine"


def test_a_password_in_the_address_is_not_kept(isolated: Path) -> None:
    env = {"HOME": str(isolated)}
    health.remember("http://me:hunter2-canary@g", "fail", "http://me:hunter2-canary@g does not answer", env)
    assert "canary" not in (isolated / ".local/state/cgw/health.json").read_text()
    found = health.last("http://me:hunter2-canary@g", env)
    assert found is not None
    assert found.verdict == "fail"


def test_a_completion_script_of_another_cgw_is_named(cgw: Cgw, isolated: Path) -> None:
    import json

    cgw("--install-completion", "fish")
    assert json.loads(cgw("status", "--format", "json").out)["outdated_completion"] == []
    record = isolated / ".local/state/cgw/completion.json"
    record.write_text(record.read_text().replace('"version": "', '"version": "0.0.1 of '))
    assert "cgw --install-completion fish" in cgw("status").out
    cgw("--install-completion", "fish")
    assert "completion" not in cgw("status").out
    (isolated / ".config/fish/completions/cgw.fish").unlink()
    assert "cgw --install-completion fish" in cgw("status").out
