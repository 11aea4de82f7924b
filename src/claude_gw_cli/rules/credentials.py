"""1xx: which credential is sent, and whether it is the intended one."""

from __future__ import annotations

from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import FLAGS, SKIP, RuleContext, key_at
from claude_gw_cli.rules.rule import RawFinding, rule

_BEDROCK_TOKEN = "AWS_BEARER_TOKEN_BEDROCK"
_PROVIDER_KEYS = {
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
    "anthropic-aws": ("ANTHROPIC_AWS_API_KEY",),
}
"""Variables for a provider's own key, which can hold the gateway's key too."""


@rule("CGW101 two-credentials warning", needs=("ANTHROPIC_API_KEY",))
def two_credentials(ctx: RuleContext) -> Iterator[RawFinding]:
    """Two different credentials are sent at once, in two headers."""
    token, key = ctx.value("ANTHROPIC_AUTH_TOKEN"), ctx.value("ANTHROPIC_API_KEY")
    if not token or not key or ctx.provider != "anthropic" or token.text in {key.text, PLACEHOLDER_TOKEN}:
        return
    yield key.finding(
        "ANTHROPIC_AUTH_TOKEN (Authorization) and ANTHROPIC_API_KEY (x-api-key) are both sent, with different values",
        'keep one; cancel the other with "" in the same settings file',
    )


@rule("CGW102 helper-beside-token warning", needs=("ANTHROPIC_AUTH_TOKEN",))
def helper_beside_token(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN overrides apiKeyHelper."""
    token = ctx.value("ANTHROPIC_AUTH_TOKEN")
    if token and ctx.helper:
        yield token.finding(
            f"ANTHROPIC_AUTH_TOKEN wins over the apiKeyHelper of {ctx.helper[0].file} in the Authorization header",
            'remove the token, or set it to "" in the file that sets the helper',
        )


@rule("CGW103 helper-beside-api-key warning", needs=("ANTHROPIC_API_KEY",))
def helper_beside_api_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY is sent in addition to the apiKeyHelper's value."""
    key = ctx.value("ANTHROPIC_API_KEY")
    if key and ctx.helper and ctx.provider == "anthropic":
        yield key.finding(
            f"ANTHROPIC_API_KEY fills x-api-key while the apiKeyHelper of {ctx.helper[0].file} fills Authorization",
            'remove the key, or set it to "" in the file that sets the helper',
        )


@rule("CGW105 api-key-not-sent error", needs=("ANTHROPIC_API_KEY",))
def api_key_not_sent(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY is the only gateway key, and this provider mode does not send it."""
    if ctx.provider == "anthropic" or not _only_an_api_key(ctx):
        return
    sent = ctx.header("x-api-key")
    if sent is None or not sent.present:
        yield ctx.finding(
            "ANTHROPIC_API_KEY",
            f"ANTHROPIC_API_KEY is not sent in {ctx.provider} mode: the gateway gets no key",
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule("CGW106 api-key-in-vertex warning", needs=("ANTHROPIC_API_KEY",))
def api_key_in_vertex(ctx: RuleContext) -> Iterator[RawFinding]:
    """The only gateway key in Vertex mode is ANTHROPIC_API_KEY."""
    if ctx.provider == "vertex" and _only_an_api_key(ctx):
        yield ctx.finding(
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_API_KEY is sent in x-api-key, which LiteLLM refuses on its Vertex route",
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


def _only_an_api_key(ctx: RuleContext) -> bool:
    others = ctx.text("ANTHROPIC_AUTH_TOKEN") or ctx.helper or ctx.headers
    return ctx.skips and bool(ctx.text("ANTHROPIC_API_KEY")) and not others


@rule("CGW107 bedrock-token-wins error", fact="bedrock-bearer", needs=(_BEDROCK_TOKEN,))
def bedrock_token_wins(ctx: RuleContext) -> Iterator[RawFinding]:
    """AWS_BEARER_TOKEN_BEDROCK is sent to the gateway instead of the gateway's key."""
    token = ctx.text(_BEDROCK_TOKEN)
    if ctx.provider != "bedrock" or not ctx.skips or not token or token == ctx.text("ANTHROPIC_AUTH_TOKEN"):
        return
    if ctx.text("ANTHROPIC_AUTH_TOKEN") or ctx.helper or "authorization" in ctx.header_names:
        yield ctx.finding(
            _BEDROCK_TOKEN,
            "AWS_BEARER_TOKEN_BEDROCK fills the Authorization header instead of the gateway key",
            'set AWS_BEARER_TOKEN_BEDROCK to "" in the settings file that configures the gateway',
        )


@rule("CGW108 skip-auth-missing error", needs=FLAGS.values())
def skip_auth_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """A gateway key is set for a cloud provider, but its skip-auth flag is not."""
    if ctx.provider == "anthropic" or ctx.skips or not ctx.base or ctx.first(*_PROVIDER_KEYS.get(ctx.provider, ())):
        return
    sent = ctx.header("authorization")
    if sent and sent.source and sent.source.kind in {"env", "helper", "custom-header"}:
        return  # older clients let the gateway key replace the signature
    if ctx.text("ANTHROPIC_AUTH_TOKEN") or ctx.helper or "authorization" in ctx.header_names:
        yield ctx.base.finding(
            f"without {SKIP[ctx.provider]}=1 the gateway key is dropped and the cloud credential is sent instead",
            f"set {SKIP[ctx.provider]} to 1; or, if this machine holds the cloud credential on purpose, send the "
            "gateway key in a custom header such as x-litellm-api-key",
        )


@rule("CGW109 skip-auth-with-cloud-credential warning", needs=FLAGS.values())
def skip_auth_with_cloud_credential(ctx: RuleContext) -> Iterator[RawFinding]:
    """Cloud credentials are configured, but the skip-auth flag stops the client from using them."""
    sources = {"bedrock": ("awsAuthRefresh", "awsCredentialExport"), "vertex": ("gcpAuthRefresh",)}
    if not ctx.skips or ctx.gateway_key or ctx.text(_BEDROCK_TOKEN):
        return
    for key in sources.get(ctx.provider, ()):
        for source in (source for source, value in ctx.settings(key) if value):
            yield RawFinding(
                f"{key} provides a cloud credential that {SKIP[ctx.provider]} keeps out of every request",
                key_at(source, key),
                f"remove {SKIP[ctx.provider]}, or give the gateway a key with ANTHROPIC_AUTH_TOKEN",
            )


@rule("CGW110 no-credential info", whole=True)
def no_credential(ctx: RuleContext) -> Iterator[RawFinding]:
    """Requests go to the gateway without any credential."""
    if ctx.provider not in {"bedrock", "vertex"} or not ctx.skips or not ctx.base:
        return
    if not (ctx.gateway_key or ctx.headers or ctx.text(_BEDROCK_TOKEN)):
        yield ctx.base.finding(
            f"no credential is sent to the {ctx.provider} gateway", "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper"
        )


@rule("CGW128 foundry-key-wins error", fact="foundry-key-drops-token", needs=_PROVIDER_KEYS["foundry"])
def foundry_key_wins(ctx: RuleContext) -> Iterator[RawFinding]:
    """In Foundry mode ANTHROPIC_FOUNDRY_API_KEY or _AUTH_TOKEN keeps the gateway key out of the request."""
    name = ctx.first("ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_API_KEY")
    if name and ctx.provider == "foundry" and (ctx.text("ANTHROPIC_AUTH_TOKEN") or ctx.helper):
        yield ctx.finding(name, f"{name} is sent, and the gateway key is not", "keep one of the two")
