"""A streamed answer -> whether it is a stream, complete, and arrived in pieces. Pure."""

from __future__ import annotations

from claude_gw_cli.core.diagnosis import About, Answer, Verdict, cleaned, evaluate, explain, gave_up, shown
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.words import counted
from claude_gw_cli.record import replace

# A wait this long (seconds) before pieces that arrive this close together is a sign of a buffering proxy; a wait
# beyond _PROOF before this many events at once a proof, as is a stream with a known length.
_LONG_WAIT = 0.3
_AT_ONCE = 0.01
_PROOF = 1.0
_EVENTS = 8
_LATE = 10.0
_MALFORMED = "calls it an empty or malformed response (HTTP 200)"
_EMPTY = "shows an empty answer"
_EVENT_LINES = ("event:", "data:")
_NEEDED = {"message_start": _MALFORMED, "content_block_start": _MALFORMED, "content_block_stop": _EMPTY}
"""Events without which the client has no answer -> what it does then. Measured with 2.1.228 and 2.1.332, each event
left out: without ``message_delta`` and ``message_stop`` it has one, without ``content_block_delta`` an empty one."""
_LAST_PIECES = frozenset({"content_block_stop", "message_delta"})
"""With these the client takes an answer for complete, even where ``message_stop`` does not come."""
_MESSAGE = lazy(r'"type"\s*:\s*"message"')
_GAVE_UP = frozenset({408, 502, 503, 504, 524})
_PATIENCE = 2.0
"""Seconds after which such a status comes from a time limit, not from a gateway that is down or hangs up: Apache says
502 and Varnish 503 for all three."""


def evaluate_stream(answer: Answer, about: About) -> Verdict:
    """Whether a streamed answer is a stream, complete, and arrived in pieces."""
    about = about.plus(after=f"{answer.seconds:.1f}")
    if gave_up(answer) or (answer.status in _GAVE_UP and answer.seconds > _PATIENCE):
        return explain("stream-gave-up", shown(answer, about), about)
    refused = evaluate("gateway.stream", answer, about)
    if refused.status == "warn":
        return explain("live-refused", refused.evidence, about)
    if refused.status != "ok":
        return refused
    kind, packed = answer.header("content-type") or "(none)", answer.header("content-encoding")
    events = answer.body.count("event: ")
    evidence = f"content-type: {kind}, {counted(len(answer.arrivals), 'piece')} in {answer.seconds:.1f} s"
    about = about.plus(compressed=f", and compresses it ({packed})" if packed else "")
    # The client reads events whatever the content type says (2.1.332).
    readable = packed in {"", "gzip", "deflate"} and ("event-stream" in kind or answer.body.startswith(_EVENT_LINES))
    if not readable and "event-stream" not in kind and "eventstream" not in kind:
        whole = answer.status == 200 and _MESSAGE.search(answer.body)
        return (
            replace(explain("stream-whole", evidence, about), status="warn")
            if whole
            else explain("stream-missing", evidence, about)
        )
    if readable and ("event: error" in answer.body or ('"error"' in answer.body and not events)):
        return explain("stream-error", shown(answer, about), about)
    if answer.cut or not answer.arrivals or (readable and "message_stop" not in answer.body):
        return _unfinished(answer, evidence, about)
    if readable and (unread := _unread(answer.body, evidence, about)):
        return unread
    return _in_pieces(answer, evidence, about, events)


def _unfinished(answer: Answer, evidence: str, about: About) -> Verdict:
    """The verdict on a stream without its last event."""
    if not answer.cut and _is_nameless(answer.body):
        return explain("stream-nameless", evidence, about)
    if not answer.cut and not _LAST_PIECES - _types(answer.body):
        return replace(explain("stream-unended", evidence, about), status="warn")
    # Without a length and without chunks, the end of the connection is the end of the stream.
    situation, soon = ("stream-broken", _LONG_WAIT) if answer.cut else ("stream-incomplete", _PROOF)
    return explain(situation if answer.seconds < soon else "stream-cut", evidence, about)


def _in_pieces(answer: Answer, evidence: str, about: About, events: int) -> Verdict:
    """The verdict on a complete stream, by when its pieces arrived."""
    first, last = answer.arrivals[0], answer.arrivals[-1]
    if answer.seconds - last > _PATIENCE:
        return replace(explain("stream-open", evidence, about.plus(after=f"{last:.1f}")), status="warn")
    if length := answer.header("content-length"):
        evidence += f", content-length: {length}"
        if last >= _LONG_WAIT:
            return explain("stream-buffered", evidence, about)
        # Its length was known before it was sent, but so soon that nothing can have been held back.
        return Verdict(
            "ok", evidence=cleaned(f"{evidence}; whole at once, too soon to tell whether it streams", about)
        )
    if first > _LONG_WAIT and last - first < _AT_ONCE:
        evidence += f"; nothing for {first:.1f} s, then all at once"
        held = explain("stream-buffered", evidence, about)
        return held if first > _PROOF and events >= _EVENTS else replace(held, status="warn")
    if first > _LATE:
        return replace(explain("stream-late", evidence, about.plus(after=f"{first:.1f}")), status="warn")
    return Verdict("ok", evidence=cleaned(evidence, about))


def _unread(body: str, evidence: str, about: About) -> Verdict | None:
    """The verdict on a complete stream of events from which the client reads no answer."""
    if _is_nameless(body):
        return explain("stream-nameless", evidence, about)
    types = _types(body)
    missing = next((name for name in _NEEDED if name not in types), None)
    if missing is None:
        return None
    return explain("stream-lacks", evidence, about.plus(missing=missing, then=_NEEDED[missing]))


def _is_nameless(body: str) -> bool:
    return "data:" in body and "event:" not in body


def _types(body: str) -> set[str]:
    """The types of the events that the client reads: those that have a name, whatever it is."""
    found = set()
    for event in body.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        lines = event.split("\n")
        if any(line.startswith("event:") for line in lines):
            found.add(_type("\n".join(line[5:] for line in lines if line.startswith("data:"))))
    return found


def _type(data: str) -> str:
    try:
        parsed = from_json(data)
    except ValueError:
        return ""
    return str(parsed.get("type", "")) if isinstance(parsed, dict) else ""
