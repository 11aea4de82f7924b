"""A line for every command, with what it may write: a command without one fails `test_lines.py`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

KEY = "cgw-canary-7261-faults"
"""The key of every set-up here; it must show up where it is asked for, and nowhere else."""
SETTINGS = ".claude/settings.json"
BUNDLE = json.dumps(
    {"schema": 1, "newest": "2.1.999", "issued": "2026-01-02T03:04:05Z", "cgw": "0.1.0", "facts": [], "headers": [],
     "models": {"means": [], "defaults": [], "catalog": []}}
).encode()  # fmt: skip
"""A facts bundle that changes nothing."""
_PROFILE = ".config/cgw/profiles"
_HELPERS = ".config/cgw/helpers"


@dataclass(frozen=True)
class Line:
    """One command line.

    Attributes:
        words: what is typed after ``cgw``.
        before: the lines that make the state in which it is run.
        writes: beginnings of the paths below the home directory that it may change; caches, locks and the history
            of changes are anybody's. Empty: it changes nothing.
        stdin: what it reads.
        prints_key: its standard output is the key, or has it.
        hands_on: it gives the key to the program that it starts.
        holds_key: beginnings of the paths that may hold the key afterwards.
        codes: its exit codes without a fault.
    """

    words: str
    before: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    stdin: str = ""
    prints_key: bool = False
    hands_on: bool = False
    holds_key: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0,)


ANYBODYS = (".cache/cgw", ".local/state/cgw/audit", ".local/state/cgw/.audit.lock", ".local/state/cgw/health.json")
"""What any command may write below the home directory."""
_STATE = ".local/state/cgw"
OWN = (".config/cgw", ".cache/cgw", ".local/share/cgw", _STATE, "tmp/")
"""Where nothing is open to others, directories included."""
_APPLIED = ("settings apply --scope user --profile work",)
_WITH_KEY = ("settings apply --scope user --profile work --write-secret",)
_INSTALLED = ("helper install helped",)
_COPY = ("profile export work --out {home}/shared.toml",)

LINES: dict[str, Line] = {
    "init": Line(
        "init new --provider unified --gateway-url http://127.0.0.1:9 --secret env://K --scope user --yes",
        writes=(_PROFILE, SETTINGS, _STATE, ".config/cgw/default"),
    ),
    "status": Line("status"),
    "switch": Line("switch work --yes", writes=(".config/cgw/default", SETTINGS, _STATE)),
    "env": Line("env --profile work --shell sh", prints_key=True),
    "run": Line("run --profile work -- true", hands_on=True),
    "settings render": Line("settings render --profile work --out {home}/ci.json", writes=("ci.json", _STATE)),
    "settings diff": Line("settings diff --profile work", codes=(1,)),
    "settings apply": Line(*_WITH_KEY, writes=(SETTINGS, _STATE), holds_key=(SETTINGS, _STATE)),
    "settings undo": Line("settings undo", _WITH_KEY, writes=(SETTINGS, _STATE), holds_key=(SETTINGS, _STATE)),
    "settings status": Line("settings status", _APPLIED),
    "settings history": Line("settings history", _APPLIED),
    "helper install": Line("helper install helped", writes=(".config/cgw/helpers",)),
    "helper show": Line("helper show helped", _INSTALLED),
    "helper list": Line("helper list", _INSTALLED),
    "helper run": Line(
        "helper run kept", ("helper install kept",), prints_key=True, holds_key=(".cache/cgw/helper-kept",)
    ),
    "helper test": Line("helper test kept", ("helper install kept",), holds_key=(".cache/cgw/helper-kept",)),
    "helper refresh": Line("helper refresh kept", ("helper install kept",), holds_key=(".cache/cgw/helper-kept",)),
    "helper uninstall": Line("helper uninstall helped", _INSTALLED, writes=(_HELPERS, SETTINGS, _STATE)),
    "secret set": Line("secret set file://{home}/keys/new", writes=("keys",), stdin=KEY, holds_key=("keys",)),
    "secret test": Line("secret test file://{home}/keys/old"),
    "secret rm": Line("secret rm file://{home}/keys/old", writes=("keys",)),
    "check": Line("check {home}/.claude/settings.json --fix", writes=(SETTINGS, _STATE), codes=(0, 1)),
    "rule": Line("rule CGW101"),
    "explain": Line("explain"),
    "trace": Line("trace", codes=(69, 2)),
    "facts show": Line("facts show"),
    "facts update": Line(
        f"facts update {{home}}/bundle.json --allow-unsigned --sha256 {hashlib.sha256(BUNDLE).hexdigest()}",
        writes=(".local/share/cgw", _STATE),
    ),
    "facts reset": Line("facts reset", writes=(".local/share/cgw", _STATE)),
    "doctor": Line("doctor --profile work", writes=(_STATE,), codes=(1,)),
    "gateway snippet": Line("gateway snippet --profile work"),
    "profile list": Line("profile list"),
    "profile show": Line("profile show work"),
    "profile use": Line("profile use work", writes=(".config/cgw/default", _STATE)),
    "profile set": Line("profile set work region=eu-west-1", writes=(_PROFILE, _STATE)),
    "profile edit": Line("profile edit work --yes", writes=(_PROFILE, _STATE), codes=(0, 1, 2)),
    "profile update": Line(
        "profile update taken --yes",
        (*_COPY, "init taken --from {home}/shared.toml --yes", "profile set work region=eu-west-1", *_COPY),
        writes=(".config/cgw", _STATE),
    ),
    "profile rename": Line("profile rename work other", writes=(_PROFILE, ".config/cgw", _STATE)),
    "profile trust": Line("profile trust {home}/project/cgw.toml --yes", writes=(".config/cgw/trusted", _STATE)),
    "profile deny": Line("profile deny {home}/project/cgw.toml", writes=(".config/cgw/trusted", _STATE)),
    "profile rm": Line("profile rm work --yes", writes=(_PROFILE, ".config/cgw", _STATE), codes=(0, 2)),
    "profile export": Line("profile export work --out {home}/shared.toml", writes=("shared.toml", _STATE)),
    "demo": Line("demo", codes=(0,)),
    "uninstall": Line(
        "uninstall --yes",
        (*_INSTALLED, *_APPLIED),
        writes=(".config", ".local", ".cache", SETTINGS),
    ),
    "version": Line("version"),
    "help": Line("help"),
    "--show-completion": Line("--show-completion bash"),
    "--install-completion": Line("--install-completion bash", writes=(".local", ".bashrc", ".bash_completion")),
}  # fmt: skip
