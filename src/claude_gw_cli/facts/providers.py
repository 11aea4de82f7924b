"""The providers of Claude Code: one row each, for everything that differs between them.

A row says how the client selects the provider, where its requests go, what they look like, what it needs, and in
which modes a profile can use it. Which credential reaches which header is in facts/headers.py. No file outside of
facts names a provider, except rules that are about one (tests/facts/test_providers.py).

Sources: reference documentation of Claude Code's gateway and provider pages (2026-10), and recordings of the real
client (tests/atlas). Only documented variable names are used. Versions are in facts/versions.txt: rows name facts.
"""

from __future__ import annotations

from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

TOKEN = "ANTHROPIC_AUTH_TOKEN"
REGION_AWS = ("region", "AWS_REGION", "us-east-1")


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one header can be filled from the client: by a variable, and/or by apiKeyHelper."""

    variable: str | None
    """The variable whose value becomes this header; ``None`` when only ANTHROPIC_CUSTOM_HEADERS can."""
    helper: bool
    """apiKeyHelper's output reaches this header."""
    without_skip: bool = False
    """The skip-auth flag must be absent for this carrier (Foundry's own key)."""
    fact: str | None = None
    """Works only where this fact holds, if that is later than the mode itself."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which a profile uses a provider. What comes from the provider's row, ``facts.modes`` fills in."""

    provider: str
    """The name in a profile: ``unified`` and ``anthropic`` are both the client's provider ``anthropic``."""
    title: str
    """For messages: what it is and who holds the cloud's credential."""
    base_path: str
    """Appended to the gateway's root at LiteLLM."""
    carriers: tuple[tuple[str, Carrier], ...] = ()
    """Headers that the client fills by itself; every other header goes through ANTHROPIC_CUSTOM_HEADERS."""
    credentials: Literal["proxy", "client"] = "proxy"
    """Who holds the credential of the cloud: the gateway (a proxy) or this machine."""
    default_header: str = "authorization"
    fact: str | None = None
    """The mode works only where this fact holds; by default where its provider exists."""
    custom_fact: str | None = None
    """A key in ANTHROPIC_CUSTOM_HEADERS works only where this fact holds, if that is later."""
    cloud_credentials: tuple[str, ...] = ()
    """Variables that hold this machine's cloud credential: left alone when the client holds it."""
    taken: tuple[str, ...] = ()
    """Headers that carry this machine's cloud credential: the gateway's key would lose there, or destroy it."""
    model_list: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
    """LiteLLM's wildcard for what the client asks for: model_name, litellm_params.model, further litellm_params.
    ``None``: this route goes by path."""
    environment: tuple[tuple[str, str], ...] = ()
    """LiteLLM's own environment for this route: variable and what it is."""
    client: str = ""
    """The client's provider. This field and those below come from its row."""
    base_variable: str = ""
    flags: tuple[tuple[str, str], ...] = ()
    """Variables with a fixed value: the provider's flag, and skip-auth where the gateway holds the credential."""
    skip_variable: str | None = None
    fields: tuple[tuple[str, str, str | None], ...] = ()
    placeholder: bool = False
    """The client refuses to start without its own credential."""
    wire: str = "messages"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as the client knows it."""

    name: str
    label: str
    """For questions to people: the API format."""
    rank: int
    """The client asks for the providers in this order (measured: all pairs, header-atlas section 7)."""
    flag: str | None
    """The variable that selects it; ``None``: without any flag."""
    skip: str | None
    """The variable that leaves the cloud's credential to the gateway."""
    base: str
    """The variable of its base URL."""
    cloud: str
    """Where requests go without a base URL. ``{region}`` and ``{resource}`` are filled in."""
    own_host: str
    """How the names of its cloud's hosts end."""
    situations: tuple[str, ...]
    """How it gets its own credential, first that applies (see facts/headers.py)."""
    login: str = ""
    """The login on this machine that it can use, by its name in ``world.detect.cloud_logins``."""
    wire: str = "messages"
    """The form of its requests, a row of facts/wires.py."""
    fields: tuple[tuple[str, str, str | None], ...] = ()
    """(profile field, variable, default or ``None`` when it must be filled in)."""
    clears: tuple[str, ...] = ()
    """Further variables that must not be set beside another provider's plan."""
    fact: str | None = None
    """The provider exists only where this fact holds."""
    skip_fact: str | None = None
    skip_refusal: str = ""
    """What a client says that does not know the skip-auth flag; empty: it ignores the flag."""
    needs: str | None = None
    """A variable without which the flag does not count."""
    allowed_name: str = ""
    """Its name in ``allowedProviders``, where that is another one."""
    refusal: str = ""
    """What the client says when it finds no credential."""
    empty_key: tuple[str, str] = ("", "")
    """The situation whose variable stops the client if it has only whitespace, and what it says then."""
    token_fact: str | None = None
    """Where this fact holds, ANTHROPIC_AUTH_TOKEN replaces a missing cloud credential."""
    resource: str | None = None
    """A variable that names the cloud's own host, instead of a base URL; both together stop the client."""
    resource_form: str = ""
    """A regular expression that the resource's trimmed name must match."""
    resource_refusal: tuple[str, str] = ("", "")
    """The fact with which the client refuses another name, and what it says."""
    required: tuple[tuple[str, str], ...] = ()
    """Variables without which the client does not start, and what it says then."""
    workspace: str | None = None
    """The variable of the workspace that every request must name."""
    workspace_fact: str | None = None
    """It is wanted only where this fact holds, and never with skip-auth."""
    regions: Literal["aws", "google"] = "aws"
    """Whose regions it has: how the region is found, and the host of the cloud there."""
    region_variables: tuple[str, ...] = ()
    """Any of these decides the region; without one the client uses its default."""
    models: str = "name"
    """Which member of facts.models.Model is its name for a model."""
    modes: tuple[Mode, ...] = ()
    """How a profile can use it; empty: not offered."""

    @property
    def allowed(self) -> str:
        """Its name in ``allowedProviders``."""
        return self.allowed_name or self.name


_TOKEN_ONLY = (("authorization", Carrier(TOKEN, helper=True)),)
_FIRST_PARTY = (*_TOKEN_ONLY, ("x-api-key", Carrier("ANTHROPIC_API_KEY", helper=True)))
_BY_NAME = ("claude-*", "anthropic/claude-*", (("api_key", "os.environ/ANTHROPIC_API_KEY"),))
_AWS_PARAMETERS = (("aws_region_name", "os.environ/AWS_REGION_NAME"),)
_AWS_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")
# What the client, or the cloud's own library inside it, says when it finds no credential.
_NO_AWS = (
    "API Error: Could not load AWS credentials · Could not load credentials from any providers. "
    "Check or refresh your AWS credentials and try again."
)
_NO_GOOGLE = "API Error: Could not load Google Cloud credentials · Could not load the default credentials."

TABLE: tuple[Provider, ...] = (
    Provider(
        "anthropic",
        "Anthropic Messages",
        rank=8,
        flag=None,
        skip=None,
        base="ANTHROPIC_BASE_URL",
        cloud="https://api.anthropic.com",
        own_host=".anthropic.com",
        situations=("plain",),
        modes=(
            Mode("unified", "Anthropic Messages at the gateway's root", "", _FIRST_PARTY, model_list=_BY_NAME),
            Mode(
                "anthropic",
                "Anthropic pass-through",
                "/anthropic",
                _FIRST_PARTY,
                environment=(("ANTHROPIC_API_KEY", "the provider's key"),),
            ),
        ),
    ),
    Provider(
        "bedrock",
        "Amazon Bedrock",
        rank=2,
        flag="CLAUDE_CODE_USE_BEDROCK",
        skip="CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        base="ANTHROPIC_BEDROCK_BASE_URL",
        cloud="https://bedrock-runtime.{region}.amazonaws.com",
        login="AWS",
        own_host=".amazonaws.com",
        situations=("skip", "aws-bearer", "aws-keys"),
        wire="invoke",
        fields=(REGION_AWS,),
        clears=("AWS_BEARER_TOKEN_BEDROCK",),
        skip_fact="skip-bedrock-auth",
        refusal=_NO_AWS,
        token_fact="bedrock-token-suffices",
        region_variables=_AWS_REGION,
        models="bedrock",
        modes=(
            Mode(
                "bedrock",
                "Amazon Bedrock, the gateway holds the AWS credential",
                "/bedrock",
                _TOKEN_ONLY,
                fact="skip-bedrock-auth",
                model_list=("us.anthropic.*", "bedrock/us.anthropic.*", _AWS_PARAMETERS),
                environment=(
                    ("AWS_REGION_NAME", "the region"),
                    ("AWS_ACCESS_KEY_ID", "or any other source of the AWS chain"),
                    ("AWS_SECRET_ACCESS_KEY", ""),
                ),
            ),
            Mode(
                "bedrock",
                "Amazon Bedrock, this machine holds the AWS credential",
                "/bedrock",
                credentials="client",
                default_header="x-litellm-api-key",
                cloud_credentials=("AWS_BEARER_TOKEN_BEDROCK",),
                # SigV4 wins over a custom Authorization; up to 2.1.100 the key replaced the signature (measured:
                # 1.0.60, 2.0.45, 2.1.330).
                taken=("authorization",),
                model_list=("us.anthropic.*", "bedrock/us.anthropic.*", _AWS_PARAMETERS),
            ),
        ),
    ),
    Provider(
        "vertex",
        "Google Vertex AI",
        rank=7,
        flag="CLAUDE_CODE_USE_VERTEX",
        skip="CLAUDE_CODE_SKIP_VERTEX_AUTH",
        base="ANTHROPIC_VERTEX_BASE_URL",
        cloud="https://{region}-aiplatform.googleapis.com/v1",
        login="Google",
        own_host=".googleapis.com",
        situations=("skip", "google"),
        wire="predict",
        fields=(
            ("project_id", "ANTHROPIC_VERTEX_PROJECT_ID", None),
            ("region", "CLOUD_ML_REGION", "us-east5"),
        ),
        skip_fact="skip-vertex-auth",
        refusal=_NO_GOOGLE,
        required=(
            (
                "ANTHROPIC_VERTEX_PROJECT_ID",
                "API Error: No projectId was given and it could not be resolved from credentials.",
            ),
        ),
        regions="google",
        region_variables=("CLOUD_ML_REGION",),
        models="vertex",
        modes=(
            Mode(
                "vertex",
                "Google Vertex AI, the gateway holds the Google credential",
                "/vertex_ai/v1",
                _TOKEN_ONLY,
                fact="skip-vertex-auth",
                environment=(
                    ("DEFAULT_VERTEXAI_PROJECT", "the project"),
                    ("DEFAULT_VERTEXAI_LOCATION", "the region"),
                    ("DEFAULT_GOOGLE_APPLICATION_CREDENTIALS", "the credential file"),
                ),
            ),
            Mode(
                "vertex",
                "Google Vertex AI, this machine holds the Google credential",
                "/vertex_ai/v1",
                credentials="client",
                default_header="x-litellm-api-key",
                # The Google token overwrites a custom Authorization (measured: 1.0.60, 2.0.45, 2.1.330).
                taken=("authorization",),
            ),
        ),
    ),
    Provider(
        "foundry",
        "Microsoft Foundry",
        rank=3,
        flag="CLAUDE_CODE_USE_FOUNDRY",
        skip="CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
        base="ANTHROPIC_FOUNDRY_BASE_URL",
        cloud="https://{resource}.services.ai.azure.com/anthropic",
        own_host=".azure.com",
        situations=("foundry-token", "foundry-key", "skip", "azure"),
        clears=("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_RESOURCE"),
        fact="foundry",
        skip_fact="skip-foundry-auth",
        skip_refusal="API Error: Expected azureADTokenProvider function argument to return a string",
        refusal="API Error: ChainedTokenCredential authentication failed",
        empty_key=(
            "foundry-key",
            "API Error: Missing credentials. Please set the `ANTHROPIC_FOUNDRY_API_KEY` environment variable.",
        ),
        resource="ANTHROPIC_FOUNDRY_RESOURCE",
        resource_form=r"[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]",
        resource_refusal=(
            "foundry-resource-checked",
            (
                "API Error: ANTHROPIC_FOUNDRY_RESOURCE must be a Foundry resource name (2-64 letters, digits and "
                "hyphens, not starting or ending with a hyphen, such as my-resource), not a URL or host name. "
                "To use a full URL, set ANTHROPIC_FOUNDRY_BASE_URL instead."
            ),
        ),
        models="foundry",
        modes=(
            Mode(
                "foundry",
                "Microsoft Foundry, the gateway holds the Azure credential",
                "",
                (
                    ("authorization", Carrier(TOKEN, helper=True, fact="skip-foundry-auth")),
                    ("x-api-key", Carrier("ANTHROPIC_FOUNDRY_API_KEY", helper=False, without_skip=True)),
                ),
                # Before, the client asked Azure for a token and stopped (measured: 2.0.45, not 2.1.203).
                custom_fact="skip-foundry-auth",
                model_list=_BY_NAME,
            ),
            Mode(
                "foundry",
                "Microsoft Foundry, this machine holds the Azure credential",
                "",
                credentials="client",
                default_header="x-litellm-api-key",
                cloud_credentials=("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
                # A custom x-api-key replaces the Azure key, a custom Authorization is dropped (measured: 2.1.330).
                taken=("authorization", "x-api-key"),
                model_list=_BY_NAME,
            ),
        ),
    ),
    Provider(
        "mantle",
        "Bedrock Mantle",
        rank=6,
        flag="CLAUDE_CODE_USE_MANTLE",
        skip="CLAUDE_CODE_SKIP_MANTLE_AUTH",
        base="ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        cloud="https://bedrock-mantle.{region}.api.aws/anthropic",
        own_host=".api.aws",
        situations=("skip", "aws-bearer", "aws-keys"),
        fields=(REGION_AWS,),
        fact="mantle",
        refusal=_NO_AWS,
        models="mantle",
        modes=(
            Mode(
                "mantle",
                "Bedrock Mantle, the gateway holds the AWS credential",
                "",
                _TOKEN_ONLY,
                model_list=("anthropic.claude-*", "bedrock/anthropic.claude-*", _AWS_PARAMETERS),
            ),
        ),
    ),
    Provider(
        "anthropic-aws",
        "Claude Platform on AWS",
        rank=4,
        flag="CLAUDE_CODE_USE_ANTHROPIC_AWS",
        skip="CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
        base="ANTHROPIC_AWS_BASE_URL",
        cloud="https://aws-external-anthropic.{region}.api.aws",
        own_host=".api.aws",
        situations=("skip", "aws-api-key", "empty-aws-api-key", "aws-keys"),
        fields=(("workspace_id", "ANTHROPIC_AWS_WORKSPACE_ID", None), REGION_AWS),
        clears=("ANTHROPIC_AWS_API_KEY",),
        fact="anthropic-aws",
        allowed_name="anthropicAws",
        refusal=_NO_AWS,
        workspace="ANTHROPIC_AWS_WORKSPACE_ID",
        modes=(
            Mode(
                "anthropic-aws",
                "Claude Platform on AWS, the gateway holds the AWS credential",
                "",
                (
                    *_TOKEN_ONLY,
                    ("x-api-key", Carrier(TOKEN, helper=True, fact="aws-platforms-settled")),
                ),
                model_list=_BY_NAME,
            ),
        ),
    ),
    Provider(
        "google-cloud",
        "Claude on Google Cloud",
        rank=5,
        flag="CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
        skip="CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
        base="ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
        cloud="",
        own_host=".googleapis.com",
        situations=("skip", "google"),
        fact="google-cloud-provider",
        allowed_name="anthropicGoogleCloud",
        refusal=_NO_GOOGLE,
        workspace="ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID",
        workspace_fact="google-cloud-wants-workspace",
    ),
    Provider(
        "gateway",
        "Anthropic's gateway provider",
        rank=1,
        flag="CLAUDE_CODE_USE_GATEWAY",
        skip=None,
        base="ANTHROPIC_BASE_URL",
        cloud="https://api.anthropic.com",
        own_host=".anthropic.com",
        situations=("plain",),
        fact="gateway-provider",
        needs=TOKEN,
    ),
)
"""In the order in which people are asked."""

PROVIDERS: tuple[Provider, ...] = tuple(sorted(TABLE, key=lambda row: (row.flag is None, row.rank)))
"""In the order in which the client asks for them; the one without a flag is what is left."""

BY_NAME: dict[str, Provider] = {row.name: row for row in TABLE}


def is_own_host(provider: str, host: str) -> bool:
    """Whether a host is one of the provider's own, and so not a gateway's."""
    return f".{host.lower()}".endswith(BY_NAME[provider].own_host)
