"""Runs a configuration, written as in the recordings, on a real client: a HOME of its own, loopback, fake keys."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.compare import differences
from claude_gw_cli.core.observation import CREDENTIAL_HEADERS, Observation
from claude_gw_cli.core.predict import HelperRun, Prediction, effective, predict
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.world.client import QUIET, enclosed
from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.snapshot import take
from claude_gw_cli.world.trace import as_text, carries_prompt, observe

Config = Mapping[str, Any]
"""``env``, ``user``, ``project``, ``local``, ``managed``, ``managed_d``, ``helper``, ``flags``, ``claude_json``,
``files``, ``modes`` (octal, by path): the atlas's form, with its placeholders {U} {PORT} {HELPER} {H} {W}."""

URL = "http://127.0.0.1:4000"

# The administrator's directory is fixed: /etc/claude-code. The client gets one of its own over a copy-on-write /etc
# that only it sees and that ends with it.
_OWN_ETC = (
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
        return self.root / "work"

    @property
    def managed(self) -> Path:
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
    with tempfile.TemporaryDirectory(prefix="atlas-", ignore_cleanup_errors=True) as name:
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
            # Clients that do not know NO_PROXY go through the proxy to loopback too, which a custom
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
    version: str, config: Config, program: Path | None = None, *, timeout: float = 60.0, whole: bool = False
) -> dict[str, Any]:
    """Start the real client once, until its prompt has arrived; the observation as the recordings have it.

    Args:
        version: the client's release.
        config: what it starts with.
        program: the client, by default the one in the parts cache.
        timeout: seconds until it is stopped.
        whole: let it end by itself, and record in ``also`` what else it asked the gateway for.
    """
    with Gateway(any_path=True) as gateway, staged(config, gateway.url, version) as stage:
        command = [str(program or client(version))]
        if stage.managed.exists():
            (stage.root / "etc").mkdir()
            own_etc = ["unshare", "-Urm", "sh", "-c", _OWN_ETC, "sh", str(stage.root / "etc"), str(stage.managed)]
            command = [*own_etc, *command]
        seen = observe(command, stage.env, stage.work, stage.args, gateway, timeout=timeout, whole=whole)
        found = recorded(seen, gateway.url, stage.helper_runs if "helper" in config else None)
        if whole:
            asked = {f"{item.method} {item.path}" for item in gateway.requests if not carries_prompt(item)}
            found["also"] = sorted(line.replace(gateway.url, "{U}") for line in asked)
        return found


def predicted(version: str, config: Config) -> Prediction:
    """What cgw predicts for the same files, environment and arguments, with the gateway at ``URL``."""
    with staged(config, URL, version) as stage:
        arguments, stops = parse_arguments(stage.args, version)
        snapshot = take(
            stage.env,
            str(stage.work),
            client_version=version,
            arguments=arguments,
            managed_dir=str(stage.managed),
            stops=stops,
        )
        return predict(snapshot, helper_run=_helper_run(stage, effective(snapshot).helper))


def _helper_run(stage: Stage, helper: Any) -> HelperRun | None:
    if helper is None:
        return None
    done = subprocess.run(
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
    found: dict[str, Any] = {"requests": seen.requests, "url": seen.url and seen.url.removeprefix(url)}
    found |= {name: lasting(seen.headers.get(name)) for name in CREDENTIAL_HEADERS}
    found |= {"model": seen.model, "exit": seen.exit, "helper_runs": helper_runs}
    if seen.others:
        found["other_headers"] = dict(sorted(seen.others.items()))
    if seen.says:
        found["says"] = seen.says.replace(url, "{U}")[:160]
    return found


def client(version: str) -> Path:
    """The program of a released client in the parts cache."""
    parts = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
    return parts / f"claude-{version}" / "node_modules" / ".bin" / "claude"
