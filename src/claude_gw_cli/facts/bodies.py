"""What a model request of Claude Code has beside the conversation, and how to leave it out: one row per part.

Recorded with 2.0.45, 2.1.100, 2.1.227, 2.1.330 and 2.1.332 (`-p`, default settings) for models of each generation.
The remedies were measured with 2.1.92, 2.1.203, 2.1.227, 2.1.237 and 2.1.332 against gateways that refuse one part
each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from claude_gw_cli.facts.versions import Span
from claude_gw_cli.record import dataclass

_OLDER = r"claude-(3|instant)|haiku|(opus|sonnet)-4(-[015])?(-\d{6,}|[@:\[]|-v\d|$)"
"""Models to which the client gives a budget for thinking; newer ones decide by themselves ("adaptive")."""
_BUDGET = 1_024
"""The smallest that the API takes; the client gives 31,999."""
_KNOWN = r"claude-(opus|sonnet)-\d"
_MOST_TOKENS = ((Span(since="2.1.332"), 128_000), (Span(since="2.1.227"), 64_000))
"""``max_tokens`` for newer models whose name the client knows, by the oldest release that was recorded with it."""
_OTHER_TOKENS = 32_000
"""For every other model."""
_OWN_BETAS, _EXTRA = "ANTHROPIC_BETAS", "CLAUDE_CODE_EXTRA_BODY"
_LIMIT = "CLAUDE_CODE_MAX_OUTPUT_TOKENS"

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""Since the client runs on Bun (2.1.113); before, without the last two."""
_FEW = {True: 64, False: _BUDGET + 64}
"""``max_tokens`` for an answer and what a model of this generation thinks before it."""
COUNT = "Count from 1 to 20."
"""An answer that is long enough to show whether it is streamed."""

TOOL = {
    "name": "Bash",
    "description": "Runs a command",
    "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request that gateways have been seen to refuse."""

    name: str
    """The member of the body; ``anthropic-beta`` is the header."""
    what: str
    """For messages."""
    span: Span
    wires: frozenset[str]
    off: tuple[tuple[str, str], ...] = ()
    """Variables of which each one alone leaves it out, with their values."""
    no_off: Span | None = None
    """Releases in which they do not."""
    recovers: Span | None = None
    """Releases that ask again without it when it is refused."""


_ALL = frozenset({"messages", "invoke", "predict"})
_MESSAGES = frozenset({"messages"})

PARTS: tuple[Part, ...] = (
    Part(
        "context_management",
        "the body field context_management",
        Span(since="2.1.92"),
        _MESSAGES,
        (("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1"),),
        recovers=Span(since="2.1.332"),
    ),
    Part(
        "output_config",
        "the body field output_config",
        Span(since="2.1.203"),
        _ALL,
        (("CLAUDE_CODE_EFFORT_LEVEL", "unset"),),
        no_off=Span("2.1.203", "2.1.203"),
    ),
    Part(
        "thinking",
        "the body field thinking",
        Span(since="2.1.92"),
        _ALL,
        (("CLAUDE_CODE_DISABLE_THINKING", "1"), ("MAX_THINKING_TOKENS", "0")),
    ),
    Part(
        "display",
        "the body field thinking.display",
        Span(since="2.1.227"),
        _MESSAGES,
        (("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1"),),
        recovers=Span(since="2.1.332"),
    ),
    Part("tools", "the body field tools", Span(), _ALL),
    Part("max_tokens", "a max_tokens as high as the client's", Span(), _ALL, ((_LIMIT, "8192"),)),
    Part("cache_control", "cache_control (prompt caching)", Span(), _ALL, (("DISABLE_PROMPT_CACHING", "1"),)),
    Part("metadata", "the body field metadata", Span(), _ALL),
    Part("anthropic-beta", "the header anthropic-beta", Span(), _ALL),
    Part(_OWN_BETAS, f"what {_OWN_BETAS} adds to the header anthropic-beta", Span(), _MESSAGES, ((_OWN_BETAS, ""),)),
    Part(_EXTRA, f"what {_EXTRA} adds to the body", Span(), _ALL, ((_EXTRA, ""),)),
)


def parts(wire: str, model: str, version: str, env: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts that a client of this version sends for this model under these variables."""
    return tuple(
        part
        for part in PARTS
        if version in part.span
        and wire in part.wires
        and not any(env.get(name, "") == value for name, value in part.off)
        and not (part.name == "output_config" and not _adapts(wire, model))
    )


def _adapts(wire: str, model: str) -> bool:
    return not re.search(_OLDER, model, re.IGNORECASE) and (wire == "messages" or "claude-" in model)


def body_of(wire: str, model: str, sent: tuple[Part, ...], version: str, env: Mapping[str, str]) -> dict[str, object]:
    """The members of a body with these parts, for an answer of a few tokens."""
    names = {part.name for part in sent}
    adapts = _adapts(wire, model)
    thinking: dict[str, object] = {"type": "adaptive"} if adapts else {"type": "enabled", "budget_tokens": _BUDGET}
    cached = {"cache_control": {"type": "ephemeral"}} if "cache_control" in names else {}
    body: dict[str, object] = {
        "max_tokens": _most_tokens(model, version, env, adapts=adapts) if "max_tokens" in names else _FEW[adapts],
        "system": [{"type": "text", "text": "You are a Claude agent.", **cached}],
    }
    if "thinking" in names:
        body["thinking"] = thinking | ({"display": "omitted"} if "display" in names else {})
    if "metadata" in names:
        ids = {"device_id": "0" * 64, "account_uuid": "", "session_id": "00000000-0000-4000-8000-000000000000"}
        body["metadata"] = {"user_id": json.dumps(ids, separators=(",", ":"))}
    if "context_management" in names and "thinking" in names:
        body["context_management"] = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    if "output_config" in names:
        body["output_config"] = {"effort": "medium"}
    if "tools" in names:
        body["tools"] = [TOOL]
    return body | (_extra(env[_EXTRA]) if _EXTRA in names else {})


def _extra(text: str) -> dict[str, object]:
    """The members that a person adds; a text that is not a JSON object adds none (measured, 2.1.332)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _most_tokens(model: str, version: str, env: Mapping[str, str], *, adapts: bool) -> int:
    given = env.get(_LIMIT, "")
    if given.isdecimal() and len(given) < 10:
        return int(given) if adapts else max(int(given), _FEW[False])
    if not adapts or not re.search(_KNOWN, model, re.IGNORECASE):
        return _OTHER_TOKENS
    return next((most for span, most in _MOST_TOKENS if version in span), _OTHER_TOKENS)


def user_agent(version: str) -> str:
    """How a client that is started with ``-p`` names itself."""
    return f"claude-cli/{version} (external, sdk-cli)"


_BETAS = (
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
    "per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,"
    "advanced-tool-use-2025-11-20,effort-2025-11-24"
)
BESIDE: tuple[tuple[str, str], ...] = (
    ("x-claude-code-session-id", "00000000-0000-4000-8000-000000000000"),
    ("x-stainless-arch", "x64"),
    ("x-stainless-lang", "js"),
    ("x-stainless-os", "Linux"),
    ("x-stainless-package-version", "0.128.0"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-runtime", "node"),
    ("x-stainless-runtime-version", "v26.12.1"),
    ("x-stainless-timeout", "600"),
    ("anthropic-beta", _BETAS),
    ("anthropic-dangerous-direct-browser-access", "true"),
    ("x-app", "cli"),
    ("connection", "keep-alive"),
)
"""Headers of a request of client 2.1.332 in every format, beside those that a question of the doctor has: 21 with the
key, 0.9 kB. What is counted, blocked or too long before a gateway is found by them."""

_SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=AKIACGWDOCTOR0000000/20260101/us-east-1/bedrock/aws4_request, "
    f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'0' * 64}"
)
CLOUD_LINES: dict[str, tuple[tuple[str, str], ...]] = {
    "AWS4-HMAC-SHA256": (
        ("authorization", _SIGNATURE),
        ("x-amz-content-sha256", "0" * 64),
        ("x-amz-date", "20260101T000000Z"),
    ),
    "Bearer": (("authorization", "Bearer cgw-doctor-this-is-not-a-token"),),
}
"""Scheme -> headers of the form in which the client sends its own credential of a cloud, with nothing valid in them
(recorded with 2.1.332: Bedrock, Mantle and Claude Platform on AWS sign, Vertex AI and Foundry send a token)."""


def headers_of(version: str, sent: tuple[Part, ...], env: Mapping[str, str]) -> dict[str, str]:
    """The headers of such a request that matter on the way: those that name the client, and its betas."""
    names = {part.name for part in sent}
    headers = {
        "user-agent": user_agent(version),
        "x-app": "cli",
        "accept-encoding": ACCEPT_ENCODING,
        "anthropic-dangerous-direct-browser-access": "true",
    }
    betas = []
    if "anthropic-beta" in names:
        betas += ["claude-code-20250219", "interleaved-thinking-2025-05-14"]
        betas += ["context-management-2025-06-27"] * ("context_management" in names)
        betas += ["effort-2025-11-24"] * ("output_config" in names)
    if _OWN_BETAS in names:
        betas += [beta for one in env[_OWN_BETAS].split(",") if (beta := one.strip())]
    return headers | ({"anthropic-beta": ",".join(betas)} if betas else {})


def remedy(part: Part, version: str) -> tuple[str, str] | None:
    """The variable, and its value, that keep a client of this version from sending it; ``None`` without one."""
    return None if not part.off or (part.no_off and version in part.no_off) else part.off[0]
