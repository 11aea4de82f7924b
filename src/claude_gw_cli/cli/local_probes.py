"""This machine's side of `cgw doctor`: profile, client, settings, helper, and the start of the plain client."""

from __future__ import annotations

import threading
import time

from claude_gw_cli.cli.key_store import completing
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.core.causes import SEVERAL_KEYS, WITHOUT_KEY
from claude_gw_cli.core.diagnosis import About, Verdict, cleaned
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.predict.model import HelperRun
from claude_gw_cli.core.refusal_steps import next_step
from claude_gw_cli.core.words import counted
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import shown_reference
from claude_gw_cli.world.probe import local
from claude_gw_cli.world.probe.contact import FRONT
from claude_gw_cli.world.probe.schedule import Probe, ProbeContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Finding, Plan
    from claude_gw_cli.rules.engine import Ignore

_NEW = "cgw init"
_SECRET_SECONDS = 7.0
_HELPER_SECONDS = 20.0
"""With --live."""
_CLIENT_SECONDS = 600
"""It says after 10 s that it waits (2.1.330). 2.0.45, 2.1.100, 2.1.227 and 2.1.332 waited for 70 s in silence."""
SETTINGS = "settings"
"""The probe that runs the rules; its value is the findings, the most severe first."""


class LocalProbes:
    """The probes that do not ask the gateway.

    Args:
        grant: of the profile; ``None`` without one.
        plan: of the profile, or of the set-up that is here; ``None`` where that does not name a gateway.
        start: the plain client's.
        env: the environment that a client under the plan would have.
        accepted: findings that the user has accepted.
        live: there is time for a slow helper.
    """

    def __init__(
        self,
        grant: Grant | None,
        plan: Plan | None,
        start: PlainStart,
        env: Mapping[str, str],
        accepted: Sequence[Ignore],
        *,
        live: bool,
    ) -> None:
        self._live = live
        self._grant = grant
        self._plan = plan
        self._start = start
        self._env = env
        self._accepted = accepted
        self._fetched = threading.Event()
        self._key = ""
        self.findings: tuple[Finding, ...] = ()

    def probes(self) -> list[Probe]:
        """The local probes; ``start`` and ``secret`` leave the key for those of the gateway."""
        cwd = self._start.snapshot.cwd
        found = [
            Probe("client", "Claude Code", lambda _: local.examine_client(self._plan, self._start.snapshot.process)),
            Probe(SETTINGS, "Settings, all rules", self._settings),
        ]
        if self._plan is not None:
            plan = self._plan
            found.append(Probe("ide", "Editor", lambda _: self._editor(plan, cwd)))
        if self._grant is not None and self._plan is not None:
            profile = self._plan
            found.insert(0, Probe("profile", "Profile", lambda _: _examine_profile(profile)))
            found.append(Probe("secret", "Secret store", self._secret, ("profile",), _SECRET_SECONDS))
            if self._plan.profile.front_auth is not None:
                found.append(
                    Probe(FRONT, "Password for the reverse proxy", self._front, ("profile",), _SECRET_SECONDS)
                )
        command = self._command()
        if command:
            seconds = _HELPER_SECONDS if self._live else _SECRET_SECONDS
            found.append(Probe("helper", "Helper, as the client runs it", self._helper, (), seconds))
        needs = ["profile"] if self._grant is not None and self._plan is not None else []
        needs += ["helper"] if self._start.helper is not None and command else []
        found.append(Probe("start", "A client started here", self._examine_start, tuple(needs)))
        return found

    def _editor(self, plan: Plan, cwd: str) -> Verdict:
        return local.examine_editor(plan, self._env, cwd, plain=self._grant is None)

    def _settings(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli.cli import rule_contexts
        from claude_gw_cli.rules.engine import ORDER, ignored, run

        context, _ = rule_contexts.from_machine(self._start.snapshot.client_version, None)
        # Check only the selected profile; problems in other profiles are not relevant here.
        name = self._plan.profile.name if self._plan and self._grant else None
        mine = tuple(item for item in context.snapshot.profiles if item.name == name)
        found = list(run(replace(context, snapshot=replace(context.snapshot, profiles=mine))))
        overridden = self._grant is not None and self._plan is not None and self._start.is_overridden(self._plan)
        aside = WITHOUT_KEY if overridden else frozenset()  # the cause is the address, which the start names
        if any(item.code in SEVERAL_KEYS for item in found):
            gave = probe.later("helper")
            if self._start.is_one_key(gave.output if isinstance(gave, HelperRun) else None):
                aside |= SEVERAL_KEYS
        reported = (item for item in found if not ignored(item, self._accepted) and item.code not in aside)
        self.findings = tuple(sorted(reported, key=lambda finding: ORDER[finding.severity]))
        worst = self.findings[0].severity if self.findings else "info"
        if worst == "info":
            return Verdict("ok", evidence=counted(len(self.findings), "note") if self.findings else "")
        first, rest = self.findings[0], sum(finding.severity != "info" for finding in self.findings) - 1
        where = first.location.file or first.location.variable or ""
        return Verdict(
            "fail" if worst == "error" else "warn",
            f"{first.code}: {first.message}",
            f"{where} (and {rest} more: cgw check)" if rest else where,
            first.help or "cgw check",
            self.findings,
        )

    def _secret(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli import secrets

        try:
            plan, grant = self._plan, self._grant
            if plan is None or grant is None or plan.profile.secret is None:  # the profile probe reports it
                return Verdict("skip", "the profile has no secret reference")
            seconds = probe.deadline - time.monotonic() - 0.2
            context = secrets.Context.make(grant, self._start.snapshot.process, seconds, plan.profile.tables)
            fetched = secrets.resolve(plan.profile.secret, context)
            self._key = fetched.value.reveal()
        finally:
            self._fetched.set()
        left = "" if fetched.expires_at is None else f", ends in {fetched.expires_at - time.time():.0f} s"
        return Verdict(
            "ok",
            evidence=f"{shown_reference(plan.profile.secret)}: {counted(len(fetched.value), 'character')}{left}",
            value=fetched.value,
        )

    def _front(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli import secrets

        if self._plan is None or self._grant is None or self._plan.profile.front_auth is None:
            return Verdict("skip", "the profile has no front_auth")
        profile, seconds = self._plan.profile, probe.deadline - time.monotonic() - 0.2
        context = secrets.Context.make(self._grant, self._start.snapshot.process, seconds, profile.tables)
        basic = secrets.resolve_basic(self._plan.profile.front_auth, context)
        return Verdict("ok", evidence=shown_reference(profile.front_auth), value=basic)

    def _command(self) -> str:
        """The helper that the client would run, or else the profile's installed one."""
        if self._start.helper is not None:
            own = self._is_own(self._start.helper.text)
            return "" if self._start.is_helper_foreign and not own else self._start.helper.text
        return self._installed() if self._plan and self._plan.helper else ""

    def _installed(self) -> str:
        from claude_gw_cli.helper import installed

        if self._plan is None or self._grant is None:
            return ""
        try:
            return installed.find_for(self._plan.profile.name, self._grant, self._start.snapshot.process).command
        except CgwError:
            return ""  # the start says how to apply the profile, which installs it

    def _is_own(self, command: str) -> bool:
        return command == self._installed() != ""

    def _helper(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli.helper.trial import STOPPED, run_as_client

        env = self._start.variables if self._start.helper is not None else self._env
        cwd = self._start.snapshot.cwd
        seconds = probe.deadline - time.monotonic() - 0.2
        run = run_as_client(self._command(), env, cwd, seconds)
        if run.key and run.doubt:
            cause = f"The helper prints {run.doubt}; the client sends it as it is."
            return Verdict("warn", cause, "", "let it print the key alone", HelperRun(run.key.reveal(), 0))
        if run.exit_code == STOPPED:
            cause = (
                f"The helper did not end within {seconds:.0f} s, so its key was not tried. The client waits longer, "
                f"up to {_CLIENT_SECONDS} s."
            )
            longer = "" if self._live else "wait longer, with a billable request: cgw doctor --live\nor "
            return Verdict("warn", cause, "", f"{longer}let the helper keep its key, so that it is faster")
        if run.key:
            return Verdict("ok", evidence=f"a key in {run.seconds:.2f} s", value=HelperRun(run.key.reveal(), 0))
        if self._grant is not None:  # to mask the key where the helper complains about it
            self._fetched.wait(max(probe.deadline - time.monotonic() - 0.1, 0))
            if not self._key and self._is_own(self._command()):
                return Verdict("skip", "needs “Secret store” first")
        cause = f"The client gets no key from the helper: {run.problem}."
        complaint = cleaned(run.complaint, About({}, (self._key,) if self._key else ()))
        return Verdict("fail", cause, masked_text(complaint), self._helper_step())

    def _helper_step(self) -> str:
        """The command for a helper that gives no key: one that was written for another gateway is written again."""
        from claude_gw_cli.helper import address, installed

        command = self._command()
        mine = next((item for item in installed.installed(self._env) if item.command == command), None)
        if mine is None:
            return "cgw helper test" if self._is_own(command) else f"run it by hand: {masked_text(command)}"
        if self._plan and self._grant and mine.origin != address.origin(self._plan.profile.gateway_url):
            return f"cgw helper install {self._plan.profile.name}"
        return f"cgw helper test {mine.name}"

    def _examine_start(self, probe: ProbeContext) -> Verdict:
        if self._plan is None:
            return self._without_gateway()
        run = probe.found.get("helper")
        if run is None and "helper" in probe.found:
            return Verdict("skip", "needs “Helper, as the client runs it” first")
        return self._start.examine(
            self._plan, run if isinstance(run, HelperRun) else None, has_profile=self._grant is not None
        )

    def _without_gateway(self) -> Verdict:
        """What a start does where nothing names a gateway."""
        started = self._start.prediction
        if started.request is None:
            step = next_step(started.reason or "", None) or _NEW
            step = self._with_profiles() if step == _NEW else step
            return Verdict("fail", f"It would stop before its first request: {started.reason}", "", step)
        address = masked_text(started.request.url).partition("?")[0]
        if self._start.address:
            step = f"see what the client sends: cgw trace\nor correct {self._start.address_place}"
            return Verdict("fail", f"cgw cannot ask the gateway of this set-up: {address}.", "", step)
        return Verdict("warn", f"No gateway is set up here: its requests go to {address}.", "", self._with_profiles())

    def _with_profiles(self) -> str:
        """The next step where nothing leads to a gateway: a new profile, or one of those that none was chosen of."""
        from claude_gw_cli.world.config import list_profiles

        names = [item.name for item in list_profiles(self._env)]
        if not names:
            return _NEW
        return f"use one of your profiles ({', '.join(names)}): cgw switch {names[0]}\nor make one: {_NEW}"


def _examine_profile(plan: Plan) -> Verdict:
    name = plan.profile.name
    if plan.missing:
        cause = f"The profile is not complete: {', '.join(plan.missing)} is missing."
        return Verdict("fail", cause, "", completing(name, plan.missing))
    warnings = [note.text for note in plan.notes if note.severity != "info"]
    if warnings:
        return Verdict("warn", "; ".join(warnings), "", f"cgw profile show {name}")
    return Verdict("ok", evidence=name)
