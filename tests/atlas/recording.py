"""A recording of the real client as the input model of a prediction."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.layers import document, effective
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.predict.model import HelperRun
from claude_gw_cli.core.snapshot import ClientArguments, SettingsFile, Snapshot
from claude_gw_cli.world.snapshot import take

HERE = Path(__file__).parent
PORT = "4000"
URL = f"http://127.0.0.1:{PORT}"
HOME, CWD, HELPER, MANAGED = "/home/user", "/work", "/opt/helper.sh", "/etc/claude-code"
Recording = dict[str, Any]


def recordings(name: str = "observations.jsonl.gz") -> list[Recording]:
    """Every recording in a file of this folder."""
    with gzip.open(HERE / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def filled(text: str) -> str:
    """The text with its placeholders filled in."""
    for name, value in {"U": URL, "PORT": PORT, "HELPER": HELPER, "H": HOME, "W": CWD}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def environment(config: Recording) -> dict[str, str]:
    """The client's process environment."""
    base = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "HOME": HOME}
    base.update({name: filled(value) for name, value in config.get("env", {}).items() if value is not None})
    return base


def arguments(config: Recording) -> list[str]:
    """The client's own arguments."""
    return [filled(word) for word in config.get("flags") or []]


def documents(config: Recording) -> dict[str, str]:
    """Path -> text of every file of the configuration."""
    own = environment(config).get("CLAUDE_CONFIG_DIR", HOME)
    places = {
        "user": f"{HOME}/.claude/settings.json",
        "project": f"{CWD}/.claude/settings.json",
        "local": f"{CWD}/.claude/settings.local.json",
        "managed": f"{MANAGED}/managed-settings.json",
        "claude_json": f"{own}/.claude.json",
    }
    found = {path: _text(config[name]) for name, path in places.items() if config.get(name) is not None}
    found |= {
        f"{MANAGED}/managed-settings.d/{name}": _text(item) for name, item in (config.get("managed_d") or {}).items()
    }
    found |= {filled(path): filled(text) for path, text in (config.get("files") or {}).items()}
    return found


def _text(value: object) -> str:
    return filled(value if isinstance(value, str) else json.dumps(value))


def snapshot(recording: Recording) -> Snapshot:
    """The recording's configuration as the snapshot of a client start, built without any file."""
    config = recording["config"]
    env = environment(config)
    words = arguments(config)
    args = ClientArguments(
        model=_after(words, "--model"),
        settings=tuple(words[i + 1] for i, word in enumerate(words) if word == "--settings"),
        setting_sources=_sources(_after(words, "--setting-sources")),
        bare="--bare" in words,
        restricted="--restricted" in words,
    )
    texts = documents(config)
    user = f"{env.get('CLAUDE_CONFIG_DIR', f'{HOME}/.claude')}/settings.json"
    files: list[SettingsFile] = []
    places: tuple[tuple[Scope, str], ...] = (
        ("user", user),
        ("project", f"{CWD}/.claude/settings.json"),
        ("local", f"{CWD}/.claude/settings.local.json"),
    )
    for scope, path in places:
        if path in texts:
            files.append(document(scope, path, texts[path], args))
    files += [document("flag", "--settings", text, args, kind="inline") for text in args.settings[-1:]]
    managed = [f"{MANAGED}/managed-settings.json", *sorted(path for path in texts if "/managed-settings.d/" in path)]
    files += [document("managed", path, texts[path], args) for path in managed if path in texts]
    claude_json = next((text for path, text in texts.items() if path.endswith("/.claude.json")), "{}")
    credentials = env.get("GOOGLE_APPLICATION_CREDENTIALS")
    return Snapshot(
        process=env,
        files=tuple(files),
        cwd=CWD,
        home=HOME,
        config_dir=f"{HOME}/.claude",
        client_version=recording["version"],
        interactive=recording["interactive"],
        arguments=args,
        claude_json=json.loads(claude_json),
        claude_json_file=f"{HOME}/.claude.json",
        google_needs_project="external_account" in texts.get(credentials or "", ""),
        cloud_files=(("google", "GOOGLE_APPLICATION_CREDENTIALS"),) if credentials in texts else (),
    )


def _after(words: list[str], flag: str) -> str | None:
    return words[words.index(flag) + 1] if flag in words else None


def _sources(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def helper_run(recording: Recording, shot: Snapshot) -> HelperRun | None:
    """What the recorded helper prints, read from its few recorded spellings; ``None`` where only running it tells."""
    layer = effective(shot).helper
    if layer is None:
        return None
    body = recording["config"].get("helper") if layer.text == HELPER else layer.text
    files = documents(recording["config"])
    scripted = re.fullmatch(r"sh ~/(\S+)", body or "")
    if scripted:
        body = files[f"{HOME}/{scripted[1]}"]
    return _KNOWN.get(body.strip()) or _echoed(body.strip())


_KNOWN = {
    "exit 1": HelperRun(exit=1),
    "echo hlp-x; exit 1": HelperRun("hlp-x\n", 1),
    "true": HelperRun(""),
    'printf "l1\\nl2\\n"': HelperRun("l1\nl2\n"),
    'printf "  hlp-ws  \\n\\n"': HelperRun("  hlp-ws  \n\n"),
    "echo hlp-pipe | tr a-z A-Z": HelperRun("HLP-PIPE\n"),
    'echo \'{"token":"x"}\'': HelperRun('{"token":"x"}\n'),
    'echo "u=${ANTHROPIC_BASE_URL:+set}-t=${ANTHROPIC_AUTH_TOKEN:+set}-cc=${CLAUDECODE:-no}"': HelperRun(
        "u=set-t=set-cc=no\n"
    ),
}


def _echoed(body: str) -> HelperRun | None:
    echoed = re.fullmatch(r"(?:sleep \d+; )?echo ([\w -]+)", body)
    return HelperRun(f"{echoed[1]}\n") if echoed else None


def on_disk(recording: Recording, top: Path) -> tuple[Snapshot, HelperRun | None]:
    """The recording's configuration as real files below ``top``, read back, and its helper run for real."""
    places = {HOME: f"{top}/home", CWD: f"{top}/work", MANAGED: f"{top}/managed", HELPER: f"{top}/helper.sh"}

    def at(text: str) -> str:
        for old, new in places.items():
            text = text.replace(old, new)
        return text

    config = recording["config"]
    Path(places[CWD]).mkdir(parents=True)
    for path, text in documents(config).items():
        place = Path(at(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(at(text), encoding="utf-8")
    words, stops = parse_arguments([at(word) for word in arguments(config)], recording["version"])
    shot = take(
        {name: at(value) for name, value in environment(config).items()},
        places[CWD],
        client_version=recording["version"],
        arguments=words,
        managed_dir=places[MANAGED],
        stops=stops,
    )
    helper = effective(shot).helper
    if helper is None:
        return shot, None
    body = config["helper"] if helper.text == places[HELPER] else helper.text
    ran = subprocess.run(["/bin/sh", "-c", body], capture_output=True, check=False)
    return shot, HelperRun(ran.stdout.decode(), ran.returncode)
