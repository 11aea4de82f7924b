"""A streamed answer -> whether it is a stream, complete, and arrived in pieces. Pure."""

from __future__ import annotations

from claude_gw_cli.core.diagnosis import About, Answer, Verdict, cleaned, evaluate, explain, gave_up, shown
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
_EVENT_LINES = ("event:", "data:")
_MESSAGE = lazy(r'"type"\s*:\s*"message"')
_GAVE_UP = frozenset({408, 502, 503, 504, 524})
_PATIENCE = 2.0
"""Seconds after which such a status comes from a time limit, not from a gateway that is down."""


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
        # Without a length and without chunks, the end of the connection is the end of the stream.
        situation, soon = ("stream-broken", _LONG_WAIT) if answer.cut else ("stream-incomplete", _PROOF)
        return explain(situation if answer.seconds < soon else "stream-cut", evidence, about)
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
