"""The probes that speak with the gateway, rung by rung. Each asks; ``core.diagnosis`` says what the answer means."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from urllib.parse import urlsplit

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import (
    About,
    Answer,
    Verdict,
    cleaned,
    evaluate,
    evaluate_headers,
    evaluate_key,
    explain,
    recognise,
    shown,
)
from claude_gw_cli.core.endpoint import exposure, gateway_root
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.layers import truthy
from claude_gw_cli.core.model import Plan
from claude_gw_cli.core.plan import key_header, mode_of, natural_format
from claude_gw_cli.core.questions import Question
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.core.situations import SITUATIONS
from claude_gw_cli.facts.gateways import COUNT_SOURCE, COUNT_SOURCE_LOCAL, HELLOS, LITELLM, LITELLM_ALIVE, Kind, reads
from claude_gw_cli.facts.models import default_name
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.facts.wires import COUNT_TOKENS
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world.probe.asking import Asking
from claude_gw_cli.world.probe.connection import (
    Place,
    Trouble,
    check_proxy,
    check_tls,
    connect,
    find_place,
    look_up,
)
from claude_gw_cli.world.probe.exchange import Credential, announce, ask
from claude_gw_cli.world.probe.inquiry import Inquiry
from claude_gw_cli.world.probe.live import examine_live
from claude_gw_cli.world.probe.schedule import EACH, Probe, ProbeContext
from claude_gw_cli.world.probe.size import examine_size

IN_CLEAR = "CGW306"
"""The rule about plain http over the public network. Inside a private network it is worth knowing (CGW307), but
the client sends the key there anyway, so the doctor asks with it too."""
KEYS = ("start", "secret")
"""The probes that leave a key: what plain `claude` sends (``Credential``), else the profile's own (``Secret``)."""
DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
_SLOW = 2.0
_MODEL_SECONDS = 8.0
"""LiteLLM tries a dead cloud again for up to five seconds before it says so (measured)."""
_LIVE_SECONDS = 30.0
_NOT_FOUND = 404
_MARGIN = 0.2
"""A question ends this much before its probe does, so that the probe can say what it waited for."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which software the gateway is, as far as its answers say."""

    kind: str = "unknown"
    """The name of a row of facts/gateways.py, ``other`` (it fits none) or ``unknown`` (it never answered)."""
    version: str | None = None


class Gateway:
    """The gateway of a plan, under an environment.

    Args:
        grant: the permission to connect to it.
        plan: from the profile.
        env: the client's whole environment: the ambient one and the profile's variables.
        accepted: codes of findings that the user has accepted; `IN_CLEAR` lets the key out over plain http.
        version: the client whose reading of the proxy variables counts.
    """

    def __init__(
        self,
        grant: Grant,
        plan: Plan,
        env: Mapping[str, str],
        accepted: Collection[str] = (),
        version: str = NEWEST,
    ) -> None:
        self.grant = grant
        self._plan = plan
        self._accepted = accepted
        self._seen: list[Answer] = []
        self._renewed: dict[str, str] = {}
        self._root = _without_version(gateway_root(plan.profile.gateway_url))
        self._env = env
        self._client = version
        try:
            self._place = find_place(plan.base_url, env, version)
            self._trouble = None
        except Trouble as trouble:
            self._place = find_place(plan.base_url, {})
            self._trouble = trouble

    @property
    def identity(self) -> Identity:
        """What the answers so far say about the gateway's software."""
        if not self._seen:
            return Identity()
        return Identity(self._kind.name if self._kind else "other", self._version)

    @property
    def _version(self) -> str | None:
        return next((text for item in self._seen if (text := item.header(LITELLM.version_header))), None)

    @property
    def _kind(self) -> Kind | None:
        """The kind of gateway; LiteLLM if any answer shows it, as others pass its answers on."""
        found = [kind for answer in self._seen if (kind := answer.kind(self._version))]
        return next((kind for kind in found if kind.name == LITELLM.name), found[0] if found else None)

    @property
    def _is_litellm(self) -> bool:
        return self._kind is not None and self._kind.name == LITELLM.name

    @property
    def models(self) -> list[str]:
        """The model that the client starts with, then the pinned ones."""
        profile = self._plan.profile
        pinned = profile.models
        default = pinned.default or pinned.opus or default_name(mode_of(profile).client, NEWEST)
        names = (default, pinned.opus, pinned.sonnet, pinned.haiku)
        # "[1m]" is for the client; it does not travel (measured).
        return list(dict.fromkeys(name.partition("[")[0] for name in names if name))

    def probes(self, *, live: bool) -> list[Probe]:
        """Every probe, in the order in which people read them. They need one of ``KEYS`` beside them."""
        # Where the cloud itself answers the large request, a cloud that is down must not look like a firewall.
        by_list = mode_of(self._plan.profile).model_list is not None and questions.wire_of(self._plan).ping is None
        large = ("gateway.key", *(() if by_list else ("gateway.upstream",)))
        found = [
            self._probe("proxy", "Corporate proxy", self._proxy),
            self._probe("dns", "Name", self._dns, "proxy"),
            self._probe("tcp", "Connection", self._tcp, "dns"),
            self._probe("tls", "Encryption", self._tls, "tcp"),
            self._probe("gateway.alive", "Gateway answers", self._alive, "tls"),
            self._probe("redirect", "No redirect", self._redirect, "gateway.alive"),
            self._probe("gateway.route", "Route for this provider", self._route, "redirect"),
            self._probe("gateway.key", "Key accepted", self._key, "gateway.route", one_of=KEYS),
            Probe("gateway.headers", "Response headers", self._headers, ("gateway.key",)),
            Probe("gateway.body", "Large request passes", self._body, large, one_of=KEYS),
            Probe("gateway.model", "Models", self._models, ("gateway.key",), _MODEL_SECONDS, KEYS),
            Probe("gateway.upstream", "Cloud behind the gateway", self._upstream, ("gateway.model",)),
        ]
        if truthy(self._env.get(DISCOVERY, "")) and mode_of(self._plan.profile).client == "anthropic":
            discovery = ("gateway.discovery", "Model discovery", self._discovery)
            found.append(self._probe(*discovery, "gateway.key", one_of=KEYS))
        if live:
            needs = ("gateway.upstream",)
            found.append(Probe("gateway.stream", "Live answer, streamed", self._stream, needs, _LIVE_SECONDS, KEYS))
        return found

    def _probe(
        self,
        id_: str,
        title: str,
        run: Callable[[ProbeContext], Verdict],
        *needs: str,
        one_of: tuple[str, ...] = (),
    ) -> Probe:
        """A probe whose trouble on the way there is its verdict."""

        def explained(moment: ProbeContext) -> Verdict:
            try:
                return run(moment)
            except Trouble as trouble:
                return explain(self._on_the_way(trouble), trouble.detail, self._about())

        return Probe(id_, title, explained, needs, one_of=one_of)

    def _on_the_way(self, trouble: Trouble) -> str:
        """The situation of a trouble: with a corporate proxy, what cannot be reached is that proxy."""
        if self._place.proxy and trouble.situation in {"dns", "refused", "no-connection", "unreachable"}:
            return "proxy-dead"
        if self._place.proxy and self._place.proxy.credential and trouble.situation == "proxy-auth":
            return "proxy-password"
        return trouble.situation

    # -- the way there ------------------------------------------------------------------------------------------

    def _proxy(self, moment: ProbeContext) -> Verdict:
        if self._trouble:
            raise self._trouble
        if self._place.proxy is None:
            spared = self._place.way.variable
            return Verdict("skip", f"{spared} exempts this gateway" if spared else "none is set")
        check_proxy(self._place, moment.deadline - _MARGIN)
        return Verdict("ok", evidence="{}:{}".format(*self._place.hop))

    def _dns(self, _moment: ProbeContext) -> Verdict:
        if self._place.proxy:
            return Verdict("skip", "the corporate proxy looks it up")
        return Verdict("ok", evidence=", ".join(look_up(self._place.host, self._place.port)[:4]))

    def _tcp(self, moment: ProbeContext) -> Verdict:
        if self._place.proxy:
            return Verdict("skip", "the corporate proxy connects")
        connect(self._place.host, self._place.port, moment.deadline - _MARGIN).close()
        return Verdict("ok", evidence=f"{self._place.host}:{self._place.port}")

    def _tls(self, moment: ProbeContext) -> Verdict:
        if self._place.scheme != "https":
            return Verdict("skip", "the gateway URL is plain http")
        check_tls(self._place, moment.deadline - _MARGIN)
        return Verdict("ok")

    # -- without a key ------------------------------------------------------------------------------------------

    def _alive(self, moment: ProbeContext) -> Verdict:
        answers = []
        for path in dict.fromkeys((urlsplit(self._root).path, "")):
            place = replace(self._place, base=path)
            answers.append(self._ask(Question(LITELLM_ALIVE), {}, moment, place))
            if self._is_litellm:
                self._root = f"{place.scheme}://{place.authority}{path}"
                break
        answer = answers[-1] if self._is_litellm else answers[0]
        self._ask_who(moment)
        verdict = evaluate("gateway.alive", answer, self._about())
        if verdict.status == "ok" and answer.seconds > _SLOW:
            return Verdict("warn", f"It needs {answer.seconds:.1f} s to say so; the client will feel slow.")
        return verdict

    def _ask_who(self, moment: ProbeContext) -> None:
        """Ask on the public paths of the other kinds until the answers show which one it is."""
        place = replace(self._place, base=urlsplit(self._root).path)
        for path in HELLOS:
            if self._kind or path == LITELLM_ALIVE:
                continue
            try:
                self._ask(Question(path), {}, moment, place)
            except Trouble:
                return  # it spoke before; the other probes say what they find

    def _redirect(self, moment: ProbeContext) -> Verdict:
        question = self._key_question()
        answer = self._ask(question, {}, moment)
        return evaluate("redirect", answer, _redirecting(self._about(), answer, question))

    def _route(self, moment: ProbeContext) -> Verdict:
        verdict = evaluate("gateway.route", moment.value("redirect", Answer), self._about())
        if verdict.status != "fail" or moment.value("redirect", Answer).status != _NOT_FOUND:
            return verdict
        question = self._key_question()
        return self._double_slash(question, moment) or self._encoded_slash(question, {}, moment) or verdict

    def _double_slash(self, question: Question, moment: ProbeContext) -> Verdict | None:
        """Does a front replace the base path, and not the slash behind it? Then the path without it is answered."""
        joined = questions.joined(question)
        if not self._place.base or not (answer := self._found(joined, {}, moment)):
            return None
        if self._found(replace(question, path=f"-cgw{question.path}"), {}, moment):
            return None  # it answers whatever the path
        about = self._about(joined=self._place.base + joined.path)
        return explain("route-double-slash", shown(answer, about), about)

    def _encoded_slash(self, question: Question, headers: Mapping[str, str], moment: ProbeContext) -> Verdict | None:
        """Is a path that is not found because of a slash in the model's name answered without it?"""
        plain = replace(question, path=question.path.replace("%2F", "-"))
        if plain == question or not (answer := self._found(plain, headers, moment)):
            return None
        about = self._about(model=next((name for name in self.models if "/" in name), ""))
        return explain("route-encoded-slash", shown(answer, about), about)

    def _found(self, question: Question, headers: Mapping[str, str], moment: ProbeContext) -> Answer | None:
        """The answer, unless the path is not found."""
        try:
            answer = self._ask(question, headers, moment)
        except Trouble:
            return None
        return None if answer.status == _NOT_FOUND else answer

    # -- with the key -------------------------------------------------------------------------------------------

    def _key(self, moment: ProbeContext) -> Verdict:
        question = self._key_question()
        inquiry = self._inquiry(question, moment)
        try:
            answer = self._ask(question, self._key_in(moment), moment)
        except Trouble as trouble:
            verdict = inquiry.look_into(trouble)
            if verdict is None:
                raise
            return verdict
        about = _redirecting(self._about(moment, model=self.models[0]), answer, question)
        situation, words = self._misplaced()
        without = moment.value("gateway.route", Answer)
        verdict = evaluate_key(answer, without, about.plus(**words), self._kind, situation)
        if verdict.status == "fail" and (found := self._compared(verdict, answer, question, moment)):
            return found
        if verdict.status == "warn" and self._kind and self._kind.body_first:
            cause = f"{self._kind.title} checks the body before the key, so the key cannot be tried at no cost."
            verdict = replace(verdict, cause=cause)
        unexplained = verdict.status == "fail" and not situation
        if unexplained or (answer.status >= 400 and not answer.body.strip()):
            return inquiry.look_into(answer) or verdict
        # A refusal for the size of the key may be in words that are not known.
        other = inquiry.fits_beside_the_clients_headers() if verdict.status == "ok" else inquiry.too_large(answer)
        return other or verdict

    def _inquiry(self, question: Question, moment: ProbeContext) -> Inquiry:
        profile, (header, key) = self._plan.profile, self._carried(moment)
        return Inquiry(
            ask=lambda headers: self._ask(question, headers, moment),
            headers=self._key_in(moment),
            header=header,
            key=key,
            about=self._about(moment, model=self.models[0]),
            kind=self._kind,
            wire=mode_of(profile).wire,
            taken=frozenset(mode_of(profile).taken),
            helper=self._plan.helper,
            proxied=self._place.proxy is not None and self._place.scheme == "http",
            seen=self._seen,
        )

    def _compared(self, refused: Verdict, answer: Answer, question: Question, moment: ProbeContext) -> Verdict | None:
        """Whether the gateway refuses the key that plain `claude` sends and accepts the profile's own key."""
        sent, own = moment.found.get("start"), moment.found.get("secret")
        if not isinstance(sent, Credential) or not isinstance(own, Secret):
            return None
        line = self._line(own)
        if line.items() <= sent.headers.items():
            return None
        about = self._about(moment).plus(place=sent.place, status=str(answer.status))
        mine = self._ask(question, line, moment)
        if evaluate_key(mine, moment.value("gateway.route", Answer), about, self._kind).status == "fail":
            return None
        if sent.renews and answer.status in {401, 403}:
            self._renewed = {**sent.headers, **line}
            return Verdict(
                "warn", SITUATIONS["key-renewed"].cause.format_map(about.words), refused.evidence, sent.remedy, mine
            )
        return replace(explain("key-not-the-profiles", refused.evidence, about), help=sent.remedy)

    def _misplaced(self) -> tuple[str | None, dict[str, str]]:
        """Why this kind of gateway does not read the key as the profile sends it: a situation, and words for it."""
        kind, profile = self._kind, self._plan.profile
        if kind is None:
            return None, {}
        header, form = key_header(profile), profile.key_format or natural_format(key_header(profile))
        how = reads(kind, header, mode_of(profile).wire)
        words = {
            "gateway": kind.title,
            "reads": ", ".join(item.name for item in kind.key_headers),
            "required": ", ".join(f"{name}: {what}" for name, what in kind.required_headers),
        }
        if how is None:
            unread = kind.key_headers and not kind.other_header
            return ("key-header-unread" if unread else None), words
        if form == "bare" and not how.bare:
            return "key-format", {**words, "form": "as “Bearer KEY”", "format": "bearer"}
        if form == "bearer" and not how.bearer:
            return "key-format", {**words, "form": "as the key alone", "format": "bare"}
        return None, words

    def _headers(self, moment: ProbeContext) -> Verdict:
        return evaluate_headers(moment.value("gateway.key", Answer), time.time(), self._about())

    def _body(self, moment: ProbeContext) -> Verdict:
        return examine_size(self._asking(moment), moment.value("gateway.key", Answer))

    def _models(self, moment: ProbeContext) -> Verdict:
        """Ask about each model. The value is the verdict about the cloud, which ``_upstream`` hands out."""
        cloud = Verdict("skip", "no question reached it")
        started = time.monotonic()
        for name in self.models:
            about = self._about(moment, model=name)
            try:
                question, answer = self._last_word(name, moment)
            except Trouble as trouble:
                situation = "upstream-silent" if trouble.situation == "silent" else trouble.situation
                waited = f"{time.monotonic() - started:.0f}"
                cloud = explain(situation, trouble.detail, about.plus(seconds=waited))
                break
            verdict = evaluate("gateway.model", answer, about, invalid=question.invalid)
            if question.path == COUNT_TOKENS and recognise(answer, "gateway.model") == "route":
                cloud = Verdict("skip", "this gateway counts no tokens; only --live reaches the cloud")
                continue
            if question.path == COUNT_TOKENS and answer.status == 200 and not self._counts_in_cloud(answer):
                cloud = Verdict("skip", "this gateway may count tokens by itself; only --live reaches the cloud")
                continue
            if self._plan.profile.credentials == "client" and recognise(answer, "gateway.model") == "model-refused":
                cloud = Verdict("skip", "it wants this machine's cloud credential, which only the client sends")
                continue
            if answer.status == _NOT_FOUND and (found := self._encoded_slash(question, self._key_in(moment), moment)):
                return replace(found, value=cloud)
            if verdict.status != "ok":
                return replace(verdict, value=cloud)
            cloud = evaluate("gateway.upstream", answer, about, invalid=question.invalid)
            if cloud.status != "ok" and self._plan.profile.credentials == "client":
                cloud = Verdict("skip", "it wants this machine's cloud credential, which only the client sends")
            if cloud.status == "fail":
                break
        asked = moment.value("gateway.key", Answer)
        if asked.status in {401, 403} and cloud.status == "skip" and self._plan.profile.credentials != "client":
            cloud = evaluate("gateway.upstream", asked, self._about(moment, model=self.models[0]))
        evidence = ", ".join(self.models)
        if self._kind and self._kind.default_model:
            evidence += "; a name that it does not know is answered by another model"
        return Verdict("ok", evidence=evidence, value=cloud)

    def _counts_in_cloud(self, answer: Answer) -> bool:
        """Whether the cloud, and not the gateway itself, counted the tokens."""
        counts = self._kind.counts if self._kind else ""
        return counts == "cloud" or (counts == "says" and COUNT_SOURCE in answer.body.replace('": ', '":'))

    def _last_word(self, model: str, moment: ProbeContext) -> tuple[Question, Answer]:
        """The question that goes furthest for this model, and its answer."""
        access = questions.access(self._plan, model)
        counting = questions.upstream(self._plan, model, litellm=self._is_litellm)
        if questions.wire_of(self._plan).ping and counting != access:
            counted = self._ask(counting, self._key_in(moment), moment)
            if self._is_listed(model, moment):
                return counting, counted
            try:
                return access, self._ask(access, self._key_in(moment), moment)
            except Trouble:
                return counting, counted
        answer = self._ask(access, self._key_in(moment), moment)
        passed = evaluate("gateway.model", answer, self._about(moment), invalid=access.invalid).status == "ok"
        if counting == access or not passed:
            return access, answer
        answer = self._ask(counting, self._key_in(moment), moment)
        if answer.status == 200 and COUNT_SOURCE_LOCAL in answer.body.replace(": ", ":"):
            emptiness = questions.empty_conversation(model)
            return emptiness, self._ask(emptiness, self._key_in(moment), moment)
        return counting, answer

    def _is_listed(self, model: str, moment: ProbeContext) -> bool:
        place = replace(self._place, base=urlsplit(self._root).path)
        answer = self._ask(questions.listing(), self._key_in(moment), moment, place)
        return answer.status == 200 and f'"{model}"' in answer.body

    def _upstream(self, moment: ProbeContext) -> Verdict:
        return moment.value("gateway.model", Verdict)

    def _discovery(self, moment: ProbeContext) -> Verdict:
        """The list that the client asks for at its start, with the same credential."""
        answer = self._ask(Question(f"{questions.listing().path}?limit=1000"), self._key_in(moment), moment)
        count = answer.body.count('"id"') if answer.status == 200 and '"data"' in answer.body else 0
        if count:
            return Verdict("ok", evidence=f"{count} models")
        cause = f"{DISCOVERY} is on, but this gateway lists no models: the client shows its own list."
        return Verdict("warn", cause, shown(answer, self._about(moment)), f"unset {DISCOVERY}, or list models there")

    def _stream(self, moment: ProbeContext) -> Verdict:
        return examine_live(self._asking(moment), self._client, self._env)

    # -- the tools of the above ---------------------------------------------------------------------------------

    def _key_question(self) -> Question:
        return questions.key(self._plan, self.models[0], litellm=self._is_litellm)

    def _asking(self, moment: ProbeContext) -> Asking:
        model, path, headers = self.models[0], self._key_question().path, self._key_in(moment)

        def announced(size: int, seconds: float) -> int | None:
            deadline = min(time.monotonic() + seconds, moment.deadline - _MARGIN)
            return announce(self._place, path, headers, size, deadline)

        about = self._about(moment, model=model, seconds=f"{_LIVE_SECONDS:.0f}")
        send = partial(self._ask, headers=headers, moment=moment)
        return Asking(send, announced, self._plan, model, self._is_litellm, about, self._seen)

    def _ask(
        self, question: Question, headers: Mapping[str, str], moment: ProbeContext, place: Place | None = None
    ) -> Answer:
        answer = ask(
            place or self._place, question, {"anthropic-version": "2023-06-01", **headers}, moment.deadline - _MARGIN
        )
        self._seen.append(answer)
        return answer

    def _key_in(self, moment: ProbeContext) -> dict[str, str]:
        """The headers that carry the key, as the client would send them.

        Raises:
            Trouble: anyone on the way could read them.
        """
        if self._readers == "public" and IN_CLEAR not in self._accepted:
            raise Trouble("key-in-clear", f"{self._place.scheme}://{self._place.authority}")
        sent = moment.found.get("start")
        if self._renewed:
            return self._renewed
        return dict(sent.headers) if isinstance(sent, Credential) else self._line(moment.value("secret", Secret))

    def _carried(self, moment: ProbeContext) -> tuple[str, str]:
        """The header that carries the key, the profile's first, and the secret part of it (empty: there is none)."""
        sent, header = moment.found.get("start"), key_header(self._plan.profile)
        if not isinstance(sent, Credential):
            return header, moment.value("secret", Secret).reveal()
        keys = [key for key in sent.keys if key and key != PLACEHOLDER_TOKEN]
        names = sorted(sent.headers, key=lambda name: name != header)
        return next(((name, key) for name in names for key in keys if key in sent.headers[name]), (header, ""))

    def _line(self, secret: Secret) -> dict[str, str]:
        """The headers of a request with a key, as the profile places it."""
        key, profile = secret.reveal(), self._plan.profile
        header = key_header(profile)
        bearer = (profile.key_format or natural_format(header)) == "bearer"
        return {**profile.headers, header: f"Bearer {key}" if bearer else key}

    @property
    def _readers(self) -> str:
        if self._place.scheme == "https":
            return "none"
        readers = {exposure(self._place.host), exposure(self._place.hop[0])}
        return next((who for who in ("public", "inside") if who in readers), "none")

    def _about(self, moment: ProbeContext | None = None, **words: str) -> About:
        profile, place = self._plan.profile, self._place
        hop, hop_port = place.hop
        other = "http" if place.scheme == "https" else "https"
        known = {
            "profile": profile.name,
            "host": place.host,
            "port": str(place.port),
            "hop": hop,
            "hop_port": str(hop_port),
            "root": self._root,
            "other_url": f"{other}://{gateway_root(profile.gateway_url).partition('://')[2]}",
            "rule": IN_CLEAR,
            "variable": place.way.variable,
            "proxy_answer": _proxy_answer(place),
            "path": place.base + self._key_question().path,
            "header": key_header(profile),
            "snippet": f"cgw gateway snippet --profile {profile.name}{_kind_option(self._kind)}",
            "base_path": (self._kind.base_path if self._kind else "") or "PATH",
            "reference": profile.secret or "REF",
            "seconds": f"{EACH:.0f}",
            "size": f"{questions.PADDING // 1000} kB",
        }
        return About({**known, **words}, _keys(moment) if moment else ())


def _kind_option(kind: Kind | None) -> str:
    return f" --kind {kind.name}" if kind and kind.name != LITELLM.name else ""


def _keys(moment: ProbeContext) -> tuple[str, ...]:
    """Everything secret that a probe was given."""
    sent, own = moment.found.get("start"), moment.found.get("secret")
    return (
        *(sent.keys if isinstance(sent, Credential) else ()),
        *((own.reveal(),) if isinstance(own, Secret) else ()),
    )


def _proxy_answer(place: Place) -> str:
    """The situation that an answer 407 shows."""
    if place.proxy is None:
        return "front-407"
    return "proxy-password" if place.proxy.credential else "proxy-auth"


def _redirecting(about: About, answer: Answer, question: Question) -> About:
    """With where an answer redirects to. That is foreign text: it may echo the key, or be no word for a shell."""
    location = cleaned(answer.header("location"), about)
    root = _without_version(location.partition("?")[0].removesuffix(question.path))
    return about.plus(location=location, redirected=shlex.quote(root))


def _without_version(url: str) -> str:
    url = url.rstrip("/")
    while url.endswith("/v1"):
        url = url.removesuffix("/v1").rstrip("/")
    return url
