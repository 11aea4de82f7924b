"""What a start asks for beside the prompt's request (measured: facts/besides.py)."""

from __future__ import annotations

from typing import Any

from claude_gw_cli.core.predict.model import Also
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import Snapshot

QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
GW = {"ANTHROPIC_BASE_URL": "https://gw.example/x", "ANTHROPIC_AUTH_TOKEN": "sk-t"}


def also(version: str = "2.1.332", claude_json: Any = None, **env: Any) -> tuple[Also, ...]:
    return predict(Snapshot(env, (), "/w", "/h", "/h/.claude", version, claude_json=claude_json or {})).also


def lines(found: tuple[Also, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.method, item.url, item.credential) for item in found]


def test_a_sign_of_life_without_a_credential() -> None:
    assert lines(also(**GW)) == [("HEAD", "https://gw.example/x/api/hello", ())]
    assert also(**GW, **QUIET) == ()
    assert lines(also("2.1.280", **GW, **QUIET)) == [("HEAD", "https://gw.example/x/api/hello", ())]
    assert lines(also("2.1.190", **GW, **QUIET)) == [("HEAD", "https://gw.example/x", ())]
    assert also("2.1.70", **GW) == ()
    assert also(**GW, HTTPS_PROXY="http://proxy:1") == ()


def test_discovery_carries_the_credential_but_needs_one_of_the_clients_own() -> None:
    on = {**QUIET, "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"}
    asked = ("GET", "https://gw.example/x/v1/models?limit=1000")
    assert lines(also(**GW, **on)) == [(*asked, ("ANTHROPIC_AUTH_TOKEN",))]
    header = {"ANTHROPIC_BASE_URL": "https://gw.example/x", "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer x"}
    assert also(**header, **on) == ()
    alone = {"ANTHROPIC_BASE_URL": "https://gw.example/x"}
    assert lines(also(claude_json={"primaryApiKey": "sk-c"}, **alone, **on)) == [(*asked, ("primaryApiKey",))]


def test_bedrock_lists_profiles_and_probes_each_family_that_no_variable_replaces() -> None:
    bedrock = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "https://gw.example"}
    skip = lines(also(**bedrock, CLAUDE_CODE_SKIP_BEDROCK_AUTH="1", ANTHROPIC_AUTH_TOKEN="t"))
    assert skip == [("GET", "https://gw.example/inference-profiles?type=SYSTEM_DEFINED", ())]
    signed = {**bedrock, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}
    assert [item.method for item in also(**signed)] == ["GET", "POST", "POST", "POST"]
    assert [item.method for item in also(**signed, ANTHROPIC_DEFAULT_SONNET_MODEL="m")] == ["GET", "POST", "POST"]


def test_a_token_goes_out_unsigned_with_the_probes_of_some_clients() -> None:
    bedrock = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "https://gw.example"}
    probes = [item for item in also("2.1.200", **bedrock, ANTHROPIC_AUTH_TOKEN="t") if item.method == "POST"]
    assert {item.credential for item in probes} == {("ANTHROPIC_AUTH_TOKEN",)}
    assert also("2.1.207", **bedrock, ANTHROPIC_AUTH_TOKEN="t") == ()


def session(version: str, **env: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    start = Snapshot(env, (), "/w", "/h", "/h/.claude", version, interactive=True)
    return [(item.method, item.model, item.credential) for item in predict(start).also]


def test_a_session_asks_for_its_models_and_its_title() -> None:
    """Measured with clients 2.1.200 and 2.1.332 in a terminal."""
    bedrock = {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
        "ANTHROPIC_BEDROCK_BASE_URL": "https://gw.example",
        "ANTHROPIC_AUTH_TOKEN": "t",
    }
    probes = session("2.1.332", **bedrock)
    assert [method for method, _, _ in probes] == ["GET", "POST", "POST", "POST"]
    assert {credential for _, model, credential in probes if model} == {("ANTHROPIC_AUTH_TOKEN",)}
    assert {credential for _, model, credential in session("2.1.200", **bedrock) if model} == {()}
    assert ("POST", "claude-opus-5-5", ("ANTHROPIC_AUTH_TOKEN",)) in session("2.1.332", **GW)
    assert ("POST", "small", ("ANTHROPIC_AUTH_TOKEN",)) in session(
        "2.1.332", **GW, ANTHROPIC_SMALL_FAST_MODEL="small"
    )
    assert session("2.1.332", **GW, **QUIET) == []
