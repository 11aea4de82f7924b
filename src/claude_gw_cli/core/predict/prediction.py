"""The whole prediction of a client start.

``predict`` is pure: everything it may know is in the ``Snapshot``. It never runs a helper: a caller that has run it
may pass its answer.
"""

from __future__ import annotations

from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.layers import WHITESPACE, Effective, Layered, effective
from claude_gw_cli.core.predict.custom import parse_custom_headers
from claude_gw_cli.core.predict.gates import gate
from claude_gw_cli.core.predict.model import Also, Field, HeaderPrediction, HelperRun, Prediction, Request
from claude_gw_cli.core.predict.models import Models
from claude_gw_cli.core.predict.providers import choose_route, credential_text
from claude_gw_cli.core.predict.proxy import beside_proxy, or_userinfo, unsupported, way_of
from claude_gw_cli.core.predict.sentences import by_agent, last_day, sentences
from claude_gw_cli.core.predict.target import region_of, request_target
from claude_gw_cli.core.predict.winners import (
    CUSTOM_VARIABLE,
    Inputs,
    is_bare,
    uses_login,
    uses_subscription,
    value_problem,
    winners,
)
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import family_of_plan
from claude_gw_cli.facts.unheard import EDITOR, ENTRYPOINT, SOCKET_VARIABLE
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

APPROVAL_LENGTH = 20
"""The client remembers approved keys by their last 20 characters (``customApiKeyResponses``)."""


def predict(snapshot: Snapshot, *, helper_run: HelperRun | None = None) -> Prediction:
    """The prediction for one client start.

    Args:
        snapshot: everything the client would see.
        helper_run: what the helper gave, where it was run; otherwise its value stays unknown.
    """
    layers = effective(snapshot)
    route = choose_route(snapshot, layers)
    custom = parse_custom_headers(layers.text(CUSTOM_VARIABLE), snapshot.client_version)
    helper = _from_flag(layers.helper) if is_bare(snapshot, layers) else layers.helper
    first_party = route.provider.name == "anthropic"
    key_note = _approval(snapshot, layers) if first_party else ""
    inputs = Inputs(snapshot, layers, route, custom, key_note, helper, helper_run)
    headers = winners(inputs)
    models = Models(route, snapshot, layers, _plan_family(inputs) if first_party else "")
    url, model, misdirected = request_target(route, snapshot, layers, models.chosen())
    reason = (
        _stopped(snapshot)
        or gate(snapshot, layers, route, helper=helper is not None)
        or route.refusal
        or (_login(inputs, headers) if first_party else "")
        or custom.problem
        or value_problem(headers, inputs)
        or misdirected
        or _workspace(inputs, headers)
    )
    headers["authorization"] = or_userinfo(
        headers["authorization"], layers, route.provider.base, snapshot.client_version
    )
    way = (
        way_of(url, layers, snapshot.client_version, through_socket=bool(snapshot.process.get(SOCKET_VARIABLE)))
        if url
        else None
    )
    reason = reason or unsupported(way)
    if way is not None:
        headers["proxy-authorization"] = beside_proxy(
            headers["proxy-authorization"], url, way, layers, snapshot.client_version
        )
    if key_note and not reason and "x-api-key" in headers:
        headers["x-api-key"] = _with_note(headers["x-api-key"], key_note)
    # A client that stops has asked for nothing, except where it only then finds no credential of the cloud's.
    asks = not reason or route.situation == "none"
    region = region_of(route, snapshot, layers, models.chosen() or "")
    further: tuple[Also, ...] = ()
    fields: tuple[Field, ...] = ()
    if asks:
        from claude_gw_cli.core.predict.besides import further_requests
        from claude_gw_cli.core.predict.fields import request_fields

        further = further_requests(models, headers, region)
        fields = () if reason else request_fields(models)
    prediction = Prediction(
        version=snapshot.client_version,
        mode="interactive" if snapshot.interactive else "print",
        provider=route.provider.name,
        outcome="refused" if reason else "request",
        reason=masked_keys(reason) or None,  # it repeats words of the command line
        request=None if reason else Request("POST", url, model, snapshot.process.get(SOCKET_VARIABLE) or None, way),
        headers={name: HeaderPrediction(shadowed=found.shadowed) for name, found in headers.items()}
        if reason
        else headers,
        effective=layers,
        settings=snapshot.files,
        also=further,
        fields=fields,
    )
    found = (*sentences(prediction, route.situation, key_note), *by_agent(models))
    said = (*found, *(() if reason else last_day(models, model)))
    return replace(prediction, sentences=tuple(map(masked_keys, said)))


def _plan_family(inputs: Inputs) -> str:
    """The family of the default model that the credential's plan decides; ``""`` for a key or a token."""
    if uses_subscription(inputs):
        return "sonnet"
    if not uses_login(inputs):
        return ""
    return family_of_plan(inputs.snapshot.login_plan, inputs.snapshot.client_version)


def _from_flag(helper: Layered | None) -> Layered | None:
    """A bare start runs a helper only from ``--settings`` (managed and user ones are ignored; measured)."""
    found = [] if helper is None else [helper.winner, *helper.shadowed]
    flagged = next((value for value in found if value.origin.scope == "flag"), None)
    return None if flagged is None or not flagged.text else Layered(flagged)


def _stopped(snapshot: Snapshot) -> str:
    """What stops the client before it looks at any credential."""
    if snapshot.stops:
        return snapshot.stops[0]
    if not snapshot.interactive and not holds("output-format", snapshot.client_version):
        return "error: unknown option '--output-format'"
    broken = next((file for file in snapshot.files if file.scope == "managed" and file.status == "invalid"), None)
    if broken is not None and holds("managed-must-parse", snapshot.client_version):
        return (
            f"{broken.file}: Managed settings document could not be parsed as a JSON object; "
            "none of its settings are in effect. Fix or remove it."
        )
    return ""


def _workspace(inputs: Inputs, headers: Mapping[str, HeaderPrediction]) -> str:
    """What Claude on AWS or Google Cloud misses: a workspace, unless a gateway without Authorization knows it."""
    layers, situation = inputs.effective, inputs.route.situation
    workspace, optional = inputs.route.provider.workspace, inputs.route.provider.workspace_fact
    if workspace is None or (optional and not holds(optional, inputs.snapshot.client_version)):
        return ""
    settled = holds("aws-platforms-settled", inputs.snapshot.client_version)
    if (
        situation == "aws-keys"
        and holds("anthropic-aws-wants-region", inputs.snapshot.client_version)
        and not (layers.present("AWS_REGION") or layers.present("AWS_DEFAULT_REGION"))
    ):
        return "API Error: No AWS region found. Set the `AWS_REGION` / `AWS_DEFAULT_REGION` environment variable."
    if layers.present(workspace):
        return ""
    if situation == "skip" and (optional or not (settled and headers["authorization"].present)):
        return ""
    return f"API Error: No workspace ID found. Set the `{workspace}` environment variable."


def _login(inputs: Inputs, headers: Mapping[str, HeaderPrediction]) -> str:
    """What a first-party client says when it finds nothing to authenticate with; ``""`` when it goes on."""
    version = inputs.snapshot.client_version

    def filled(name: str) -> bool:
        found = headers[name]
        return found.present and found.text() != ""  # a stored session's text is not known

    key = bool(credential_text("key", inputs.effective, version)) and not inputs.key_note
    own = key or inputs.helper is not None or headers["x-api-key"].source_kind == "login-key"
    if holds("any-credential-header-counts", version):
        known = filled("authorization") or filled("x-api-key")
    else:
        token = bool(credential_text("token", inputs.effective, version).strip(WHITESPACE))
        token = token or uses_subscription(inputs) or uses_login(inputs)
        known = (token and filled("authorization")) or (own and filled("x-api-key"))
    if known:
        return ""
    if own:
        return "Invalid API key · Fix external API key"
    said = "Not logged in" if holds("not-logged-in", version) else "Invalid API key"
    return f"{said} · Please run /login"


def _approval(snapshot: Snapshot, layers: Effective) -> str:
    """Why a client with a person before it does not use ANTHROPIC_API_KEY; ``""`` when it does, or with ``-p``."""
    key = credential_text("key", layers, snapshot.client_version)
    in_editor = snapshot.process.get(ENTRYPOINT) == EDITOR and holds("editor-key-approved", snapshot.client_version)
    if not (snapshot.interactive or in_editor) or not key:
        return ""
    responses = snapshot.claude_json.get("customApiKeyResponses")
    answers = responses if isinstance(responses, dict) else {}

    def listed(name: str) -> bool:
        keys = answers.get(name)
        return isinstance(keys, list) and key[-APPROVAL_LENGTH:] in keys

    if listed("approved"):
        return ""
    if listed("rejected"):
        return "ANTHROPIC_API_KEY was declined on this machine (customApiKeyResponses in .claude.json)."
    if in_editor:
        return "The VS Code extension does not use ANTHROPIC_API_KEY before it was approved in a session of `claude`."
    return "The client will ask whether to use ANTHROPIC_API_KEY; its own answer is No, and then it is not sent."


def _with_note(found: HeaderPrediction, note: str) -> HeaderPrediction:
    certain = found.certain and "will ask" not in note
    return replace(found, note=f"{note} {found.note}".strip(), certain=certain)
