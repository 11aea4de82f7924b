"""The probes that speak with the gateway, rung by rung. Each asks; ``core.diagnosis`` says what the answer means."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, next_step
from claude_gw_cli.core.fronts import fronts_in, who
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.layers import truthy
from claude_gw_cli.core.model import Plan
from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.core.proxies import reason
from claude_gw_cli.core.response_headers import evaluate_headers
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world.probe.cloud import cloud_lines
from claude_gw_cli.world.probe.connection import certificate, check_proxy, check_tls, connect, look_up
from claude_gw_cli.world.probe.contact import FRONT, LIVE_SECONDS, MARGIN, Contact
from claude_gw_cli.world.probe.corporate import SECONDS, by_proxy
from claude_gw_cli.world.probe.key import KeyProbe
from claude_gw_cli.world.probe.live import examine_live
from claude_gw_cli.world.probe.models import DISCOVERY, ModelProbes
from claude_gw_cli.world.probe.route import KEYS, RouteProbes
from claude_gw_cli.world.probe.schedule import EACH, PATIENCE, Probe, ProbeContext, not_checked
from claude_gw_cli.world.probe.size import examine_size
from claude_gw_cli.world.probe.tls import CERTIFICATE, OF_AN_AUTHORITY, own_unread
from claude_gw_cli.world.probe.trouble import Trouble

_REFUSED = frozenset({401, 403})
_MODEL_SECONDS = 8.0
"""LiteLLM tries a dead cloud again for up to five seconds before it says so (measured)."""


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
        accepted: codes of findings that the user has accepted; `contact.IN_CLEAR` lets the key out over plain http.
        version: the client whose reading of the proxy variables counts.
        places: as in `Contact`.
    """

    def __init__(
        self,
        grant: Grant,
        plan: Plan,
        env: Mapping[str, str],
        accepted: Collection[str] = (),
        version: str = NEWEST,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.grant = grant
        self._contact = Contact(plan, env, accepted, version, places)

    @property
    def identity(self) -> Identity:
        """What the answers so far say about the gateway's software."""
        if not self._contact.seen:
            return Identity()
        return Identity(self._contact.kind.name if self._contact.kind else "other", self._contact.version)

    def probes(self, *, live: bool) -> list[Probe]:
        """Every probe, in the order in which people read them. They need one of ``KEYS`` beside them."""
        # Where the cloud itself answers the large request, a cloud that is down must not look like a firewall.
        plan = self._contact.plan
        by_list = mode_of(plan.profile).model_list is not None and questions.wire_of(plan).ping is None
        large = ("gateway.key", *(() if by_list else ("gateway.upstream",)))
        front = (FRONT,) if plan.profile.front_auth is not None else ()
        routes = RouteProbes(self._contact)
        key, models = KeyProbe(self._contact, routes), ModelProbes(self._contact, routes)
        found = [
            self._probe("proxy", "Corporate proxy", self._proxy),
            self._probe("dns", "Name", self._dns, "proxy"),
            self._probe("tcp", "Connection", self._tcp, "dns"),
            self._probe("tls", "Encryption", self._tls, "tcp"),
            self._probe("gateway.alive", "Gateway answers", routes.alive, "tls", *front),
            self._probe("gateway.kind", "Kind of gateway", routes.kind, "gateway.alive"),
            self._probe("redirect", "No redirect", routes.redirect, "gateway.alive"),
            self._probe("gateway.route", "Route for this provider", routes.route, "redirect"),
            self._probe("gateway.key", "Key accepted", key.run, "gateway.route", one_of=KEYS),
            Probe("gateway.headers", "Response headers", self._headers, ("gateway.key",)),
            self._probe("gateway.body", "Large request passes", self._body, *large, one_of=KEYS),
            self._probe("gateway.model", "Models", models.models, "gateway.key", one_of=KEYS, seconds=_MODEL_SECONDS),
            Probe("gateway.upstream", "Cloud behind the gateway", self._upstream, ("gateway.model",)),
        ]
        if truthy(self._contact.env.get(DISCOVERY, "")) and mode_of(plan.profile).client == "anthropic":
            discovery = ("gateway.discovery", "Model discovery", models.discovery)
            found.append(self._probe(*discovery, "gateway.key", one_of=KEYS))
        if live:
            needs = ("gateway.upstream",)
            found.append(Probe("gateway.stream", "Live answer, streamed", self._stream, needs, LIVE_SECONDS, KEYS))
        return found

    def _probe(
        self,
        id_: str,
        title: str,
        run: Callable[[ProbeContext], Verdict],
        *needs: str,
        one_of: tuple[str, ...] = (),
        seconds: float = EACH,
    ) -> Probe:
        """A probe whose trouble on the way there is its verdict."""
        # Over a corporate proxy some time is kept to find out whose answer it is.
        aside = 0.0 if self._contact.place.proxy is None else SECONDS

        def explained(moment: ProbeContext) -> Verdict:
            verdict = heard(replace(moment, deadline=moment.deadline - aside))
            return by_proxy(self._contact, verdict) if verdict.status == "fail" else verdict

        def heard(moment: ProbeContext) -> Verdict:
            began = time.monotonic()
            try:
                return run(moment)
            except Trouble as trouble:
                waited = max(time.monotonic() - began, trouble.waited)  # it may have been asked earlier
                situation = self._on_the_way(trouble)
                if trouble.is_late and self._contact.seen and waited < PATIENCE:
                    return not_checked(id_)
                return explain(situation, trouble.detail, self._contact.about(seconds=f"{waited:.1f}"))

        return Probe(id_, title, explained, needs, seconds + aside, one_of)

    def _on_the_way(self, trouble: Trouble) -> str:
        """The situation of a trouble: with a corporate proxy, what cannot be reached is that proxy."""
        proxy = self._contact.place.proxy
        if proxy and trouble.situation in {"dns", "refused", "no-connection", "unreachable"}:
            return "proxy-dead"
        if self._contact.seen and trouble.situation in {"hung-up", "silent"}:
            return f"{trouble.situation}-here"
        return trouble.situation

    def _proxy(self, moment: ProbeContext) -> Verdict:
        if self._contact.trouble:
            raise self._contact.trouble
        if self._contact.place.proxy is None:
            return Verdict("skip", reason(self._contact.place.way, self._contact.plan.base_url))
        check_proxy(self._contact.place, moment.deadline - MARGIN)
        return Verdict("ok", evidence="{}:{}".format(*self._contact.place.hop))

    def _dns(self, _moment: ProbeContext) -> Verdict:
        place = self._contact.place
        if place.proxy:
            return Verdict("skip", "the corporate proxy looks it up")
        return Verdict("ok", evidence=", ".join(look_up(place.host, place.port, is_local=place.is_local)[:4]))

    def _tcp(self, moment: ProbeContext) -> Verdict:
        place = self._contact.place
        if place.proxy:
            return Verdict("skip", "the corporate proxy connects")
        connect(place.host, place.port, moment.deadline - MARGIN, is_local=place.is_local).close()
        return Verdict("ok", evidence=f"{place.host}:{place.port}")

    def _tls(self, moment: ProbeContext) -> Verdict:
        if self._contact.place.scheme != "https":
            return Verdict("skip", "the gateway URL is plain http")
        place, end = self._contact.place, moment.deadline - MARGIN
        try:
            check_tls(place, end)
        except Trouble as trouble:
            if trouble.situation == "tls-client-certificate" and (why := own_unread(self._contact.env)):
                raise Trouble(trouble.situation, f"{trouble.detail}; {why}") from None
            if trouble.situation not in CERTIFICATE:
                raise
            said, remedy = place.trust.about_files(trouble.detail)
            words = {"names": "not known", "issuer": "an authority", **certificate(place, end), "about_files": said}
            about = self._contact.about().plus(**words)
            verdict = explain(trouble.situation, trouble.detail, about)
            if trouble.situation in OF_AN_AUTHORITY:
                verdict = replace(verdict, help=next_step(remedy, about))
            self._contact.unchecked = place.trust.accepts_any
            if not self._contact.unchecked:
                return verdict
            unchecked = explain("tls-unchecked", trouble.detail, about.plus(otherwise=verdict.cause.rstrip(".")))
            return replace(unchecked, status="warn")
        if place.trust.accepts_any:
            about = self._contact.about(otherwise="This certificate is valid: the client needs no such setting")
            return replace(explain("tls-unchecked", "", about), status="warn")
        return Verdict("ok")

    def _headers(self, moment: ProbeContext) -> Verdict:
        answer = moment.value("gateway.key", Answer)
        if answer.status >= 500:
            return Verdict("skip", "no answer but an error to look at")
        verdict = evaluate_headers(answer, time.time(), self._contact.about())
        profile, fronts = self._contact.plan.profile, fronts_in(self._contact.seen)
        if self._contact.pace.limits:
            about = self._contact.about(front=who(fronts))
            return replace(explain("front-limits-rate", verdict.evidence, about), status="warn", value=verdict.value)
        if verdict.status != "ok" or profile.front is not None or not fronts or self._contact.plain:
            return verdict
        about = self._contact.about(name=fronts[0].name, title=fronts[0].title)
        return replace(verdict, help=next_step("front", about))

    def _body(self, moment: ProbeContext) -> Verdict:
        return examine_size(self._contact.asking(moment), moment.value("gateway.key", Answer))

    def _upstream(self, moment: ProbeContext) -> Verdict:
        return moment.value("gateway.model", Verdict)

    def _stream(self, moment: ProbeContext) -> Verdict:
        contact = self._contact
        verdict = examine_live(contact.asking(moment), contact.client, contact.env, contact.misplaced())
        own = cloud_lines(contact, moment).keys() - contact.key_in(moment).keys()
        if verdict.status == "fail" and own and contact.seen[-1].status in _REFUSED:
            return Verdict(
                "skip", "the cloud wants this machine's credential, which only the client sends: claude -p hi"
            )
        return verdict
