"""``cgw doctor``: puts the probes together, runs them, and shows what is wrong, why, and what to type next."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from claude_gw_cli.cli.accepted import accepted_findings
from claude_gw_cli.cli.out import info, write_stdout
from claude_gw_cli.cli.use import use_profile
from claude_gw_cli.core.diagnosis import About, Verdict, cleaned
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, CgwError
from claude_gw_cli.core.grant import without_permission
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.proxies import NETWORK
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import shown_reference
from claude_gw_cli.world.client import installed_version
from claude_gw_cli.world.probe import local
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import TOTAL, Probe, ProbeContext, Row, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Finding, Plan
    from claude_gw_cli.rules.engine import Ignore

_LIVE_EXTRA = 31.0
_SECRET_SECONDS = 7.0


def doctor(*, profile: str | None = None, live: bool = False, format_: str = "human") -> int:
    """Examine the live set-up of a profile.

    Args:
        profile: name or file; ``None`` selects.
        live: also send one streamed request of a few tokens, which is billable.
        format_: ``human`` or ``json``.

    Returns:
        0 when nothing failed, else 1.
    """
    loaded, grant = use_profile(profile)
    env, cwd = without_permission(os.environ), os.getcwd()
    plan = make_plan(loaded.profile)
    if live:
        info("cgw: --live sends one streamed request for a few tokens; it is billable.")
    accepted = accepted_findings(cwd)
    version = installed_version(env) or NEWEST
    codes = {entry.code for entry in accepted if entry.file is None}
    gateway = Gateway(grant, plan, _client_env(plan, env) | _network(env, cwd, version), codes, version)
    machine = LocalProbes(grant, plan, env, cwd, accepted)
    schedule = Schedule([*machine.probes(), *gateway.probes(live=live)], TOTAL + (_LIVE_EXTRA if live else 0))
    if format_ == "json":
        rows = schedule.run()
        write_stdout(_json(rows, gateway, machine.findings))
    else:
        from claude_gw_cli.cli.checklist import show

        title = f"profile {plan.profile.name} · {plan.profile.provider} at {masked_text(plan.base_url)}"
        rows = show(schedule, title)
    return EXIT_FINDINGS if _failed(rows) else EXIT_OK


def _failed(rows: Sequence[Row]) -> bool:
    return any(row.verdict is not None and row.verdict.status == "fail" for row in rows)


def _client_env(plan: Plan, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client under this plan, as far as it is not secret."""
    kept = {name: value for name, value in env.items() if name not in plan.clears}
    return kept | {item.name: item.before for item in plan.sets if not item.slot}


def _network(env: Mapping[str, str], cwd: str, version: str) -> dict[str, str]:
    """The way to the gateway as settings files set it; a project's variables could lead a key elsewhere."""
    from claude_gw_cli.core.layers import effective
    from claude_gw_cli.world.snapshot import take

    found = {}
    for name, layered in effective(take(env, cwd, client_version=version)).variables.items():
        values = (layered.winner, *layered.shadowed)
        value = next((item for item in values if item.origin.scope not in {"project", "local"}), None)
        if name in NETWORK and value and value.origin.scope != "process":
            found[name] = value.text
    return found


class LocalProbes:
    """This machine's side: client, settings, editor, store and helper."""

    def __init__(
        self, grant: Grant, plan: Plan, env: Mapping[str, str], cwd: str, accepted: Sequence[Ignore]
    ) -> None:
        self._grant = grant
        self._plan = plan
        self._env = env
        self._cwd = cwd
        self._accepted = accepted
        self.findings: tuple[Finding, ...] = ()

    def probes(self) -> list[Probe]:
        """The local probes; ``secret`` leaves the key for those of the gateway."""
        found = [
            Probe("profile", "Profile", self._profile),
            Probe("client", "Claude Code", lambda _: local.examine_client(self._plan, self._env)),
            Probe("settings", "Settings, all rules", self._settings, ("client",)),
            Probe("start", "A client started here", self._start, ("client",)),
            Probe("ide", "Editor", lambda _: local.examine_editor(self._plan, self._env, self._cwd)),
            Probe("secret", "Secret store", self._secret, ("profile",), _SECRET_SECONDS),
        ]
        if self._plan.helper:
            found.append(Probe("helper", "Helper, as the client runs it", self._helper, ("secret",), _SECRET_SECONDS))
        return found

    def _profile(self, _context: ProbeContext) -> Verdict:
        missing = self._plan.missing
        if missing:
            name = self._plan.profile.name
            options = " ".join(f"{option} …" for option in missing)
            cause = f"The profile is not complete: {', '.join(missing)} is missing."
            return Verdict("fail", cause, "", f"cgw init {name} {options}")
        warnings = [note.text for note in self._plan.notes if note.severity != "info"]
        if warnings:
            return Verdict("warn", "; ".join(warnings), "", f"cgw profile show {self._plan.profile.name}")
        return Verdict("ok", evidence=self._plan.profile.name)

    def _settings(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli.cli import rule_contexts
        from claude_gw_cli.rules.engine import ORDER, ignored, run

        version = probe.found.get("client")
        context, _ = rule_contexts.from_machine(version if isinstance(version, str) else NEWEST, None)
        # Check only the selected profile; problems in other profiles are not relevant here.
        mine = tuple(item for item in context.snapshot.profiles if item.name == self._plan.profile.name)
        found = run(replace(context, snapshot=replace(context.snapshot, profiles=mine)))
        reported = (finding for finding in found if not ignored(finding, self._accepted))
        self.findings = tuple(sorted(reported, key=lambda finding: ORDER[finding.severity]))
        worst = self.findings[0].severity if self.findings else "info"
        if worst == "info":
            return Verdict("ok", evidence=f"{len(self.findings)} notes" if self.findings else "")
        first, rest = self.findings[0], len(self.findings) - 1
        where = first.location.file or first.location.variable or ""
        evidence = f"{where} (and {rest} more)" if rest else where
        return Verdict(
            "fail" if worst == "error" else "warn", f"{first.code}: {first.message}", evidence, "cgw check"
        )

    def _start(self, probe: ProbeContext) -> Verdict:
        """Would a client started here under the profile really use it? Settings files override the environment."""
        from claude_gw_cli.core.predict import predict
        from claude_gw_cli.world.snapshot import take

        version = probe.found.get("client")
        env = _client_env(self._plan, self._env)
        env |= {item.name: item.fill("key") for item in self._plan.sets}
        started = predict(take(env, self._cwd, client_version=version if isinstance(version, str) else NEWEST))
        name, base = self._plan.profile.name, self._plan.base_url
        explain = f"cgw explain --profile {name}"
        if started.request is None:
            apply = f"cgw settings apply --profile {name}" if self._plan.helper else explain
            return Verdict("warn", "It would stop before its first request.", started.reason or "", apply)
        if not started.request.url.startswith(f"{base}/"):
            origins = (layer.winner.origin.file for layer in started.variables.values())
            files = sorted({file for file in origins if file})
            address = masked_text(started.request.url).partition("?")[0]
            cause = f"It would not use this profile: its requests go to {address}."
            return Verdict("warn", cause, f"settings files that set variables: {', '.join(files)}", explain)
        return Verdict("ok", evidence=masked_text(f"{started.request.model} at {base}"))

    def _secret(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli import secrets

        reference = self._plan.profile.secret
        if reference is None:  # the profile probe reports it
            return Verdict("skip", "the profile has no secret reference")
        seconds = probe.deadline - time.monotonic() - 0.2
        context = secrets.Context.make(self._grant, self._env, seconds, self._plan.profile.tables)
        fetched = secrets.resolve(reference, context)
        left = "" if fetched.expires_at is None else f", ends in {fetched.expires_at - time.time():.0f} s"
        return Verdict(
            "ok", evidence=f"{shown_reference(reference)}: {len(fetched.value)} characters{left}", value=fetched.value
        )

    def _helper(self, probe: ProbeContext) -> Verdict:
        from claude_gw_cli.helper import install
        from claude_gw_cli.helper.trial import run_as_client

        try:
            command = install.find_for(self._plan.profile.name, self._grant, self._env).command
        except CgwError as error:
            return Verdict("fail", error.message, "", error.hint or f"cgw helper install {self._plan.profile.name}")
        env = _client_env(self._plan, self._env)
        key = probe.value("secret", Secret).reveal()
        run = run_as_client(command, env, self._cwd, probe.deadline - time.monotonic() - 0.2)
        if run.key:
            return Verdict("ok", evidence=f"a key in {run.seconds:.2f} s")
        cause = f"The client gets no key from the helper: {run.problem}."
        return Verdict("fail", cause, cleaned(run.complaint, About({}, (key,))), "cgw helper test")


def _json(rows: Sequence[Row], gateway: Gateway, findings: Sequence[Finding]) -> str:
    from claude_gw_cli.report.findings import as_dict

    identity = gateway.identity
    probes = []
    for row in rows:
        verdict = row.verdict or Verdict("skip")
        probes.append(
            {
                "id": row.id,
                "title": row.title,
                "status": verdict.status,
                "seconds": round(row.seconds, 3),
                "cause": verdict.cause or None,
                "evidence": verdict.evidence or None,
                "help": verdict.help or None,
            }
        )
    document = {
        "schema_version": 1,
        "verdict": "fail" if _failed(rows) else "ok",
        "gateway": {"kind": identity.kind, "version": identity.version},
        "probes": probes,
        "findings": [as_dict(finding) for finding in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
