"""Whether an API answer has the headers that the client needs. Pure."""

from __future__ import annotations

import time

from claude_gw_cli.core.diagnosis import About, Answer, Verdict, cleaned

_SKEW = 120.0
"""Seconds."""


def evaluate_headers(answer: Answer, now: float, about: About) -> Verdict:
    """Whether an API answer has the headers that the client needs. ``now`` in seconds since the epoch."""
    kind = answer.header("content-type")
    if "json" not in kind.lower():
        evidence = cleaned(f"content-type: {kind or '(none)'}", about)
        return Verdict("warn", "The gateway answers without a JSON content type.", evidence, "tell its administrator")
    skew = _skew(answer.header("date"), now)
    if abs(skew) > _SKEW:
        return Verdict(
            "warn",
            f"The clocks of this machine and of the gateway are {abs(skew):.0f} s apart: short-lived keys will "
            "appear to have expired.",
            cleaned(f"date: {answer.header('date')}", about),
            "check the clock: date -u",
        )
    return Verdict("ok", evidence=cleaned(f"content-type: {kind}", about))


def _skew(date: str, now: float) -> float:
    """Seconds between a header Date and now; 0 where there is none, or one of this minute or the ones beside it."""
    near = (time.strftime("%a, %d %b %Y %H:%M", time.gmtime(now + shift)) for shift in (-60, 0, 60))
    if not date or date.startswith(tuple(near)):
        return 0.0
    from email.utils import parsedate_to_datetime  # its import takes as long as a question to a near gateway

    try:
        return now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0
