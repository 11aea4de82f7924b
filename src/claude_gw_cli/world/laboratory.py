"""Runs a configuration of the matrix on a real client: a separate HOME, loopback only, made-up keys.

The matrix (``matrix.jsonl``, one configuration a line) is what `make atlas` measures of each release, and what
``cgw trace --learn`` measures of the installed client.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.compare import differences, target_on
from claude_gw_cli.core.layers import effective
from claude_gw_cli.core.learn import Case
from claude_gw_cli.core.observation import CREDENTIAL_HEADERS, Observation
from claude_gw_cli.core.predict.model import HelperRun, Prediction
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import dataclass
from claude_gw_cli.world.children import workers
from claude_gw_cli.world.client import QUIET, enclosed
from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.snapshot import take
from claude_gw_cli.world.trace import as_text, carries_prompt, observe

Config = Mapping[str, Any]
"""``env``, ``user``, ``project``, ``local``, ``managed``, ``managed_d``, ``helper``, ``flags``, ``claude_json``,
``files``, ``modes`` (octal, by path): the atlas's form, with its placeholders {U} {PORT} {HELPER} {H} {W}."""

Row = dict[str, Any]
"""A recording: ``version``, ``case``, ``interactive``, ``config``, ``observed``."""

URL = "http://127.0.0.1:4000"
_WORKERS = 2

# The administrator's directory is fixed: /etc/claude-code. The client gets its own one over a copy-on-write /etc
# that only it sees and that ends with it.
OWN_ETC = (
    'mount -t tmpfs none "$1" && mkdir "$1/up" "$1/work" && cp -R "$2" "$1/up/claude-code" && '
    'mount -t overlay none -o "lowerdir=/etc,upperdir=$1/up,workdir=$1/work" /etc && shift 2 && exec "$@"'
)

# A cloud machine's own identity would be found in no configuration, and looking for it takes seconds.
_NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true", "METADATA_SERVER_DETECTION": "none"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A configuration as files and environment."""

    root: Path
    env: Mapping[str, str]
    args: tuple[str, ...]

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.root / "work"

    @property
    def managed(self) -> Path:
        """The administrator's directory."""
        return self.root / "managed"

    @property
    def helper_runs(self) -> int:
        """How often the configured helper script has run."""
        ran = self.root / "ran"
        return len(ran.read_text().splitlines()) if ran.exists() else 0


@contextmanager
def staged(config: Config, url: str, version: str) -> Iterator[Stage]:
    """The configuration laid out in a temporary folder, for a gateway at ``url``."""
    # A client that was stopped may leave a child that is still writing: what it writes is of no interest.
    with tempfile.TemporaryDirectory(prefix="cgw-atlas-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        home, work = root / "home", root / "work"
        places = {
            "{U}/sts/token": f"{url}/google/token",  # where the atlas's own recorder had the token exchange
            "{U}": url,
            "{PORT}": url.rpartition(":")[2],
            "{HELPER}": str(root / "helper.sh"),
            "{H}": str(home),
            "{W}": str(work),
        }

        def filled(text: str) -> str:
            for mark, value in places.items():
                text = text.replace(mark, value)
            return text

        env = {
            "PATH": os.environ["PATH"],
            # Clients before 1.0.93 go through the proxy to loopback too, which a custom
            # Proxy-Authorization breaks: they get none, and no configuration that points elsewhere.
            **(enclosed(url) if holds("no-proxy", version) else dict(QUIET)),
            **_NO_METADATA,
            "HOME": str(home),
            "CLAUDE_CODE_MAX_RETRIES": "0",
            **{key: filled(value) for key, value in config.get("env", {}).items() if value is not None},
        }
        documents: dict[Path, object] = {
            home / ".claude" / "settings.json": config.get("user"),
            work / ".claude" / "settings.json": config.get("project"),
            work / ".claude" / "settings.local.json": config.get("local"),
            root / "managed" / "managed-settings.json": config.get("managed"),
            Path(env.get("CLAUDE_CONFIG_DIR") or home) / ".claude.json": config.get("claude_json"),
        }
        drop_ins = root / "managed" / "managed-settings.d"
        documents |= {drop_ins / name: text for name, text in (config.get("managed_d") or {}).items()}
        documents |= {Path(filled(path)): text for path, text in (config.get("files") or {}).items()}
        home.mkdir()
        work.mkdir()
        for path, document in documents.items():
            if document is not None:
                text = document if isinstance(document, str) else json.dumps(document)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(filled(text), encoding="utf-8")
        for path, mode in (config.get("modes") or {}).items():
            Path(filled(path)).chmod(int(mode, 8))
        if "helper" in config:
            helper = root / "helper.sh"
            helper.write_text(f"#!/bin/sh\necho >>{root}/ran\n{config['helper']}\n", encoding="utf-8")
            helper.chmod(0o700)
        yield Stage(root, env, tuple(filled(word) for word in config.get("flags") or []))


def run(
    version: str, config: Config, program: str | os.PathLike[str], *, timeout: float = 60.0, whole: bool = False
) -> dict[str, Any]:
    """Start the real client once, until its prompt has arrived; the observation as the recordings have it.

    Args:
        version: the client's release.
        config: what it starts with.
        program: the client.
        timeout: seconds until it is stopped.
        whole: let it end by itself, and record in ``also`` what else it asked the gateway for.
    """
    with Gateway(any_path=True) as gateway, staged(config, gateway.url, version) as stage:
        command = with_own_etc([str(program)], stage)
        seen = observe(command, stage.env, stage.work, stage.args, gateway, timeout=timeout, whole=whole)
        found = recorded(seen, gateway.url, stage.helper_runs if "helper" in config else None)
        if whole:
            asked = {f"{item.method} {item.path}" for item in gateway.requests if not carries_prompt(item)}
            found["also"] = sorted(line.replace(gateway.url, "{U}") for line in asked)
        return found


def with_own_etc(command: list[str], stage: Stage) -> list[str]:
    """The command line, with the administrator's directory of the configuration where it has one."""
    if not stage.managed.exists():
        return command
    (stage.root / "etc").mkdir()
    return ["unshare", "-Urm", "sh", "-c", OWN_ETC, "sh", str(stage.root / "etc"), str(stage.managed), *command]


def matrix() -> list[tuple[str, Config]]:
    """The starts that are measured of each release: name and configuration."""
    text = Path(__file__).with_name("matrix.jsonl").read_text(encoding="utf-8")
    return [(row["case"], row["config"]) for row in map(json.loads, text.splitlines())]


def needs_own_etc(config: Config) -> bool:
    """Whether a start has managed settings, which are in a place that only root can write to."""
    return "managed" in config or "managed_d" in config


def can_have_own_etc() -> bool:
    """Whether this system lets a program have its own /etc: Linux, with user namespaces."""
    try:
        script = 'mount -t tmpfs none "$1" && mkdir "$1/up" "$1/work" && mount -t overlay none -o '
        script += '"lowerdir=/etc,upperdir=$1/up,workdir=$1/work" /etc'
        with tempfile.TemporaryDirectory(prefix="cgw-atlas-") as name:
            command = ["unshare", "-Urm", "sh", "-c", script, "sh", name]
            return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def measured(version: str, program: str | os.PathLike[str], starts: Sequence[tuple[str, Config]]) -> Iterator[Row]:
    """A recording of each start, in their order, two at a time."""

    def one(start: tuple[str, Config]) -> Row:
        name, config = start
        observed = run(version, config, program)
        return {"version": version, "case": name, "interactive": False, "config": config, "observed": observed}

    with workers(_WORKERS) as pool:
        yield from pool.map(one, starts)


@contextmanager
def compared(rows: Sequence[Row]) -> Iterator[list[Case]]:
    """The recordings laid out once, each to be compared with the facts in force as often as wanted."""
    with ExitStack() as stack:
        cases = []
        for row in rows:
            stage = stack.enter_context(staged(row["config"], URL, row["version"]))
            runs: dict[str, HelperRun] = {}
            prediction = predicted_at(stage, row["version"], runs)
            seen = observation(row["observed"])
            model = seen.model or named_in_path(seen.url or "")
            cases.append(Case(row["case"], prediction.provider, model, _lines(stage, row["version"], seen, runs)))
        yield cases


def _lines(stage: Stage, version: str, seen: Observation, runs: dict[str, HelperRun]) -> Callable[[], list[str]]:
    def lines() -> list[str]:
        found = differences(predicted_at(stage, version, runs), seen, URL)
        return [f"{item.what}: predicted {item.predicted!r}, observed {item.observed!r}" for item in found]

    return lines


def named_in_path(url: str) -> str | None:
    """The model that a path names, as those of Bedrock and Vertex do."""
    found = re.search(r"/models?/([^/?]+?)(?::\w+)?(?:[/?]|$)", url)
    return unquote(found[1]) if found else None


def predicted(version: str, config: Config) -> Prediction:
    """What cgw predicts for the same files, environment and arguments, with the gateway at ``URL``."""
    with staged(config, URL, version) as stage:
        return predicted_at(stage, version, {})


def predicted_at(stage: Stage, version: str, runs: dict[str, HelperRun]) -> Prediction:
    """As ``predicted``, for a configuration that is laid out; ``runs`` keeps what helpers print, by command."""
    arguments, stops = parse_arguments(stage.args, version)
    snapshot = take(
        stage.env,
        str(stage.work),
        client_version=version,
        arguments=arguments,
        managed_dir=str(stage.managed),
        stops=stops,
    )
    helper = effective(snapshot).helper
    if helper is not None and helper.text not in runs and (ran := helper_run(stage, helper)):
        runs[helper.text] = ran
    return predict(snapshot, helper_run=None if helper is None else runs.get(helper.text))


def helper_run(stage: Stage, helper: Any) -> HelperRun | None:
    """What the configured helper prints; its scripts are the matrix's."""
    if helper is None:
        return None
    done = subprocess.run(  # noqa: S602 - a shell, as the client does it
        helper.text, shell=True, cwd=stage.work, env=dict(stage.env), capture_output=True, text=True, check=False
    )
    return HelperRun(done.stdout, done.returncode)


def disagreements(row: Mapping[str, Any]) -> list[str]:
    """What a recording shows otherwise than cgw predicts, one line each."""
    found = differences(predicted(row["version"], row["config"]), observation(row["observed"]), URL)
    start = f"{row['version']} {row['case']}"
    return [f"{start}: {item.what}: predicted {item.predicted!r}, observed {item.observed!r}" for item in found]


def observation(observed: Mapping[str, Any]) -> Observation:
    """A recording's ``observed`` as what the recorder gave."""
    headers = {name: observed[name] for name in CREDENTIAL_HEADERS if observed.get(name) is not None}
    headers |= observed.get("other_headers") or {}
    headers = {name: as_text(value) for name, value in headers.items()}
    return Observation(
        observed["requests"], observed["url"], headers, observed["model"], observed["exit"], observed.get("says", "")
    )


def lasting(value: Any) -> Any:
    """An observed value without what is different in every run: a signature."""
    return value.partition(" Credential=")[0] if isinstance(value, str) else value


def recorded(seen: Observation, url: str, helper_runs: int | None) -> dict[str, Any]:
    """An observation as a recording's ``observed``."""
    # A request over the proxy has the whole URL.
    path = None if seen.url is None else target_on(seen.url, url)
    found: dict[str, Any] = {"requests": seen.requests, "url": path}
    found |= {name: lasting(seen.headers.get(name)) for name in CREDENTIAL_HEADERS}
    found |= {"model": seen.model, "exit": seen.exit, "helper_runs": helper_runs}
    if seen.others:
        found["other_headers"] = dict(sorted(seen.others.items()))
    if seen.says:
        found["says"] = seen.says.replace(url, "{U}")[:160]
    return found
