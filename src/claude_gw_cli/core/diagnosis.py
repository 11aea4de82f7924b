"""An answer -> what it means: the pure half of `cgw doctor`. Tables live in ``facts.answers`` and ``situations``.

An answer that no table knows is shown as it is, clipped and without control characters, and never guessed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import quote

from claude_gw_cli.core.situations import LADDER, SITUATIONS
from claude_gw_cli.facts.answers import LITELLM_ALIVE, LITELLM_MARKS, SIGNS
from claude_gw_cli.record import dataclass, replace

Status = Literal["ok", "warn", "fail", "skip"]

_EVIDENCE = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
# LiteLLM names the SHA-256 of a key that it does not know; that is as good as the key for a dictionary attack.
_HASH = re.compile(r"\b[0-9a-fA-F]{64}\b")
_FRAGMENT = 4
"""LiteLLM echoes the last four characters of a key."""
_SKEW = 120.0
# One token makes a short stream. A wait this long before pieces that come this close together is a sign of a
# collecting proxy, not a proof: it warns. A stream whose length is known in advance was collected: that is one.
_LONG_WAIT = 0.5
_AT_ONCE = 0.01


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. ``body`` is what was read of it, decoded, at most 64 kB."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """In the order sent, names in lower case."""
    body: str
    seconds: float
    """From the first byte sent to the last byte read."""
    arrivals: tuple[float, ...] = ()
    """When each piece of the body came, in seconds after the request was sent."""

    def header(self, name: str) -> str:
        """The last header of this (lower-case) name, or an empty text."""
        return next((value for sent, value in reversed(self.headers) if sent == name), "")

    @property
    def is_page(self) -> bool:
        """A web page, not an API's answer."""
        return "text/html" in self.header("content-type").lower() or self.body.lstrip()[:1] == "<"

    @property
    def is_litellm(self) -> bool:
        """LiteLLM is speaking."""
        body = self.body.replace('": "', '":"')
        return (
            body.strip('" \n') == LITELLM_ALIVE
            or any(name.startswith("x-litellm-") for name, _ in self.headers)
            or any(mark in body for mark in LITELLM_MARKS)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one probe found. ``value`` is for the probes that need this one."""

    status: Status
    cause: str = ""
    evidence: str = ""
    help: str = ""
    value: object = None


@dataclass(frozen=True, slots=True)
class About:
    """What fills the braces of a situation's texts, and what must not be seen in evidence."""

    words: Mapping[str, str]
    hidden: Collection[str] = ()
    """Keys: masked wherever an answer echoes them or their ends."""

    def plus(self, **words: str) -> About:
        """The same, with more words."""
        return About({**self.words, **words}, self.hidden)


def recognise(answer: Answer, rung: str, *, invalid: bool = False) -> str | None:
    """The situation that an answer is a sign of; ``None`` when nothing is wrong with it.

    ``"?"`` is an answer that fits nothing known at this rung. ``invalid`` says that the question was one that a
    healthy gateway or cloud refuses as incomplete.
    """
    if 300 <= answer.status < 400:
        return "redirect"
    if answer.status >= 400:
        text = _plain(answer.body)
        for sign in SIGNS:
            if (not sign.statuses or answer.status in sign.statuses) and sign.text.lower() in text:
                return sign.situation
        if answer.status in {502, 503, 504} and (answer.is_page or rung in {"gateway.alive", "redirect"}):
            return "gateway-down"
    if rung == "gateway.alive":
        return None
    if answer.is_page and answer.status != 404:
        return "front"
    if invalid and answer.status in {400, 422}:
        return None
    return _by_status(answer.status, rung)


def _by_status(status: int, rung: str) -> str | None:
    above_key = LADDER.index(rung) > LADDER.index("gateway.key")
    asked_with_key = above_key or rung == "gateway.key"
    if status in {404, 405}:
        return "route"
    if status == 429:
        return "rate-limited"
    if status in {401, 403}:
        if not asked_with_key:
            return None  # a refusal is what a gateway should say
        return "?" if above_key else "key-refused"
    if status >= 500:
        return "upstream-error" if above_key else "gateway-error"
    return "?" if status >= 400 and asked_with_key else None


def judge(rung: str, answer: Answer, about: About, *, invalid: bool = False) -> Verdict:
    """What an answer says about one rung of the ladder (``invalid`` as for ``recognise``)."""
    found = recognise(answer, rung, invalid=invalid)
    evidence = shown(answer, about)
    if found is None:
        return Verdict("ok", evidence=evidence, value=answer)
    if found == "?":
        return Verdict(
            "warn",
            "An answer that cgw does not know; it is shown as it came.",
            evidence,
            "read the evidence; `cgw doctor --live` sends a real request",
            answer,
        )
    if LADDER.index(SITUATIONS[found].rung) > LADDER.index(rung):
        return Verdict("ok", evidence=evidence, value=answer)
    return explain(found, evidence, about)


def explain(situation: str, evidence: str, about: About) -> Verdict:
    """The verdict for a situation that is known to be there."""
    row = SITUATIONS[situation]
    # A redirect's target is foreign text too.
    words = _Words({name: _CONTROL.sub("", word) for name, word in about.words.items()})
    return Verdict("fail", row.cause.format_map(words), cleaned(evidence, about), row.help.format_map(words))


def judge_key(answer: Answer, without: Answer, about: About) -> Verdict:
    """What an answer says about the key, beside the answer to the same question without one."""
    verdict = judge("gateway.key", answer, about, invalid=True)
    unproven = recognise(answer, "gateway.key", invalid=True) is None  # nothing that only a higher rung says
    if unproven and (answer.status, answer.body) == (without.status, without.body):
        cause = "The gateway says the same with and without the key; whether it accepts the key does not show here."
        return replace(verdict, status="warn", cause=cause, help="send a real request: cgw doctor --live")
    return verdict


def judge_large(answer: Answer, small: Answer, about: About) -> Verdict:
    """What became of a large body, beside the answer to the same question with a small one."""
    if answer.is_page or answer.status not in {small.status, 200, 400, 404, 422}:
        return explain("body-blocked", shown(answer, about), about)
    return Verdict("ok", evidence=shown(answer, about))


def judge_headers(answer: Answer, now: float, about: About) -> Verdict:
    """Are an API answer's headers what the client relies on? ``now`` in seconds since the epoch."""
    kind = answer.header("content-type")
    if "json" not in kind.lower():
        evidence = cleaned(f"content-type: {kind or '(none)'}", about)
        return Verdict("warn", "The gateway answers without a JSON content type.", evidence, "tell its owner")
    try:
        skew = now - parsedate_to_datetime(answer.header("date")).timestamp()
    except ValueError:
        return Verdict("ok", evidence=cleaned(f"content-type: {kind}", about))
    if abs(skew) > _SKEW:
        return Verdict(
            "warn",
            f"This machine's clock and the gateway's are {abs(skew):.0f} s apart: short-lived keys will seem over.",
            cleaned(f"date: {answer.header('date')}", about),
            "check the clock: date -u",
        )
    return Verdict("ok", evidence=cleaned(f"content-type: {kind}", about))


def judge_stream(answer: Answer, about: About) -> Verdict:
    """Did a streamed answer come as a stream, whole, and piece by piece?"""
    refused = judge("gateway.stream", answer, about)
    if refused.status != "ok":
        return refused
    kind = answer.header("content-type")
    evidence = f"content-type: {kind}, {len(answer.arrivals)} pieces in {answer.seconds:.1f} s"
    if "event-stream" not in kind and "eventstream" not in kind:
        return explain("stream-missing", evidence, about)
    if "event-stream" in kind and "message_stop" not in answer.body:
        return explain("stream-cut", evidence, about)
    if answer.header("content-length"):
        return explain("stream-buffered", f"{evidence}, content-length: {answer.header('content-length')}", about)
    first, last = answer.arrivals[0], answer.arrivals[-1]
    if first > _LONG_WAIT and last - first < _AT_ONCE:
        evidence += f"; nothing for {first:.1f} s, then all at once"
        return replace(explain("stream-buffered", evidence, about), status="warn")
    return Verdict("ok", evidence=cleaned(evidence, about))


def shown(answer: Answer, about: About) -> str:
    """An answer as evidence: the status and the beginning of its body, one line, nothing secret."""
    body = _TAG.sub(" ", answer.body) if answer.is_page else answer.body
    return cleaned(f"HTTP {answer.status} {body}", about)


def cleaned(text: str, about: About) -> str:
    """Foreign text as it may be shown: no control characters, no key or end of one, at most 200 characters."""
    for key in sorted(about.hidden, key=len, reverse=True):
        for form in (key, quote(key, safe=""), key.replace("/", "\\/"), b64encode(key.encode()).decode()):
            text = _without(text, form)
    text = " ".join(_CONTROL.sub(" ", _HASH.sub("…", text)).split())
    return text if len(text) <= _EVIDENCE else text[: _EVIDENCE - 1] + "…"


def _without(text: str, key: str) -> str:
    text = text.replace(key, "…")
    if len(key) > 2 * _FRAGMENT:
        for length in range(len(key) - 1, _FRAGMENT - 1, -1):
            text = text.replace(key[-length:], "…")
            if length >= 2 * _FRAGMENT:
                text = text.replace(key[:length], "…")
    return text


def _plain(body: str) -> str:
    """A body for searching: lower case, JSON spacing and one level of quoting taken out."""
    return body.replace('\\"', '"').replace('": "', '":"').lower()


class _Words(dict[str, str]):
    """A word that is not known yet stays visible as what it stands for."""

    def __missing__(self, key: str) -> str:
        return key.upper()
