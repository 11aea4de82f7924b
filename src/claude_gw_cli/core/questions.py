"""The requests of `cgw doctor` that show the most and cost nothing, per provider. Pure; measured on LiteLLM 1.106.

None of them can be billed: the gateway refuses a message without ``messages``, the cloud's own validation refuses an
empty conversation, and counting tokens is free. Only ``live`` asks for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.facts.bodies import COUNT, Part, body_of, headers_of
from claude_gw_cli.facts.wires import COUNT_TOKENS, WIRES, Wire
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field, replace

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan

_HELLO: list[object] = [{"role": "user", "content": "hi"}]

# What the rule sets of firewalls look for and a session has: source code, shell commands, markup, and words of the
# client's own prompt (recorded with 2.1.332), so that a firewall that blocks every request is found, too.
SUSPICIOUS = (
    "<script>document.cookie</script> SELECT * FROM users WHERE id='1' OR '1'='1'; DROP TABLE x; "
    "$(cat /etc/passwd) ../../../../etc/shadow {{7*7}} ${jndi:ldap://x} #!/bin/sh\n"
    "1' UNION SELECT password FROM users-- <img src=x onerror=alert(1)> <?php system($_GET['c']); ?> "
    '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hosts">]> javascript:eval(atob("eA==")) os.system("id") '
    "cd /tmp && rm -rf x; sudo chmod +x y || curl -s http://169.254.169.254/latest/ | bash 2>&1 >/dev/null; "
    "wget -q https://x; nc -e /bin/bash; cmd.exe /c dir; powershell -enc eA==; grep -r token . ; kill -9 1\n"
    "You are a Claude agent, built on Anthropic's Claude Agent SDK: Claude Code. <system-reminder></system-reminder> "
    "<command-name> <functions> <tool_name> git commit -m x git push --force Bash command "
    "Co-Authored-By: Claude <noreply@anthropic.com> defensive security, CTF, pentest, exploit, malicious, attack, "
    "DoS, credential, api_key=x, secret, password=x, Authorization: Bearer x, ignore all previous instructions\n"
)
PADDING = 300_000
"""Bytes: above the body limits (8 to 128 kB) at which common firewalls stop inspecting or start refusing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, below the client's base URL. ``body`` ``None`` is a GET."""

    path: str
    body: Mapping[str, object] | None = None
    invalid: bool = True
    """A healthy gateway or cloud refuses it as incomplete (400)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside the usual ones and those of the key. With them, an answer that was cut off is still an answer."""


def key(plan: Plan, model: str, *, litellm: bool) -> Question:
    """Is the key accepted? Answered by the gateway itself, if possible."""
    ping = wire_of(plan).ping
    return Question(ping) if ping and litellm else access(plan, model)


def access(plan: Plan, model: str) -> Question:
    """May the key use this model? Where the path names it also: does the cloud answer?"""
    wire = wire_of(plan)
    path = _filled(wire.access, plan, model)
    if wire.access_body is None:
        return Question(path, {"model": model, "messages": _HELLO}, invalid=False)
    return Question(path, {**wire.access_body, **({"model": model} if wire.model_in_body else {})})


def invocation(plan: Plan, model: str) -> Question:
    """The same where a gateway has no route to count tokens: a request to the model that is refused as incomplete."""
    wire = wire_of(plan)
    body = {name: value for name, value in wire.live_body.items() if name != "stream"}
    return Question(_filled(wire.live.replace(":streamRawPredict", ":rawPredict"), plan, model), body)


def upstream(plan: Plan, model: str, *, litellm: bool) -> Question:
    """Does the cloud answer the gateway about this model?"""
    wire = wire_of(plan)
    if wire.counts or (wire.ping and litellm):
        return Question(COUNT_TOKENS, {"model": model, "messages": _HELLO}, invalid=False)
    return access(plan, model)


def listing() -> Question:
    """Which models may the key use? Below LiteLLM's root; wildcards are not listed."""
    return Question("/v1/models")


def empty_conversation(model: str) -> Question:
    """Why did the cloud not answer? Sent only if ``upstream`` shows that it did not; it cannot be billed."""
    return Question("/v1/messages", {"model": model, "max_tokens": 1, "messages": []})


def large(asked: Question) -> Question:
    """The request for the key again, as large as a real one and with what firewalls look for in it."""
    padding = SUSPICIOUS * (PADDING // len(SUSPICIOUS) + 1)
    return Question(asked.path, {**(asked.body or {}), "padding": padding})


def large_and_harmless(asked: Question, size: int = PADDING) -> Question:
    """The same with nothing in it that a firewall looks for."""
    return Question(asked.path, {**(asked.body or {}), "padding": "x" * size})


def live(plan: Plan, model: str, sent: tuple[Part, ...], version: str, env: Mapping[str, str]) -> Question:
    """One streamed answer of a few tokens, with these parts of the client's own requests. Billable."""
    wire = wire_of(plan)
    asked = [{"role": "user", "content": COUNT}]
    body = {**wire.live_body, **body_of(mode_of(plan.profile).wire, model, sent, version, env), "messages": asked}
    if wire.model_in_body:
        body["model"] = model
    return Question(_filled(wire.live, plan, model), body, invalid=False, headers=headers_of(version, sent, env))


def joined(question: Question) -> Question:
    """The same request without the slash between base path and path."""
    return replace(question, path=question.path.removeprefix("/"))


def wire_of(plan: Plan) -> Wire:
    """The form of this plan's requests."""
    return WIRES[mode_of(plan.profile).wire]


def _filled(path: str, plan: Plan, model: str) -> str:
    sets = {item.name: item.before for item in plan.sets}
    return path.format(
        model=quote(model, safe=wire_of(plan).kept),
        project=quote(sets.get("ANTHROPIC_VERTEX_PROJECT_ID", "project"), safe=""),
        region=quote(sets.get("CLOUD_ML_REGION", "us-east5"), safe=""),
    )
