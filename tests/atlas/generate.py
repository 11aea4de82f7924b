"""Random configurations of a client start. Every value names the scope it stands in, so that the winner shows itself.

``generate(seed, version)`` is a pure function of its arguments: a seed is enough to see a configuration again.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from claude_gw_cli.facts.models import CATALOG
from claude_gw_cli.facts.providers import PROVIDERS
from claude_gw_cli.facts.versions import holds

sys.path.insert(0, str(Path(__file__).parent))
import ground

FOCUSES = ("", "", "models", "clouds", "addresses", "headers", "logins", "starters")
"""What a configuration has more of than chance gives it; empty: nothing."""


class _Draft:
    """A configuration in the making."""

    def __init__(self, rng: random.Random, version: str) -> None:
        self.rng = rng
        self.version = version
        self.scopes: dict[str, dict[str, Any]] = {}
        self.env: dict[str, dict[str, Any]] = {}
        scopes = [scope for scope in ground.SCOPES if scope != "flag" or holds("settings-flag", version)]
        self.allowed = scopes
        self.files: dict[str, str] = {}
        self.focus = rng.choice(FOCUSES)

    def chance(self, probability: float, focus: str | None = None) -> bool:
        """Whether it comes, three times as often in a configuration with that focus."""
        return self.rng.random() < (probability * 3 if focus == self.focus else probability)

    def some(self, most: int = 3) -> list[str]:
        """One to ``most`` scopes, mostly one."""
        count = self.rng.choices(range(1, most + 1), [6, 3, 1][:most])[0]
        weights = [ground.WEIGHTS[ground.SCOPES.index(scope)] for scope in self.allowed]
        return list(dict.fromkeys(self.rng.choices(self.allowed, weights, k=count)))

    def set(self, scope: str, name: str, value: Any) -> None:
        if scope == "claude-json" and not isinstance(value, str):
            return  # some clients hand these on unconverted, and stumble over their own trim()
        if scope == "process":
            value = value if isinstance(value, str) else str(value).lower()
        self.env.setdefault(scope, {})[name] = value

    def key(self, scope: str, name: str, value: Any) -> None:
        self.scopes.setdefault(scope, {})[name] = value


def generate(seed: int, version: str) -> dict[str, Any]:
    """The configuration of that seed for a client version, in the recordings' form."""
    draft = _Draft(random.Random(seed), version)
    providers = [item for item in PROVIDERS if item.fact is None or holds(item.fact, version)]
    weights = {"anthropic": 9, "bedrock": 5, "vertex": 4, "foundry": 3}
    provider = draft.rng.choices(providers, [weights.get(item.name, 1) for item in providers])[0]
    _provider(draft, provider.name)
    _credentials(draft, provider.name)
    _custom_headers(draft)
    config: dict[str, Any] = {}
    if draft.chance(0.35):
        config["helper"] = draft.rng.choice(ground.HELPERS)
        for scope in draft.some(2):
            if scope != "process":
                named = "{HELPER}" if draft.chance(0.6) else draft.rng.choice((f"echo hlp-{scope}", "", "exit 3"))
                draft.key(scope, "apiKeyHelper", named)
    _models(draft)
    _conditions(draft)
    return _written(draft, config)


def _provider(draft: _Draft, name: str) -> None:
    for item in PROVIDERS:
        chosen = item.name == name
        if item.flag and chosen:
            for scope in draft.some(2):
                draft.set(scope, item.flag, draft.rng.choice(ground.ON))
            if draft.chance(0.08):
                draft.set(draft.some(1)[0], item.flag, draft.rng.choice(ground.OFF))
        elif item.flag and draft.chance(0.04):
            draft.set(draft.some(1)[0], item.flag, draft.rng.choice((*ground.ON, *ground.OFF)))
        if item.skip and draft.chance(0.8 if chosen else 0.05):
            draft.set(draft.some(1)[0], item.skip, draft.rng.choice(ground.ON if draft.chance(0.85) else ground.OFF))
        # Every provider has a base, or a mixed flag would lead to a cloud that this machine must not reach.
        for scope in dict.fromkeys(["process", *(draft.some(2) if chosen else [])]):
            draft.set(scope, item.base, _base(draft, scope))
    _cloud(draft, name)


def _base(draft: _Draft, scope: str) -> str:
    tail = (
        draft.rng.choice(("", "", "", "/", "//", "/v1", "/anthropic/", "/a//b", "/%41")) if draft.chance(0.5) else ""
    )
    base = "{U}" + (f"/{scope}" if draft.chance(0.5) else "") + tail
    if draft.chance(0.06, "addresses"):
        return draft.rng.choice(ground.SPELLINGS) + (f"/{scope}" if draft.chance(0.5) else "")
    if draft.chance(0.08, "addresses"):
        return "{U}" + draft.rng.choice(ground.TAILS)
    if draft.chance(0.04):
        base = f" {base}\t"
    if draft.chance(0.02):
        base = base.replace("{U}", "127.0.0.1:{PORT}")
    elif draft.chance(0.05):
        base = base.replace("{U}", f"http://{scope}{draft.rng.choice((':p%40w', ':', ''))}@127.0.0.1:{{PORT}}")
    return base


def _cloud(draft: _Draft, name: str) -> None:
    likely = 0.5 if name in ("bedrock", "mantle", "anthropic-aws") else 0.04
    if draft.chance(likely):
        scope = draft.some(1)[0]
        draft.set(scope, "AWS_ACCESS_KEY_ID", f"AKIA{scope}")
        if draft.chance(0.9):
            draft.set(scope, "AWS_SECRET_ACCESS_KEY", f"secret-{scope}")
    if draft.chance(0.3):
        draft.set(draft.some(1)[0], draft.rng.choice(ground.REGION_NAMES), draft.rng.choice(ground.REGIONS))
    if draft.chance(0.1, "clouds"):
        draft.set(draft.some(1)[0], "ANTHROPIC_BEDROCK_REGION_PREFIX", draft.rng.choice(ground.PREFIXES))
    _aws_files(draft, 0.2 if likely > 0.1 else 0.02)
    # They may ask the cloud who they are, which clients that know no NO_PROXY would do on the open network.
    refreshing = ground.OWN_KEYS if holds("no-proxy", draft.version) else {}
    for key, (values, chance) in refreshing.items():
        scope = draft.some(1)[0]
        if draft.chance(chance, "clouds") and scope not in ("process", "claude-json"):
            draft.key(scope, key, draft.rng.choice(values))
    if draft.chance(0.95 if name == "vertex" else 0.1):
        for scope in draft.some(2):
            draft.set(scope, "ANTHROPIC_VERTEX_PROJECT_ID", f"project-{scope}")
    if draft.chance(0.6):
        draft.set(draft.some(1)[0], "CLOUD_ML_REGION", draft.rng.choice(ground.VERTEX_REGIONS))
    if draft.chance(0.15 if name == "vertex" else 0.02, "clouds"):
        own = draft.rng.choice((CATALOG[-4].region, draft.rng.choice(CATALOG).region))
        draft.set(draft.some(1)[0], f"VERTEX_REGION_CLAUDE_{own}", draft.rng.choice(ground.VERTEX_REGIONS))
    if name == "vertex" and draft.chance(0.35):
        draft.set("process", "GOOGLE_APPLICATION_CREDENTIALS", "{H}/google.json")
        # Without a project here clients before 2.1 ask Google which one the credential belongs to.
        if draft.chance(0.9):
            draft.set("process", "GOOGLE_CLOUD_PROJECT", "project-google")
    if draft.chance(0.95 if name == "anthropic-aws" else 0.02):
        draft.set(draft.some(1)[0], "ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_x")


def _aws_files(draft: _Draft, chance: float) -> None:
    if draft.chance(chance / 2, "clouds"):
        draft.set(draft.some(1)[0], "AWS_PROFILE", draft.rng.choice(("work", "missing", "default", "")))
    for variable, usual, texts in (
        ("AWS_CONFIG_FILE", "{H}/.aws/config", ground.AWS_CONFIG),
        ("AWS_SHARED_CREDENTIALS_FILE", "{H}/.aws/credentials", ground.AWS_CREDENTIALS),
    ):
        if draft.chance(chance, "clouds"):
            path = "{H}/aws-file" if draft.chance(0.15) else usual
            if path != usual:
                draft.set("process", variable, path)
            draft.files[path] = draft.rng.choice(texts)
    if any("key.json" in text for text in draft.files.values()):
        draft.files["{H}/key.json"] = ground.PROCESS_KEY


def _credentials(draft: _Draft, provider: str) -> None:
    for variable, (beginning, chance) in ground.CREDENTIALS.items():
        if draft.chance(0.35 if variable in ground.LIKELY.get(provider, ()) else chance):
            for scope in draft.some():
                draft.set(scope, variable, _value(draft, f"{beginning}-{scope}"))


def _value(draft: _Draft, plain: str) -> Any:
    odd = draft.rng.random()
    if odd < 0.8:
        return plain
    return draft.rng.choice(
        ("", "", "", " ", "\t\n", f"  {plain} ", f"{plain}\n", None, 12, 1.5, True, "a b", "caf\u00e9", "Bearer x",
         f"{plain}\u20ac", f"{plain}\r\nX-Evil: 1", [], {}, ["a", "b"])
    )  # fmt: skip


def _custom_headers(draft: _Draft) -> None:
    if not draft.chance(0.9 if draft.focus == "headers" else 0.45):
        return
    for scope in draft.some(2):
        lines = []
        for name in draft.rng.choices(ground.HEADER_NAMES, k=draft.rng.randint(0, 3)):
            bearer = "Bearer " if draft.chance(0.6) else ""
            lines.append(f"{name}: {bearer}ch-{name.lower()}-{scope}{draft.rng.randint(1, 9)}")
        if draft.chance(0.25, "headers"):
            lines.insert(draft.rng.randint(0, len(lines)), draft.rng.choice(ground.ODD_LINES))
        if draft.chance(0.03):
            lines.append(draft.rng.choice(("bad name: x", ": nameless", "X-Caf\u00e9: x", "X-Euro: \u20ac")))
        draft.set(scope, "ANTHROPIC_CUSTOM_HEADERS", draft.rng.choice(("\n", "\n", "\r\n", "\n\n")).join(lines))


def _models(draft: _Draft) -> None:
    for name, value in (
        ("ANTHROPIC_MODEL", "m-env"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", "m-opus"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "m-sonnet"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "m-haiku"),
        ("ANTHROPIC_DEFAULT_FABLE_MODEL", "m-fable"),
        ("ANTHROPIC_DEFAULT_MODEL", "m-default"),
        ("ANTHROPIC_SMALL_FAST_MODEL", "m-small"),
        ("CLAUDE_CODE_SUBAGENT_MODEL", "m-sub"),
        ("ANTHROPIC_CUSTOM_MODEL_OPTION", "m-option"),
    ):
        if draft.chance(0.12, "models"):
            for scope in draft.some(2):
                odd = draft.rng.choice((f"{value}-{scope}[1m]", f"org/{value}", f"{value}:0@1", *ground.MODEL_NAMES))
                draft.set(scope, name, f"{value}-{scope}" if draft.chance(0.7) else odd)
    if draft.chance(0.12, "models"):
        scope = draft.some(1)[0]
        if scope not in ("process", "claude-json"):
            draft.key(scope, "model", draft.rng.choice((f"m-key-{scope}", *ground.MODEL_NAMES)))
    _model_settings(draft)


def _model_settings(draft: _Draft) -> None:
    for key, values, chance in (
        ("availableModels", ground.LISTS, 0.06),
        ("enforceAvailableModels", (True, False), 0.02),
        ("modelOverrides", _overrides(draft), 0.06),
    ):
        scope = draft.some(1)[0]
        if draft.chance(chance, "models") and scope not in ("process", "claude-json"):
            draft.key(scope, key, draft.rng.choice(values))
    for name, texts, chance in (
        ("CLAUDE_CODE_EXTRA_BODY", ground.BODIES, 0.05),
        ("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP", (*ground.ON, *ground.OFF), 0.03),
        ("ANTHROPIC_BETAS", ground.BETAS, 0.04),
    ):
        if draft.chance(chance, "models"):
            draft.set(draft.some(1)[0], name, draft.rng.choice(texts))


def _overrides(draft: _Draft) -> tuple[Any, ...]:
    names = [draft.rng.choice((item.name, item.id)) for item in draft.rng.sample(CATALOG, 3)]
    return (
        {"claude-opus-5-5": "m-over", "claude-sonnet-4-6": "m-over-s", "claude-opus-4-8": "m-over-8"},
        {"gw-model": "m-x"},
        {name: f"m-over-{index}" for index, name in enumerate(names)},
        {name: name for name in names},
        {names[0]: 5, names[1]: "", names[2]: " m-over[1m] "},
    )


def _conditions(draft: _Draft) -> None:
    if draft.chance(0.05):
        key, *values = draft.rng.choice(ground.CONDITIONS)
        draft.key("managed" if draft.chance(0.8) else draft.some(1)[0], key, draft.rng.choice(values))


def _written(draft: _Draft, config: dict[str, Any]) -> dict[str, Any]:
    rng = draft.rng
    flags: list[str] = []
    files: dict[str, str] = {}
    documents: dict[str, Any] = {}
    for scope in dict.fromkeys([*draft.env, *draft.scopes]):
        if scope != "process":
            document = dict(draft.scopes.get(scope, {}))
            if scope in draft.env:
                document["env"] = draft.env[scope]
            documents[scope] = _spoilt(draft, scope, document)
    config["env"] = draft.env.get("process", {})
    if config["env"].get("GOOGLE_APPLICATION_CREDENTIALS"):
        files |= ground.GOOGLE_FILES
    for scope in ("project", "local", "managed"):
        if scope in documents:
            config[scope] = documents[scope]
    if "user" in documents:
        if draft.chance(0.08):
            config["env"]["CLAUDE_CONFIG_DIR"] = "{H}/other"
            files["{H}/other/settings.json"] = _text(documents["user"])
        else:
            config["user"] = documents["user"]
    variables = {name for values in draft.env.values() for name in values}
    # 2.0.45 reads CLAUDE_CODE_OAUTH_TOKEN in settings too late for a stored session: the two are not mixed here
    if draft.chance(0.12, "logins") and "CLAUDE_CODE_OAUTH_TOKEN" not in variables:
        files[f"{config['env'].get('CLAUDE_CONFIG_DIR', '{H}/.claude')}/.credentials.json"] = ground.LOGIN
    if "drop-in" in documents:
        config["managed_d"] = {"50-x.json": documents["drop-in"]}
    if "flag" in documents:
        if draft.chance(0.7):
            flags += ["--settings", _text(documents["flag"])]
        else:
            files["{W}/extra.json"] = _text(documents["flag"])
            flags += ["--settings", rng.choice(("extra.json", "{W}/extra.json"))]
    if draft.chance(0.05) and holds("bare-flag", draft.version):
        flags.append("--bare")
    if draft.chance(0.05) and holds("restricted-flag", draft.version):
        flags.append("--restricted")
    if draft.chance(0.08, "starters") and holds("setting-sources-flag", draft.version):
        flags += ["--setting-sources", rng.choice(("", "user", "project", "local", "user,local", "project,local"))]
    if draft.chance(0.12, "models"):
        flags += ["--model", rng.choice(("m-flag", "m-flag[1m]", *(name for name in ground.MODEL_NAMES if name)))]
    if draft.chance(0.02):
        config["env"]["CLAUDE_CODE_SIMPLE"] = rng.choice(("1", "0"))
    if draft.chance(0.04, "starters"):
        config["env"][rng.choice(ground.SWITCHES)] = rng.choice(("1", "0", "true", ""))
    if draft.chance(0.12, "starters"):
        config["env"] |= rng.choice(ground.STARTERS)
    members: dict[str, Any] = dict(documents.get("claude-json", {}))
    if draft.chance(0.1, "logins"):
        members["primaryApiKey"] = rng.choice(ground.CONSOLE_KEYS)
    if draft.chance(0.1, "logins"):
        members |= rng.choice(ground.MEMBERS)
    if members:
        config["claude_json"] = members
    files |= draft.files
    if flags:
        config["flags"] = flags
    if files:
        config["files"] = files
    return config


def _spoilt(draft: _Draft, scope: str, document: dict[str, Any]) -> Any:
    """Now and then a document that the client may drop as a whole, or in part."""
    if not draft.chance(0.08) or scope == "claude-json":
        return document
    fault = draft.rng.randrange(7)
    if fault == 0:
        return json.dumps(document)[:-1] + ",}"
    if fault == 1:
        return "// comment\n" + json.dumps(document)
    if fault == 2:
        return "\ufeff" + json.dumps(document)
    if fault == 3:
        return document | {"permissions": "bad"}
    if fault == 4:
        return document | {"unknownKey": {"a": [1]}}
    if fault == 5:
        return document | {"apiKeyHelper": 5}
    return document | {"model": 7}


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
