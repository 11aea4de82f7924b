"""Which provider a client start uses, how that provider gets its own credential, and where the request goes."""

from __future__ import annotations

from claude_gw_cli.core.layers import BLANKS, Effective, truthy
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import PROVIDERS, VARIABLES, Provider
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import dataclass

# What the client, or the cloud's own library inside it, says when it finds no credential.
_NO_AWS = (
    "API Error: Could not load AWS credentials · Could not load credentials from any providers. "
    "Check or refresh your AWS credentials and try again."
)
_NO_GOOGLE = "API Error: Could not load Google Cloud credentials · Could not load the default credentials."
_NO_AZURE = "API Error: ChainedTokenCredential authentication failed"
_NO_FOUNDRY_SKIP = "API Error: Expected azureADTokenProvider function argument to return a string"
_BLANK_FOUNDRY_KEY = (
    "API Error: Missing credentials. Please set the `ANTHROPIC_FOUNDRY_API_KEY` environment variable."
)
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
        elif situation == "foundry-key" and effective.text(VARIABLES[situation]):
            return Route(provider, situation, _BLANK_FOUNDRY_KEY)
    suffices = provider.name == "bedrock" and holds("bedrock-token-suffices", version)
    if suffices and credential_text("token", effective, version).strip(BLANKS):
        return Route(provider, "aws-keys")
    return Route(provider, "none", _REFUSALS[provider.name])


def _has(situation: str, snapshot: Snapshot, effective: Effective) -> bool:
    """Whether the cloud credential that names the situation is there."""
    if situation in VARIABLES:
        return bool(credential_text(situation, effective, snapshot.client_version))
    return cloud_credential(situation, snapshot, effective) is not None


_TRIMMED = {name: f"{name}-trimmed" for name in ("token", "key", "oauth", "aws-bearer")}
_SINCE = {"aws-bearer": "bedrock-bearer", "oauth": "oauth-token", "foundry-token": "foundry-token"}


def credential_text(source: str, effective: Effective, version: str) -> str:
    """A credential variable's text as the client takes it; ``""`` when that client does not count it as set."""
    if source in _SINCE and not holds(_SINCE[source], version):
        return ""
    text = effective.text(VARIABLES[source])
    return text if source in _TRIMMED and not holds(_TRIMMED[source], version) else text.strip(BLANKS)


def cloud_credential(situation: str, snapshot: Snapshot, effective: Effective) -> str | None:
    """The name of what gives the cloud credential: a variable, a settings key or a file; ``None`` if nothing."""
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
