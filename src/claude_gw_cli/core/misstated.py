"""An answer with the status of success whose body is an error, or an answer of another API. Pure.

Claude Code 2.1.332 says to both "API returned an empty or malformed response (HTTP 200)" and nothing of what is in
them (measured: errors as JSON and as an event, answers in OpenAI's formats).
"""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json, natural
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.diagnosis import Answer

_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}
"""Type of an error -> the status that it has by Anthropic's documentation."""
_WORDS = (
    (lazy(r"unauthori[sz]ed|authenticat|\bapi[ _-]?key|\btoken\b|credential", 2), 401),
    (lazy(r"forbidden|not allowed|permission|denied", 2), 403),
    (lazy(r"messages\b.*(?:required|missing)|(?:required|missing)\b.*\bmessages", 2), 400),
)
"""What an error says -> its status, where neither type nor number tells it."""
_MAY_TELL = lazy(r'"(?:error|errors|success|ok|status|code|status_?code|detail|message)"', 2)
_BARE = frozenset({"detail", "message", "msg"})
_FAULT = lazy(r"error|invalid|fail|unavailable|exceeded|denied|refused|not (?:found|allowed|supported)|missing", 2)
"""What a body says that has nothing but words, where they are an error."""
_NUMBERS = ("code", "status", "status_code", "statusCode")
_FAILED = 500
_EVENT = lazy(r"\A(?:event: ?error\s+)?data: ?(\{.*)")
_OTHERS = (
    (lazy(r'"object"\s*:\s*"chat\.completion|"choices"\s*:\s*\['), "OpenAI's Chat Completions"),
    (lazy(r'"object"\s*:\s*"response"'), "OpenAI's Responses"),
    (lazy(r'"candidates"\s*:\s*\['), "Google's Gemini"),
)


def as_meant(answer: Answer) -> Answer:
    """The answer with the status that its body says; unchanged where that tells none."""
    if answer.status >= 300 or not _MAY_TELL.search(answer.body) or not (error := _error(_value(answer.body))):
        return answer
    return replace(answer, status=_status(error), claimed=answer.status)


def other_api(answer: Answer) -> str:
    """The API in whose format an answer of success is; empty where that is not known."""
    return next((title for pattern, title in _OTHERS if pattern.search(answer.body)), "")


def _value(body: str) -> object:
    text = event[1] if (event := _EVENT.search(body.lstrip())) else body
    try:
        return from_json(text.strip())
    except ValueError:
        return None


def _error(value: object) -> Mapping[str, object]:
    """The member that tells an error, with the numbers beside it; empty where the value tells none."""
    if not isinstance(value, dict):
        return {}
    failed = value.get("success") is False or value.get("ok") is False or value.get("status") in {"error", "failed"}
    given = value.get("error") or value.get("errors")
    given = given[0] if isinstance(given, list) else given
    failed = failed or _number(value) >= 400 or (value.keys() <= _BARE and bool(_FAULT.search(str(value))))
    if not given and not failed:
        return {}
    inner = given if isinstance(given, dict) else {"message": given or value}
    return {**{name: value[name] for name in _NUMBERS if name in value}, **inner}


def _status(error: Mapping[str, object]) -> int:
    said = str(error)
    by_type = next((_STATUSES[kind] for name in ("type", "code") if (kind := str(error.get(name))) in _STATUSES), 0)
    by_word = next((status for pattern, status in _WORDS if pattern.search(said)), _FAILED)
    number = _number(error)
    return by_type or (number if number >= 400 else by_word)


def _number(members: Mapping[str, object]) -> int:
    """The first number that may be a status; 0 if there is none."""
    found = (natural(str(members.get(name, ""))) for name in _NUMBERS)
    return next((number for number in found if number is not None and 100 <= number < 600), 0)
