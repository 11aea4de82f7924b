"""Which provider a client start uses, how that provider gets its own credential, and where the request goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from claude_gw_cli.core.layers import BLANKS, Effective, truthy
from claude_gw_cli.core.predict.models import choose_model
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import PROVIDERS, VARIABLES, Provider
from claude_gw_cli.facts.versions import holds

# What the client, or the cloud's own library inside it, says when it finds no credential.
_NO_AWS = (
    "API Error: Could not load AWS credentials · Could not load credentials from any providers. "
    "Check or refresh your AWS credentials and try again."
)
_NO_GOOGLE = "API Error: Could not load Google Cloud credentials · Could not load the default credentials."
_NO_AZURE = "API Error: ChainedTokenCredential authentication failed"
_NO_FOUNDRY_SKIP = "API Error: Expected azureADTokenProvider function argument to return a string"
_REFUSALS = {
    "bedrock": _NO_AWS,
    "mantle": _NO_AWS,
    "anthropic-aws": _NO_AWS,
    "vertex": _NO_GOOGLE,
    "foundry": _NO_AZURE,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Provider and situation, or why the client stops there."""

    provider: Provider
    situation: str
    refusal: str = ""


def choose_route(snapshot: Snapshot, effective: Effective) -> Route:
    """The first provider whose flag is on, in its first situation that applies."""
    version = snapshot.client_version
    words = holds("flag-words", version)

    def on(name: str | None) -> bool:
        return name is not None and truthy(effective.text(name), words=words)

    provider = next(
        item
        for item in PROVIDERS
        if item.flag is None or ((item.fact is None or holds(item.fact, version)) and on(item.flag))
    )
    for situation in provider.situations:
        if situation == "plain":
            return Route(provider, situation)
        if situation == "skip":
            if not on(provider.skip):
                continue
            if provider.skip_fact is None or holds(provider.skip_fact, version):
                return Route(provider, situation)
            if provider.name == "foundry":
                return Route(provider, situation, _NO_FOUNDRY_SKIP)
        elif _has(situation, snapshot, effective):
            return Route(provider, situation)
    return Route(provider, "none", _REFUSALS[provider.name])


def _has(situation: str, snapshot: Snapshot, effective: Effective) -> bool:
    """Whether the cloud credential that names the situation is there."""
    if situation in VARIABLES:
        return bool(credential_text(situation, effective, snapshot.client_version))
    return cloud_credential(situation, snapshot, effective) is not None


_TRIMMED = {name: f"{name}-trimmed" for name in ("token", "key", "oauth", "aws-bearer")}
_SINCE = {"aws-bearer": "bedrock-bearer", "oauth": "oauth-token"}


def credential_text(source: str, effective: Effective, version: str) -> str:
    """A credential variable's text as the client takes it; ``""`` when that client does not count it as set."""
    if source in _SINCE and not holds(_SINCE[source], version):
        return ""
    text = effective.text(VARIABLES[source])
    return text if source in _TRIMMED and not holds(_TRIMMED[source], version) else text.strip(BLANKS)


def cloud_credential(situation: str, snapshot: Snapshot, effective: Effective) -> str | None:
    """The name of what gives the cloud credential (a variable, a settings key or a file); ``None`` if nothing does."""
    pairs, single, keys = {
        "aws-keys": (
            (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")),
            ("AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            ("awsCredentialExport", "awsAuthRefresh"),
        ),
        "google": ((), ("GCE_METADATA_HOST",), ("gcpAuthRefresh",)),
        "azure": (
            (
                ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"),
                ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"),
            ),
            (),
            (),
        ),
    }[situation]
    for names in pairs:
        if all(effective.present(name) for name in names):
            return names[0]
    found = next((name for name in single if effective.present(name)), None)
    found = found or next((key for key in keys if effective.settings.get(key)), None)
    return found or next((name for kind, name in snapshot.cloud_files if kind == situation), None)


def request_url(
    route: Route, snapshot: Snapshot, effective: Effective, *, subscription: bool = False
) -> tuple[str, str | None, str]:
    """``(url, model, refusal)`` of the first model request; a refusal when the client cannot build it."""
    provider = route.provider
    model = choose_model(provider.name, snapshot, effective, subscription=subscription)
    refusal = _missing(provider, effective, snapshot)
    if refusal:
        return "", model, refusal
    region = _region(provider, snapshot, effective, model or "")
    base = effective.text(provider.base).strip(BLANKS)
    if not base:
        base = provider.cloud.format(region=region, resource=effective.text("ANTHROPIC_FOUNDRY_RESOURCE"))
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s]", base):
        return "", model, "API Error: Invalid URL"
    if provider.name == "bedrock":
        path = f"/model/{quote(model or '', safe=_BEDROCK_SAFE)}/invoke-with-response-stream"
    elif provider.name == "vertex":
        project = effective.text("ANTHROPIC_VERTEX_PROJECT_ID").strip(BLANKS) or _project(effective)
        path = f"/projects/{project}/locations/{region}/publishers/anthropic/models/{model}:streamRawPredict"
    else:
        path = "/v1/messages?beta=true"
    return base.rstrip("/") + path, model, ""


_BEDROCK_SAFE = ":@-_.!~*'()"


def _project(effective: Effective) -> str:
    names = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "gcloud_project", "google_cloud_project")
    return next((effective.text(name) for name in names if effective.present(name)), "")


def _missing(provider: Provider, effective: Effective, snapshot: Snapshot) -> str:
    """What the provider cannot start without, as the client says it."""
    if provider.name == "vertex":
        known = effective.present("ANTHROPIC_VERTEX_PROJECT_ID") or _project(effective)
        if not known and not effective.present("GCE_METADATA_HOST"):
            return "API Error: No projectId was given and it could not be resolved from credentials."
    if provider.name == "foundry":
        base = effective.present(provider.base)
        resource = effective.present("ANTHROPIC_FOUNDRY_RESOURCE")
        if base and resource:
            return "API Error: baseURL and resource are mutually exclusive"
        if not base and not resource:
            return "API Error: Must provide one of the `baseURL` or `resource` arguments"
    if provider.name == "anthropic-aws" and not effective.present("ANTHROPIC_AWS_WORKSPACE_ID"):
        return "API Error: ANTHROPIC_AWS_WORKSPACE_ID is missing"
    return ""


def _region(provider: Provider, snapshot: Snapshot, effective: Effective, model: str) -> str:
    if provider.name != "vertex":
        names = ("AWS_REGION", "AWS_DEFAULT_REGION")
        return next((effective.text(name) for name in names if effective.present(name)), "us-east-1")
    skip = provider.skip is not None and truthy(effective.text(provider.skip))
    if skip and holds("vertex-blank-location", snapshot.client_version):
        return "%20"
    return vertex_region(effective, model)


def vertex_region(effective: Effective, model: str) -> str:
    """CLOUD_ML_REGION, unless a VERTEX_REGION_CLAUDE_* variable names this model; us-east5 without either."""
    family = re.sub(r"@.*", "", model).removeprefix("claude-")
    own = "VERTEX_REGION_CLAUDE_" + re.sub(r"[^A-Za-z0-9]", "_", family).upper()
    return effective.text(own) or effective.text("CLOUD_ML_REGION") or "us-east5"
