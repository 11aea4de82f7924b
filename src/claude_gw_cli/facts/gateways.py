"""Kinds of gateways: how to recognise one, where it reads its key, and what its answers mean. One row per kind.

A row of a kind that was measured in two releases with different behaviour is two rows with their versions, the newest
first. What no row fits is never guessed: `core.diagnosis` shows the answer unchanged.

Rows at the end of the table are from documentation and public sources, last read on 2026-11-29, and say so
(``source``). The others were measured with curl and
the real client 2.1.332 on loopback. Texts of the clouds are their documented error codes.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """A text inside an answer, and the situation (`core.situations`) it is the sign of."""

    situation: str
    text: str
    """Searched in the whole body, letter case ignored."""
    statuses: tuple[int, ...] = ()
    """Empty: with any status of 400 or more."""


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """A header that a gateway reads its key from, and in which forms."""

    name: str
    bearer: bool = True
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of gateway in a span of its releases."""

    name: str
    """As `cgw doctor --format json` names it."""
    title: str
    """For messages to people."""
    span: Span
    """Of the gateway's own versions."""
    marks: tuple[str, ...]
    """Any of these in a body is this gateway speaking."""
    header_marks: tuple[str, ...] = ()
    """So does a response header whose name begins with one of these."""
    hello: tuple[str, ...] = ()
    """Public paths below its root whose answers have one of the marks."""
    version_header: str = ""
    key_headers: tuple[KeyHeader, ...] = ()
    """Where it reads its key, or the key that it passes on, in this order. Empty: it does not check keys."""
    not_read: tuple[tuple[str, frozenset[str]], ...] = ()
    """(form of requests, headers of the above that its route for them does not read)."""
    other_header: Literal["", "instead", "too"] = ""
    """Whether another header can be configured, and is then read instead of these or before them."""
    signs: tuple[Sign, ...] = ()
    """Its own words."""
    base_path: str = ""
    """Where Anthropic's /v1/messages is, below its root."""
    counts: Literal["", "says", "local", "cloud"] = ""
    """Who answers count_tokens: none, the one that the answer names, the gateway itself, or the cloud."""
    body_first: bool = False
    """It validates the body before the key, so the key cannot be tried at no cost."""
    key_sent_on: bool = False
    """The client's key goes on to the cloud; else the gateway has its own credential there."""
    required_headers: tuple[tuple[str, str], ...] = ()
    """(header that every request must have, what is in it)."""
    models: Literal["", "cloud", "list", "empty"] = ""
    """Who answers /v1/models: none, the cloud, the gateway with its list, or the gateway with an empty list."""
    model_form: str = ""
    """How it names models, where that is not the cloud's name."""
    default_model: bool = False
    """It answers a model that it does not know with another one, so a wrong name does not show."""
    keeps_betas: bool = True
    """It passes ``anthropic-beta`` on."""
    dropped: tuple[str, ...] = ()
    """Members of the client's body that it drops."""
    refused: tuple[str, ...] = ()
    """Members of the client's body for which it refuses every request of the client."""
    body_limit: int = 0
    """Megabytes of a body that it accepts; 0: more than the client sends."""
    aliases: tuple[str, ...] = ()
    """Other names that people give it on a command line."""
    hosts: tuple[str, ...] = ()
    """Its service's own addresses: whole host names, or endings that begin with a dot."""
    port: int = 0
    """The port on which it listens by default, where no other kind of this table does."""
    hosted: tuple[KeyHeader, ...] = ()
    """Where its hosted service reads keys, from its documentation, where the row itself is about its program."""
    source: str = ""
    """``measured`` with the release, or the documentation that the row is taken from; then it was not run."""

    @property
    def is_measured(self) -> bool:
        """Whether the row comes from running the gateway."""
        return self.source.startswith("measured")


_LITELLM_SIGNS = (
    # -- its check of the key -----------------------------------------------------------------------------------
    Sign("key-unseen", "No api key passed in", (401,)),
    Sign("key-malformed", "Malformed API Key passed in", (401,)),
    Sign("key-is-jwt", "JWT auth is not enabled", (401,)),
    Sign("key-form", "LiteLLM Virtual Key expected", (401,)),
    Sign("key-expired", "expired_key"),
    Sign("key-blocked", "Key is blocked"),
    Sign("key-unknown", "token_not_found_in_db"),
    Sign("key-unknown", "Invalid proxy server token passed"),
    Sign("key-not-master", "no_db_connection", (400,)),
    Sign("budget", "budget_exceeded"),
    Sign("key-route", "not allowed to call this route", (403,)),
    # -- its check of the model ---------------------------------------------------------------------------------
    Sign("model-denied", "model_access_denied"),
    Sign("model-unknown", "Invalid model name passed in"),
    # -- without its own credential -----------------------------------------------------------------------------
    Sign("upstream-credential-missing", "credential is configured on this proxy"),
    Sign("upstream-credential-missing", "Missing Anthropic API Key"),
    Sign("upstream-credential-missing", "Unable to locate credentials"),
    Sign("upstream-credential-missing", "default credentials were not found"),
    # -- the cloud refuses its credential, or is not reachable --------------------------------------------------
    Sign("upstream-credential-rejected", "litellm.AuthenticationError"),
    Sign("upstream-credential-rejected", "litellm.PermissionDeniedError"),
    Sign("upstream-dead", "litellm.APIConnectionError"),
    Sign("upstream-dead", "litellm.Timeout"),
    Sign("upstream-dead", "litellm.ServiceUnavailableError"),
)
LITELLM_ALIVE = "/health/liveliness"

LITELLM = Kind(
    "litellm",
    "LiteLLM",
    Span(since="1.108.0"),
    marks=(
        "litellm",
        '"type":"auth_error"',
        '"type":"no_db_connection"',
        '"type":"token_not_found_in_db"',
        "I'm alive!",
    ),
    header_marks=("x-litellm-",),
    hello=(LITELLM_ALIVE,),
    version_header="x-litellm-version",
    key_headers=(
        KeyHeader("x-litellm-api-key"),
        KeyHeader("authorization", bare=False),
        KeyHeader("x-api-key"),
        KeyHeader("api-key"),
        KeyHeader("x-goog-api-key"),
    ),
    # 401, "Ensure Key has Bearer prefix".
    not_read=(("predict", frozenset({"x-api-key", "api-key", "x-goog-api-key"})),),
    other_header="too",
    signs=_LITELLM_SIGNS,
    counts="says",
    models="list",
    port=4000,
    source="measured: LiteLLM 1.108.0 and 1.108.7",
)

KINDS: tuple[Kind, ...] = (
    LITELLM,
    # Measured: 1.106.12 accepts the named header only, 1.108.7 all of them.
    Kind(
        LITELLM.name,
        LITELLM.title,
        Span(until="1.107.99"),
        LITELLM.marks,
        LITELLM.header_marks,
        LITELLM.hello,
        LITELLM.version_header,
        LITELLM.key_headers,
        LITELLM.not_read,
        "instead",
        LITELLM.signs,
        counts="says",
        models="list",
        source="measured: LiteLLM 1.106.2 and 1.106.12; no 1.107 was published",
    ),
    Kind(
        "portkey",
        "Portkey's gateway",
        Span(),
        marks=("AI Gateway says hey!", '"message":"not found","ok":false'),
        header_marks=("x-portkey-",),
        hello=("/",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(
            Sign("model-upstream", "anthropic error: model:"),
            Sign("cloud-refuses-key", "anthropic error: ", (401, 403)),
            Sign("required-header-missing", "x-portkey-provider", (400,)),
        ),
        counts="cloud",
        key_sent_on=True,
        required_headers=(("x-portkey-provider", "anthropic"),),
        models="cloud",
        dropped=("output_config", "context_management"),
        hosts=("api.portkey.ai",),
        port=8787,
        hosted=(KeyHeader("x-portkey-api-key", bearer=False),),
        source="measured: @portkey-ai/gateway 1.15.2 (with hono 4.9.7; with 4.13.19 its streams fail)",
    ),
    Kind(
        "claude-code-router",
        "Claude Code Router",
        Span(),
        marks=('"message":"LLMs API"',),
        hello=("/",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(Sign("key-refused", "Invalid API key", (401,)), Sign("key-unseen", "APIKEY is missing", (401,))),
        counts="local",
        default_model=True,
        aliases=("ccr",),
        port=3456,
        source="measured: @musistudio/claude-code-router 2.0.0",
    ),
    Kind(
        "nullplatform",
        "nullplatform's gateway",
        Span(),
        marks=('"status":"healthy","timestamp"',),
        hello=("/health",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(
            Sign("model-upstream", "Anthropic API Error (404)"),
            Sign("upstream-credential-rejected", "Anthropic API Error (401)"),
        ),
        base_path="/anthropic",
        body_first=True,
        keeps_betas=False,
        dropped=("output_config", "context_management", "thinking", "metadata"),
        body_limit=10,
        source="measured: @nullplatform/llm-gateway 2.0.11 (installs only with llm-gateway-sdk 2.0.2 forced)",
    ),
    Kind(
        "mlflow",
        "MLflow's gateway",
        Span(),
        marks=("GatewayEndpoint not found",),
        header_marks=("x-mlflow-",),
        key_headers=(KeyHeader("authorization"), KeyHeader("x-api-key")),
        signs=(Sign("model-unknown", "GatewayEndpoint not found", (404,)),),
        base_path="/gateway/anthropic",
        key_sent_on=True,
        model_form="the name of a gateway endpoint",
        source="measured: mlflow 3.17.2",
    ),
    Kind(
        "any-llm",
        "any-llm's gateway",
        Span(),
        marks=("X-AnyLLM-Key", "<title>AI Gateway"),
        hello=("/",),
        key_headers=(
            KeyHeader("x-anyllm-key", bare=False),
            KeyHeader("authorization", bare=False),
            KeyHeader("x-api-key", bearer=False),
        ),
        signs=(
            Sign("key-unseen", "Missing X-AnyLLM-Key or Authorization header", (401,)),
            Sign("key-refused", '"detail":"Invalid API key"', (401,)),
        ),
        models="empty",
        model_form="PROVIDER:MODEL",
        refused=("metadata",),
        keeps_betas=False,
        dropped=("output_config", "context_management"),
        aliases=("anyllm",),
        source="measured: any-llm-sdk 1.14.0",
    ),
    # -- from documentation; not run ----------------------------------------------------------------------------
    Kind(
        "kong",
        "Kong",
        Span(),
        marks=('"message":"No API key found in request"', '"message":"no Route matched with those values"'),
        header_marks=("x-kong-",),
        key_headers=(KeyHeader("apikey", bearer=False),),
        other_header="instead",
        signs=(Sign("key-unseen", "No API key found in request", (401,)),),
        source="https://developer.konghq.com/plugins/key-auth and /plugins/ai-proxy",
    ),
    Kind(
        "bifrost",
        "Bifrost",
        Span(),
        # In the format of /anthropic an error has its words only, in the others its type too.
        marks=(
            "virtual_key_required",
            "virtual_key_not_found",
            "Provide a virtual key (x-bf-vk)",
            "Provide a virtual key via the x-bf-vk header",
            "The provided virtual key does not exist or has been revoked",
        ),
        key_headers=(
            KeyHeader("x-bf-vk", bearer=False),
            KeyHeader("authorization", bare=False),
            KeyHeader("x-api-key"),
            KeyHeader("x-goog-api-key"),
            KeyHeader("api-key"),
        ),
        signs=(
            Sign("key-unseen", "virtual_key_required"),
            Sign("key-unseen", "Provide a virtual key"),
            Sign("key-unknown", "virtual_key_not_found"),
            Sign("key-unknown", "Virtual key not found"),
            Sign("key-blocked", "Virtual key is inactive"),
        ),
        base_path="/anthropic",
        models="list",
        model_form="PROVIDER/MODEL",
        source="https://docs.getbifrost.ai/features/governance/virtual-keys and plugins/governance of its source",
    ),
    Kind(
        "envoy-ai-gateway",
        "Envoy AI Gateway",
        Span(),
        marks=("No matching route found. It is likely",),
        key_headers=(KeyHeader("x-api-key", bearer=False), KeyHeader("authorization")),
        other_header="instead",
        signs=(
            Sign("model-unknown", "No matching route found. It is likely", (404,)),
            Sign("key-refused", "Client authentication failed", (401,)),
        ),
        base_path="/anthropic",
        models="list",
        aliases=("envoy",),
        source="https://aigateway.envoyproxy.io/docs and internal/controller of its source",
    ),
    Kind(
        "azure-api-management",
        "Azure API Management",
        Span(),
        marks=("due to missing subscription key", "due to invalid subscription key"),
        key_headers=(KeyHeader("ocp-apim-subscription-key", bearer=False),),
        other_header="instead",
        signs=(
            Sign("key-unseen", "due to missing subscription key", (401,)),
            Sign("key-refused", "due to invalid subscription key", (401,)),
        ),
        aliases=("apim", "azure"),
        hosts=(".azure-api.net",),
        source="https://learn.microsoft.com/azure/api-management/api-management-subscriptions",
    ),
    Kind(
        "cloudflare",
        "Cloudflare's AI Gateway",
        Span(),
        marks=(),
        header_marks=("cf-aig-",),
        key_sent_on=True,
        key_headers=(KeyHeader("x-api-key"), KeyHeader("authorization")),
        required_headers=(
            ("cf-aig-authorization", "Bearer and the gateway's token; gateways made since 2026-11-03 all want it"),
        ),
        counts="cloud",
        models="cloud",
        base_path="/v1/ACCOUNT/GATEWAY/anthropic",
        hosts=("gateway.ai.cloudflare.com",),
        source="https://developers.cloudflare.com/ai-gateway/integrations/coding-agents/claude-code/",
    ),
    Kind(
        "openrouter",
        "OpenRouter",
        Span(),
        marks=("auth credentials found", "is not a valid model ID"),
        key_headers=(KeyHeader("authorization", bare=False),),
        signs=(
            Sign("key-unseen", "auth credentials found", (401,)),
            Sign("key-unknown", '"message":"User not found."', (401,)),
            Sign("model-unknown", "is not a valid model ID", (400,)),
        ),
        base_path="/api",
        models="list",
        model_form="VENDOR/MODEL",
        hosts=("openrouter.ai",),
        source="https://openrouter.ai/docs/guides/coding-agents/claude-code-integration",
    ),
    Kind(
        "ollama",
        "Ollama",
        Span(),
        marks=("Ollama is running",),
        hello=("/",),
        signs=(Sign("model-unknown", "not found, try pulling it first", (404,)),),
        models="list",
        model_form="the name of a pulled model, as NAME:TAG",
        hosted=(KeyHeader("authorization", bare=False),),
        hosts=("ollama.com",),
        port=11434,
        source="https://docs.ollama.com/api/anthropic-compatibility",
    ),
    Kind(
        "vllm",
        "vLLM",
        Span(),
        marks=('"owned_by":"vllm"',),
        key_headers=(KeyHeader("authorization", bare=False),),
        signs=(Sign("model-unknown", "The model `", (404,)),),
        counts="local",
        models="list",
        model_form="the name that it serves (--served-model-name)",
        keeps_betas=False,
        source="https://docs.vllm.ai/en/latest/serving/integrations/claude_code",
    ),
    Kind(
        "claude-apps-gateway",
        "the Claude apps gateway",
        Span(),
        marks=("/managed/settings",),
        hello=("/protocol",),
        key_headers=(KeyHeader("authorization", bare=False),),
        models="list",
        source="https://code.claude.com/docs/en/claude-apps-gateway",
    ),
)
"""The first that is recognised and whose span has the version, or whose version is not known."""

NAMES: tuple[str, ...] = tuple(dict.fromkeys(kind.name for kind in KINDS))

PRESETS: tuple[str, ...] = (*NAMES, *dict.fromkeys(alias for kind in KINDS for alias in kind.aliases))
"""Every name that ``cgw init --gateway`` takes."""

HELLOS: tuple[str, ...] = tuple(dict.fromkeys(path for kind in KINDS for path in kind.hello))

_CLOUDS = (
    # -- the cloud refuses the credential -----------------------------------------------------------------------
    Sign("upstream-credential-rejected", "invalid x-api-key"),
    Sign("upstream-credential-rejected", "authentication_error", (401, 403)),
    Sign("upstream-credential-rejected", "security token included in the request"),
    Sign("upstream-credential-rejected", "UnrecognizedClientException"),
    Sign("upstream-credential-rejected", "InvalidSignatureException"),
    Sign("upstream-credential-rejected", "ExpiredTokenException"),
    Sign("upstream-credential-rejected", "is not authorized to perform"),
    Sign("upstream-credential-rejected", "invalid authentication credentials"),
    Sign("upstream-credential-rejected", "PERMISSION_DENIED"),
    # -- the cloud does not know the model ----------------------------------------------------------------------
    Sign("model-upstream", "model identifier is invalid"),
    Sign("model-upstream", "don't have access to the model"),
    Sign("model-upstream", "Publisher Model", (404,)),
    Sign("model-upstream", "not_found_error", (404,)),
    # -- the cloud cannot be reached ----------------------------------------------------------------------------
    Sign("upstream-dead", "Cannot connect to host"),
    Sign("upstream-dead", "Connection error"),
    *(
        Sign("upstream-dead", text, (500, 502, 503, 504))
        for text in (
            "fetch failed",
            "ECONNREFUSED",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ETIMEDOUT",
            "dial tcp",
            "Connection refused",
            "Name or service not known",
            "Max retries exceeded",
            "All connection attempts failed",
        )
    ),
    Sign("rate-limited", "rate_limit_error"),
    # -- a server that was spoken to in the wrong protocol (nginx, Go, Apache) -----------------------------------
    Sign("tls-client-certificate", "No required SSL certificate was sent", (400,)),
    Sign("tls-client-certificate", "The SSL certificate error", (400,)),
    Sign("plain-to-tls", "plain HTTP request was sent to HTTPS port", (400,)),
    Sign("plain-to-tls", "Client sent an HTTP request to an HTTPS server", (400,)),
    Sign("plain-to-tls", "speaking plain HTTP to an SSL-enabled server", (400,)),
)

SIGNS: tuple[Sign, ...] = (*dict.fromkeys(sign for kind in KINDS for sign in kind.signs), *_CLOUDS)
"""The first that fits wins."""

COUNT_SOURCE_LOCAL = '"litellm_count_source":"local_estimate"'
"""In a 200 answer of count_tokens: LiteLLM guessed, because the upstream did not answer (or cannot count)."""
COUNT_SOURCE = '"litellm_count_source":'
"""In a 200 answer of count_tokens: LiteLLM names who counted."""


def find_kind(body: str, headers: tuple[str, ...], version: str | None = None) -> Kind | None:
    """The kind of gateway that speaks.

    Args:
        body: of an answer.
        headers: names of the answer's headers, in lower case.
        version: of the gateway, if an answer told it.
    """
    text = body.replace('": "', '":"').replace('": ', '":').replace(', "', ',"').lower()
    for kind in KINDS:
        marked = any(mark.lower() in text for mark in kind.marks) or any(
            name.startswith(mark) for mark in kind.header_marks for name in headers
        )
        if marked and (version is None or version in kind.span):
            return kind
    return None


def named_kind(name: str) -> Kind | None:
    """The newest row of a kind, by its name or an alias of it."""
    return next((kind for kind in KINDS if name in (kind.name, *kind.aliases)), None)


def kind_at(host: str, port: int | None, *, is_local: bool) -> Kind | None:
    """The kind whose address this is, as far as the address alone tells.

    Args:
        host: in lower case.
        port: as it is in the address, if it is.
        is_local: whether the host is this machine, where a gateway's default port says which one it is.
    """
    for kind in KINDS:
        own = any(host == name or (name.startswith(".") and host.endswith(name)) for name in kind.hosts)
        if own or (is_local and port is not None and port == kind.port):
            return kind
    return None


def only_bare(header: str) -> bool:
    """Whether the gateways that are known to read this header all want the bare key in it."""
    found = [item for kind in KINDS for item in (*kind.hosted, *kind.key_headers) if item.name == header]
    return bool(found) and not any(item.bearer for item in found)


def reads(kind: Kind, header: str, wire: str, read: tuple[KeyHeader, ...] | None = None) -> KeyHeader | None:
    """How a kind reads its key from this header with a form of requests; ``None``: not without set-up.

    Args:
        kind: of the gateway.
        header: in lower case.
        wire: the form of requests.
        read: the headers that it reads, where those are not its ``key_headers``.
    """
    if header in dict(kind.not_read).get(wire, ()):
        return None
    return next((item for item in read or kind.key_headers if item.name == header), None)
