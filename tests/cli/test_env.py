from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from claude_gw_cli.emit import DIALECTS

from .conftest import Cgw

KEY = "cgw-canary-0123456789"
STALE = {
    "ANTHROPIC_API_KEY": "old",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "ANTHROPIC_CUSTOM_HEADERS": "X-Old: 1",
    "AWS_BEARER_TOKEN_BEDROCK": "old",
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GW_KEY", KEY)
    monkeypatch.setenv("SHELL", "/bin/sh")


def init(cgw: Cgw, name: str, provider: str, *options: str) -> None:
    cgw("init", name, "--provider", provider, "--gateway-url", "http://127.0.0.1:4000", "--yes", *options)


def in_shell(text: str, env: dict[str, str], *, quoted: bool = True) -> dict[str, str]:
    """The environment of a child of a real sh that evaluated the text."""
    script = 'set -eu; eval "$TEXT"' if quoted else "set -eu; eval $TEXT"
    done = subprocess.run(
        [
            "sh",
            "-c",
            f'{script}; unset TEXT; exec "$PYTHON" -c "import os,json; print(json.dumps(dict(os.environ)))"',
        ],
        env={"PATH": os.environ["PATH"], "PYTHON": sys.executable, "TEXT": text, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        name: value
        for name, value in json.loads(done.stdout).items()
        if name.startswith(("ANTHROPIC", "CLAUDE", "AWS_", "CLOUD_ML", "CGW_"))
    }


@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "unquoted"])
def test_the_environment_arrives_and_what_conflicts_is_gone(cgw: Cgw, quoted: bool) -> None:
    init(cgw, "v", "vertex", "--credentials", "client", "--project-id", "p", "--secret", "env://GW_KEY")
    text = cgw("env", "--shell", "sh").out
    found = in_shell(text, STALE, quoted=quoted)
    assert found.pop("CGW_EXPORTED")
    assert found == {
        "CLAUDE_CODE_USE_VERTEX": "1",
        "ANTHROPIC_VERTEX_BASE_URL": "http://127.0.0.1:4000/vertex_ai/v1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
        "CLOUD_ML_REGION": "us-east5",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {KEY}",
    }


def test_switching_profiles_in_one_shell_leaves_nothing_stale(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    common = ("--secret", "env://GW_KEY")
    init(cgw, "v", "vertex", "--project-id", "p", "--model", "opus", *common)
    init(cgw, "b", "bedrock", "--region", "eu-west-1", *common)
    init(cgw, "u", "unified", *common)
    env: dict[str, str] = {}
    for name in ("v", "b", "u", "v", "u"):
        monkeypatch.setenv("CGW_EXPORTED", env.get("CGW_EXPORTED", ""))
        env = in_shell(cgw("env", "--profile", name, "--shell", "sh").out, env)
    assert env.pop("CGW_EXPORTED") == "ANTHROPIC_BASE_URL,ANTHROPIC_AUTH_TOKEN"
    assert env == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "ANTHROPIC_AUTH_TOKEN": KEY}


def test_unset_takes_everything_out_again(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY", "--model", "sonnet")
    env = in_shell(cgw("env", "--shell", "sh").out, {})
    assert len(env) == 4
    monkeypatch.setenv("CGW_EXPORTED", env["CGW_EXPORTED"])
    monkeypatch.delenv("GW_KEY")
    assert in_shell(cgw("env", "--shell", "sh", "--unset").out, env) == {}


def test_a_helper_profile_exports_no_key_unless_asked_to(cgw: Cgw) -> None:
    init(cgw, "h", "unified", "--auth", "helper", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", "sh")
    assert KEY not in done.out
    assert "no settings file sets apiKeyHelper yet" in done.err
    assert in_shell(cgw("env", "--shell", "sh", "--resolve").out, {})["ANTHROPIC_AUTH_TOKEN"] == KEY


def test_nothing_is_printed_when_the_key_cannot_be_had(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    monkeypatch.delenv("GW_KEY")
    for shell in ("sh", "json", "github"):
        done = cgw("env", "--shell", shell, fails=69)
        assert done.out == ""
        assert "GW_KEY" in done.err


def test_nothing_is_printed_when_the_profile_is_not_complete(cgw: Cgw) -> None:
    cgw("init", "v", "--provider", "vertex", "--yes")
    done = cgw("env", "--shell", "sh", fails=2)
    assert done.out == ""
    assert "--project-id" in done.err
    assert "--secret" in done.err


def test_a_format_that_cannot_carry_a_value_says_so_and_prints_nothing(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--key-header", "x-gw", "--secret", "env://GW_KEY")
    path = Path(os.environ["HOME"]) / ".config/cgw/profiles/u.toml"
    path.write_text(path.read_text() + '[headers]\n"X-Team" = "a"\n')
    done = cgw("env", "--shell", "docker", fails=2)
    assert done.out == ""
    assert "ANTHROPIC_CUSTOM_HEADERS" in done.err
    assert KEY not in done.err


def test_a_settings_file_that_beats_the_export_is_named(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    assert "warning" not in cgw("env", "--shell", "sh").err
    settings = Path(os.environ["HOME"]) / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"ANTHROPIC_BASE_URL": "https://other", "CLAUDE_CODE_USE_BEDROCK": "1"}}')
    done = cgw("env", "--shell", "sh")
    assert f"{settings} sets ANTHROPIC_BASE_URL, CLAUDE_CODE_USE_BEDROCK" in done.err
    assert "warning" not in done.out
    settings.write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "CLAUDE_CODE_USE_BEDROCK": ""}}')
    assert "warning" not in cgw("env", "--shell", "sh").err


def test_github_gets_the_environment_file_on_stdout_and_the_mask_on_stderr(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", "github")
    assert f"::add-mask::{KEY}" in done.err
    assert "ANTHROPIC_AUTH_TOKEN<<" in done.out
    assert "::add-mask::" not in done.out


def test_json_is_an_object_with_null_for_what_must_go(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    found = json.loads(cgw("env", "--shell", "json").out)
    assert found["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert found["ANTHROPIC_API_KEY"] is None


def test_a_repository_profile_is_announced_and_may_not_run_programs(
    cgw: Cgw, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "cgw.toml").write_text('provider = "unified"\ngateway_url = "https://gw"\nsecret = "env://GW_KEY"\n')
    assert cgw("env", "--shell", "sh", fails=77).out == "", "a variable of yours is yours as well"
    init(cgw, "mine", "unified", "--secret", "env://GW_KEY")
    cgw("profile", "use", "mine")
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    done = cgw("env", "--shell", "sh")
    assert f"using {work / 'cgw.toml'} (gateway https://gw)" in done.err
    assert "instead of mine" in done.err
    monkeypatch.delenv("CGW_TRUST_REPOSITORY")
    (work / "cgw.toml").write_text('provider = "unified"\nsecret = "exec:touch pwned"\n')
    done = cgw("env", "--shell", "sh", fails=77)
    assert done.out == ""
    assert not (work / "pwned").exists()


def test_a_repository_profile_reaches_into_no_store_until_it_is_trusted_as_it_is(cgw: Cgw, work: Path) -> None:
    (work / "key").write_text(KEY)
    (work / "key").chmod(0o600)
    text = f'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nsecret = "file://{work}/key"\n'
    (work / "cgw.toml").write_text(text)
    done = cgw("env", "--shell", "sh", fails=77)
    assert done.out == ""
    assert "cgw profile trust" in done.err
    assert "http://127.0.0.1:9" in done.err
    cgw("env", "--shell", "sh", "--profile", "./cgw.toml", fails=77)  # naming is not consent
    cgw("profile", "use", "./cgw.toml", fails=77)
    cgw("profile", "trust", "--yes")
    assert KEY in cgw("env", "--shell", "sh").out
    (work / "cgw.toml").write_text(text.replace("127.0.0.1:9", "evil:9"))
    assert "changed since you trusted it" in cgw("env", "--shell", "sh", fails=77).err


def test_what_the_shell_was_given_can_be_taken_out_though_the_profile_is_gone(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    init(cgw, "v", "vertex", "--project-id", "p", "--secret", "env://GW_KEY")
    env = in_shell(cgw("env", "--profile", "v", "--shell", "sh").out, {"ANTHROPIC_API_KEY": "mine"})
    cgw("profile", "rm", "v", "--yes")
    monkeypatch.setenv("CGW_EXPORTED", env["CGW_EXPORTED"])
    assert in_shell(cgw("env", "--unset", "--shell", "sh").out, env) == {}
    monkeypatch.delenv("CGW_EXPORTED")
    text = cgw("env", "--unset", "--profile", "u", "--shell", "sh").out
    assert in_shell(text, {"ANTHROPIC_API_KEY": "mine"}) == {"ANTHROPIC_API_KEY": "mine"}, (
        "only what is cgw's own goes"
    )


def test_a_settings_file_that_the_client_drops_is_named(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    settings = Path(os.environ["HOME"]) / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text("{bad")
    assert f"does not read {settings}" in cgw("env", "--shell", "sh").err


def test_the_name_of_a_shell_program_is_understood(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    assert cgw("env", "--shell", "dash").out == cgw("env", "--shell", "sh").out
    assert cgw("env", "--shell", "pwsh").out == cgw("env", "--shell", "powershell").out


@pytest.mark.parametrize(
    "dialect", ["dotenv", "docker", "systemd", "github", "json", "vscode", "sdk-ts", "sdk-python"]
)
def test_a_key_in_a_file_is_pointed_out(cgw: Cgw, dialect: str) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", dialect)
    assert KEY in done.out
    assert f"warning: this {dialect} text contains the key itself" in done.err


def test_the_same_profile_gives_the_same_bytes_in_every_process(cgw: Cgw, work: Path) -> None:
    """Apart from the delimiters of $GITHUB_ENV, which nobody may know beforehand."""
    options = ["--secret", "env://GW_KEY", "--model", "m", "--key-header", "x-litellm-api-key"]
    init(cgw, "u", "unified", *options)
    script = (
        "import sys; from claude_gw_cli.cli.env import env; [env(profile='u', shell=name) for name in sys.argv[1:]]"
    )
    dialects = [name for name in DIALECTS if name not in ("github", "action", "dotenv", "environment.d")]
    printed = set()
    for seed in ("1", "2", "3"):
        words = [sys.executable, "-c", script, *dialects]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(words, env=environment, cwd=work, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        printed.add(done.stdout)
    assert len(printed) == 1


@pytest.mark.parametrize("dialect", ["sh", "json", "github"])
def test_the_log_of_a_github_job_hides_the_key(cgw: Cgw, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    assert (f"::add-mask::{KEY}" in cgw("env", "--shell", dialect).err) == (dialect == "github")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert f"::add-mask::{KEY}" in cgw("env", "--shell", dialect).err.splitlines()


@pytest.mark.parametrize("options", [(), ("--resolve",)])
@pytest.mark.parametrize(
    ("dialect", "reference"),
    [
        ("devcontainer", "${localEnv:GW_KEY}"),
        ("gitlab", "$GW_KEY"),
        ("action", "${{ secrets.GW_KEY }}"),
        ("jenkins", "env.GW_KEY"),
    ],
)
def test_no_key_is_in_a_text_that_ends_in_an_image_or_an_artifact(
    cgw: Cgw, dialect: str, reference: str, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    init(cgw, "u", "unified", "--auth", "helper", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", dialect, *options)
    assert KEY not in done.out + done.err
    assert reference in done.out
    assert f"its reader takes it from {reference}" in done.err
    monkeypatch.delenv("GW_KEY")
    assert cgw("env", "--shell", dialect).out == done.out


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("compose", 'ANTHROPIC_CUSTOM_HEADERS: "x-litellm-api-key: Bearer ${GW_KEY:?}"'),
        ("kubernetes", 'value: "x-litellm-api-key: Bearer $(GW_KEY)"'),
        ("mise", 'ANTHROPIC_CUSTOM_HEADERS = "x-litellm-api-key: Bearer {{env.GW_KEY}}"'),
        ("direnv", "export ANTHROPIC_CUSTOM_HEADERS='x-litellm-api-key: Bearer '\"${GW_KEY:?}\";"),
        ("buildkite", "'x-litellm-api-key: Bearer '\"$(buildkite-agent secret get GW_KEY)\";"),
        ("jenkins", "'ANTHROPIC_CUSTOM_HEADERS=x-litellm-api-key: Bearer ' + env.GW_KEY,"),
        ("systemd-dropin", "EnvironmentFile=%E/cgw/key.env"),
    ],
)
def test_the_reader_s_own_syntax_puts_the_key_into_a_header(cgw: Cgw, dialect: str, line: str) -> None:
    init(cgw, "v", "vertex", "--credentials", "client", "--project-id", "p", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", dialect)
    assert line in done.out
    assert KEY not in done.out + done.err


@pytest.mark.parametrize("dialect", ["compose", "kubernetes", "mise", "direnv", "buildkite", "systemd-dropin"])
def test_resolve_writes_the_key_itself_and_says_so(cgw: Cgw, dialect: str) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", dialect, "--resolve")
    assert KEY in done.out
    assert f"warning: this {dialect} text contains the key itself" in done.err


def test_kubernetes_has_the_key_in_a_secret_and_the_rest_in_a_config_map(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    public, secret = yaml.safe_load_all(cgw("env", "--shell", "kubernetes", "--resolve").out)
    assert public["data"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4000"
    assert (secret["kind"], secret["stringData"]) == ("Secret", {"ANTHROPIC_AUTH_TOKEN": KEY})
    again, template = yaml.safe_load_all(cgw("env", "--shell", "kubernetes").out)
    assert again == public
    container = template["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": public["metadata"]["name"]}}]
    assert container["env"] == [
        {"name": "GW_KEY", "valueFrom": {"secretKeyRef": {"name": "claude-code-gateway", "key": "GW_KEY"}}},
        {"name": "ANTHROPIC_AUTH_TOKEN", "value": "$(GW_KEY)"},
    ]


def test_azure_marks_only_the_key_as_a_secret(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    lines = cgw("env", "--shell", "azure").out.splitlines()
    assert f"##vso[task.setvariable variable=ANTHROPIC_AUTH_TOKEN;issecret=true]{KEY}" in lines
    assert sum("issecret" in line for line in lines) == 1


def test_direnv_watches_the_profile_and_leaves_the_key_to_the_helper(cgw: Cgw) -> None:
    init(cgw, "h", "unified", "--auth", "helper", "--secret", "env://GW_KEY")
    text = cgw("env", "--shell", "direnv").out
    assert text.startswith(f"watch_file {os.environ['HOME']}/.config/cgw/profiles/h.toml\n")
    assert "GW_KEY" not in text


def test_a_secret_s_name_that_the_text_unsets_is_another_one(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    init(cgw, "u", "unified", "--secret", "env://ANTHROPIC_API_KEY")
    text = cgw("env", "--shell", "direnv").out
    assert 'export ANTHROPIC_AUTH_TOKEN="${LLM_GATEWAY_KEY:?}";' in text


@pytest.mark.parametrize("dialect", ["dotenv", "docker", "gitlab", "systemd"])
def test_what_readers_do_with_a_file_is_said(cgw: Cgw, dialect: str) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    assert "cgw: note: " in cgw("env", "--shell", dialect).err


def test_an_unknown_shell_lists_the_known_ones(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    done = cgw("env", "--shell", "bahs", fails=2)
    assert "bash" in done.err
    assert done.out == ""


def on_terminal(*argv: str) -> str:
    """What a person sees who types the command on a terminal (stdout and stderr)."""
    main, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "claude_gw_cli", *argv], stdin=child, stdout=child, stderr=child, env=dict(os.environ)
    )
    os.close(child)
    seen = b""
    while True:
        try:
            block = os.read(main, 65536)
        except OSError:
            break
        if not block:
            break
        seen += block
    assert process.wait(20) == 0, seen
    os.close(main)
    return seen.decode()


def test_on_a_terminal_the_key_is_masked_unless_revealed(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    seen = on_terminal("env", "--shell", "sh")
    assert KEY not in seen
    assert "cgw-" in seen
    assert "--reveal" in seen
    assert KEY in on_terminal("env", "--shell", "sh", "--reveal")


def test_a_full_disk_is_an_io_error_not_a_traceback(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "claude_gw_cli", "env", "--shell", "sh"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
            check=False,
        )
    assert done.returncode == 74
    assert "Traceback" not in done.stderr
    assert "standard output" in done.stderr


def test_a_closed_pipe_is_an_io_error_not_a_traceback(cgw: Cgw) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "claude_gw_cli", "env", "--shell", "sh"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    os.close(writer)
    assert done.returncode == 74
    assert "Traceback" not in done.stderr


def test_the_key_beside_its_own_helper_is_not_warned_about(cgw: Cgw, isolated: Path) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY", "--auth", "helper")
    cgw("settings", "apply", "--profile", "u")
    assert "warning" not in cgw("env", "--shell", "sh", "--resolve").err
    init(cgw, "other", "unified", "--secret", "env://GW_KEY", "--auth", "helper")
    assert "sets ANTHROPIC_AUTH_TOKEN;" in cgw("env", "--shell", "sh", "--resolve", "--profile", "other").err
    settings = isolated / ".claude/settings.json"
    settings.write_text(settings.read_text().replace('"ANTHROPIC_AUTH_TOKEN": ""', '"ANTHROPIC_AUTH_TOKEN": "x"'))
    assert "sets ANTHROPIC_AUTH_TOKEN;" in cgw("env", "--shell", "sh", "--resolve", "--profile", "u").err


def test_in_the_home_directory_the_file_that_is_named_is_the_users(
    cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(cgw, "u", "unified", "--secret", "env://GW_KEY", "--auth", "helper")
    init(cgw, "other", "unified", "--secret", "env://GW_KEY", "--auth", "helper")
    cgw("settings", "apply", "--profile", "u")
    monkeypatch.chdir(isolated)
    said = cgw("env", "--shell", "sh", "--resolve", "--profile", "other").err
    assert "Make the file agree: cgw settings apply --scope user\n" in said
