"""Real clients are answered: every mode x auth x key header they support, through every way cgw has in.

The loopback gateway insists on the key in the configured header; "answered" means that the client printed the
gateway's answer. Each client runs enclosed: a proxy that refuses everything but this machine. Each profile has one
start, the ways in turn; that the other ways hand over the same variables is asked without the client.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan, mode_of
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback import clouds
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

pytestmark = pytest.mark.real

KEY = "sk-cgw-real-0123456789abcdef"
HEADERS = ("authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization")
NEWEST = "2.1.330"
SECONDS = 150

Env = Callable[[Path], dict[str, str]]


@dataclasses.dataclass(frozen=True)
class Case:
    """A profile for one client version, and the ways in which it is tried."""

    version: str
    provider: str
    credentials: str
    auth: str
    header: str

    @property
    def ways(self) -> tuple[str, ...]:
        """Both shells see every kind of value: bash where the key is alone in its variable, sh in a header line."""
        return ("bash" if self.header in {"authorization", "x-api-key"} else "sh", "run", "settings")

    @property
    def enclosable(self) -> bool:
        """Older clients send everything through the proxy, and break on a Proxy-Authorization of their own there."""
        return self.header != "proxy-authorization" or holds("no-proxy", self.version)

    def options(self, url: str, key_file: Path) -> list[str]:
        """The command line of `cgw init` that makes this profile."""
        return [
            *("--provider", self.provider, "--credentials", self.credentials, "--auth", self.auth),
            *("--key-header", self.header, "--gateway-url", url, "--secret", key_file.as_uri()),
            *("--project-id", "demo-project", "--workspace-id", "wrkspc_demo"),
            *("--min-client-version", self.version, "--yes"),
        ]


def cases(version: str) -> Iterator[Case]:
    """Everything that the plan allows for this version."""
    for mode in MODES:
        headers = (*HEADERS, "x-corp-key") if version == NEWEST and mode.provider == "unified" else HEADERS
        for header in headers:
            for auth in ("static", "helper"):
                case = Case(version, mode.provider, mode.credentials, auth, header)
                # Bedrock with AWS keys asks a control host of AWS: not without the enclosure.
                if case.enclosable or (mode.provider, mode.credentials) != ("bedrock", "client"):
                    try:
                        make_plan(planned(case))
                    except UsageError:
                        continue
                    yield case


def planned(case: Case) -> Profile:
    return Profile(
        "case",
        case.provider,
        credentials=case.credentials,  # type: ignore[arg-type]
        auth=case.auth,  # type: ignore[arg-type]
        key_header=case.header,
        project_id="demo-project",
        workspace_id="wrkspc_demo",
        min_client_version=case.version,
    )


class Machine:
    """A throw-away home in which `cgw` and one client are used as a person would."""

    def __init__(self, folder: Path, env: Env, claude: Path) -> None:
        self.claude = claude
        self.home = folder / "home"
        self.work = folder / "work"
        self.home.mkdir(parents=True)
        self.work.mkdir()
        self.key_file = folder / "key"
        self.key_file.touch(mode=0o600)
        self.key_file.write_text(KEY)
        self.env = env(self.home)

    def stand_in_clouds(self, gateway: Gateway, case: Case) -> None:
        if case.credentials == "client":
            provider = BY_NAME[mode_of(Profile("p", case.provider, credentials="client")).client]
            self.env |= clouds.fake_credentials(provider.situations, gateway.url, self.home, "demo-project")

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        return subprocess.run(
            words, env=self.env, cwd=self.work, capture_output=True, text=True, input="", check=False, timeout=SECONDS
        )

    def cgw(self, *words: object) -> str:
        done = self.run("cgw", *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def apply(self, auth: str, *words: str) -> None:
        secret = () if auth == "helper" else ("--write-secret",)
        self.cgw("settings", "apply", "--scope", "user", *secret, *words)

    def through(self, way: str, *command: object) -> subprocess.CompletedProcess[str]:
        """A program with what a way hands over; ``settings`` hand it over by themselves."""
        if way == "run":
            return self.run("cgw", "run", "--", *command)
        if way == "settings":
            return self.run(*command)
        return self.run(way, "-c", f'set -eu; eval $(cgw env --shell {way}); exec "$0" "$@"', *command)

    def prompt(self, way: str) -> subprocess.CompletedProcess[str]:
        return self.through(way, self.claude, "-p", "hi")

    def handed(self, way: str, names: set[str]) -> dict[str, str]:
        """The values of these variables that a way hands to a client."""
        if way == "settings":
            found = json.loads((self.home / ".claude" / "settings.json").read_text())["env"]
        else:
            lines = self.through(way, "env", "-0").stdout.split("\0")
            found = dict(line.partition("=")[::2] for line in lines)
        return {name: found.get(name, "") for name in names}


def run_profile(case: Case, way: str, folder: Path, env: Env, claude: Path) -> str:
    """ "answered", or what went wrong: the client through one way, the others compared with it."""
    machine = Machine(folder, env, claude)
    names = {item.name for item in make_plan(planned(case)).sets}
    handed, said = {}, ""
    with Gateway(KEY, case.header) as gateway:
        if case.enclosable:
            machine.env |= enclosed(gateway.url)
        machine.stand_in_clouds(gateway, case)
        machine.cgw("init", "case", *case.options(gateway.url, machine.key_file))
        if case.auth == "helper":  # a helper has no variable: it lives in settings
            machine.apply("helper")
        for one in case.ways:
            if one == "settings" and case.auth == "static":
                machine.apply("static")
            handed[one] = machine.handed(one, names)
            if one == way:
                gateway.forget()
                done = machine.prompt(way)
                asked = [request.status for request in gateway.model_requests]
                answered = done.returncode == 0 and ANSWER in done.stdout and asked and asked[-1] == 200
                words = " ".join((done.stdout + done.stderr).split())[:160]
                said = "answered" if answered else f"{done.returncode} {asked} {words}"
    unlike = [name for name in names if len({found[name] for found in handed.values()}) != 1]
    return f"{said}, but {unlike} differ: {handed}" if unlike else said


@pytest.mark.parametrize("version", ["1.0.60", "2.0.45", NEWEST])
def test_the_real_client_is_answered_in_every_mode_through_every_way_in(
    version: str,
    client: Callable[[str], Path],
    clean_env: Env,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    todo = list(cases(version))
    assert len(todo) > 20
    before = [[case.auth for case in todo[:index]].count(case.auth) for index, case in enumerate(todo)]
    ways = [case.ways[count % 3] for case, count in zip(todo, before, strict=True)]
    for auth in ("static", "helper"):
        tried = {way for case, way in zip(todo, ways, strict=True) if case.auth == auth}
        assert {"run", "settings"} < tried, "each way has a start of the client"
    claude = client(version)
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(run_profile, case, way, tmp_path / str(index), clean_env, claude)
            for index, (case, way) in enumerate(zip(todo, ways, strict=True))
        ]
        results = [job.result() for job in jobs]
    rows = [*zip(todo, ways, results, strict=True)]
    with capsys.disabled():
        print(f"\nClaude Code {version}: {len(todo)} profiles")
        for case, way, said in rows:
            print(f"  {case.provider:14}{case.credentials:7}{case.auth:7}{case.header:21}{way}: {said[:8]}")
    failed = [row for row in rows if row[2] != "answered"]
    assert not failed, "\n".join(map(str, failed))


def test_the_demo_is_answered_by_the_real_client_in_every_row(
    client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    out = Machine(tmp_path, clean_env, client(NEWEST)).cgw("demo", "--client", client(NEWEST))
    assert f"the real Claude Code {NEWEST}" in out
    assert "✗" not in out
    assert out.count("✓") > 40


SWITCHES = (("vertex", "/vertex_ai/v1/"), ("bedrock", "/bedrock/model/"), ("unified", "/v1/messages"))


def expected(provider: str) -> set[str]:
    """The variables that a profile's plan sets."""
    return {item.name for item in make_plan(planned(Case(NEWEST, provider, "proxy", "static", HEADERS[0]))).sets}


def switching(machine: Machine, gateway: Gateway) -> None:
    machine.env |= enclosed(gateway.url)
    for provider, _ in SWITCHES:
        case = Case(NEWEST, provider, "proxy", "static", HEADERS[0])
        machine.cgw("init", provider, *case.options(gateway.url, machine.key_file))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_switching_in_one_shell_leaves_nothing_stale_and_the_client_is_answered_each_time(
    shell: str, client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, clean_env, client(NEWEST))
    before = {"PWD", "OLDPWD", "SHLVL", "_", *enclosed("")}
    with Gateway(KEY) as gateway:
        switching(machine, gateway)
        before |= set(machine.env)
        steps = "".join(
            f'eval $(cgw env --shell {shell} --profile {provider}); env -0 >{tmp_path}/{provider}; "$0" -p hi; '
            for provider, _ in SWITCHES
        )
        done = machine.run(shell, "-c", f"set -eu; {steps}", machine.claude)
        assert done.stdout.count(ANSWER) == 3, (done.stdout, done.stderr)
        paths = [request.path for request in gateway.model_requests]
    for (provider, start), path in zip(SWITCHES, paths, strict=True):
        assert path.startswith(start)
        names = {entry.partition("=")[0] for entry in (tmp_path / provider).read_text().split("\0") if entry}
        assert {name for name in names - before if not name.startswith("CGW_")} == expected(provider)


def test_switching_in_one_settings_file_leaves_nothing_stale_and_the_client_is_answered_each_time(
    client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, clean_env, client(NEWEST))
    settings = machine.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"MINE": "1"}, "cleanupPeriodDays": 7}\n')
    original = settings.read_bytes()
    with Gateway(KEY) as gateway:
        switching(machine, gateway)
        for provider, start in SWITCHES:
            machine.apply("static", "--profile", provider)
            done = machine.prompt("settings")
            assert ANSWER in done.stdout, (provider, done.stdout, done.stderr)
            assert gateway.model_requests[-1].path.startswith(start)
            env = json.loads(settings.read_text())["env"]
            assert {name for name, value in env.items() if value} == {"MINE", *expected(provider)}
    machine.cgw("settings", "undo", "--scope", "user")
    assert settings.read_bytes() == original
