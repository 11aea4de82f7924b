"""A gateway while it is examined: the way there, every answer so far, and questions with or without the key."""

from __future__ import annotations

import shlex
import time
from functools import partial

from claude_gw_cli import __version__
from claude_gw_cli.core import questions
from claude_gw_cli.core.carried import format_option, variable_of
from claude_gw_cli.core.client_options import named_models
from claude_gw_cli.core.diagnosis import UNPROVEN, About, Answer, same
from claude_gw_cli.core.endpoint import exposure, gateway_root
from claude_gw_cli.core.fronts import answering, refuses_for_itself, who
from claude_gw_cli.core.misstated import as_meant
from claude_gw_cli.core.model import Plan
from claude_gw_cli.core.plan import key_header, mode_of, natural_format
from claude_gw_cli.core.questions import Question
from claude_gw_cli.core.reference import quoted, words_of_a_trial
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.bodies import user_agent
from claude_gw_cli.facts.gateways import LITELLM, Kind, reads
from claude_gw_cli.facts.models import default_name
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN, PROJECT
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world.probe.asking import Asking
from claude_gw_cli.world.probe.connection import Place, find_place
from claude_gw_cli.world.probe.exchange import Credential, announce, ask
from claude_gw_cli.world.probe.pace import Pace
from claude_gw_cli.world.probe.schedule import EACH, ProbeContext
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

IN_CLEAR = "CGW306"
"""The rule about plain http over the public network. Inside a private network it is worth knowing (CGW307), but
the client sends the key there anyway, so the doctor asks with it too."""
UNCHECKED = "CGW316"
"""The rule about certificates that are not checked; it is applied to an invalid one as the rule about plain http."""
FRONT = "front"
"""The probe that leaves what a front wants: the value of an ``Authorization: Basic`` header (``Secret``)."""
LIVE_SECONDS = 30.0
_PAGES = "a firewall (WAF), login page or load balancer"
_SHORT = 4
"""A password up to this length would mask parts of other words."""
_LONG = 1_000
"""Characters of a header from which on its length may be why it is refused; that is asked about later."""
_TELLING = 16
"""Characters of a header's value from which on it may be a credential, and is masked."""
MARGIN = 0.2
"""A question ends this much before its probe does, so that the probe can say what it waited for."""


class Contact:
    """The gateway of a plan, under an environment. Made by `Gateway`, which has the permission to connect.

    Args:
        plan: from the profile.
        env: the client's whole environment.
        accepted: codes of findings that the user has accepted; `IN_CLEAR` lets the key out over plain http.
        version: the client whose reading of the proxy variables counts.
        places: without a profile, where the set-up has its values: ``address_place``, ``key_place``, ``model_place``.
    """

    def __init__(
        self,
        plan: Plan,
        env: Mapping[str, str],
        accepted: Collection[str],
        version: str,
        places: Mapping[str, str] | None,
    ) -> None:
        self.plan = plan
        self.plain = places is not None
        self._places = places or {}
        self.env = env
        self.client = version
        self.seen: list[Answer] = []
        self.any_key: dict[str, str] = {}
        """The header with a text that is not a key, where something wants any."""
        self._kind: tuple[int, Kind | None] = (0, None)
        self.renewed: dict[str, str] = {}
        self.no_counting = False
        """The gateway has no route to count tokens, which is the one that is asked with Vertex's requests."""
        self.public: Answer | None = None
        """The answer to the first question, on a public path and without a key."""
        self.only_posts = False
        """A GET with the key is refused where a POST is accepted."""
        self.unchecked = False
        """The client accepts any certificate, and the gateway's is not valid."""
        self.pace = Pace(self.seen)
        self._refuses_all = False
        """A question without the key was refused as one too many, too."""
        self.names = {"user-agent": user_agent(version), "x-cgw-doctor": __version__}
        self.unproven = False
        """The gateway answers as if the key did not matter, so nothing shows whether it accepts it."""
        self.root = without_version(gateway_root(plan.profile.gateway_url))
        self.basic: Secret | None = None
        """What the front wants (`FRONT`), from the first question on."""
        self._accepted = accepted
        try:
            self.place = find_place(plan.base_url, env, version)
            self.trouble = None
        except Trouble as trouble:
            self.place = find_place(plan.base_url, {})
            self.trouble = trouble

    @property
    def version(self) -> str | None:
        """LiteLLM's version, if an answer says it."""
        return next((text for item in self.seen if (text := item.header(LITELLM.version_header))), None)

    @property
    def kind(self) -> Kind | None:
        """The kind of gateway; LiteLLM if any answer shows it, as others pass its answers on."""
        known, kind = self._kind
        if known != (count := len(self.seen)):  # every question looks here, each answer is searched for each kind
            version = self.version
            found = [kind for answer in self.seen[:count] if (kind := answer.kind(version))]
            kind = next((kind for kind in found if kind.name == LITELLM.name), found[0] if found else None)
            self._kind = (count, kind)
        return kind

    @property
    def is_litellm(self) -> bool:
        """Whether an answer shows LiteLLM."""
        return self.kind is not None and self.kind.name == LITELLM.name

    @property
    def keyless(self) -> dict[str, str]:
        """The headers of a question without the key: what the client sends beside it decides who lets it pass."""
        beside = {} if self._is_read_by_others else self.plan.profile.headers
        short = {name.lower(): value for name, value in beside.items() if len(value) < _LONG}
        return {**short, **self.any_key}

    def is_public(self, answer: Answer) -> bool:
        """Whether it is the answer that also comes without a key and on another path."""
        return self.public is not None and same(as_meant(answer), as_meant(self.public))

    @property
    def models(self) -> list[str]:
        """The model that the client starts with, then the pinned ones."""
        pinned = (profile := self.plan.profile).models
        default = pinned.default or pinned.opus or default_name(mode_of(profile).client, NEWEST)
        names = (default, pinned.opus, pinned.sonnet, pinned.haiku, *named_models(self.plan))
        # "[1m]" is for the client; it does not travel (measured).
        return list(dict.fromkeys(name.partition("[")[0] for name in names if name))

    def key_question(self) -> Question:
        """The request that shows whether the key is accepted."""
        if self.no_counting or self.only_posts:
            return self.access(self.models[0])
        return questions.key(self.plan, self.models[0], litellm=self.is_litellm)

    def access(self, model: str) -> Question:
        """The request that shows whether the key may use a model."""
        return (questions.invocation if self.no_counting else questions.access)(self.plan, model)

    def asking(self, moment: ProbeContext) -> Asking:
        """The means of the longer probes, with the key."""
        model, question, headers = self.models[0], self.key_question(), self.key_in(moment)

        def announced(size: int, seconds: float) -> int | None:
            deadline = min(time.monotonic() + seconds, moment.deadline - MARGIN)
            return announce(self.place, question.path, self.names | headers, size, deadline)

        about = self.about(moment, model=model, seconds=f"{LIVE_SECONDS:.0f}")
        send = partial(self.ask, headers=headers, moment=moment)
        return Asking(send, announced, self.plan, model, question, about, self.seen)

    def ask(
        self,
        question: Question,
        headers: Mapping[str, str],
        moment: ProbeContext,
        place: Place | None = None,
        *,
        once: bool = False,
    ) -> Answer:
        """Ask a question with these headers; ``place`` where it is not below the base URL.

        With ``once`` it is not asked again where something limits how many questions may come in a moment.

        Raises:
            Trouble: there was no whole answer.
        """
        front = {} if "authorization" in headers or self._is_read_by_others else self._front_line()
        sent = {"anthropic-version": "2023-06-01", **self.names, **front, **headers}
        place, end = place or self.place, moment.deadline - MARGIN
        send = partial(ask, place, question, sent, end)
        answer = send() if once else self.pace.asked(send, end)
        self.seen.append(answer)
        self._refuses_all |= answer.status == 429 and headers == self.keyless
        return answer

    def key_in(self, moment: ProbeContext) -> dict[str, str]:
        """The headers that carry the key, as the client would send them.

        Raises:
            Trouble: anyone on the way could read them.
        """
        if self._is_read_by_others:
            where = f"{self.place.scheme}://{self.place.authority}"
            raise Trouble("key-to-anyone" if self.unchecked else "key-in-clear", where)
        sent = moment.found.get("start")
        if self.renewed:
            return self.renewed
        return dict(sent.headers) if isinstance(sent, Credential) else self.line(moment.value("secret", Secret))

    def carried(self, moment: ProbeContext) -> tuple[str, str]:
        """The header that carries the key, the profile's first, and the secret part of it (empty: there is none)."""
        sent, header = moment.found.get("start"), key_header(self.plan.profile)
        if not isinstance(sent, Credential):
            return header, moment.value("secret", Secret).reveal()
        keys = [key for key in sent.keys if key and key != PLACEHOLDER_TOKEN]
        names = sorted(sent.headers, key=lambda name: name != header)
        return next(((name, key) for name in names for key in keys if key in sent.headers[name]), (header, ""))

    def line(self, secret: Secret) -> dict[str, str]:
        """The headers of a request with a key, as the profile places it."""
        key, profile = secret.reveal(), self.plan.profile
        header = key_header(profile)
        bearer = (profile.key_format or natural_format(header)) == "bearer"
        return {**profile.headers, **self._front_line(), header: f"Bearer {key}" if bearer else key}

    def _another_header(self) -> str:
        """A header to try for the key: one that this kind of gateway reads, or else one that many read."""
        read = [item.name for item in self.kind.key_headers] if self.kind else []
        own = key_header(self.plan.profile)
        return next(name for name in (*read, "authorization", "x-litellm-api-key") if name != own)

    def misplaced(self) -> tuple[str | None, dict[str, str]]:
        """Why this kind of gateway does not read the key as the profile sends it: a situation, and words for it."""
        kind, profile = self.kind, self.plan.profile
        if kind is None:
            return None, {}
        header = key_header(profile)
        form = profile.key_format or natural_format(header)
        read = kind.hosted if kind.hosted and self.place.host in kind.hosts else kind.key_headers
        how = reads(kind, header, mode_of(profile).wire, read)
        required = ", ".join(f"{name}: {what}" for name, what in kind.required_headers)
        words = {"gateway": kind.title, "reads": ", ".join(item.name for item in read), "required": required}
        if how is None:
            return ("key-header-unread" if read and not kind.other_header else None), words
        if form == "bare" and not how.bare:
            return "key-format", {**words, "form": "as “Bearer KEY”", "format": "bearer", "written": "Bearer KEY"}
        if form == "bearer" and not how.bearer:
            return "key-format", {**words, "form": "as the key alone", "format": "bare", "written": "KEY"}
        return None, words

    def _front_line(self) -> dict[str, str]:
        return {"authorization": f"Basic {self.basic.reveal()}"} if self.basic else {}

    @property
    def _is_read_by_others(self) -> bool:
        """Whether anyone on the way could read a credential, and the user has not accepted that."""
        return self._readers == "public" and (UNCHECKED if self.unchecked else IN_CLEAR) not in self._accepted

    @property
    def _is_refused_by_proxy(self) -> bool:
        return self.place.proxy is not None and any(refuses_for_itself(answer) for answer in self.seen)

    @property
    def _readers(self) -> str:
        if self.place.scheme == "https" and not self.unchecked:
            return "none"
        readers = {exposure(self.place.host), exposure(self.place.hop[0])}
        return next((who for who in ("public", "inside") if who in readers), "none")

    def about(self, moment: ProbeContext | None = None, **words: str) -> About:
        """The values for a situation's texts, and what must not be shown, if a probe was given it."""
        profile, place = self.plan.profile, self.place
        fronts = " or ".join(front.title for front in answering(self.seen))
        project = next((item.before for item in self.plan.sets if item.name == PROJECT), "")
        other = "http" if place.scheme == "https" else "https"
        asked_for = place.asks_for_password(line for answer in self.seen for line in answer.headers)
        known = {
            "profile": profile.name,
            "project": project,
            "status": "405",
            "page_by": f"{fronts}, as {_PAGES}," if fronts else _PAGES,
            **({"as:cloud-not-permitted": "project-not-permitted"} if project else {}),
            "host": place.host,
            "port": str(place.port),
            "certificate": shlex.quote(self.env.get("CLAUDE_CODE_CLIENT_CERT", "CERT.pem")),
            "front": who(answering(self.seen)),
            "hop": place.hop[0],
            "hop_port": str(place.hop[1]),
            "root": self.root,
            "other_url": f"{other}://{gateway_root(profile.gateway_url).partition('://')[2]}",
            "rule": UNCHECKED if self.unchecked else IN_CLEAR,
            "variable": place.way.variable,
            "as:proxy-auth": asked_for,
            **({UNPROVEN: ""} if self.unproven else {}),
            **({"as:rate-limited": "front-limited"} if self._refuses_all else {}),
            **({"as:front-sign-in": asked_for} if self._is_refused_by_proxy else {}),
            "path": place.base + self.key_question().path,
            "header": key_header(profile),
            "snippet": f"cgw gateway snippet --profile {profile.name}{_kind_option(self.kind)}",
            "base_path": (self.kind.base_path if self.kind else "") or "PATH",
            "reference": quoted(profile.secret or "REF"),
            "tested": words_of_a_trial(profile.secret or "REF", profile),
            "front_tested": words_of_a_trial(profile.front_auth or "REF", profile),
            "try_header": (other := self._another_header()),
            "try_format": format_option(other),
            "try_variable": variable_of(other),
            **self._places,
            "form_of_names": f" ({self.kind.model_form})" if self.kind and self.kind.model_form else "",
            "seconds": f"{EACH:.0f}",
            "size": f"{questions.PADDING // 1000} kB",
        }
        beside = tuple(value for value in profile.headers.values() if len(value) >= _TELLING)
        return About({**known, **words}, (*_keys(moment, self.basic), *beside), self.plain)


def _kind_option(kind: Kind | None) -> str:
    return f" --kind {kind.name}" if kind and kind.name != LITELLM.name else ""


def _keys(moment: ProbeContext | None, basic: Secret | None) -> tuple[str, ...]:
    """Everything secret that was sent, or that a probe was given."""
    found = moment.found if moment else {}
    sent, own = found.get("start"), found.get("secret")
    person = _decoded(basic.reveal()) if basic else ""
    return (
        *(text for text in (person, person.partition(":")[2]) if len(text) > _SHORT),
        *(sent.keys if isinstance(sent, Credential) else ()),
        *((own.reveal(),) if isinstance(own, Secret) else ()),
    )


def _decoded(text: str) -> str:
    from base64 import b64decode

    return b64decode(text).decode()


def without_version(url: str) -> str:
    """A URL without ``/v1`` at its end."""
    url = url.rstrip("/")
    while url.endswith("/v1"):
        url = url.removesuffix("/v1").rstrip("/")
    return url
