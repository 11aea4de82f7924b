"""What random configurations are made of: the values, and the themes that they belong to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from claude_gw_cli.facts.models import CATALOG

SCOPES = ("process", "user", "project", "local", "flag", "managed", "drop-in", "claude-json")
WEIGHTS = (10, 8, 4, 4, 4, 3, 1, 1)
ON = ("1", "true", "TRUE", "yes", "on", " 1", 1, True)
OFF = ("0", "false", "", "no", "2", "enabled", 0, False, None)
CREDENTIALS = {
    # variable: (beginning of its value, chance where nothing asks for it)
    "ANTHROPIC_AUTH_TOKEN": ("tok", 0.55),
    "ANTHROPIC_API_KEY": ("sk-ant-api03-key", 0.45),
    "AWS_BEARER_TOKEN_BEDROCK": ("bedrock", 0.08),
    "CLAUDE_CODE_OAUTH_TOKEN": ("sk-ant-oat01", 0.06),
    "ANTHROPIC_FOUNDRY_API_KEY": ("foundry", 0.04),
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN": ("foundrytok", 0.03),
    "ANTHROPIC_AWS_API_KEY": ("antaws", 0.02),
}
LIKELY = {
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK",),
    "mantle": ("AWS_BEARER_TOKEN_BEDROCK",),
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
    "anthropic-aws": ("ANTHROPIC_AWS_API_KEY",),
}
HEADER_NAMES = (
    "Authorization", "authorization", "AUTHORIZATION", "X-Api-Key", "x-api-key", "Proxy-Authorization",
    "x-litellm-api-key", "X-Litellm-Api-Key", "X-One", "x-one", "X-Two", "api-key", "User-Agent", "anthropic-beta",
    "user-agent", "content-type", "Anthropic-Beta", "__proto__", "constructor",
)  # fmt: skip
MODEL_NAMES = (
    "claude-opus-4-6", "claude-opus-4-1", "claude-opus-4-20250514", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5",
    "claude-haiku-4-5-20251001", "claude-opus-5-5[1m]", "CLAUDE-OPUS-4-8", "claude-fable-5",
    "us.anthropic.claude-opus-4-6-v1", "opus", "sonnet", "haiku", "fable", "best", "opusplan", "opus[1m]", "default",
    " gw-model ", "gw-model[1m]", "", "inherit", "claude-opus-4-5", "claude-3-7-sonnet-20250219",
    "claude-opus-4-1[1m]",
    "claude-sonnet-4-5@20250929", "anthropic.claude-opus-5-5", "claude-mythos-5", "claude-opus-latest",
    *(item.name for item in CATALOG), *(item.id for item in CATALOG),
)  # fmt: skip
LISTS: tuple[list[str], ...] = (
    [], ["sonnet"], ["haiku", "opus"], ["claude-opus-4"], ["gw-model"], ["m-env", "sonnet-4-5", "sonnet"], ["best"],
    ["claude-sonnet-4-5-20250929", "fable"],
)  # fmt: skip
SWITCHES = (
    "CLAUDE_CODE_RESTRICTED", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
)  # fmt: skip
CONSOLE_KEYS = ("sk-ant-api03-console", "sk-ant-api03-console", " sk-ant-api03-console ", "", 5, None)
BODIES = (
    '{"model": "extra-model"}', '{"model": 5}', '{"temperature": 1}', "no JSON", "[1]", "", '{"model": "opus"}',
    '{"anthropic_beta": ["x-1"]}', '{"thinking": {"type": "disabled"}, "model": "e[1m]"}',
)  # fmt: skip
BETAS = ("b-2026-01-01", "a,b", "", " x ,, y ", "context-1m-2025-08-07", "caf\u00e9")
REGIONS = (
    "us-west-2", "eu-west-1", "ap-northeast-1", "us-gov-west-1", "ca-central-1", "EU-WEST-1", "bogus", " ",
    "sa-east-1",
    " eu-west-1 ", "ap-southeast-2", "cn-north-1", "me-south-1", "us-iso-east-1", "",
)  # fmt: skip
VERTEX_REGIONS = (
    "us-east5", "europe-west1", "global", "eu", "us", "US-EAST5", "EU", "a/b", "a b", "", " europe-west4 ", "bogus",
)  # fmt: skip
REGION_NAMES = ("AWS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
PREFIXES = ("eu", "us", "global", "jp", "au", "apac", "EU", " eu ", "bogus", "us-gov", "")
AWS_CONFIG = (
    "[default]\nregion = eu-central-1\n[profile work]\nregion=ap-northeast-1\n",
    "[profile work]\nregion = eu-west-3\naws_access_key_id = AKIACONF\naws_secret_access_key = s\n",
    "[work]\nregion = eu-west-2\n",
    "# c\n[profile default]\nregion = ap-south-1\n[profile  work ]\n  region   =   us-gov-east-1  # c\n",
    "[profile work]\ncredential_process = sh -c \"cat '{H}/key.json'\"\nregion = eu-north-1\n",
)
PROCESS_KEY = json.dumps({"Version": 1, "AccessKeyId": "AKIAPROC", "SecretAccessKey": "s"})
AWS_CREDENTIALS = (
    "[default]\naws_access_key_id = AKIADEF\naws_secret_access_key = s\n",
    "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n",
    "# nothing\n",
    "[default]\naws_access_key_id = AKIADEF\naws_secret_access_key = s\nregion = eu-south-1\n",
    "[profile work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n",
    "[default]\naws_access_key_id = AKIAHALF\n",
)
# Ways to write the recorder's address, and paths behind it.
SPELLINGS = (
    "http:127.0.0.1:{PORT}", "http:/127.0.0.1:{PORT}", "http:///127.0.0.1:{PORT}", "http:\\\\127.0.0.1:{PORT}",
    "HTTP://127.0.0.1:{PORT}", "http://127.1:{PORT}", "http://0x7f.1:{PORT}", "http://127.0.0.1:0{PORT}",
    "http://127.0.0.1.:{PORT}", "http://@127.0.0.1:{PORT}", "http://127%2e0.0.1:{PORT}", "//127.0.0.1:{PORT}",
    "http://127.0.0.1:{PORT}x", "{U},{U}", '"{U}"', "http://127.0.0.1:99999", "http:// 127.0.0.1:{PORT}",
    "\v{U}", "{U}\u00a0", "ftp://127.0.0.1:{PORT}", "ws://127.0.0.1:{PORT}", "http://127.0.0.1:", "127.0.0.1",
    "http://127.0.0.1:{PORT}\\p", "http://LOCALHOST:{PORT}", "http://[::ffff:127.0.0.1]:{PORT}",
    "http://127.0.0.1:-1",
    "http:{PORT}", "http://u@127.0.0.1:{PORT}", "http://u:@127.0.0.1:{PORT}", "http://a@b@127.0.0.1:{PORT}",
    "localhost:{PORT}",
    "http://\uff11\uff12\uff17.0.0.1:{PORT}", "http://127.0.0.1 :{PORT}", "http://2130706433:{PORT}", "{U}\n/p",
    "{U} {U}",
)  # fmt: skip
TAILS = (
    "//p", "///p//", "\\p", "/%2e%2e/b", "/../b", "/./b", "/a/..", "/a^b", "/a|b", "/[a]", "/{{team}}", "/${TEAM}",
    "/caf\u00e9", "/a b", '/a"b', "/a;b", "?", "?q", "?x=1", "/p?x=1&y=2", "#f", "/p#f", "/p?q#f", "/%zz",
    "/p?x=a+b&y=%20",
    "/%2E%2e/%2e/x", "/a\\..\\b", "/\u20ac?\u20ac", "/'", "/<a>", "/`a`", "/~a", "/%2fv1", "/%5c", "/v1/messages",
    "/..", "?x=1#f",
    "//", "/ ", "/\t", "/:a@b", "/a=b&c", "??", "?&", "?x=1/",
)  # fmt: skip
ODD_LINES = (
    "", "no colon", "X-Empty:", "  X-Blank :  value  ", "X-Colons: a:b:c", 'X-Quoted: "q"', "X-Two:\t2", "X-None:x",
    '{"X-Json": "1"}', "X-One: a, b", "# X-Hash: 1", "X-Tail: v\\", "X_Under: 1", "x-one:  ", "X-Tab:a\tb",
    "X-Long: " + "v" * 2000, "Cookie: a=1", "Content-Type: text/plain", "Content-Length: 5", "Keep-Alive: 5",
    "Transfer-Encoding: chunked", "Upgrade: h2c", "Expect: 100-continue", "Date: x", "Origin: o",
)  # fmt: skip
# What an administrator may demand: a key, and values of which some stop every client.
CONDITIONS: tuple[tuple[Any, ...], ...] = (
    ("forceLoginMethod", "claudeai", "console", "nonsense"),
    ("requiredMinimumVersion", "99.0.0", "1.0.0", "soon"),
    ("requiredMaximumVersion", "99.0.0", "1.0.0", "2"),
    ("allowedProviders", ["customEndpoint"], ["anthropic"], ["bedrock", "customEndpoint"], [], ["nonsense"]),
)
LOGIN = json.dumps({"claudeAiOauth": {
    "accessToken": "sk-ant-oat01-login", "refreshToken": "sk-ant-ort01-login", "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"], "subscriptionType": "max",
}})  # fmt: skip
HELPERS = ("echo hlp", "echo hlp", "echo hlp", 'printf "  hlp  \\n\\n"', "exit 1", "true", "echo hlp; exit 1",
            'printf "l1\\nl2\\n"', "echo two words", "echo caf\u00e9")  # fmt: skip
GOOGLE_FILES = {
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

EXPORTED = {"AccessKeyId": "AKIAEXPORT", "SecretAccessKey": "s", "SessionToken": "t"}
OWN_KEYS = {
    # settings key: (values, chance)
    "awsAuthRefresh": (("true", "exit 1", "", "echo refreshed"), 0.05),
    "awsCredentialExport": (
        (
            'echo \'{"Credentials":{"AccessKeyId":"AKIAEXPORT","SecretAccessKey":"s","SessionToken":"t"}}\'',
            "exit 1",
            "echo no-json",
            "",
        ),
        0.05,
    ),
    "gcpAuthRefresh": (("true", "exit 1", ""), 0.03),
    "otelHeadersHelper": (("echo '{}'", "exit 1"), 0.02),
}
"""Helpers that refresh a cloud's credential, and one that touches no request to a model."""
STARTERS = (
    {"CLAUDE_CODE_ENTRYPOINT": "sdk-ts", "CLAUDE_AGENT_SDK_VERSION": "0.3.332"},
    {"CLAUDE_CODE_ENTRYPOINT": "sdk-py", "CLAUDE_AGENT_SDK_VERSION": "0.2.189"},
    {"CLAUDE_CODE_ENTRYPOINT": "claude-code-github-action", "CLAUDE_CODE_ACTION": "1"},
    {"CLAUDE_CODE_ENTRYPOINT": "cli", "CLAUDECODE": "1"},
    {"CLAUDE_CODE_ENTRYPOINT": "sdk-ts", "CLAUDE_CODE_SDK_READS_SESSION_STATE": "1"},
    {"CLAUDE_CODE_ENTRYPOINT": "claude-vscode"},
)
"""What the programs that start a client set for it."""
MEMBERS = (
    {"customApiKeyResponses": {"approved": [], "rejected": ["sk-ant-api03-key-process"[-20:]]}},
    {"customApiKeyResponses": {"approved": ["sk-ant-api03-key-process"[-20:]], "rejected": []}},
    {"customApiKeyResponses": "bad"},
    {"oauthAccount": {"accountUuid": "0", "emailAddress": "a@b.example", "organizationUuid": "1"}},
    {"hasCompletedOnboarding": True, "numStartups": 3},
    {"model": "m-claude-json"},
    {"apiKeyHelper": "echo hlp-claude-json"},
)
"""Members of .claude.json."""

Config = Mapping[str, Any]


def themes(config: Config) -> set[str]:
    """What a configuration touches, by the names of ``THEMES``."""
    text = json.dumps(config, ensure_ascii=False)
    return {name for name, pattern in THEMES.items() if re.search(pattern, text)}


_TIERS = "OPUS|SONNET|HAIKU|FABLE"
THEMES: dict[str, str] = {
    "model: flag": r'"--model"',
    "model: variable": r'"ANTHROPIC_MODEL"',
    "model: settings key": r'\\?"model\\?": \\?"',
    "model: tier variable": rf'"ANTHROPIC_DEFAULT_({_TIERS})_MODEL"',
    "model: default variable": r'"ANTHROPIC_DEFAULT_MODEL"',
    "model: lists and overrides": r"availableModels|modelOverrides",
    "AWS region": r'"AWS_(DEFAULT_)?REGION"',
    "AWS region prefix": r"REGION_PREFIX",
    "AWS files": r"\.aws/|AWS_CONFIG_FILE|AWS_PROFILE",
    "Vertex region": r"CLOUD_ML_REGION|VERTEX_REGION_CLAUDE",
    "Google credential": r"GOOGLE_APPLICATION_CREDENTIALS",
    ".claude.json": r'"claude_json"',
    "Console key": r"primaryApiKey",
    "stored login": r"claudeAiOauth",
    "OAuth token": r"CLAUDE_CODE_OAUTH_TOKEN",
    "base URL: spelling": r"http:(/|///)?127\.|http:\\\\|\{PORT\}x|0\{PORT\}|\{U\},|0x7f|%2e0|ftp:|ws:|LOCALHOST",
    "base URL: userinfo": r"@127\.0",
    "base URL: path, query, fragment": r"\{U\}[/?#\\]",
    "custom headers": r"ANTHROPIC_CUSTOM_HEADERS",
    "custom header syntax": r"ANTHROPIC_CUSTOM_HEADERS[^}]*(no colon|X-Empty|X-Blank|X-Json|Host:|\\r|bad name)",
    "betas": r"ANTHROPIC_BETAS",
    "bodies": r"CLAUDE_CODE_EXTRA_BODY",
    "key helper": r'apiKeyHelper\\?": \\?"',
    "refresh helpers": r"awsAuthRefresh|awsCredentialExport|gcpAuthRefresh",
    "types": r'"(ANTHROPIC|CLAUDE|AWS)_\w+": (null|true|false|[\[{\d])|"apiKeyHelper\\?": 5|"model\\?": 7',
    "starters": r"CLAUDE_CODE_ENTRYPOINT|CLAUDECODE|PROVIDER_MANAGED_BY_HOST",
    "switches": r"CLAUDE_CODE_RESTRICTED|--restricted|--bare|SUBPROCESS_ENV_SCRUB|CLAUDE_CODE_SIMPLE",
    "setting sources": r"--setting-sources",
    "managed settings": r'"managed(_d)?"',
    "administrator's conditions": r"forceLoginMethod|requiredM|allowedProviders",
    "Bedrock": r"CLAUDE_CODE_USE_BEDROCK",
    "Vertex": r"CLAUDE_CODE_USE_VERTEX",
    "Foundry": r"CLAUDE_CODE_USE_FOUNDRY",
    "Mantle": r"CLAUDE_CODE_USE_MANTLE",
    "Claude Platform on AWS": r"CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "Claude on Google Cloud": r"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
    "gateway provider": r"CLAUDE_CODE_USE_GATEWAY",
}
"""Theme -> a pattern of its configurations, written as JSON."""
