"""``cgw doctor``: puts the probes together, runs them, and shows what is wrong, why, and what to type next."""

from __future__ import annotations

import json
import os
import time
from functools import partial

from claude_gw_cli.cli.accepted import accepted_findings
from claude_gw_cli.cli.checklist import run_settled, show, unasked
from claude_gw_cli.cli.facts_in_force import use_facts_in_force
from claude_gw_cli.cli.local_probes import SETTINGS, LocalProbes
from claude_gw_cli.cli.out import info, write_stdout
from claude_gw_cli.cli.plain_plan import plan_of
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.cli.use import use_profile
from claude_gw_cli.core.causes import cause_of
from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, UsageError
from claude_gw_cli.core.grant import Grant, without_permission
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.proxies import NETWORK
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.client import installed_version
from claude_gw_cli.world.config import NoneSelectedError
from claude_gw_cli.world.health import remember
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.probe.gateway import Gateway, Identity
from claude_gw_cli.world.probe.schedule import TOTAL, Probe, ProbeContext, Row, Schedule
from claude_gw_cli.world.process import began
from claude_gw_cli.world.signals import end_in_order
from claude_gw_cli.world.trust import is_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.core.model import Finding, Plan
    from claude_gw_cli.world.config import LoadedProfile

_LIVE_EXTRA = 31.0
_VERSION_SECONDS = 1.5
"""For a client that does not say its version on disk."""


def doctor(*, profile: str | None = None, live: bool = False, format_: str = "human") -> int:
    """Examine the plain ``claude`` that would start here, and the gateway that it uses.

    Args:
        profile: name or file that it is held against; ``None`` selects, and where nothing is selected the set-up
            that is here is examined by itself.
        live: also send one streamed request of a few tokens, which is billable.
        format_: ``human`` or ``json``.

    Returns:
        0 when nothing failed, else 1.
    """
    return EXIT_FINDINGS if _failed(examined(profile, live=live, format_=format_)) else EXIT_OK


def examined(profile: str | None = None, *, live: bool = False, format_: str = "human") -> Sequence[Row]:
    """What ``doctor`` does and prints; returns the probes with their verdicts."""
    started = began()
    use_facts_in_force()
    end_in_order()
    env, cwd = without_permission(os.environ), working_dir()
    if live:
        info("cgw: --live sends one streamed request for a few tokens; it is billable.")
    version = installed_version(env, seconds=_VERSION_SECONDS) or newest()
    start = PlainStart(env, cwd, version, trusted=is_allowed(os.environ))
    loaded, grant = _selected(profile)
    plan = make_plan(loaded.profile) if loaded else _plan_without_profile(start)
    accepted = accepted_findings(cwd)
    codes = {entry.code for entry in accepted if entry.file is None}
    client = (_client_env(plan, env) if loaded and plan else start.variables) | _network(start)
    machine = LocalProbes(grant, plan, start, client, accepted, live=live)
    gateway = None
    if plan is not None and (loaded or not start.leads_astray):
        places = None if loaded else start.places
        gateway = Gateway(grant or Grant("typed"), plan, client, codes, version, places)
    probes = [*machine.probes(), *(gateway.probes(live=live) if gateway else [])]
    told = partial(_told, machine)
    probes = [probe if probe.id == SETTINGS else replace(probe, run=partial(told, probe)) for probe in probes]
    schedule = Schedule(probes, TOTAL - (time.monotonic() - started) + (_LIVE_EXTRA if live else 0))
    if format_ == "json":
        rows = run_settled(schedule)
        write_stdout(_json(rows, gateway.identity if gateway else Identity(), machine.findings))
    else:
        name = f"profile {loaded.profile.name}" if loaded else "no profile, the set-up that is here"
        title = f"{name} · {plan.profile.provider} at {masked_text(plan.base_url)}" if plan else name
        rows = show(schedule, title)
    if plan is not None:
        cause = next((row.verdict.cause for row in rows if row.verdict and row.verdict.status == "fail"), "")
        remember(plan.profile.gateway_url, "fail" if _failed(rows) else "ok", cause, env)
    return rows


def _plan_without_profile(start: PlainStart) -> Plan | None:
    """The set-up that is here; ``None`` where no gateway can be asked."""
    try:
        return plan_of(start)
    except UsageError:
        return None


def _selected(name: str | None) -> tuple[LoadedProfile | None, Grant | None]:
    """The profile and its grant; none where the user did not name one and none is selected."""
    try:
        return use_profile(name)
    except NoneSelectedError:
        return None, None


def _told(machine: LocalProbes, probe: Probe, moment: ProbeContext) -> Verdict:
    """A probe's verdict, unless a finding is the cause of what it saw: then the finding has the next step."""
    verdict = probe.run(moment)
    if verdict.status in {"fail", "warn"}:
        moment.later(SETTINGS)
        finding = cause_of(probe.id, machine.findings)
        severity = finding.severity if finding else ""
        if finding and severity == "error":
            return Verdict("skip", f"its cause is {finding.code}: {finding.message}", because=SETTINGS)
        if verdict.status == "warn" and severity == "warning":
            verdict = replace(verdict, status="ok", cause="", help="")
    return verdict


def _failed(rows: Sequence[Row]) -> bool:
    return any(row.verdict is not None and row.verdict.status == "fail" for row in rows) or bool(unasked(rows))


def _client_env(plan: Plan, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client under this plan, as far as it is not secret."""
    kept = {name: value for name, value in env.items() if name not in plan.clears}
    return kept | {item.name: item.before for item in plan.sets if not item.slot}


def _network(start: PlainStart) -> dict[str, str]:
    """The way to the gateway as settings files set it; a project's variables could lead a key elsewhere."""
    found = {}
    for name, layered in start.prediction.variables.items():
        values = (layered.winner, *layered.shadowed)
        value = next((item for item in values if item.origin.scope not in {"project", "local"}), None)
        if name in NETWORK and value and value.origin.scope != "process":
            found[name] = value.text
    return found


def _json(rows: Sequence[Row], identity: Identity, findings: Sequence[Finding]) -> str:
    from claude_gw_cli.report.findings import as_dict

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
