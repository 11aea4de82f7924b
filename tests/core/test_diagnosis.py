from __future__ import annotations

import base64
import json
import re
import string
import tomllib
import urllib.parse
from importlib.resources import files

import pytest

from claude_gw_cli.core.diagnosis import (
    About,
    Answer,
    cleaned,
    evaluate,
    explain,
    next_step,
    recognise,
)
from claude_gw_cli.core.response_headers import evaluate_headers
from claude_gw_cli.core.situations import PROBES, situations
from claude_gw_cli.core.streams import evaluate_stream
from claude_gw_cli.facts.gateways import LITELLM, SIGNS

NOBODY = About({})
JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html"),)
TEXT = (("content-type", "text/plain"),)
EVENTS = (("content-type", "application/vnd.amazon.eventstream"),)


def answer(status: int, body: object = "", headers: tuple[tuple[str, str], ...] = JSON) -> Answer:
    return Answer(status, headers, body if isinstance(body, str) else json.dumps(body), 0.1)


def litellm(message: str, kind: str, code: int) -> Answer:
    return answer(code, {"error": {"message": message, "type": kind, "param": None, "code": str(code)}})


# Bodies as recorded from LiteLLM 1.106.2 (its own code over a stub key store where it needs a database).
RECORDED = {
    "no key": ("gateway.key", litellm("Auth Error, No api key passed in.", "auth_error", 401), "key-unseen"),
    "wrong header": (
        "gateway.key",
        litellm(
            "Authentication Error, Malformed API Key passed in. Ensure Key has `Bearer ` prefix.", "auth_error", 401
        ),
        "key-malformed",
    ),
    "wrong key, no database": ("gateway.key", litellm("No connected db.", "no_db_connection", 400), "key-not-master"),
    "wrong key": (
        "gateway.key",
        litellm(
            "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...long, "
            f"Key Hash (Token) ={'ab' * 32}. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
            "token_not_found_in_db",
            401,
        ),
        "key-unknown",
    ),
    "other form": (
        "gateway.key",
        litellm(
            "LiteLLM Virtual Key expected. Received=wron****-key, expected to start with 'sk-'.", "auth_error", 401
        ),
        "key-form",
    ),
    "jwt": (
        "gateway.key",
        litellm(
            "LiteLLM Virtual Key expected. This key has the structure of a JWT, but JWT auth is not enabled "
            "on this proxy",
            "auth_error",
            401,
        ),
        "key-is-jwt",
    ),
    "expired": ("gateway.key", litellm("Authentication Error - Expired Key.", "expired_key", 401), "key-expired"),
    "blocked": ("gateway.key", litellm("Authentication Error, Key is blocked.", "auth_error", 401), "key-blocked"),
    "over budget": ("gateway.key", litellm("Budget has been exceeded!", "budget_exceeded", 422), "budget"),
    "a model that LiteLLM has paused": (
        "gateway.key",
        litellm(
            "No deployments available for selected model, Try again in 5 seconds. Passed model=m. "
            "pre-call-checks=False, cooldown_list=['0a1b']",
            "None",
            429,
        ),
        "model-paused",
    ),
    "route not allowed": (
        "gateway.key",
        answer(403, {"detail": "Virtual key is not allowed to call this route. Only allowed to call: /x"}),
        "key-route",
    ),
    "model not allowed": (
        "gateway.model",
        litellm("The requested model ...", "key_model_access_denied", 403),
        "model-denied",
    ),
    "model not allowed to the team": (
        "gateway.model",
        litellm("The requested model ...", "team_model_access_denied", 403),
        "model-denied",
    ),
    "unknown model": (
        "gateway.model",
        answer(
            400,
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "anthropic_messages: Invalid model name passed in model=nope. Call `/v1/models` ...",
                },
            },
        ),
        "model-unknown",
    ),
    "pass-through without credential": (
        "gateway.upstream",
        answer(401, {"detail": "No Anthropic credential is configured on this proxy and the request carried no ..."}),
        "upstream-credential-missing",
    ),
    "unified without credential": (
        "gateway.upstream",
        answer(
            401,
            {
                "type": "error",
                "error": {
                    "type": "authentication_error",
                    "message": "litellm.AuthenticationError: Missing Anthropic API Key - A call is being made ...",
                },
            },
        ),
        "upstream-credential-missing",
    ),
    "bedrock without credential": (
        "gateway.upstream",
        litellm("Unable to locate credentials\n\nLiteLLM: model group ...", "internal_server_error", 500),
        "upstream-credential-missing",
    ),
    "upstream rejects": (
        "gateway.upstream",
        answer(
            401,
            {
                "type": "error",
                "error": {
                    "type": "authentication_error",
                    "message": 'litellm.AuthenticationError: AnthropicException - {"type": "error", "error": '
                    '{"type": "authentication_error", "message": "invalid x-api-key"}}',
                },
            },
        ),
        "upstream-credential-rejected",
    ),
    "bedrock rejects": (
        "gateway.upstream",
        answer(403, {"detail": {"error": '{"message":"The security token included in the request is invalid."}'}}),
        "upstream-credential-rejected",
    ),
    "upstream dead": (
        "gateway.upstream",
        answer(
            500,
            {
                "type": "error",
                "error": {
                    "type": "api_error",
                    "message": "litellm.InternalServerError: AnthropicException - Cannot connect to host x:1 ...",
                },
            },
        ),
        "upstream-dead",
    ),
    "wrong path": ("gateway.route", answer(404, {"detail": "Not Found"}), "route"),
    "firewall page": (
        "gateway.route",
        answer(403, "<html><title>403</title>Request blocked</html>", HTML),
        "front",
    ),
    "login page": ("gateway.route", answer(200, "<!doctype html><title>Sign in</title>", HTML), "sign-in"),
    "web page": ("gateway.route", answer(200, "<!doctype html><title>Welcome</title>", HTML), "front"),
    "403 about the model": ("gateway.model", answer(403, {"message": "not for model-x"}), "model-denied"),
    "404 about the model": ("gateway.model", answer(404, {"message": "no model-x"}), "model-missing"),
    "400 about the model": ("gateway.model", answer(400, {"message": "Unknown model: model-x"}), "model-missing"),
    "403 with the key": ("gateway.key", answer(403, {"message": "forbidden"}), "key-forbidden"),
    "redirect": ("redirect", answer(307, "", (("location", "https://x/"),)), "redirect"),
    "nginx without its gateway": ("gateway.alive", answer(502, "<html>Bad Gateway</html>", HTML), "gateway-down"),
    "http to a TLS port": (
        "gateway.alive",
        answer(400, "<html>The plain HTTP request was sent to HTTPS port</html>", HTML),
        "plain-to-tls",
    ),
    "another gateway's 401": ("gateway.key", answer(401, {"message": "Invalid credentials"}), "key-refused"),
    "no prisma": ("gateway.key", answer(500, "Internal Server Error", TEXT), "gateway-error"),
    "another gateway's 403 for the cloud": ("gateway.upstream", answer(403, {"message": "no"}), "model-refused"),
}  # fmt: skip


@pytest.mark.parametrize(("probe", "given", "situation"), RECORDED.values(), ids=RECORDED.keys())
def test_each_recorded_answer_has_its_own_diagnosis(probe: str, given: Answer, situation: str) -> None:
    assert recognise(given, probe, model="model-x") == situation


def test_a_situation_of_a_higher_rung_proves_the_lower_ones() -> None:
    _, missing, _ = RECORDED["pass-through without credential"]
    assert evaluate("gateway.key", missing, NOBODY).status == "ok"
    assert evaluate("gateway.upstream", missing, NOBODY).status == "fail"


def test_a_refusal_without_a_key_is_what_a_gateway_should_say() -> None:
    assert evaluate("gateway.route", RECORDED["no key"][1], NOBODY).status == "ok"
    assert evaluate("gateway.route", answer(403, {"message": "Forbidden"}), NOBODY).status == "ok"


def test_an_incomplete_question_may_be_refused_but_only_as_incomplete() -> None:
    incomplete = answer(400, {"error": {"message": "Missing required parameter: 'messages'."}})
    assert evaluate("gateway.model", incomplete, NOBODY, invalid=True).status == "ok"
    assert evaluate("gateway.model", incomplete, NOBODY).status == "warn"
    assert evaluate("gateway.key", RECORDED["wrong key, no database"][1], NOBODY, invalid=True).status == "fail"


def test_an_unknown_answer_is_shown_as_it_came() -> None:
    verdict = evaluate("gateway.upstream", answer(418, {"teapot": "short and stout"}), NOBODY)
    assert verdict.status == "warn"
    assert verdict.evidence == 'HTTP 418 {"teapot": "short and stout"}'


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.text)
def test_every_sign_is_of_a_situation_that_exists(sign: object) -> None:
    assert sign.situation in situations()  # type: ignore[attr-defined]


WORDS = {
    "profile", "host", "port", "hop", "hop_port", "root", "other_url", "path", "header", "reference", "seconds",
    "size", "model", "location", "redirected", "rule", "gateway", "reads", "form", "format", "front_reference",
    "variable", "front", "scheme", "key_size", "passes", "removal", "other", "accepted", "joined", "refused",
    "passed", "limiter", "elsewhere", "address", "prefix", "form_of_names",
    "bytes", "count", "name", "query", "sent", "after", "compressed", "what", "try_header",
    "place", "status", "sign_in", "where", "read", "snippet", "base_path", "required",
    "address_place", "key_place", "model_place", "try_variable", "try_format", "other_variable", "whole",
    "written", "missing", "then", "certificate", "skip", "api",
    "page_by", "project", "project_place", "tried", "said", "does", "names", "issuer", "about_files", "otherwise",
    "tested", "front_tested",
}  # fmt: skip
VERBS = {
    "accept", "add", "ask", "bypass", "cgw", "change", "check", "compare", "connect", "correct", "export",
    "give", "keep", "let", "name", "put", "remove", "replace", "see", "send", "set", "start", "store", "switch",
    "tell", "try", "use", "wait",
}  # fmt: skip
OF_A_PROFILE = ("cgw profile", "cgw secret", "cgw settings", "cgw gateway snippet", "{profile}", "{reference}")
HAS_A_PROFILE = {"key-not-the-profiles", "key-renewed"}
"""Situations in which a profile's own key was tried."""


@pytest.mark.parametrize("name", situations())
def test_every_situation_stands_on_the_ladder_and_fills_its_braces(name: str) -> None:
    row = situations()[name]
    assert row.probe in PROBES
    used = {
        field
        for text in (row.cause, row.help, row.plain)
        for _, field, _, _ in string.Formatter().parse(text)
        if field
    }
    assert used <= WORDS
    assert row.help
    assert row.cause[0].isupper() or row.cause.startswith("{")
    assert row.cause.endswith(".")


@pytest.mark.parametrize("name", situations())
def test_every_next_step_begins_with_what_to_do(name: str) -> None:
    for line in (*situations()[name].help.splitlines(), *situations()[name].plain.splitlines()):
        assert re.split(r"[ :]", line.removeprefix("or ").removeprefix("then "))[0] in VERBS, line


@pytest.mark.parametrize("name", sorted(set(situations()) - HAS_A_PROFILE))
def test_without_a_profile_no_next_step_needs_one(name: str) -> None:
    plain = situations()[name].plain
    assert plain
    assert not any(word in plain for word in (*OF_A_PROFILE, "of the profile", "--key-header", "--gateway-url"))


def test_every_step_has_both_forms() -> None:
    table = tomllib.loads((files("claude_gw_cli.core") / "situations.toml").read_text())
    assert set(table["profile"]) - set(table["plain"]) == {"front"}, "a suggestion for a profile alone"
    assert set(table["plain"]) <= set(table["profile"])
    about = About({"address_place": "BASE in /x", "profile": "p"}, plain=True)
    assert next_step("new_url", about) == "correct BASE in /x"
    assert next_step("new_url", About(about.words)) == "correct the URL: cgw profile set p --gateway-url URL"


def test_every_situation_reads_differently() -> None:
    causes = [row.cause for row in situations().values()]
    assert len(set(causes)) == len(causes)


KEY = "sk-canary-3f9a-7c21-long"


def test_a_key_is_not_evidence_in_another_spelling_either() -> None:
    key = "ab/cd+ef==-7c21-long/x"
    encoded = base64.b64encode(key.encode()).decode()
    for echo in (
        key.replace("/", "\\/"),
        urllib.parse.quote(key, safe=""),
        encoded,
        key[::-1],
        key.upper(),
        key.encode().hex(),
        "".join(f"%{byte:02X}" for byte in key.encode()),
        "".join(f"\\u{ord(letter):04x}" for letter in key),
        base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    ):
        assert cleaned(f"gateway says {echo}.", About({}, (key,))) == "gateway says …."
    for before in ("Bearer ", "user:", "a", "ab", ""):
        shown = cleaned(base64.b64encode(f"{before}{key}".encode()).decode(), About({}, (key,)))
        left = base64.b64decode(shown.partition("…")[0] + "====")
        assert len(left) <= len(before)
        assert shown.endswith("…")


@pytest.mark.parametrize(
    "echo", [KEY, f"Bearer {KEY}", "Received API Key = sk-...long", "sk-canary-3f9a-7c", "…7c21-long", "ab" * 32]
)
def test_no_key_no_end_of_a_key_and_no_hash_of_a_key_is_evidence(echo: str) -> None:
    text = cleaned(f"gateway says {echo}.", About({}, (KEY,)))
    assert text.startswith("gateway says ")
    for part in (KEY, "long", "7c21", "sk-canary", "ab" * 32):
        assert part not in text


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert "tail" not in cleaned("abcdefgh-tail", About({}, ("abcdefgh", "abcdefgh-tail")))


def test_terminal_escapes_and_other_controls_do_not_pass_and_evidence_is_clipped() -> None:
    text = cleaned("a\x1b[31m\x07b\r\n\u202ec\x9b2Jd" + "x" * 10_000, NOBODY)
    assert text.isprintable()
    assert "\x1b" not in text
    assert len(text) == 400


def test_a_page_is_shown_as_its_words() -> None:
    page = answer(403, "<html><style>x{}</style><h1>Access Denied</h1><p>Ref 18.2</p></html>", HTML)
    assert evaluate("gateway.route", page, NOBODY).evidence == "HTTP 403 Access Denied Ref 18.2"


def test_explain_fills_what_is_known_and_names_what_is_not() -> None:
    verdict = explain("model-denied", "x", About({"model": "claude-x"}))
    assert "claude-x" in verdict.cause
    assert "PROFILE" in verdict.help


def test_the_target_of_a_redirect_cannot_write_to_the_terminal() -> None:
    verdict = explain(
        "redirect", "", About({"location": "https://x/\x1b[2J\x07", "redirected": "https://x\x1b]0;t\x07"})
    )
    assert "https://x/[2J" in verdict.cause
    assert "\x1b" not in verdict.cause + verdict.help


def test_headers_tell_of_a_wrong_clock_and_a_wrong_content_type() -> None:
    date = ("date", "Mon, 23 Nov 2026 05:00:00 GMT")
    now = 1795410000.0
    assert evaluate_headers(answer(200, {}, (*JSON, date)), now, NOBODY).status == "ok"
    assert "400 s apart" in evaluate_headers(answer(200, {}, (*JSON, date)), now + 400, NOBODY).cause
    assert evaluate_headers(answer(200, {}, (("content-type", "text/plain"),)), now, NOBODY).status == "warn"
    assert evaluate_headers(answer(200, {}, (*JSON, ("date", "nonsense"))), now, NOBODY).status == "ok"


SSE = (("content-type", "text/event-stream"),)
TYPES = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
]


def events(*without: str) -> str:
    """A stream of the events of an answer, without some of them."""
    types = [name for name in TYPES if name not in without]
    return "".join(f'event: {name}\ndata: {{"type": "{name}"}}\n\n' for name in types)


WHOLE = events()
NAMELESS = "".join(line for line in WHOLE.splitlines(keepends=True) if not line.startswith("event:"))


@pytest.mark.parametrize(
    ("given", "status", "word"),
    [
        (Answer(200, SSE, WHOLE, 1.0, (0.1, 0.5, 1.0)), "ok", "3 pieces"),
        (Answer(200, SSE, WHOLE, 0.1, (0.1,)), "ok", "1 piece in"),
        (Answer(200, (*SSE, ("content-length", "99")), WHOLE, 0.02, (0.02,)), "ok", "too soon to tell"),
        (Answer(200, SSE, WHOLE, 1.0, (0.9, 0.901)), "warn", "all at once"),
        (Answer(200, (*SSE, ("content-length", "99")), WHOLE, 1.0, (0.9,)), "fail", "content-length: 99"),
        (Answer(200, SSE, "event: ping\n" * 9 + WHOLE, 3.0, (2.9, 2.901)), "fail", "all at once"),
        (Answer(200, SSE, WHOLE, 30.0, (12.0, 12.5, 13.0)), "warn", "3 pieces"),
        (Answer(200, SSE, WHOLE, 5.0, (0.1, 5.0), cut=True), "fail", "5.0 s"),
        (Answer(200, EVENTS, "\x00", 5.0, (0.1, 5.0), cut=True), "fail", "5.0 s"),
        (Answer(200, SSE, "event: ping\n", 0.1, (0.1,), cut=True), "fail", "1 piece in 0.1 s"),
        (Answer(504, HTML, "<html>Gateway Time-out</html>", 5.0, (5.0,)), "fail", "HTTP 504"),
        (Answer(200, SSE, "event: ping\n", 1.0, (0.1, 1.0)), "fail", "pieces"),
        (Answer(200, JSON, '{"type": "message"}', 1.0, (1.0,)), "warn", "application/json"),
        (Answer(200, JSON, '{"input_tokens": 7}', 1.0, (1.0,)), "fail", "application/json"),
        (Answer(200, SSE, WHOLE, 9.0, (0.1, 0.5)), "warn", "2 pieces"),
        (Answer(200, JSON, WHOLE, 1.0, (0.1, 0.5, 1.0)), "ok", "application/json"),
        (Answer(200, (), WHOLE, 1.0, (0.1, 0.5, 1.0)), "ok", "content-type: (none)"),
        (Answer(200, SSE, 'data: {"error": {"code": 401}}\n\n', 0.1, (0.1,)), "fail", "401"),
        (Answer(529, JSON, '{"type":"overloaded"}', 1.0, (1.0,)), "fail", "HTTP 529"),
        (
            Answer(200, EVENTS, "\x00", 1.0, (0.1,)),
            "ok",
            "1 piece",
        ),
    ],
)
def test_a_stream_is_judged_by_kind_completeness_and_arrival(given: Answer, status: str, word: str) -> None:
    verdict = evaluate_stream(given, NOBODY)
    assert verdict.status == status
    assert word in verdict.evidence


@pytest.mark.parametrize(
    ("body", "situation", "status"),
    [
        (events("message_start"), "stream-lacks", "fail"),
        (events("content_block_start"), "stream-lacks", "fail"),
        (events("content_block_stop"), "stream-lacks", "fail"),
        (events("content_block_delta"), "", "ok"),
        (events("message_delta"), "", "ok"),
        (events("message_stop"), "stream-unended", "warn"),
        (events("message_stop", "message_delta"), "stream-incomplete", "fail"),
        (NAMELESS, "stream-nameless", "fail"),
        (": a comment\n\n" + NAMELESS.replace("\n", "\r\n"), "stream-nameless", "fail"),
        (WHOLE.replace("event:", "Event:"), "stream-nameless", "fail"),
        (NAMELESS + "event: cost\ndata: 7\n\n", "stream-lacks", "fail"),
        (WHOLE.replace('"type"', '"kind"'), "stream-lacks", "fail"),
        ('data: {"choices": []}\n\ndata: [DONE]\n\n', "stream-nameless", "fail"),
        (re.sub(r"event: \w+", "event: message", WHOLE), "", "ok"),
        (WHOLE.replace("\n", "\r\n"), "", "ok"),
        (WHOLE.replace("\n", "\r"), "", "ok"),
        (WHOLE.replace(": ", ":"), "", "ok"),
        ("id: 1\nretry: 5\n" + WHOLE, "", "ok"),
        ('event: cost\ndata: {"cost": 1}\n\ndata: 7\n\n' + WHOLE, "", "ok"),
        (re.sub(r"data: \{", "data: {\ndata: ", WHOLE), "", "ok"),
    ],
)
def test_a_stream_is_read_as_the_client_reads_it(body: str, situation: str, status: str) -> None:
    verdict = evaluate_stream(Answer(200, SSE, body, 0.1, (0.1,)), NOBODY)
    assert (verdict.situation or "", verdict.status) == (situation, status)


def test_litellm_is_known_by_its_answers_and_nothing_else_is_taken_for_it() -> None:
    assert answer(200, '"I\'m alive!"').kind() is LITELLM
    assert RECORDED["no key"][1].kind() is LITELLM
    assert answer(401, {"error": {"type": "auth_error"}}).kind() is LITELLM
    versioned = answer(200, {}, (("x-litellm-version", "1.106.2"),))
    assert versioned.kind() is LITELLM
    older = versioned.kind("1.106.2")
    assert older is not None
    assert (older.name, older.other_header, LITELLM.other_header) == ("litellm", "instead", "too")
    assert answer(401, {"message": "Invalid credentials"}).kind() is None
