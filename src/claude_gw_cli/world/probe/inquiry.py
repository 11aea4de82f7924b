"""Further requests when the gateway does not accept a key: each differs from the first one in one thing.

So it is told apart whether the gateway refuses the key, or something before it removes its header, wants a
password in its place, or finds it too large.
"""

from __future__ import annotations

from claude_gw_cli.core.carried import format_option, variable_of, wanted_format
from claude_gw_cli.core.diagnosis import (
    About,
    Answer,
    Verdict,
    evaluate_key,
    explain,
    next_step,
    recognise,
    same,
    shown,
)
from claude_gw_cli.core.fronts import answering, challenge, fronts_in, removal, who
from claude_gw_cli.facts.fronts import drops
from claude_gw_cli.facts.gateways import USUAL_HEADERS, reads
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.facts.gateways import Kind

_LARGE = 1_000
"""Characters of a key from which on its size may matter; common keys have 30 to 200, tokens some thousand."""
_SIZES = (2_000, 4_000, 6_000, 8_000, 12_000, 16_000, 20_000, 32_000, 64_000)
_ABOUT_THE_KEY = frozenset({
    "key-expired", "key-blocked", "key-form", "key-is-jwt", "key-unknown", "key-not-master", "key-route", "budget",
    "model-paused", "rate-limited", "redirect",
})  # fmt: skip
"""Situations in which the gateway saw a key."""
_REPLACED = frozenset({"key-expired", "key-blocked", "key-form", "key-is-jwt", "key-unknown", "key-not-master"})
"""Of those: where the same request without a key is refused alike, something before the gateway sends a key."""
_UNNAMED = frozenset({None, "?", "key-refused", "key-forbidden", "front", "refused-otherwise"})
_BUSY = frozenset({503})
_INCOMPLETE = frozenset({400, 422})
_ERROR = 500


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is known when the gateway did not accept the key.

    Attributes:
        ask: sends the same request with other headers, and with a query behind its path.
        headers: all that the first request had, with the key.
        header: the one with the key, in lower case.
        key: its secret part.
        places: each header that carries a key -> where it is set.
        about: for the texts.
        kind: of the gateway, if it is known.
        wire: the form of this provider's requests.
        taken: headers that carry the cloud's credential.
        query: what the client has behind the path of its requests.
        helper: the key comes from apiKeyHelper.
        proxied: the requests pass a corporate proxy as plain http.
        seen: all answers so far; the further ones are added by ``ask``.
        is_public: whether an answer also comes without a key and on another path.

    Each question raises `Trouble` where the time is over, which shows nothing about it.
    """

    ask: Callable[[Mapping[str, str], str], Answer]
    headers: Mapping[str, str] = field(repr=False)
    header: str
    key: str = field(repr=False)
    places: Mapping[str, str]
    about: About
    kind: Kind | None
    wire: str
    taken: frozenset[str]
    query: str
    helper: bool
    proxied: bool
    seen: list[Answer]
    is_public: Callable[[Answer], bool]

    def look_into(self, outcome: Answer | Trouble) -> Verdict | None:
        """What the first request's outcome is caused by; ``None`` if the gateway itself decided."""
        if isinstance(outcome, Answer) and (scheme := challenge(outcome)):
            return self._signed_in(outcome, scheme)
        if not self.key:
            return None
        found = self.too_large(outcome) or self._too_long(outcome)
        if found or isinstance(outcome, Trouble):
            return found
        if found := self._one_of_several(outcome):
            return found
        without = self.attempt(self._but(self.header))
        if isinstance(without, Trouble):
            return None
        if found := self._in_another_form(outcome, without):
            return found
        return self._ignored(outcome, without) if same(outcome, without) else None

    def _ignored(self, outcome: Answer, without: Answer) -> Verdict | None:
        """Why the gateway answers with the key as it does without."""
        named = recognise(outcome, "gateway.key")
        if named == "rate-limited" or outcome.status in _BUSY:
            return explain(
                "front-limited", shown(outcome, self.about), self.about.plus(front=who(answering(self.seen)))
            )
        if named in _REPLACED and not self._placeholder:
            return self.elsewhere_accepted(outcome, without)  # a key that was not sent: something else sends one
        if named in _ABOUT_THE_KEY and not self._placeholder:
            return None
        if outcome.status >= _ERROR:
            return self.elsewhere_accepted(outcome, without)
        everywhere = named in _UNNAMED and self.is_public(outcome)
        if everywhere or named == "front":
            # A gateway that looks for the key before the path says the same to all.
            situation = "refused-everywhere" if everywhere else "page-instead-of-refusal"
            tried = self.elsewhere_accepted(outcome, without)
            return tried or explain(situation, shown(outcome, self.about), self.about)
        if self.kind and self.kind.key_sent_on and not any(drops(it, self.header) for it in fronts_in(self.seen)):
            return None  # the cloud may answer a wrong key as it answers none
        return self._elsewhere(outcome, without)

    def _one_of_several(self, outcome: Answer) -> Verdict | None:
        """Of several keys that are sent, is one accepted alone?"""
        others = {name: value for name, value in self.headers.items() if name not in self.places}
        without = self.attempt(others) if len(self.places) > 1 else None
        if not isinstance(without, Answer):
            return None
        for name in self.places:
            if self._accepts(self.attempt({**others, name: self.headers[name]}), without):
                rest = [other for other in self.places if other != name]
                where = ", ".join(dict.fromkeys(self.places[other] for other in rest))
                about = self.about.plus(accepted=name, read=" or ".join(rest), where=where)
                return explain("several-keys", shown(outcome, self.about), about)
        return None

    def refused_together(self, outcome: Answer) -> Verdict | None:
        """Of several keys that are sent: does the gateway refuse that there are several, and accept one alone?"""
        if len(self.places) < 2 or outcome.status not in _INCOMPLETE:
            return None
        others = {name: value for name, value in self.headers.items() if name not in self.places}
        without = self.attempt(others)
        for name in self.places:
            alone = self.attempt({**others, name: self.headers[name]})
            if not isinstance(alone, Answer) or not isinstance(without, Answer) or same(alone, outcome):
                return None
            if self._accepts(alone, without):
                where = ", ".join(dict.fromkeys(place for other, place in self.places.items() if other != name))
                about = self.about.plus(accepted=name, where=where)
                return explain("several-keys-refused", shown(outcome, about), about)
        return None

    def _in_another_form(self, outcome: Answer, without: Answer) -> Verdict | None:
        """Is the key accepted alone where it was sent behind ``Bearer``, or the other way round?"""
        sent = self.headers[self.header]
        bearer = sent != self.key
        answer = self.attempt({**self.headers, self.header: self.key if bearer else f"Bearer {self.key}"})
        if not self._accepts(answer, without):
            return None
        form = ("as the key alone", "bare") if bearer else ("as “Bearer KEY”", "bearer")
        gateway = self.kind.title if self.kind else "The gateway"
        written = "KEY" if bearer else "Bearer KEY"
        about = self.about.plus(gateway=gateway, form=form[0], format=form[1], written=written)
        return explain("key-format", shown(outcome, self.about), about)

    @property
    def _others(self) -> list[Inquiry]:
        """The same about each other key that is sent, with that one alone."""
        beside = {name: value for name, value in self.headers.items() if name not in self.places}
        return [
            replace(self, headers={**beside, name: self.headers[name]}, header=name, key=_bare(self.headers[name]))
            for name in self.places
            if name != self.header
        ]

    @property
    def _placeholder(self) -> bool:
        """Whether the client sends a text in Authorization that is not a key."""
        return self.header != "authorization" and PLACEHOLDER_TOKEN in self.headers.get("authorization", "")

    def _signed_in(self, answer: Answer, scheme: str) -> Verdict:
        about = self.about.plus(scheme=scheme, front=who(fronts_in(self.seen)))
        evidence, takes = f"{shown(answer, about)} (WWW-Authenticate: {scheme})", self.header == "authorization"
        if not takes and self.headers.get("authorization", "").lower().startswith("basic "):
            return explain("front-refuses", evidence, about)
        verdict = explain("front-takes-authorization" if takes else "front-sign-in", evidence, about)
        if scheme.lower() != "basic" or "authorization" in self.taken:
            return verdict
        options = " --key-header x-litellm-api-key" * takes + " --auth static" * self.helper
        return replace(verdict, help=f"{verdict.help}\n{next_step('both', about.plus(options=options))}")

    # -- size ---------------------------------------------------------------------------------------------------

    def too_large(self, outcome: Answer | Trouble, beside: int = 0) -> Verdict | None:
        """The verdict if a dummy of the key's size draws the same outcome, and a short one does not."""
        if len(self.key) < _LARGE or shape(self._dummy(24, beside)) == shape(outcome):
            return None
        if shape(self._dummy(len(self.key), beside)) != shape(outcome):
            return None
        sizes = [size for size in _SIZES if size < len(self.key)]
        low, high = 0, len(sizes)  # those before `low` pass, those from `high` on do not
        while low < high:
            middle = (low + high) // 2
            if shape(self._dummy(sizes[middle], beside)) == shape(outcome):
                high = middle
            else:
                low = middle + 1
        about = self.about.plus(
            key_size=f"{len(self.key)}",
            passes=f"{sizes[low - 1]}" if low else "24",
            limiter=" or ".join(front.title for front in answering(self.seen)) or "something before the gateway",
        )
        evidence = outcome.detail if isinstance(outcome, Trouble) else shown(outcome, about)
        if isinstance(outcome, Answer) and not outcome.body.strip():
            evidence = f"HTTP {outcome.status} with an empty body"
        return explain("head-limit", evidence, about)

    def _dummy(self, size: int, beside: int) -> Answer | Trouble:
        value = self.headers[self.header].replace(self.key, "x" * size)
        padding = {"x-cgw-padding": "p" * beside} if beside else {}
        return self.attempt({**self.headers, self.header: value, **padding})

    # -- another header -----------------------------------------------------------------------------------------

    def _elsewhere(self, outcome: Answer, without: Answer) -> Verdict | None:
        """The gateway answers as if the key was not there: is it read from another header?"""
        for one in (self, *self._others):
            if found := one.elsewhere_accepted(outcome, without):
                return found
        evidence = shown(outcome, self.about)
        read = self._is_read
        fronts = fronts_in(self.seen)
        cause, _ = removal(self.header, fronts, read=read)
        if self.proxied and self.header == "proxy-authorization":
            return explain("key-taken-by-proxy", evidence, self.about.plus(other="x-litellm-api-key"))
        if recognise(outcome, "gateway.key") == "key-malformed" and not any(drops(it, self.header) for it in fronts):
            return None  # LiteLLM's words where it reads another header alone
        if self.kind is None or read or "the default" in cause or "_" in self.header:
            return self._removed("header-removed-or-refused", evidence, read=read, other="")
        return None

    def _too_long(self, outcome: Answer | Trouble) -> Verdict | None:
        """Is it refused for the length of a header that the set-up adds, not for the key?"""
        for name, value in self.headers.items():
            if name in self.places or len(value) < _LARGE:
                continue
            rest = self._but(name)
            padded = {**rest, "x-cgw-padding": "p" * len(value)}  # whatever is in it
            if shape(self.attempt(rest)) != shape(outcome) == shape(self.attempt(padded)):
                front = who(answering(self.seen))
                about = self.about.plus(front=front, name=name, size=str(len(value)))
                evidence = outcome.detail if isinstance(outcome, Trouble) else shown(outcome, about)
                return explain("header-too-long", evidence, about)
        return None

    @property
    def _is_read(self) -> bool:
        return self.kind is not None and reads(self.kind, self.header, self.wire) is not None

    def elsewhere_accepted(self, outcome: Answer, without: Answer) -> Verdict | None:
        """Does the gateway accept the key when it is sent in another way?"""
        evidence = shown(outcome, self.about)
        if self._placeholder:
            answer = self.attempt(self._but("authorization"))
            if self._accepts(answer, without):
                return explain("placeholder-read", evidence, self.about.plus(**_other("authorization")))
        for other in self._candidates():
            value = f"Bearer {self.key}" if wanted_format(other) == "bearer" else self.key
            answer = self.attempt({**self._but(self.header), other: value})
            if self._accepts(answer, without):
                return self._removed("header-removed", evidence, read=self._is_read, other=other)
        return None

    def _removed(self, situation: str, evidence: str, *, read: bool, other: str) -> Verdict:
        if self.proxied and self.header == "proxy-authorization":
            return explain("key-taken-by-proxy", evidence, self.about.plus(other=other))
        fronts = fronts_in(self.seen)
        cause, more = removal(self.header, fronts, read=read)
        static = " --auth static" if self.helper and other and other not in {"authorization", "x-api-key"} else ""
        if not other and cause.startswith(("Something", "The ")):
            cause = cause[0].lower() + cause[1:]  # in the middle of a sentence
        tried = ", ".join(self._candidates())
        about = self.about.plus(removal=cause, **_other(other, static), accepted=other, tried=tried and f" ({tried})")
        verdict = explain(situation, evidence, about)
        if not read and not any(drops(front, self.header) for front in fronts):
            more = next_step("read_this", about)
        return Verdict("fail", verdict.cause, verdict.evidence, "\n".join(filter(None, (verdict.help, more))))

    def _candidates(self) -> list[str]:
        known = [item.name for item in self.kind.key_headers[:2]] if self.kind else list(USUAL_HEADERS)
        # What a front or a cloud reads from this header must stay.
        occupied = {self.header, *self.taken}
        if self.headers.get("authorization", "").lower().startswith("basic "):
            occupied.add("authorization")
        return [name for name in known if name not in occupied]

    def _accepts(self, answer: Answer | Trouble, without: Answer) -> bool:
        if isinstance(answer, Trouble) or not answer.body.strip():
            return False
        return evaluate_key(answer, without, self.about, self.kind).status == "ok"

    def _but(self, header: str) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() != header}

    def attempt(self, headers: Mapping[str, str], query: str = "") -> Answer | Trouble:
        """The outcome of the same request with other headers, and with a query.

        Raises:
            Trouble: the time is over.
        """
        try:
            return self.ask(headers, query)
        except Trouble as trouble:
            if trouble.is_late:
                raise
            return trouble


def _other(header: str, options: str = "") -> dict[str, str]:
    """The words for a header in which to send the key instead."""
    return {"other": f"{header}{format_option(header)}{options}", "other_variable": variable_of(header)}


def _bare(value: str) -> str:
    return value.removeprefix("Bearer ")


def shape(outcome: Answer | Trouble) -> tuple[object, ...]:
    """What two outcomes of the same kind have in common."""
    if isinstance(outcome, Trouble):
        return ("none",)
    return (outcome.status, outcome.is_page, bool(outcome.body.strip()))
