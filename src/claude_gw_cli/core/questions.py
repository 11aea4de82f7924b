"""The requests of `cgw doctor` that show the most and cost nothing, per provider. Pure; measured on LiteLLM 1.106.

None of them can be billed: the gateway refuses a message without ``messages``, the cloud's own validation refuses an
empty conversation, and counting tokens is free. Only ``live`` asks for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan

_HELLO: list[object] = [{"role": "user", "content": "hi"}]
_BEDROCK_VERSION = "bedrock-2023-05-31"
_VERTEX_VERSION = "vertex-2023-10-16"

# Texts that are common in Claude Code requests, and that the rule sets of firewalls look for.
SUSPICIOUS = (
    "<script>document.cookie</script> SELECT * FROM users WHERE id='1' OR '1'='1'; DROP TABLE x; "
    "$(cat /etc/passwd) ../../../../etc/shadow {{7*7}} ${jndi:ldap://x} #!/bin/sh\n"
)
PADDING = 300_000
"""Bytes: above the body limits (8 to 128 kB) at which common firewalls stop inspecting or start refusing."""

LIVELINESS = "/health/liveliness"
"""LiteLLM's own health check, below its root; public."""
COUNT_TOKENS = "/v1/messages/count_tokens"
"""Also below LiteLLM's /bedrock, where it returns at once the error that an invocation returns after five seconds of
retries."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, below the client's base URL. ``body`` ``None`` is a GET."""

    path: str
    body: Mapping[str, object] | None = None
    invalid: bool = True
    """A healthy gateway or cloud refuses it as incomplete (400)."""


def key(plan: Plan, model: str, *, litellm: bool) -> Question:
    """Is the key accepted? Answered by the gateway itself, if possible."""
    if plan.profile.provider == "bedrock" and litellm:
        return Question("/ping")
    return access(plan, model)


def access(plan: Plan, model: str) -> Question:
    """May the key use this model? On Bedrock and Vertex also: does the cloud answer?"""
    if plan.profile.provider == "bedrock":
        return Question(f"/model/{quote(model, safe='')}/invoke", {})
    if plan.profile.provider == "vertex":
        return upstream(plan, model, litellm=False)
    return Question("/v1/messages", {"model": model})


def upstream(plan: Plan, model: str, *, litellm: bool) -> Question:
    """Does the cloud answer the gateway about this model?"""
    if plan.profile.provider == "bedrock" and not litellm:
        return access(plan, model)
    if plan.profile.provider == "vertex":
        return Question(
            _vertex(plan, "count-tokens", "rawPredict"), {"model": model, "messages": _HELLO}, invalid=False
        )
    return Question(COUNT_TOKENS, {"model": model, "messages": _HELLO}, invalid=False)


def listing() -> Question:
    """Which models may the key use? Below LiteLLM's root; wildcards are not listed."""
    return Question("/v1/models")


def empty_conversation(model: str) -> Question:
    """Why did the cloud not answer? Sent only if ``upstream`` shows that it did not; it cannot be billed."""
    return Question("/v1/messages", {"model": model, "max_tokens": 1, "messages": []})


def large(plan: Plan, model: str, *, litellm: bool) -> Question:
    """The request for the key again, as large as a real one and with source code in it."""
    asked = key(plan, model, litellm=litellm)
    padding = SUSPICIOUS * (PADDING // len(SUSPICIOUS) + 1)
    return Question(asked.path, {**(asked.body or {}), "padding": padding})


def live(plan: Plan, model: str) -> Question:
    """One streamed answer of one token. Billable."""
    body: dict[str, object] = {"max_tokens": 1, "messages": _HELLO}
    if plan.profile.provider == "bedrock":
        path = f"/model/{quote(model, safe='')}/invoke-with-response-stream"
        return Question(path, {"anthropic_version": _BEDROCK_VERSION, **body}, invalid=False)
    if plan.profile.provider == "vertex":
        body = {"anthropic_version": _VERTEX_VERSION, "stream": True, **body}
        return Question(_vertex(plan, model, "streamRawPredict"), body, invalid=False)
    return Question("/v1/messages", {"model": model, "stream": True, **body}, invalid=False)


def _vertex(plan: Plan, model: str, verb: str) -> str:
    sets = {item.name: item.before for item in plan.sets}
    project = quote(sets.get("ANTHROPIC_VERTEX_PROJECT_ID", "project"), safe="")
    region = quote(sets.get("CLOUD_ML_REGION", "us-east5"), safe="")
    return f"/projects/{project}/locations/{region}/publishers/anthropic/models/{quote(model, safe='')}:{verb}"
