"""Random configurations of a client start. Every value names the scope it stands in, so that the winner shows itself.

``generate(seed, version)`` is a pure function of its arguments: a seed is enough to see a configuration again.
"""

from __future__ import annotations

import json
import random
from typing import Any

from claude_gw_cli.facts.providers import PROVIDERS
from claude_gw_cli.facts.versions import holds

SCOPES = ("process", "user", "project", "local", "flag", "managed", "drop-in", "claude-json")
_WEIGHTS = (10, 8, 4, 4, 4, 3, 1, 1)
_ON = ("1", "true", "TRUE", "yes", "on", " 1", 1, True)
_OFF = ("0", "false", "", "no", "2", "enabled", 0, False, None)
_CREDENTIALS = {
    # variable: (beginning of its value, chance where nothing asks for it)
    "ANTHROPIC_AUTH_TOKEN": ("tok", 0.55),
    "ANTHROPIC_API_KEY": ("sk-ant-api03-key", 0.45),
    "AWS_BEARER_TOKEN_BEDROCK": ("bedrock", 0.08),
    "CLAUDE_CODE_OAUTH_TOKEN": ("sk-ant-oat01", 0.06),
    "ANTHROPIC_FOUNDRY_API_KEY": ("foundry", 0.04),
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN": ("foundrytok", 0.03),
    "ANTHROPIC_AWS_API_KEY": ("antaws", 0.02),
}
_LIKELY = {
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK",),
    "mantle": ("AWS_BEARER_TOKEN_BEDROCK",),
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
    "anthropic-aws": ("ANTHROPIC_AWS_API_KEY",),
}
_HEADER_NAMES = (
    "Authorization", "authorization", "AUTHORIZATION", "X-Api-Key", "x-api-key", "Proxy-Authorization",
    "x-litellm-api-key", "X-Litellm-Api-Key", "X-One", "x-one", "X-Two", "api-key", "User-Agent", "anthropic-beta",
    "user-agent", "content-type", "Anthropic-Beta", "__proto__", "constructor",
)  # fmt: skip
_MODEL_NAMES = (
    "claude-opus-4-6", "claude-opus-4-1", "claude-opus-4-20250514", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5",
    "claude-haiku-4-5-20251001", "claude-opus-5-5[1m]", "CLAUDE-OPUS-4-8", "claude-fable-5",
    "us.anthropic.claude-opus-4-6-v1", "opus", "sonnet", "haiku", "fable", "best", "opusplan", "opus[1m]", "default",
    " gw-model ", "gw-model[1m]", "",
)  # fmt: skip
_LISTS = (
    [], ["sonnet"], ["haiku", "opus"], ["claude-opus-4"], ["gw-model"], ["m-env", "sonnet-4-5", "sonnet"], ["best"],
    ["claude-sonnet-4-5-20250929", "fable"],
)  # fmt: skip
_SWITCHES = (
    "CLAUDE_CODE_RESTRICTED", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
)  # fmt: skip
_CONSOLE_KEYS = ("sk-ant-api03-console", "sk-ant-api03-console", " sk-ant-api03-console ", "", 5, None)
_BODIES = ('{"model": "extra-model"}', '{"model": 5}', '{"temperature": 1}', "no JSON", "[1]", "")
_REGIONS = ("us-west-2", "eu-west-1", "ap-northeast-1", "us-gov-west-1", "ca-central-1", "EU-WEST-1", "bogus", " ")
_VERTEX_REGIONS = ("us-east5", "europe-west1", "global", "eu", "US-EAST5", "EU", "a/b", "a b", "")
_PREFIXES = ("eu", "us", "global", "jp", "EU", "bogus", "us-gov", "")
_AWS_CONFIG = (
    "[default]\nregion = eu-central-1\n[profile work]\nregion=ap-northeast-1\n",
    "[profile work]\nregion = eu-west-3\naws_access_key_id = AKIACONF\naws_secret_access_key = s\n",
)
_AWS_CREDENTIALS = (
    "[default]\naws_access_key_id = AKIADEF\naws_secret_access_key = s\n",
    "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n",
    "# nothing\n",
)
# Ways to write the recorder's address, and paths behind it.
_SPELLINGS = (
    "http:127.0.0.1:{PORT}", "http:/127.0.0.1:{PORT}", "http:///127.0.0.1:{PORT}", "http:\\\\127.0.0.1:{PORT}",
    "HTTP://127.0.0.1:{PORT}", "http://127.1:{PORT}", "http://0x7f.1:{PORT}", "http://127.0.0.1:0{PORT}",
    "http://127.0.0.1.:{PORT}", "http://@127.0.0.1:{PORT}", "http://127%2e0.0.1:{PORT}", "//127.0.0.1:{PORT}",
    "http://127.0.0.1:{PORT}x", "{U},{U}", '"{U}"', "http://127.0.0.1:99999", "http:// 127.0.0.1:{PORT}",
    "\v{U}", "{U}\u00a0",
)  # fmt: skip
_TAILS = (
    "//p", "///p//", "\\p", "/%2e%2e/b", "/../b", "/./b", "/a/..", "/a^b", "/a|b", "/[a]", "/{{team}}", "/${TEAM}",
    "/caf\u00e9", "/a b", '/a"b', "/a;b", "?", "?q", "?x=1", "/p?x=1&y=2", "#f", "/p#f", "/p?q#f", "/%zz",
)  # fmt: skip
_ODD_LINES = ("", "no colon", "X-Empty:", "  X-Blank :  value  ", "X-Colons: a:b:c", 'X-Quoted: "q"', "X-Two:\t2")
# What an administrator may demand: a key, and values of which some stop every client.
_CONDITIONS = (
    ("forceLoginMethod", "claudeai", "console", "nonsense"),
    ("requiredMinimumVersion", "99.0.0", "1.0.0", "soon"),
    ("requiredMaximumVersion", "99.0.0", "1.0.0", "2"),
    ("allowedProviders", ["customEndpoint"], ["anthropic"], ["bedrock", "customEndpoint"], [], ["nonsense"]),
)
_LOGIN = json.dumps({"claudeAiOauth": {
    "accessToken": "sk-ant-oat01-login", "refreshToken": "sk-ant-ort01-login", "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"], "subscriptionType": "max",
}})  # fmt: skip
_HELPERS = ("echo hlp", "echo hlp", "echo hlp", 'printf "  hlp  \\n\\n"', "exit 1", "true", "echo hlp; exit 1",
            'printf "l1\\nl2\\n"', "echo two words", "echo caf\u00e9")  # fmt: skip


class _Draft:
    """A configuration in the making."""

    def __init__(self, rng: random.Random, version: str) -> None:
        self.rng = rng
        self.version = version
        self.scopes: dict[str, dict[str, Any]] = {}
        self.env: dict[str, dict[str, Any]] = {}
        scopes = [scope for scope in SCOPES if scope != "flag" or holds("settings-flag", version)]
        self.allowed = scopes
        self.files: dict[str, str] = {}

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def some(self, most: int = 3) -> list[str]:
        """One to ``most`` scopes, mostly one."""
        count = self.rng.choices(range(1, most + 1), [6, 3, 1][:most])[0]
        weights = [_WEIGHTS[SCOPES.index(scope)] for scope in self.allowed]
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
        config["helper"] = draft.rng.choice(_HELPERS)
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
                draft.set(scope, item.flag, draft.rng.choice(_ON))
            if draft.chance(0.08):
                draft.set(draft.some(1)[0], item.flag, draft.rng.choice(_OFF))
        elif item.flag and draft.chance(0.04):
            draft.set(draft.some(1)[0], item.flag, draft.rng.choice((*_ON, *_OFF)))
        if item.skip and draft.chance(0.8 if chosen else 0.05):
            draft.set(draft.some(1)[0], item.skip, draft.rng.choice(_ON if draft.chance(0.85) else _OFF))
        # Every provider has a base, or a mixed flag would lead to a cloud that this machine must not reach.
        for scope in dict.fromkeys(["process", *(draft.some(2) if chosen else [])]):
            draft.set(scope, item.base, _base(draft, scope))
    _cloud(draft, name)


def _base(draft: _Draft, scope: str) -> str:
    tail = (
        draft.rng.choice(("", "", "", "/", "//", "/v1", "/anthropic/", "/a//b", "/%41")) if draft.chance(0.5) else ""
    )
    base = "{U}" + (f"/{scope}" if draft.chance(0.5) else "") + tail
    if draft.chance(0.06):
        return draft.rng.choice(_SPELLINGS) + (f"/{scope}" if draft.chance(0.5) else "")
    if draft.chance(0.08):
        return "{U}" + draft.rng.choice(_TAILS)
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
        draft.set(draft.some(1)[0], "AWS_REGION", draft.rng.choice(_REGIONS))
    if draft.chance(0.1):
        draft.set(draft.some(1)[0], "ANTHROPIC_BEDROCK_REGION_PREFIX", draft.rng.choice(_PREFIXES))
    _aws_files(draft, 0.2 if likely > 0.1 else 0.02)
    if draft.chance(0.95 if name == "vertex" else 0.1):
        for scope in draft.some(2):
            draft.set(scope, "ANTHROPIC_VERTEX_PROJECT_ID", f"project-{scope}")
    if draft.chance(0.6):
        draft.set(draft.some(1)[0], "CLOUD_ML_REGION", draft.rng.choice(_VERTEX_REGIONS))
    if draft.chance(0.15 if name == "vertex" else 0.02):
        draft.set(draft.some(1)[0], "VERTEX_REGION_CLAUDE_5_5_OPUS", draft.rng.choice(_VERTEX_REGIONS))
    if name == "vertex" and draft.chance(0.35):
        draft.set("process", "GOOGLE_APPLICATION_CREDENTIALS", "{H}/google.json")
        # Without a project here clients before 2.1 ask Google which one the credential belongs to.
        if draft.chance(0.9):
            draft.set("process", "GOOGLE_CLOUD_PROJECT", "project-google")
    if draft.chance(0.95 if name == "anthropic-aws" else 0.02):
        draft.set(draft.some(1)[0], "ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_x")


def _aws_files(draft: _Draft, chance: float) -> None:
    if draft.chance(chance / 2):
        draft.set(draft.some(1)[0], "AWS_PROFILE", draft.rng.choice(("work", "missing", "default", "")))
    if draft.chance(chance):
        draft.files["{H}/.aws/config"] = draft.rng.choice(_AWS_CONFIG)
    if draft.chance(chance):
        draft.files["{H}/.aws/credentials"] = draft.rng.choice(_AWS_CREDENTIALS)


def _credentials(draft: _Draft, provider: str) -> None:
    for variable, (beginning, chance) in _CREDENTIALS.items():
        if draft.chance(0.35 if variable in _LIKELY.get(provider, ()) else chance):
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
    if not draft.chance(0.45):
        return
    for scope in draft.some(2):
        lines = []
        for name in draft.rng.choices(_HEADER_NAMES, k=draft.rng.randint(0, 3)):
            bearer = "Bearer " if draft.chance(0.6) else ""
            lines.append(f"{name}: {bearer}ch-{name.lower()}-{scope}{draft.rng.randint(1, 9)}")
        if draft.chance(0.3):
            lines.insert(draft.rng.randint(0, len(lines)), draft.rng.choice(_ODD_LINES))
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
    ):
        if draft.chance(0.12):
            for scope in draft.some(2):
                odd = draft.rng.choice((f"{value}-{scope}[1m]", f"org/{value}", f"{value}:0@1", *_MODEL_NAMES))
                draft.set(scope, name, f"{value}-{scope}" if draft.chance(0.7) else odd)
    if draft.chance(0.08):
        scope = draft.some(1)[0]
        if scope not in ("process", "claude-json"):
            draft.key(scope, "model", draft.rng.choice((f"m-key-{scope}", *_MODEL_NAMES)))
    _model_settings(draft)


def _model_settings(draft: _Draft) -> None:
    for key, values, chance in (
        ("availableModels", _LISTS, 0.06),
        ("enforceAvailableModels", (True, False), 0.02),
        (
            "modelOverrides",
            ({"claude-opus-5-5": "m-over", "claude-sonnet-4-6": "m-over-s"}, {"gw-model": "m-x"}),
            0.06,
        ),
    ):
        scope = draft.some(1)[0]
        if draft.chance(chance) and scope not in ("process", "claude-json"):
            draft.key(scope, key, draft.rng.choice(values))
    for name, texts, chance in (
        ("CLAUDE_CODE_EXTRA_BODY", _BODIES, 0.05),
        ("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP", (*_ON, *_OFF), 0.03),
        ("ANTHROPIC_BETAS", ("b-2026-01-01", "a,b", ""), 0.04),
    ):
        if draft.chance(chance):
            draft.set(draft.some(1)[0], name, draft.rng.choice(texts))


def _conditions(draft: _Draft) -> None:
    if draft.chance(0.05):
        key, *values = draft.rng.choice(_CONDITIONS)
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
        files |= _GOOGLE_FILES
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
    if draft.chance(0.12) and "CLAUDE_CODE_OAUTH_TOKEN" not in variables:
        files[f"{config['env'].get('CLAUDE_CONFIG_DIR', '{H}/.claude')}/.credentials.json"] = _LOGIN
    if "drop-in" in documents:
        config["managed_d"] = {"50-x.json": documents["drop-in"]}
    if "claude-json" in documents:
        config["claude_json"] = documents["claude-json"]
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
    if draft.chance(0.08) and holds("setting-sources-flag", draft.version):
        flags += ["--setting-sources", rng.choice(("", "user", "project", "local", "user,local", "project,local"))]
    if draft.chance(0.12):
        flags += ["--model", rng.choice(("m-flag", "m-flag[1m]", *_MODEL_NAMES))]
    if draft.chance(0.02):
        config["env"]["CLAUDE_CODE_SIMPLE"] = rng.choice(("1", "0"))
    if draft.chance(0.03):
        config["env"][rng.choice(_SWITCHES)] = rng.choice(("1", "0", "true", ""))
    if draft.chance(0.1):
        config["claude_json"] = {**documents.get("claude-json", {}), "primaryApiKey": rng.choice(_CONSOLE_KEYS)}
    files |= draft.files
    if flags:
        config["flags"] = flags
    if files:
        config["files"] = files
    return config


_GOOGLE_FILES = {
    "{H}/google.json": json.dumps(
        {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "{U}/google/token",
            "credential_source": {"file": "{H}/subject"},
        }
    ),
    "{H}/subject": "x",
}


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
