"""Which provider a client start uses, how that provider gets its own credential, and where the request goes."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective, truthy
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import VARIABLES
from claude_gw_cli.facts.providers import PROVIDERS, Provider
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import dataclass

_NO_PROJECT = (
    "API Error: the Google credential does not name its project, and the client asks "
    "cloudresourcemanager.googleapis.com for it before it asks the gateway. Set GOOGLE_CLOUD_PROJECT."
)
AWS_EXPORT = "awsCredentialExport"
"""A command that prints AWS keys. awsAuthRefresh and gcpAuthRefresh are not credentials (1.0.60 to 2.1.332)."""

_AWS_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


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
        if item.flag is None
        or (
            (item.fact is None or holds(item.fact, version))
            and on(item.flag)
            and (item.needs is None or ((needed := effective.early(item.needs)) and not needed.is_empty))
        )
    )
    for situation in provider.situations:
        if situation == "plain":
            return Route(provider, situation)
        if situation == "skip":
            if not on(provider.skip):
                continue
            if provider.skip_fact is None or holds(provider.skip_fact, version):
                return Route(provider, situation)
            if provider.skip_refusal:
                return Route(provider, situation, provider.skip_refusal)
        elif _has(situation, snapshot, effective):
            return Route(provider, situation, _unknown_project(situation, snapshot, effective))
        elif situation == provider.empty_key[0] and effective.text(VARIABLES[situation]):
            return Route(provider, *provider.empty_key)
    suffices = provider.token_fact is not None and holds(provider.token_fact, version)
    if suffices and credential_text("token", effective, version).strip(WHITESPACE):
        return Route(provider, "aws-keys")
    return Route(provider, "none", provider.refusal)


def _unknown_project(situation: str, snapshot: Snapshot, effective: Effective) -> str:
    """Why a Google credential does not suffice: its project is asked of Google, on a host beyond the gateway."""
    named = any(effective.present(name) for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"))
    asked = situation == "google" and snapshot.google_needs_project and not named
    return _NO_PROJECT if asked and holds("google-project-asked", snapshot.client_version) else ""


def _has(situation: str, snapshot: Snapshot, effective: Effective) -> bool:
    """Whether the cloud credential that names the situation is there."""
    if situation == "empty-aws-api-key":
        return VARIABLES["aws-api-key"] in effective.variables and holds(
            "empty-aws-api-key-is-sent", snapshot.client_version
        )
    if situation in VARIABLES:
        return bool(credential_text(situation, effective, snapshot.client_version))
    return cloud_credential(situation, snapshot, effective) is not None


def base_text(provider: Provider, effective: Effective) -> str:
    """The provider's base URL as configured; a provider that needs a variable takes both when the client starts."""
    if provider.needs is None:
        return effective.text(provider.base).strip(WHITESPACE)
    found = effective.early(provider.base)
    return found.text.strip(WHITESPACE) if found else ""


_TRIMMED = {name: f"{name}-trimmed" for name in ("token", "key", "oauth", "aws-bearer")}
_SINCE = {"aws-bearer": "bedrock-bearer", "oauth": "oauth-token", "foundry-token": "foundry-token"}


def credential_text(source: str, effective: Effective, version: str) -> str:
    """A credential variable's text as the client takes it; ``""`` when that client does not count it as set."""
    if source in _SINCE and not holds(_SINCE[source], version):
        return ""
    text = effective.text(VARIABLES[source])
    return text if source in _TRIMMED and not holds(_TRIMMED[source], version) else text.strip(WHITESPACE)


def cloud_credential(situation: str, snapshot: Snapshot, effective: Effective) -> str | None:
    """The name of what gives the cloud credential: a variable, a settings key or a file; ``None`` if nothing."""
    if situation == "aws-keys":
        return _aws_credential(snapshot, effective)
    pairs, single = {
        "google": ((), ("GCE_METADATA_HOST",)),
        "azure": (
            (
                ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"),
                ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"),
            ),
            (),
        ),
    }[situation]
    found = _first_pair(pairs, effective) or next((name for name in single if effective.present(name)), None)
    return found or _file(situation, snapshot)


def _aws_credential(snapshot: Snapshot, effective: Effective) -> str | None:
    """What the AWS library takes: a key pair, unless AWS_PROFILE is set; then files, roles and containers."""
    named = effective.text("AWS_PROFILE").strip(WHITESPACE)
    profile = snapshot.aws_profiles.get(named or "default")
    own = AWS_EXPORT if effective.settings.get(AWS_EXPORT) else None
    pair = None if named else _first_pair((("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),), effective)
    if own or pair:
        return own or pair
    if profile is not None and profile.credentials:
        return "AWS_PROFILE" if named else _file("aws-keys", snapshot) or "AWS_CONFIG_FILE"
    rest = _first_pair((("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),), effective)
    return rest or next((name for name in _AWS_CONTAINER if effective.present(name)), None)


def _first_pair(pairs: tuple[tuple[str, ...], ...], effective: Effective) -> str | None:
    return next((names[0] for names in pairs if all(effective.present(name) for name in names)), None)


def _file(kind: str, snapshot: Snapshot) -> str | None:
    return next((name for found, name in snapshot.cloud_files if found == kind), None)


def aws_region(snapshot: Snapshot, effective: Effective) -> str:
    """The AWS region: a variable, then the profile in the AWS configuration file, then us-east-1."""
    trimmed = holds("aws-region-trimmed", snapshot.client_version)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        text = effective.text(name)
        region = text.strip(WHITESPACE) if trimmed else text
        if region:
            return region
    if holds("aws-config-region", snapshot.client_version):
        profile = snapshot.aws_profiles.get(effective.text("AWS_PROFILE").strip(WHITESPACE) or "default")
        if profile is not None and profile.region:
            return profile.region
    return "us-east-1"


def vertex_host(region: str, version: str) -> str:
    """Google's own base URL for a Vertex region."""
    if region == "global":
        return "https://aiplatform.googleapis.com/v1"
    if region in ("eu", "us") and holds("vertex-multi-regions", version):
        return f"https://aiplatform.{region}.rep.googleapis.com/v1"
    return f"https://{region}-aiplatform.googleapis.com/v1"
