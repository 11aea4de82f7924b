"""What `cgw doctor` says about the plain client, in situations that need no real one. The others: tests/real."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli import local_probes
from claude_gw_cli.cli.doctor import doctor
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.world import paths
from claude_gw_cli.world.loopback import gateway as loopback
from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.loopback.keys import check_key

KEY, STALE = "sk-canary-3f9a-7c21-zq7x", "sk-stale-1111-2222-3333"
Examine = Callable[..., tuple[str, dict[str, dict[str, Any]]]]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(KEY) as running:
        yield running


@pytest.fixture
def work(isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(paths, "managed_dir", lambda: str(tmp_path / "managed"))
    return folder


@pytest.fixture
def examine(work: Path, capfd: pytest.CaptureFixture[str]) -> Examine:
    def run(profile: str | None = None) -> tuple[str, dict[str, dict[str, Any]]]:
        code = doctor(profile=profile, format_="json")
        out, err = capfd.readouterr()
        assert KEY not in out + err
        assert STALE not in out + err
        document = json.loads(out)
        assert code == (document["verdict"] == "fail")
        return document["verdict"], {row["id"]: row for row in document["probes"]}

    return run


def settings(folder: Path, document: object, name: str = "settings.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(json.dumps(document))
    file.chmod(0o600)
    return file


def helper(home: Path, key: str) -> str:
    script = home / "key.sh"
    script.write_text(f"#!/bin/sh\necho run >> {home}/runs\necho {key}\n")
    script.chmod(0o700)
    return str(script)


def save(home: Path, url: str, extra: str = "") -> None:
    folder = home / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(
        f'provider = "unified"\ngateway_url = "{url}"\nsecret = "env://CGW_TEST_KEY"\n{extra}'
    )


def test_without_a_profile_the_set_up_that_is_here_is_examined(
    isolated: Path, gateway: Gateway, examine: Examine
) -> None:
    file = settings(
        isolated / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": helper(isolated, KEY)}
    )
    verdict, rows = examine()
    assert (verdict, rows["gateway.key"]["status"], rows["helper"]["status"]) == ("ok", "ok", "ok")
    assert "secret" not in rows
    helper(isolated, STALE)
    verdict, rows = examine()
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["gateway.key"]
    assert str(file) in rows["gateway.key"]["help"]
    assert "cgw init" not in rows["gateway.key"]["help"]


def test_where_none_of_several_profiles_is_chosen_the_next_step_names_them(isolated: Path, examine: Examine) -> None:
    _, rows = examine()
    assert rows["start"]["help"] == "cgw init"
    save(isolated, "https://llm.example.com")
    folder = isolated / ".config" / "cgw" / "profiles"
    (folder / "test.toml").write_bytes((folder / "work.toml").read_bytes())
    verdict, rows = examine()
    assert (verdict, rows["start"]["help"].splitlines()) == (
        "fail",
        ["use one of your profiles (test, work): cgw switch test", "or make one: cgw init"],
    )


def test_in_the_home_directory_the_users_settings_are_not_a_projects(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": helper(isolated, KEY)}
    settings(isolated / ".claude", document)
    monkeypatch.chdir(isolated)
    verdict, rows = examine()
    assert verdict == "ok", rows
    assert rows["gateway.key"]["status"] == "ok"
    settings(isolated / ".claude", document, "settings.local.json")  # these are the folder's
    verdict, rows = examine()
    assert (verdict, rows["start"]["status"]) == ("fail", "fail")


def test_without_a_gateway_and_a_key_the_client_stops(work: Path, examine: Examine) -> None:
    verdict, rows = examine()
    assert verdict == "fail"
    assert "Not logged in" in rows["start"]["cause"]


def test_an_address_that_only_a_project_sets_gets_nothing(
    isolated: Path, work: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(isolated / ".claude", {"apiKeyHelper": helper(isolated, KEY)})
    settings(work / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}})
    _, rows = examine()
    assert rows["start"]["status"] == "fail"
    assert "cgw sends nothing there" in rows["start"]["cause"]
    assert gateway.requests == ()
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    _, rows = examine()
    assert rows["gateway.key"]["status"] == "ok"


def test_a_projects_helper_is_not_run(isolated: Path, work: Path, gateway: Gateway, examine: Examine) -> None:
    settings(isolated / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}})
    settings(work / ".claude", {"apiKeyHelper": helper(isolated, KEY)})
    _, rows = examine()
    assert rows["start"]["status"] == "warn"
    assert "did not run it" in rows["start"]["cause"]
    assert not (isolated / "runs").exists()


def test_managed_settings_that_lead_elsewhere_are_named(
    isolated: Path, tmp_path: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(isolated, gateway.url)
    monkeypatch.setenv("CGW_TEST_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway.url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    managed = {"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example"}}
    file = settings(tmp_path / "managed", managed, "managed-settings.json")
    verdict, rows = examine("work")
    assert verdict == "fail"
    assert "https://elsewhere.example" in rows["start"]["cause"]
    assert rows["start"]["help"] == f"tell the administrator about {file}"
    assert rows["gateway.key"]["status"] == "ok", "the profile's own key is tried all the same"


def test_a_key_that_the_session_asks_about_is_a_warning(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.key_header = "x-api-key"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    verdict, rows = examine()
    assert (verdict, rows["start"]["status"]) == ("ok", "warn")
    assert "interactive session" in rows["start"]["cause"]
    (isolated / ".claude.json").write_text(json.dumps({"customApiKeyResponses": {"approved": [KEY[-20:]]}}))
    _, rows = examine()
    assert rows["start"]["status"] == "ok"
    assert rows["gateway.key"]["status"] == "ok"


@pytest.mark.parametrize(
    ("variables", "code", "skipped", "step"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": f"Bearer {KEY}"}, "CGW111", "gateway.key", "store only the key"),
        ({"ANTHROPIC_AUTH_TOKEN": f"'{KEY}'"}, "CGW114", "gateway.key", "store only the key"),
        ({"ANTHROPIC_BASE_URL": "{url}/v1"}, "CGW501", "gateway.route", "end it before /v1"),
        ({"ANTHROPIC_BASE_URL": "127.0.0.1:4000"}, "CGW309", "start", "write http://127.0.0.1:4000"),
        ({"ANTHROPIC_BASE_URL": "llm.example.com"}, "CGW309", "start", "write https://llm.example.com"),
        ({"ANTHROPIC_BASE_URL": "//10.1.2.3:8443"}, "CGW309", "start", "write https://10.1.2.3:8443"),
        ({"ANTHROPIC_BASE_URL": "http://llm example.com"}, "CGW309", "start", "write https://HOST"),
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "CGW104", "start", 'set CLAUDE_CODE_USE_BEDROCK to ""'),
        ({"HTTPS_PROXY": "http://["}, "CGW308", "start", "write http://HOST:PORT"),
    ],
)
def test_what_check_knows_is_the_one_cause_with_its_own_next_step(
    variables: dict[str, str], code: str, skipped: str, step: str,
    gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    given = {"ANTHROPIC_BASE_URL": "{url}", "ANTHROPIC_AUTH_TOKEN": KEY} | variables
    for name, value in given.items():
        monkeypatch.setenv(name, value.replace("{url}", gateway.url))
    verdict, rows = examine()
    assert verdict == "fail"
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["settings"]
    assert (rows["settings"]["cause"][:6], rows[skipped]["cause"][:19]) == (code, f"its cause is {code}")
    assert step in rows["settings"]["help"]


@pytest.mark.parametrize(
    ("token", "more", "place"),
    [
        (STALE, {"ANTHROPIC_API_KEY": KEY}, "ANTHROPIC_AUTH_TOKEN in the environment"),
        (KEY, {"ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: {STALE}"}, "ANTHROPIC_CUSTOM_HEADERS"),
    ],
)
def test_of_two_keys_the_one_that_the_gateway_refuses_is_to_be_removed(
    token: str, more: dict[str, str], place: str,
    gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def first_of_all(headers: tuple[tuple[str, str], ...], keys: Any, _name: str, _form: Any) -> Any:
        sent = {name.lower() for name, _ in headers}
        order = ("x-litellm-api-key", "authorization", "x-api-key")
        read = next((name for name in order if name in sent), "authorization")
        return check_key(headers, keys, read, "bearer" if read == "authorization" else "bare")

    monkeypatch.setattr(loopback, "check_key", first_of_all)
    for name, value in {"ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_AUTH_TOKEN": token, **more}.items():
        monkeypatch.setenv(name, value)
    _, rows = examine()
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["gateway.key"]
    assert "More than one key is sent" in rows["gateway.key"]["cause"]
    assert place in rows["gateway.key"]["help"]
    assert rows["start"]["help"] in {None, ""}


def test_a_login_is_not_a_key_of_the_gateway(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway.url)
    session = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-x", "scopes": ["user:inference"]}}
    settings(isolated / ".claude", session, ".credentials.json")
    verdict, rows = examine()
    assert verdict == "fail"
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["settings"]
    assert "your claude.ai login is sent to" in rows["settings"]["cause"]
    assert rows["start"]["cause"].startswith("its cause is CGW119")
    assert not any("sk-ant-oat" in str(request.headers) for request in gateway.requests)


def test_a_helper_that_gets_a_new_key_after_a_401_is_a_warning(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(isolated, gateway.url, 'auth = "helper"\n')
    monkeypatch.setenv("CGW_TEST_KEY", KEY)
    document = {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": helper(isolated, STALE)}
    settings(isolated / ".claude", document)
    _, rows = examine("work")
    assert rows["gateway.key"]["status"] == "fail", (
        "LiteLLM without a database answers 400: the client does not ask again"
    )
    assert "It accepts the profile's own key" in rows["gateway.key"]["cause"]
    assert "cgw helper refresh" in rows["gateway.key"]["help"]
    refuse(gateway, monkeypatch)
    verdict, rows = examine("work")
    assert (verdict, rows["gateway.key"]["status"]) == ("ok", "warn")
    assert "asks the helper again" in rows["gateway.key"]["cause"]


def refuse(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway refuse a key that it does not know with 401, as LiteLLM with a database does."""
    from claude_gw_cli.world.loopback import keys

    refusal = keys.Refusal(401, "Invalid proxy server token passed", "token_not_found_in_db", "key")
    monkeypatch.setattr(keys, "UNKNOWN_KEY", refusal)


@pytest.mark.parametrize(
    ("printed", "words", "sent"),
    [
        ("'\"%s\"'", "a value in quotation marks", '"%s"'),
        ('\'{"key":"%s"}\'', "a JSON object with the fields: key", '{"key":"%s"}'),
        ("KEY_NAME=%s", "an assignment to a variable", "KEY_NAME=%s"),
        ("'[\"%s\"]'", "a JSON list", '["%s"]'),
    ],
)
def test_what_a_helper_prints_is_tried_as_the_client_sends_it(
    isolated: Path, gateway: Gateway, examine: Examine, printed: str, words: str, sent: str
) -> None:
    command = helper(isolated, printed % KEY)
    settings(isolated / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": command})
    _, rows = examine()
    assert (rows["helper"]["status"], rows["gateway.key"]["status"]) == ("warn", "fail")
    assert words in rows["helper"]["cause"]
    assert any(request.header("authorization") == f"Bearer {sent % KEY}" for request in gateway.requests)


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (f"note; echo {KEY}", "a line break at character 5"),
        (f'\'{{\n "key": "{KEY}"}}\'', "a JSON object with the fields: key"),
        (f"Bearer, {KEY}", "whitespace at character 8"),
        (f"{KEY}; exit 3", "it exited 3"),
    ],
)
def test_what_the_client_does_not_accept_from_a_helper_is_a_failure(
    isolated: Path, gateway: Gateway, examine: Examine, printed: str, words: str
) -> None:
    command = helper(isolated, printed)
    settings(isolated / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": command})
    _, rows = examine()
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["helper"]
    assert words in rows["helper"]["cause"]


def test_a_helper_that_is_slow_for_the_doctor_and_not_for_the_client_is_a_warning(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_probes, "_SECRET_SECONDS", 1.0)
    command = helper(isolated, f"$(sleep 3; echo {KEY})")
    settings(isolated / ".claude", {"env": {"ANTHROPIC_BASE_URL": gateway.url}, "apiKeyHelper": command})
    verdict, rows = examine()
    assert (verdict, rows["helper"]["status"]) == ("ok", "warn")
    assert "its key was not tried. The client waits longer" in rows["helper"]["cause"]
    assert rows["gateway.key"]["status"] == "skip"
    monkeypatch.setattr(local_probes, "_SECRET_SECONDS", 7.0)
    verdict, rows = examine()
    assert (verdict, rows["gateway.key"]["status"]) == ("ok", "ok")


@pytest.mark.parametrize(
    ("variables", "shown", "hidden"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": STALE}, "ANTHROPIC_AUTH_TOKEN in the environment", "CUSTOM"),
        (
            {"ANTHROPIC_AUTH_TOKEN": PLACEHOLDER_TOKEN, "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: {STALE}"},
            "the line x-litellm-api-key of ANTHROPIC_CUSTOM_HEADERS in the environment",
            "AUTH_TOKEN",
        ),
        (
            {"ANTHROPIC_CUSTOM_HEADERS": f"x-team: a\nAuthorization: Bearer {STALE}"},
            "the line authorization of ANTHROPIC_CUSTOM_HEADERS in the environment",
            "AUTH_TOKEN",
        ),
        ({"ANTHROPIC_AUTH_TOKEN": STALE, "ANTHROPIC_CUSTOM_HEADERS": "x-team: a"}, "ANTHROPIC_AUTH_TOKEN in", "line"),
    ],
)
def test_the_next_step_names_the_place_where_the_key_is(
    variables: dict[str, str], shown: str, hidden: str,
    gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    gateway.key_header = "x-litellm-api-key" if PLACEHOLDER_TOKEN in variables.values() else "authorization"
    for name, value in {"ANTHROPIC_BASE_URL": gateway.url, **variables}.items():
        monkeypatch.setenv(name, value)
    _, rows = examine()
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["gateway.key"]
    assert shown in rows["gateway.key"]["help"]
    assert hidden not in rows["gateway.key"]["help"]


@pytest.mark.parametrize("name", ["settings.json", "environment"])
def test_without_a_profile_a_wrong_address_is_corrected_where_it_is_set(
    isolated: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_AUTH_TOKEN": KEY}
    if name == "environment":
        for variable, value in start.items():
            monkeypatch.setenv(variable, value)
    else:
        settings(isolated / ".claude", {"env": start})
    _, rows = examine()
    assert "start it, or correct ANTHROPIC_BASE_URL in " in rows["tcp"]["help"]
    assert name in rows["tcp"]["help"]


@pytest.mark.parametrize(
    ("variables", "has_helper"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": KEY, "ANTHROPIC_API_KEY": KEY}, False),
        ({"ANTHROPIC_AUTH_TOKEN": KEY, "ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {KEY}"}, False),
        ({"ANTHROPIC_AUTH_TOKEN": KEY}, True),
        ({"ANTHROPIC_API_KEY": KEY}, True),
    ],
)
def test_one_key_in_two_places_is_no_warning(
    isolated: Path, gateway: Gateway, examine: Examine, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str], *, has_helper: bool,
) -> None:  # fmt: skip
    if has_helper:
        settings(
            isolated / ".claude",
            {"apiKeyHelper": helper(isolated, KEY), "env": {"ANTHROPIC_BASE_URL": gateway.url}},
        )
    else:
        variables = {"ANTHROPIC_BASE_URL": gateway.url, **variables}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, rows = examine()
    assert [name for name, row in rows.items() if row["status"] in {"warn", "fail"}] == ["client"]
    other = next(name for name in variables if name != "ANTHROPIC_BASE_URL")
    monkeypatch.setenv(other, STALE)
    _, rows = examine()
    assert rows["settings"]["status"] == "warn", "two different keys are still told"


def test_an_incomplete_profile_is_one_failure(isolated: Path, gateway: Gateway, examine: Examine) -> None:
    save(isolated, gateway.url)
    file = isolated / ".config/cgw/profiles/work.toml"
    file.write_text(file.read_text().replace("unified", "anthropic-aws"))
    _, rows = examine("work")
    assert [name for name, row in rows.items() if row["status"] == "fail"] == ["profile"]
    assert "--workspace-id is missing" in rows["profile"]["cause"]


def test_a_value_of_the_start_is_no_secret_in_a_repr() -> None:
    from claude_gw_cli.world.probe.exchange import Credential

    sent = Credential({"authorization": f"Bearer {KEY}"}, (KEY,))
    assert KEY not in repr(sent) + str(sent) + repr(Secret(KEY))


def test_in_the_home_directory_the_file_is_the_users(isolated: Path) -> None:
    from claude_gw_cli.cli.plain_start import PlainStart

    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}}')
    start = PlainStart({"HOME": str(isolated)}, str(isolated), "2.1.332", trusted=True)
    assert [item.scope for item in start.snapshot.files if item.status == "loaded"] == ["user"]


@pytest.mark.parametrize(
    ("variable", "model"),
    [
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "team-small"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "team-middle"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", "team-large"),
        ("ANTHROPIC_SMALL_FAST_MODEL", "team-small"),
        ("CLAUDE_CODE_SUBAGENT_MODEL", "team-agents"),
        ("ANTHROPIC_DEFAULT_FABLE_MODEL", "team-largest"),
    ],
)
def test_each_model_that_a_variable_names_is_asked_about(
    examine: Examine, work: Path, monkeypatch: pytest.MonkeyPatch, gateway: Gateway, variable: str, model: str
) -> None:
    assert work
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway.url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv(variable, model)
    _, found = examine()
    assert model in found["gateway.model"]["evidence"]
    asked = [json.loads(request.body or b"{}").get("model") for request in gateway.requests]
    assert model in asked


@pytest.mark.parametrize("other", ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"])
@pytest.mark.parametrize(
    ("body", "place"), [('{"model": "m"}', "EXTRA_BODY"), ('{"model": 7}', "EXTRA_BODY"), ('{"x": 1}', ""), ("[", "")]
)
def test_a_model_of_the_extra_body_is_changed_there(isolated: Path, other: str, body: str, place: str) -> None:
    from claude_gw_cli.cli.plain_start import PlainStart

    env = {"HOME": str(isolated), other: "m", "CLAUDE_CODE_EXTRA_BODY": body}
    told = PlainStart(env, str(isolated), "2.1.332", trusted=True).places
    name = "7" if "7" in body else "m"
    assert told.get(f"place of {name}", "").startswith(f"CLAUDE_CODE_{place}" if place else other)
    assert place in told["model_place"]


@pytest.mark.parametrize("end", ["?", "#", "?team=a"])
def test_a_gateway_that_cannot_be_asked_is_not_ok(
    work: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    (work / "cgw.toml").write_text('[check]\nignore = [{ code = "CGW507", reason = "as it is" }]\n')
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:9{end}")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    verdict, rows = examine()
    assert (verdict, rows["settings"]["status"], rows["start"]["status"]) == ("fail", "ok", "fail")
    assert "cgw trace" in rows["start"]["help"]
