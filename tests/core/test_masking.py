"""What may be shown of a text: the two tables, and that a mask keeps the layout."""

from __future__ import annotations

import json
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core import masking
from claude_gw_cli.core.jsontext import parse
from claude_gw_cli.core.masking import is_suspect, masked_json, masked_line, masked_text, masked_value
from claude_gw_cli.facts.modes import CREDENTIAL_VARIABLES

KEY = "cgw-canary-0123456789"
WORD = "Zq8xW2nT5vB7mK4pL9rD3sF6"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq\nab/cd+ef12\n-----END RSA PRIVATE KEY-----"

# name of the member, its value, what of the value must not be seen
MUST_MASK = [
    *(("note", key, key) for key in (
        "sk-ant-api03-abcdefghij", "sk-gwkey-1a2b3c4d5e6f7g8h", "gw-team7-abcdefghijkl", "glpat-abcdefghijklmnop",
        "ghp_abcdefghijklmnop", "github_pat_11ABCDEFG0abc", "hvs.CAESIJabcdefghij", "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abc", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "AIzaSyA1234567890abc",
        "ya29.a0AfH6SMBabcdef", "npm_abcdefghijklmnop", "dop_v1_abcdefghijklm", "hf_abcdefghijklm", "gsk_abcdefghijk",
        "sk_live_abcdefghijkl", "SG.abcdefghijklm", "xai-abcdefghijkl", "hvb.AAAAAQJabcdefghi", "dckr_pat_abcdefghij",
        "AGE-SECRET-KEY-1QQPQYQSZ", "bedrock-api-key-YmVkcm9jaw", WORD, WORD.lower(), KEY,
        "123e4567-e89b-12d3-a456-426614174000", "4f1c9a7e22b0c3d5e6f7a8b9c0d1e2f3",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Ab1/Cd2+Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3AbCd==",
    )),
    # Beside what is no secret, or in its form.
    ("note", f"arn:aws:iam::1:role/x {WORD}", WORD),
    ("note", "arn:aws:iam::1:user/sk-ant-api03-abcdefghij", "abcdefghij"),
    ("note", f"arn:other:{WORD}", WORD),
    ("note", f"https://llm.example.com/{WORD}", WORD),
    ("note", f"https://gateway.ai.cloudflare.com.example.com/v1/{'0123456789abcdef' * 2}", "0123456789abcdef"),
    ("note", "claude-9f8e7d6c5b4a32101f", "7d6c5b4a32101f"),
    ("note", "Y2xhdWRlOmh1bnRlcjItbXktcGFzc3dvcmQ=", "h1bnRlcjItbXk"),  # claude:hunter2-my-password
    ("note", "00-4bf92f3577b34da6a3ce929d0e0e4736", "4da6a3ce929d"),
    ("note", f"req_{WORD}{WORD}", WORD),
    ("note", PEM, "MIIEowIBAAKCAQEA7bq"),
    ("note", PEM, "ab/cd+ef12"),
    ("note", f"before {WORD} after", WORD),
    ("password", "hunter2", "hunter2"),
    ("DB_PASSWORD", "correct horse", "horse"),
    ("client_secret", "abcdefgh", "abcdefgh"),
    ("Authorization", "Bearer abcdefgh", "efgh"),
    ("Authorization", "Basic dXNlcjpwYXNz", "cjpwYXNz"),
    ("Proxy-Authorization", "Basic dXNlcjpwYXNz", "cjpwYXNz"),
    ("x-api-key", "my-key-word", "word"),
    ("cookie", "session=abcdef", "abcdef"),
    ("ANTHROPIC_AUTH_TOKEN", "hunter2", "hunter2"),
    ("ANTHROPIC_CUSTOM_HEADERS", "x-team: blue\nx-api-key: hunter22", "hunter22"),
    ("ANTHROPIC_CUSTOM_HEADERS", "x-other: hunter22", "hunter22"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Bearer hunter22", "hunter22"),
    ("ANTHROPIC_BASE_URL", "https://me:hunter2@gw.example.com/v1", "hunter2"),
    ("ANTHROPIC_BASE_URL", "https://gw.example.com/v1?api_key=hunter2", "hunter2"),
    ("url", "https://gw.example.com/v1?a=b&access_token=hunter2&c=d", "hunter2"),
    ("url", f"https://hooks.example.com/services/{WORD}", WORD),
    ("url", f"https://gw.example.com/?k={KEY}", KEY),
    ("HTTPS_PROXY", "http://user:hunter2@proxy.example.com:3128", "hunter2"),
    ("apiKeyHelper", "echo hunter2key", "hunter2key"),
    ("apiKeyHelper", "printf '%s' 'hunter2key'", "hunter2key"),
    ("apiKeyHelper", f"/bin/h --key {WORD}", WORD),
    ("apiKeyHelper", "/bin/h --api-key=hunter2", "hunter2"),
    ("apiKeyHelper", "/bin/h --token hunter2", "hunter2"),
    ("apiKeyHelper", "VAULT_TOKEN=hunter2 vault read x", "hunter2"),
    ("command", "curl -H 'Authorization: Bearer hunter2' https://x", "hunter2"),
    ("command", "curl -H 'X-Api-Key: hunter2' https://x", "hunter2"),
    ("command", "curl -u me:x https://x -H 'authorization: hunter2'", "hunter2"),
    ("secret", "exec:echo sk-ant-api03-abcdefghij", "abcdefghij"),
    ("secret", "exec:echo hunter2key", "hunter2key"),
    ("secret", "exec:printf %s hunter2key", "hunter2key"),
    ("password", "abc:def", "def"),
    ("refresh_token", "abcdefgh", "abcdefgh"),
    ("token", "https://user", "user"),
    ("model", "sk-ant-api03-abcdefghij", "abcdefghij"),
    ("ANTHROPIC_MODEL", WORD, WORD),
    ("args", '{"token": "x"}' + WORD, WORD),
]  # fmt: skip
STAYS = [
    *(("note", text) for text in (
        "gw-internal.corp.example", "sk-learn", "claude-opus-5-5", "task-runner-2026", "keyring://gw/key", "eyJ",
        "npm_x", "claude-opus-4-1-20250805",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-3-5-sonnet@20241022",
        "gemini-2.5-flash-preview-05-20", "gpt-4o-mini-2024-07-18", "qwen2.5-coder-32b-instruct", "openai/gpt-4.1",
        "meta-llama/Llama-3.1-405B-Instruct-Turbo", "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.x",
        "https://llm.example.com/anthropic/v1", "http://127.0.0.1:4000", "https://gw.example.com/x?beta=true&page=2",
        "/home/me/projects/a-folder-with-a-long-name-2026/get-key.sh", "~/bin/key.sh", "./scripts/get-token.sh",
        "C:\\Users\\me\\key.ps1", "/nix/store/8k3xq1v9z7c5b2n4m6l0p8o7i5u3y1t2-cgw-1.0/bin/cgw", "600000", "1",
        "true", "Bash(npm run test:*)", "acceptEdits",
        "CLAUDE_CODE_USE_BEDROCK=1 claude -p", "2026-11-28T21:00:00Z",
        "disableNonessentialTrafficForAllUsers", "https://json.schemastore.org/claude-code-settings.json",
        "ip-10-0-12-34.eu-west-1.compute.internal", "my-project-2026", "token: x", "the key is in the vault",
        "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/0abc1de2fgh3ijkl",
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdef123456ghij7890",
        "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:application-inference-profile/zz9y8x7w6v5u4t3s",
        "arn:aws:iam::123456789012:role/GatewayRole-A1B2C3D4E5F6G7",
        "http://127.0.0.1:4000/bedrock/model/arn:aws:bedrock:us-east-1:1:application-inference-profile%2Fa1b2c3d4e5f6",
        "https://llm.example.com/bedrock/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ax%2Fa1b2c3d4e5f6g7h8/invoke",
        "https://vpce-0a1b2c3d4e5f67890-abcdefgh.bedrock-runtime.us-east-1.vpce.amazonaws.com",
        "my-svc-7f6d5c4b3a-uc.a.run.app",
        "https://abcd1234efgh5678.lambda-url.us-east-1.on.aws/v1",
        "https://gateway.ai.cloudflare.com/v1/0123456789abcdef0123456789abcdef/my-gw/anthropic",
        "team42-claude-sonnet45-prd7", "eu2-prod3-opus-5-5-v12", "Y2xhdWRlLXNvbm5ldC00LTU=",
        "Y2xhdWRlLXNvbm5ldC00LTUtMjAyNTA5Mjk",
        "req_011CSHoEeqs5C35K2UUqR7Fy", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "1-67891233-abcdef012345678912345678",
        "123456789012",
        "projects/123456789012/locations/us-east5/publishers/anthropic/models/claude-x",
        "application/json", "interleaved-thinking-2025-05-14,context-1m-2025-08-07", "$HOME/.config/cgw/helpers/work",
    )),
    ("ANTHROPIC_BASE_URL", "https://llm.example.com/v1"),
    ("ANTHROPIC_MODEL", "claude-sonnet-4-5-20250929"),
    ("model", "opus[1m]"),
    ("ANTHROPIC_API_KEY", ""),
    ("ANTHROPIC_AUTH_TOKEN", "$GATEWAY_KEY"),
    ("secret", "keyring://cgw/work"),
    ("secret", "env://GATEWAY_KEY"),
    ("secret", "exec:/usr/local/bin/get-key --team blue"),
    ("secret", "vault://secret/llm#key"),
    ("master_key", "os.environ/LITELLM_MASTER_KEY"),
    ("apiKeyHelper", "/home/me/.config/cgw/helpers/work"),
    ("apiKeyHelper", "vault kv get -field=key secret/llm"),
    ("apiKeyHelper", "op read op://vault/item/field"),
    ("apiKeyHelper", "sh -c 'echo \"$GATEWAY_KEY\"'"),
    ("CLAUDE_CODE_API_KEY_HELPER_TTL_MS", "300000"),
    ("MAX_THINKING_TOKENS", "31999"),
    ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "4096"),
    ("AWS_REGION", "us-east-1"),
    ("key_header", "x-api-key"),
    ("key_format", "bearer"),
    ("token_url", "https://login.example.com/oauth/token"),
    ("CLAUDE_CODE_CLIENT_KEY", "/etc/ssl/private/client.pem"),
    ("forceLoginOrgUUID", "all"),
    ("HTTPS_PROXY", "http://proxy.example.com:3128"),
    ("NO_PROXY", "localhost,127.0.0.1,.corp.example"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "hidden"), MUST_MASK)
def test_it_is_masked_in_every_notation(name: str, value: str, hidden: str) -> None:
    assert hidden not in masked_value(name, value)
    for text in (
        json.dumps({name: value}),
        json.dumps({"env": {name: value}, "z": [1, None]}, indent=2),
        json.dumps({"servers": [{"x": "a: b", name: value}]}),
    ):
        shown = masked_json(text)
        assert hidden not in shown
        assert hidden not in json.dumps(json.loads(shown), ensure_ascii=False)
        assert name in shown
    quoted = json.dumps(value)
    for line in (f"  {json.dumps(name)}: {quoted},", f"{name} = {quoted}", f"  - {name}: {quoted}  # why"):
        assert hidden not in masked_line(line), line
        assert hidden not in masked_line(line[:-4]), "a line that is cut"
    if "\n" not in value and not set(value) & set("\"'#"):
        for line in (f"  {name}: {value}", f"export {name}={value}", f"{name}: {value}  # why"):
            assert hidden not in masked_line(line), line


@pytest.mark.parametrize(("name", "value"), STAYS)
def test_it_stays_readable_in_every_notation(name: str, value: str) -> None:
    assert masked_value(name, value) == value
    text = json.dumps({name: value, "list": [value if name == "note" else 1]}, indent=2)
    assert masked_json(text) == text
    for line in (
        f"  {json.dumps(name)}: {json.dumps(value)},",
        f"{name} = {json.dumps(value)}",
        f"  {name}: {value}",
    ):
        assert masked_line(line) == line


@pytest.mark.parametrize("name", sorted({*CREDENTIAL_VARIABLES, "Authorization", "X-Api-Key", "DB_PASSWORD"}))
def test_a_credential_is_masked_wherever_it_is(name: str) -> None:
    if name == "ANTHROPIC_FOUNDRY_RESOURCE":
        assert not is_suspect(name)  # a host name, listed with the credentials because it conflicts
        return
    for text in (
        json.dumps({"env": {name: KEY}}),
        json.dumps({"servers": [{"x": "a: b", name: 'q"' + KEY}]}, indent=1),
    ):
        assert KEY not in masked_json(text)
        assert parse(masked_json(text)).locate(()) == (1, 1)


def test_layout_whitespace_and_harmless_values_stay() -> None:
    text = '{"apiKeyHelper": "/bin/h", "env": {"ANTHROPIC_API_KEY": "", "MAX_TOKENS": "1"},\r\n "s": "token: x"}'
    assert masked_json(text) == text
    assert not is_suspect("CLAUDE_CODE_API_KEY_HELPER_TTL_MS")
    assert not is_suspect("ANTHROPIC_BASE_URL")


def test_the_word_after_an_option_in_a_list_is_masked() -> None:
    text = json.dumps({"args": ["--api-key", "hunter2", "--port", "8080"]})
    assert json.loads(masked_json(text))["args"] == ["--api-key", "…", "--port", "8080"]


def test_header_lines_keep_their_names() -> None:
    shown = masked_value("ANTHROPIC_CUSTOM_HEADERS", "x-team: a-long-name\nx-api-key: Bearer abcdefghijkl")
    assert shown == "x-team: a-lo…\nx-api-key: Bearer abcd…"


def test_a_key_that_is_written_with_escapes_is_masked() -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in WORD)
    for shown in (masked_json(f'{{"note": "{escaped}"}}'), masked_line(f'"note": "{escaped}",')):
        assert WORD[8:] not in shown
        assert escaped[48:] not in shown


@given(st.integers(0, 2**32), st.text(max_size=20), st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_random_key_is_masked_under_any_name(seed: int, name: str, before: str) -> None:
    chance = random.Random(seed)
    key = "".join(chance.choices(string.ascii_letters + string.digits, k=28)) + "1aB2cD3e"
    for value in (key, f"{before} {key}", f"{before}\n{key}", f"https://h.example/?{name[:1]}={key}"):
        assert key[8:] not in masked_value(name, value)
        assert key[8:] not in masked_json(json.dumps({name: [value]}))
        json.loads(masked_json(json.dumps({name: {name: value}})))


@pytest.mark.parametrize(
    "text", ["a1=", "ab", "a-", "a1,", "?a", "--a", "key", "/a", "-----BEGIN PRIVATE KEY-----", "'", "Aa1/", " echo "]
)
def test_a_long_text_is_looked_through_in_a_moment(text: str) -> None:
    start = time.process_time()
    masked_text(text * 30_000)
    masked_line(text * 3_000)
    assert time.process_time() - start < 5


@given(
    st.text(alphabet="aB1/_-+~=. :\u0661", max_size=90)
    | st.from_regex(r"[A-Za-z0-9+/_-]{38,44}={0,2}", fullmatch=True)
)
def test_the_quick_look_before_the_search_for_long_words_misses_none(text: str) -> None:
    if not masking._has_long_word(text):
        assert (
            masking._WORD.sub(
                lambda found: found[0] if found["path"] or masking._is_readable(found[0]) else "masked", text
            )
            == text
        )
