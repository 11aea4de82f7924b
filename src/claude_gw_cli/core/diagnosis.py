"""An answer -> what it means: the pure part of `cgw doctor`. Its tables are ``facts.gateways`` and ``situations``.

An answer that is in no table is shown unchanged, clipped and without control characters, and never guessed.
"""

from __future__ import annotations

import re

from claude_gw_cli.core.fronts import challenge, sign_in
from claude_gw_cli.core.known_keys import without_keys
from claude_gw_cli.core.misstated import as_meant, other_api
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.situations import PROBES, key_fine, situations, step
from claude_gw_cli.facts.gateways import SIGNS, Kind, find_kind
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Status = Literal["ok", "warn", "fail", "skip"]

_EVIDENCE = 400
_CONTROL = lazy(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_TAG = lazy(r"<(script|style)\b.*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
# LiteLLM shows the SHA-256 of a key that it does not know; a dictionary attack could find the key from it.
_HASH = lazy(r"\b[0-9a-fA-F]{64}\b")
_OF_MODELS = lazy(r'"input_tokens"\s*:\s*\d|"type"\s*:\s*"message"|"(?:data|models)"\s*:\s*\[')
"""What the answers of a model API have: a count, a message, a list of models."""
_NO_MODEL = lazy(r"unknown|not (?:found|exist|supported|available)|unsupported|invalid model|no such", re.IGNORECASE)
_CHANGING = lazy(r"\b[0-9a-fA-F-]{8,}\b|\d+")
_NOT_THE_KEY = frozenset({"cloud-not-permitted", "model-denied", "project-denied"})
"""Situations of a refusal by something that knows who asks."""
_FAILED = frozenset({"front", "gateway-down", "gateway-error", "upstream-error"})
"""Situations of an answer that says no more than that something failed."""
_WAITED = 0.9
"""Seconds; below it, a 504 is about a server that cannot be reached. The shortest limit that programs take is 1 s."""
_ASKED_WITH_KEY = frozenset({"gateway.key", "gateway.model", "gateway.upstream"})
_CLAIMED = "It says so in an answer with the status of success, of which Claude Code shows nothing."
_WITHOUT_KEY = frozenset({"redirect", "gateway.route"})
_DOWN = frozenset({502, 503, 504})
_BY_WEB_SERVER = {
    405: "method-refused",
    414: "path-too-long",
    429: "rate-limited",
    **dict.fromkeys(_DOWN, "gateway-error"),
}
"""What a web page with such a status shows, whatever it says."""
_ALWAYS = {402: "credit", 404: "route", 405: "method-refused", 429: "rate-limited"}
_BEFORE = {407: "proxy-auth", 421: "misdirected"}
"""What an answer with such a status shows, whatever it says: it is not the gateway's."""
LIVE_STEP = "send a real request: cgw doctor --live"
"""The next step where only a real request shows more."""
UNPROVEN = "unproven"
"""A word of `About`: no answer has shown that the gateway accepts the key."""


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
    cut: bool = False
    """The connection ended before the body did."""
    claimed: int = 0
    """The status of success with which it came, where ``status`` is the one that its body says."""

    def header(self, name: str) -> str:
        """The last header of this (lower-case) name, or an empty text."""
        return next((value for sent, value in reversed(self.headers) if sent == name), "")

    @property
    def is_page(self) -> bool:
        """A web page, not an API's answer; some APIs answer in XML."""
        kind, start = self.header("content-type").lower(), self.body.lstrip()[:5]
        return "text/html" in kind or (start[:1] == "<" and start != "<?xml" and not kind.endswith("/xml"))

    def kind(self, version: str | None = None) -> Kind | None:
        """The kind of gateway (of that version) that sent this answer, if it shows."""
        return find_kind(self.body, tuple(name for name, _ in self.headers), version)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one probe found. ``value`` is for the probes that need this one."""

    status: Status
    cause: str = ""
    evidence: str = ""
    help: str = ""
    value: object = None
    because: str = ""
    """The probe that says the cause, where this one does not."""
    situation: str = ""
    """The row of ``situations`` that the texts come from, if they do."""


@dataclass(frozen=True, slots=True)
class About:
    """The values for the braces of a situation's texts, and the keys that must not be shown in evidence."""

    words: Mapping[str, str]
    """Also ``as:SITUATION``: what such an answer shows here, where something else that is known makes it another."""
    hidden: Collection[str] = ()
    """Keys: masked if an answer contains them, their start or their end."""
    plain: bool = False
    """There is no profile: what to change is named by its place, not by a command."""

    def plus(self, **words: str) -> About:
        """The same, with more words."""
        return About({**self.words, **words}, self.hidden, self.plain)


def recognise(answer: Answer, probe: str, *, invalid: bool = False, model: str = "", project: str = "") -> str | None:
    """The situation that an answer shows; ``None`` if nothing is wrong with it.

    ``"?"`` is an answer that matches nothing known for this probe.

    Args:
        answer: of the gateway.
        probe: that asked.
        invalid: a healthy gateway or cloud refuses the request as incomplete.
        model: that was asked for, if one was.
        project: of the cloud, if the path names one.
    """
    if 300 <= answer.status < 400 or answer.status in _BEFORE:
        return _BEFORE.get(answer.status, "redirect")
    if challenge(answer):
        return "front-sign-in"
    if probe == "gateway.alive" and answer.status in _DOWN:
        return "gateway-down"  # whatever it says: a gateway answers there by itself
    if answer.status >= 400:
        if named := _named(answer):
            return named
        if answer.status in _DOWN and probe in _WITHOUT_KEY and (answer.is_page or probe == "redirect"):
            return "gateway-down"
    if probe == "gateway.alive":
        return None
    if answer.is_page and answer.status != 404:
        # Without a key this may be the page of a front for the gateway's refusal.
        return None if probe in _WITHOUT_KEY and answer.status == 401 else _page(answer)
    if probe in _ASKED_WITH_KEY and answer.status < 300 and not _of_models(answer):
        return "another-api" if other_api(answer) else "not-an-api"
    if about_model := _about_model(answer, model, project):
        return about_model
    if invalid and answer.status in {400, 422}:
        return None if answer.body.strip() else "?"
    return _by_status(answer.status, probe)


def _page(answer: Answer) -> str:
    """The situation that a web page shows."""
    return _BY_WEB_SERVER.get(answer.status, "sign-in" if sign_in(answer) else "front")


def _about_model(answer: Answer, model: str, project: str) -> str | None:
    """The situation of an error that names the model, or the project."""
    if project and answer.status == 403 and project in answer.body and not answer.is_page:
        return "project-denied"
    if not model or model not in answer.body or answer.is_page:
        return None
    if answer.status == 403:
        return "model-denied"
    missing = answer.status == 404 or (answer.status in {400, 422} and _NO_MODEL.search(answer.body))
    return "model-missing" if missing else None


def _of_models(answer: Answer) -> bool:
    """Whether an answer of success is one of a model API; a known gateway may answer a ping in another way."""
    return bool(_OF_MODELS.search(answer.body)) or (
        answer.kind() is not None and answer.body.lstrip()[:1] in {"{", "["}
    )


def _named(answer: Answer) -> str | None:
    """The situation that the words of an error are the sign of."""
    text = _plain(answer.body)
    fits = (sign for sign in SIGNS if not sign.statuses or answer.status in sign.statuses)
    return next((sign.situation for sign in fits if sign.text.lower() in text), None)


def _by_status(status: int, probe: str) -> str | None:
    after_key = PROBES.index(probe) > PROBES.index("gateway.key")
    asked_with_key = after_key or probe == "gateway.key"
    if status in _ALWAYS:
        return _ALWAYS[status]
    if status in {401, 403}:
        if not asked_with_key:
            return None  # without a key the gateway should refuse
        return "model-refused" if after_key else "key-refused" if status == 401 else "key-forbidden"
    if status >= 500:
        return "upstream-error" if after_key else "gateway-error"
    if probe == "gateway.key" and status > 400 and status != 422:
        return "refused-otherwise"
    return "?" if status >= 400 and asked_with_key else None


def evaluate(probe: str, answer: Answer, about: About, *, invalid: bool = False) -> Verdict:
    """What an answer says about one probe (``invalid`` as for ``recognise``)."""
    answer = as_meant(answer) if probe in _ASKED_WITH_KEY else answer
    named = {name: about.words.get(name, "") for name in ("model", "project")}
    found = recognise(answer, probe, invalid=invalid, **named)
    evidence = shown(answer, about)
    if found is None:
        return Verdict("ok", evidence=evidence, value=answer)
    if found == "?":
        return Verdict(
            "warn",
            "cgw does not know this answer; it is shown unchanged.",
            evidence,
            f"read the evidence\n{LIVE_STEP}",
            answer,
        )
    if gave_up(answer) and found in _FAILED and PROBES.index(probe) > PROBES.index("gateway.key"):
        found = "upstream-gave-up"
    found = about.words.get(f"as:{found}", found)
    if PROBES.index(situations()[found].probe) > PROBES.index(probe):
        return Verdict("ok", evidence=evidence, value=answer)
    about = about.plus(sign_in=sign_in(answer), after=f"{answer.seconds:.1f}", api=other_api(answer))
    if answer.claimed and found in _FAILED:
        return explain("error-as-success", evidence, about)
    verdict = explain(found, evidence, about)
    return replace(verdict, cause=f"{verdict.cause} {_CLAIMED}") if answer.claimed else verdict


def gave_up(answer: Answer) -> bool:
    """Whether something on the way waited for the answer and gave up: 504 (RFC 9110, 15.6.5) after some time."""
    return answer.status == 504 and answer.seconds >= _WAITED


def explain(situation: str, evidence: str, about: About) -> Verdict:
    """The verdict for a known situation."""
    row = situations()[situation]
    words = _words(about)
    cause = row.cause.format_map(words)
    if UNPROVEN in about.words:
        cause = cause.removeprefix(key_fine())
    advice = (row.plain if about.plain else row.help).format_map(words)
    return Verdict("fail", cause, cleaned(evidence, about), advice, situation=situation)


def next_step(name: str, about: About) -> str:
    """A next step of the table of situations by its name."""
    return step(name, plain=about.plain).format_map(_words(about))


def evaluate_key(
    answer: Answer, without: Answer, about: About, kind: Kind | None = None, misplaced: str | None = None
) -> Verdict:
    """What an answer says about the key, compared with the answer to the same request without one.

    Args:
        answer: to the request with the key.
        without: to the same request without it.
        about: for the texts.
        kind: of the gateway, if it is known.
        misplaced: the situation if this kind does not read the key as it is sent.
    """
    answer, without = as_meant(answer), as_meant(without)
    verdict = evaluate("gateway.key", answer, about, invalid=True)
    named = {name: about.words.get(name, "") for name in ("model", "project")}
    found = recognise(answer, "gateway.key", invalid=True, **named)
    unchanged = same(answer, without)
    refused = answer.status in {401, 403} and found not in _NOT_THE_KEY
    if refused or (kind is None and found == "upstream-credential-rejected"):
        by_cloud = verdict.status == "ok"  # in the words of a later probe
        if misplaced:
            return explain(misplaced, verdict.evidence, about)
        if unchanged and (by_cloud or found in {"key-refused", "key-forbidden"}):
            return explain("key-no-difference", verdict.evidence, about)
        if by_cloud and (kind is None or kind.key_sent_on or not kind.key_headers):
            return explain("key-or-cloud-refused" if kind is None else "cloud-refuses-key", verdict.evidence, about)
    elif unchanged and (found in {None, "gateway-error"} or verdict.status == "ok"):
        cause = (
            "The gateway answers the same with and without the key, so it is not known whether it accepts the key."
        )
        return Verdict("warn", cause, verdict.evidence, LIVE_STEP, answer)
    return verdict


def shown(answer: Answer, about: About) -> str:
    """An answer as evidence: the status and the start of its body, on one line, without secrets."""
    body = _TAG.sub(" ", answer.body) if answer.is_page else answer.body
    return cleaned(f"HTTP {answer.claimed or answer.status} {body}", about)


def cleaned(text: str, about: About) -> str:
    """Untrusted text made safe to show: no control characters, no part of a key, at most 400 characters."""
    text = " ".join(_CONTROL.sub(" ", _HASH.sub("…", without_keys(text, about.hidden))).split())
    return text if len(text) <= _EVIDENCE else text[: _EVIDENCE - 1] + "…"


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same, apart from what is new in each."""
    return (one.status, _constant(one.body)) == (other.status, _constant(other.body))


def _constant(body: str) -> str:
    """A body without what is new in each answer: numbers, times and request ids."""
    return _CHANGING.sub("", body)


def _plain(body: str) -> str:
    """A body for searching: lower case, without JSON spacing and one level of quoting."""
    return body.replace('\\"', '"').replace('": "', '":"').lower()


def _words(about: About) -> _Words:
    # The target of a redirect is untrusted text too.
    return _Words({name: _CONTROL.sub("", word) for name, word in about.words.items()})


class _Words(dict[str, str]):
    """A field without a value is shown as its name in upper case."""

    def __missing__(self, key: str) -> str:
        return key.upper()
