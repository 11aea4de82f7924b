"""The plain ``claude`` that would start here: what it sends, and whether that is what a profile wants.

`cgw doctor` sends the gateway the headers that this start would send, with the value that the helper gives.
"""

from __future__ import annotations

import os
import shlex

from claude_gw_cli.cli.plain_plan import CLOUDS, LOGINS, is_of_cloud, key_headers
from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.plan import key_header, mode_of
from claude_gw_cli.core.predict.custom import parse_custom_headers
from claude_gw_cli.core.predict.model import HelperRun, Prediction, Source
from claude_gw_cli.core.predict.models import body_model
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.predict.winners import CREDENTIAL_HEADERS
from claude_gw_cli.core.refusal_steps import next_step
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN, PROJECT
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.variables import MODELS
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import is_credential
from claude_gw_cli.world.probe.exchange import Credential
from claude_gw_cli.world.project import trusts_folder
from claude_gw_cli.world.snapshot import take, without_duplicate_project_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.layers import Layered
    from claude_gw_cli.core.model import Plan

_REPOSITORY = ("project", "local")
_BESIDE_LOGIN = "cgw init NAME --auth login --secret REF"


class PlainStart:
    """A start of ``claude -p`` in this directory and environment.

    Args:
        env: the environment.
        cwd: the working directory.
        version: of the client.
        trusted: whether the caller trusts what a project's files set.
    """

    def __init__(self, env: Mapping[str, str], cwd: str, version: str, *, trusted: bool) -> None:
        self.snapshot = without_duplicate_project_file(take(env, cwd, client_version=version))
        self.prediction = predict(self.snapshot)
        self._trusted = trusted or trusts_folder(self.snapshot)

    @property
    def variables(self) -> dict[str, str]:
        """Every variable as the client sees it, and passes it to a helper."""
        from claude_gw_cli.helper.trial import client_variables

        seen = {name: layered.text for name, layered in self.prediction.variables.items()}
        return client_variables(seen, self.snapshot.client_version)

    @property
    def helper(self) -> Layered | None:
        """The helper whose value this start sends, if it sends one."""
        sent = any(found.source_kind == "helper" for found in self.prediction.headers.values())
        return self.prediction.effective.helper if sent else None

    @property
    def is_helper_foreign(self) -> bool:
        """Whether only a project's files name the helper, and the user does not trust the project."""
        return self.helper is not None and self._is_foreign(self.helper)

    @property
    def address(self) -> Layered | None:
        """The base URL that counts, if one is set."""
        layered = self.prediction.variables.get(BY_NAME[self.prediction.provider].base)
        return None if layered is None or layered.winner.is_empty else layered

    @property
    def address_place(self) -> str:
        """Where its address is set, for a message; empty if it is not."""
        return self.address.place if self.address else ""

    @property
    def key_places(self) -> str:
        """Where its keys are set, for a message; a text that only makes the client start is not one."""
        sent = {name: self.prediction.headers[name] for name in key_headers(self.prediction)}
        keys = {name: it for name, it in sent.items() if PLACEHOLDER_TOKEN not in (it.text() or "")} or sent
        found = (self._place_of(name, it.source) for name, it in keys.items() if it.source)
        return ", ".join(dict.fromkeys(filter(None, found))) or self.address_place

    def _place_of(self, header: str, source: Source) -> str:
        layered = self._layered(source)
        line = f"the line {header} of " if source.kind == "custom-header" else ""
        return line + layered.place if layered else ""

    @property
    def places(self) -> dict[str, str]:
        """Where the set-up has its values, for the next steps of `cgw doctor` without a profile."""
        effective = self.prediction.effective
        model, agent = effective.variables.get("ANTHROPIC_MODEL") or effective.model, self.snapshot.agent
        model_place = model.place if model else "ANTHROPIC_MODEL"
        project = effective.variables.get(PROJECT)
        places = {found.text: found.place for found in map(effective.variables.get, MODELS) if found}
        body = effective.variables.get("CLAUDE_CODE_EXTRA_BODY")
        if body and (replaced := body_model(effective)) is not None:
            model_place = places[replaced] = body.place
        elif agent and agent.model:
            model_place = f"model in {agent.file} (agent)"
        return {
            **{f"place of {name}": place for name, place in places.items()},
            "address_place": self.address_place,
            "key_place": self.key_places,
            "model_place": model_place,
            "project_place": project.place if project else PROJECT,
        }

    @property
    def leads_astray(self) -> bool:
        """Whether a project's files set the address, and the user does not trust the project."""
        return self.address is not None and self._is_foreign(self.address)

    def is_one_key(self, helper: str | None) -> bool:
        """Whether every key that is set is the same one: it does not matter which of them wins.

        ``helper`` is what the helper gave; ``None`` where it was not run.
        """
        effective = self.prediction.effective
        custom = parse_custom_headers(effective.text("ANTHROPIC_CUSTOM_HEADERS"), self.snapshot.client_version)
        values = [effective.text("ANTHROPIC_AUTH_TOKEN"), effective.text("ANTHROPIC_API_KEY"), helper or ""]
        values += [line.value for name, line in custom.lines.items() if is_credential(name, line.value)]
        keys = {value.strip().removeprefix("Bearer ") for value in values if value.strip()} - {PLACEHOLDER_TOKEN}
        return len(keys) == 1 and (effective.helper is None or helper is not None)

    def _is_foreign(self, layered: Layered) -> bool:
        origin = layered.winner.origin
        # In the home directory the project's settings are the user's own file.
        own = {os.path.realpath(source.file) for source in self.snapshot.files if source.scope == "user"}
        in_project = origin.scope in _REPOSITORY and os.path.realpath(origin.file or "") not in own
        return in_project and not self._trusted

    def is_overridden(self, plan: Plan) -> bool:
        """Whether a settings file leads elsewhere than the plan: no environment changes that, nor does `cgw run`."""
        address = self.address
        if address is None or address.winner.origin.file is None:
            return False
        return not f"{address.text.strip().rstrip('/')}/".startswith(f"{plan.base_url}/")

    def examine(self, plan: Plan, run: HelperRun | None, *, has_profile: bool) -> Verdict:
        """Whether this start can use the gateway of a plan. The value is the ``Credential`` that it sends.

        Args:
            plan: of the profile, or of the set-up that is here (``plan_of``).
            run: what the helper gave, where this start uses one.
            has_profile: whether the plan is a profile's.
        """
        started = predict(self.snapshot, helper_run=run)
        if started.request is None and has_profile and self.is_overridden(plan) and self.address:
            where = masked_text(self.address.text.strip())
            cause = f"It would not use this gateway: {self.address_place} leads to {where}, with `cgw run` too."
            return Verdict("fail", cause, "", self._remedy(self.address, plan, has_profile=True))
        if started.request is None:
            reason = started.reason or ""
            auth = plan.profile.auth if has_profile else ""
            known = auth == "login" or "/login" not in reason
            step = next_step(reason, plan.profile.name if has_profile else None, auth=auth) if known else ""
            step = step or (_apply(plan) if has_profile else "cgw explain")
            return Verdict("fail", f"It would stop before its first request: {reason}", "", step)
        elsewhere = self._elsewhere(started, plan)
        problem = elsewhere or _without_key(started, plan)
        if problem and not elsewhere and has_profile and plan.profile.auth == "static":
            return Verdict("fail", problem, "", _apply(plan))
        if problem:
            evidence = f"set in {self.address_place}" if self.address else ""
            remedy = self._remedy(self.address, plan, has_profile=has_profile)
            if not has_profile and any(found.source_kind in LOGINS for found in started.headers.values()):
                remedy += f"\nif this gateway passes logins on, it still needs its key: {_BESIDE_LOGIN}"
            return Verdict("fail", problem, evidence, remedy)
        if run is None and self.helper is not None:
            why = "Its helper is set by this project's files, so cgw did not run it."
            return Verdict("warn", why, self.helper.place, "read that file; to run it: cgw doctor --trust-repository")
        session = self._session(started, run)
        sent = self._credential(started, plan, has_profile=has_profile)
        if session:
            return Verdict("warn", session, sent.place, "answer Yes when the session asks about the key", sent)
        return Verdict("ok", evidence=masked_text(f"{started.request.model} at {plan.base_url}"), value=sent)

    def _elsewhere(self, started: Prediction, plan: Plan) -> str:
        """Why its requests do not reach the plan's gateway in the plan's form; empty if they do."""
        url = started.request.url if started.request else ""
        if not url.startswith(f"{plan.base_url}/"):
            return f"It would not use this gateway: its requests go to {masked_text(url).partition('?')[0]}."
        if started.provider != mode_of(plan.profile).client:
            return f"It would send requests in the format of {started.provider}."
        if self.leads_astray and self.address is not None:
            return "This project's files set the address of the gateway, so cgw sends nothing there."
        return ""

    def _session(self, started: Prediction, run: HelperRun | None) -> str:
        """What an interactive session does otherwise; empty if it does the same."""
        session = predict(replace(self.snapshot, interactive=True), helper_run=run)
        if session.request is None:
            return f"`claude -p` works; an interactive session would stop: {session.reason}"
        sent = {found.value.reveal() for found in session.headers.values() if found.present and found.value}
        for name in CREDENTIAL_HEADERS:
            before, after = started.headers[name], session.headers[name]
            if before.value and not after.present and before.value.reveal() in sent:
                continue  # the same key travels in another header
            if (before.present, before.text()) != (after.present, after.text()):
                return f"`claude -p` works; an interactive session sends another {name}. {after.note}".strip()
        return ""

    def _credential(self, started: Prediction, plan: Plan, *, has_profile: bool) -> Credential:
        headers, keys = {}, []
        for name, found in started.headers.items():
            text = found.text()
            if found.present and text is not None and found.value is not None:
                headers[name] = text
                keys.append(found.value.reveal())
        source = started.headers[key_header(plan.profile)].source if key_header(plan.profile) in headers else None
        layered = None if source is None else self._layered(source)
        renews = source is not None and source.kind == "helper"
        remedy = (
            "cgw helper refresh\nor run the helper by hand and compare"
            if renews
            else self._remedy(layered, plan, has_profile=has_profile)
        )
        hidden = tuple(key for key in keys if len(key) > _SHORT)
        sources = {name: started.headers[name].source for name in key_headers(started) if name in headers}
        real = {name: source for name, source in sources.items() if source and PLACEHOLDER_TOKEN not in headers[name]}
        clouds = {
            name: found.prefix.strip()
            for name, found in started.headers.items()
            if found.present and name != key_header(plan.profile) and is_of_cloud(found, started.provider)
        }
        places = {
            name: it for name, source in real.items() if name not in clouds and (it := self._place_of(name, source))
        }
        return Credential(headers, hidden, layered.place if layered else "", remedy, renews, places, clouds)

    def _layered(self, source: Source) -> Layered | None:
        if source.kind == "helper":
            return self.prediction.effective.helper
        name = "ANTHROPIC_CUSTOM_HEADERS" if source.kind == "custom-header" else source.name
        return self.prediction.variables.get(name)

    def _remedy(self, layered: Layered | None, plan: Plan, *, has_profile: bool) -> str:
        """How the value that counts is corrected where it is set."""
        if layered is None or layered.winner.origin.file is None:
            return _apply(plan) if has_profile else "correct the variable in this shell, then: cgw doctor"
        scope, file = layered.winner.origin.scope, layered.winner.origin.file
        if scope in ("user", *_REPOSITORY) and has_profile:
            name = shlex.quote(plan.profile.name)
            return f"correct {file}, or: cgw settings apply --scope {scope} --profile {name}"
        return f"correct {file}, then: cgw doctor" if scope != "managed" else f"tell the administrator about {file}"


def set_up_here(env: Mapping[str, str], cwd: str) -> Layered | None:
    """The address that a plain ``claude`` uses here, if this user set one; a project's counts if it is trusted."""
    from claude_gw_cli.facts.versions import newest
    from claude_gw_cli.world.trust import is_allowed

    start = PlainStart(env, cwd, newest(), trusted=is_allowed(env))
    return None if start.leads_astray else start.address


_SHORT = 7
"""Values up to this length are words of a header, not keys."""


def _without_key(started: Prediction, plan: Plan) -> str:
    """Why the plan's key header does not carry a key, or Authorization not what a front wants; empty if they do."""
    header = key_header(plan.profile)
    basic = started.headers["authorization"]
    if plan.profile.front_auth is not None and not (basic.present and (basic.text() or "").startswith("Basic ")):
        return "It would not send the user name and password of front_auth in the header Authorization."
    found = started.headers.get(header)
    if found is None or not found.present:
        return f"It would send no key in the header {header}."
    if found.source_kind in LOGINS:
        return f"It would send this person's own login in the header {header}, not a key of the gateway."
    if found.source_kind in CLOUDS and header not in mode_of(plan.profile).taken:
        return f"It would send a credential of the cloud in the header {header}, not the gateway's key."
    return ""


def _apply(plan: Plan) -> str:
    name = shlex.quote(plan.profile.name)
    if plan.helper:
        return f"cgw settings apply --scope user --profile {name}"
    return f'eval "$(cgw env --profile {name})"\nor for one start: cgw run --profile {name} -- claude'
