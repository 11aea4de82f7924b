"""1xx: which credential is sent, and whether it is the one that was meant."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.rules.context import SKIP, RuleContext
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, OTHER, SCRIPT, TOKEN, VERTEX, gateway_env

_OWN_KEYS = {
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
    "anthropic-aws": ("ANTHROPIC_AWS_API_KEY",),
}
"""Variables that hold a provider's own key and may as well hold the gateway's."""


@rule(
    "CGW101 two-credentials warning",
    why="""ANTHROPIC_AUTH_TOKEN fills Authorization and ANTHROPIC_API_KEY fills x-api-key; neither suppresses the
    other. Which of the two the gateway believes is the gateway's choice, so this works by luck.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, ANTHROPIC_API_KEY=OTHER)),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, ANTHROPIC_API_KEY="")),
    evidence="2.1.330: anth.key+tok",
)
def two_credentials(s: RuleContext) -> Iterator[RawFinding]:
    """Two different credentials are sent at once, in two headers."""
    token, key = s.site("ANTHROPIC_AUTH_TOKEN"), s.site("ANTHROPIC_API_KEY")
    if not token or not key or s.provider != "anthropic" or token.value.strip() == key.value.strip():
        return
    if token.value.strip() == PLACEHOLDER_TOKEN:
        return
    yield RawFinding(
        "ANTHROPIC_AUTH_TOKEN (Authorization) and ANTHROPIC_API_KEY (x-api-key) are both sent, with different values",
        key.at,
        'keep one; cancel the other with "" in the same settings file',
    )


@rule(
    "CGW102 helper-beside-token warning",
    why="""ANTHROPIC_AUTH_TOKEN beats apiKeyHelper in Authorization. From 2.1.77 the client no longer waits for the
    helper then, so whether its value still reaches x-api-key is a race against the first request.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN) | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: anth.tok+help race.tok+help.slow1.0",
)
def helper_beside_token(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN shadows apiKeyHelper."""
    token = s.site("ANTHROPIC_AUTH_TOKEN")
    if token and s.helper:
        yield RawFinding(
            f"ANTHROPIC_AUTH_TOKEN wins over the apiKeyHelper of {s.helper[0].file} in the Authorization header",
            token.at,
            'remove the token, or set it to "" beside the helper',
        )


@rule(
    "CGW103 helper-beside-api-key warning",
    why="""With both, the helper's value travels in Authorization and ANTHROPIC_API_KEY in x-api-key; the helper
    never reaches x-api-key. A rotated key in one and a stale one in the other is hard to see.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN) | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY="") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: anth.key+help",
)
def helper_beside_api_key(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY is sent beside apiKeyHelper."""
    key = s.site("ANTHROPIC_API_KEY")
    if key and s.helper and s.provider == "anthropic":
        yield RawFinding(
            f"ANTHROPIC_API_KEY fills x-api-key while the apiKeyHelper of {s.helper[0].file} fills Authorization",
            key.at,
            'remove the key, or set it to "" beside the helper',
        )


@rule(
    "CGW105 api-key-not-sent error",
    why="""Behind Bedrock, Foundry and Mantle ANTHROPIC_API_KEY alone reaches no header (Bedrock sent it as x-api-key
    until 2.1.227). The gateway sees a request without a key.""",
    bad=Example(user={"env": {**BEDROCK, "ANTHROPIC_API_KEY": TOKEN}}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: bed.key fnd.skip.key x.mantle.key",
)
def api_key_not_sent(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY is the only gateway key, and this provider mode does not send it."""
    if s.provider == "anthropic" or not s.skips or not s.text("ANTHROPIC_API_KEY"):
        return
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or s.headers:
        return
    sent = s.header("x-api-key")
    if sent is None or not sent.present:
        yield RawFinding(
            f"ANTHROPIC_API_KEY is not sent in {s.provider} mode: the gateway receives no key",
            s.at("ANTHROPIC_API_KEY"),
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule(
    "CGW106 api-key-in-vertex warning",
    why="""In Vertex mode ANTHROPIC_API_KEY travels in x-api-key. LiteLLM does not look there on its Vertex route
    and answers 401.""",
    bad=Example(user={"env": {**VERTEX, "ANTHROPIC_API_KEY": TOKEN}}),
    good=Example(user={"env": {**VERTEX, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="""2.1.330: vtx.key
    measured: LiteLLM 1.106.2, every key position at every endpoint""",
)
def api_key_in_vertex(s: RuleContext) -> Iterator[RawFinding]:
    """The only gateway key in Vertex mode is ANTHROPIC_API_KEY."""
    if s.provider != "vertex" or not s.skips or s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or s.headers:
        return
    if s.text("ANTHROPIC_API_KEY"):
        yield RawFinding(
            "ANTHROPIC_API_KEY travels in x-api-key, which LiteLLM refuses on its Vertex route",
            s.at("ANTHROPIC_API_KEY"),
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule(
    "CGW107 bedrock-token-wins error",
    why="""AWS_BEARER_TOKEN_BEDROCK fills Authorization before everything else, even with
    CLAUDE_CODE_SKIP_BEDROCK_AUTH=1: the gateway receives the AWS token instead of its own key.""",
    bad=Example(
        env={"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-7e1f"},
        user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    good=Example(
        env={"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-7e1f"},
        user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN, "AWS_BEARER_TOKEN_BEDROCK": ""}},
    ),
    evidence="2.1.330: bed.bearer+tok bed.bearer+help",
    since="1.0.50",
)
def bedrock_token_wins(s: RuleContext) -> Iterator[RawFinding]:
    """AWS_BEARER_TOKEN_BEDROCK is sent to the gateway instead of the gateway's key."""
    if s.provider != "bedrock" or not s.skips or not s.text("AWS_BEARER_TOKEN_BEDROCK"):
        return
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or "authorization" in s.header_names:
        yield RawFinding(
            "AWS_BEARER_TOKEN_BEDROCK takes the Authorization header from the gateway key",
            s.at("AWS_BEARER_TOKEN_BEDROCK"),
            'set AWS_BEARER_TOKEN_BEDROCK to "" in the settings file that configures the gateway',
        )


@rule(
    "CGW108 skip-auth-missing error",
    why="""Without the skip-auth flag the client signs for the cloud itself and removes the Authorization of
    ANTHROPIC_AUTH_TOKEN, apiKeyHelper and ANTHROPIC_CUSTOM_HEADERS: the gateway's key is never sent.""",
    bad=Example(
        env={"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "fakefakefakefakefakefake"},
        user={"env": {**BEDROCK, "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="""2.1.330: bed.noskip.aws+tok vtx.gcp.ea+tok bed.noskip.nocreds+tok claim.noskip.fnd claim.noskip.mantle.aws
    2.1.330: claim.noskip.aws.aws""",
)
def skip_auth_missing(s: RuleContext) -> Iterator[RawFinding]:
    """A gateway key is set for a cloud provider, but its skip-auth flag is not."""
    if s.provider == "anthropic" or s.skips or not s.base or any(s.text(n) for n in _OWN_KEYS.get(s.provider, ())):
        return
    sent = s.header("authorization")
    if sent and sent.source and sent.source.kind in {"env", "helper", "custom-header"}:
        return  # older clients let the gateway key replace the signature
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or "authorization" in s.header_names:
        yield RawFinding(
            f"without {SKIP[s.provider]}=1 the gateway key is dropped and the cloud credential is sent instead",
            s.base.at,
            f"set {SKIP[s.provider]} to 1; or, if this machine holds the cloud credential on purpose, carry the "
            "gateway key in a custom header such as x-litellm-api-key",
        )


@rule(
    "CGW109 skip-auth-with-cloud-credential warning",
    why="""With the skip-auth flag the client does not sign: cloud credentials that the same configuration sets up
    are never used, and the gateway gets a request without any credential.""",
    bad=Example(user={"env": dict(BEDROCK), "awsAuthRefresh": "aws sso login --profile llm"}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: bed.skip.aws vtx.skip.gcp.md",
)
def skip_auth_with_cloud_credential(s: RuleContext) -> Iterator[RawFinding]:
    """Cloud credentials are configured, but the skip-auth flag stops the client from using them."""
    if s.provider not in {"bedrock", "vertex"} or not s.skips or s.gateway_key or s.text("AWS_BEARER_TOKEN_BEDROCK"):
        return
    keys = ("awsAuthRefresh", "awsCredentialExport") if s.provider == "bedrock" else ("gcpAuthRefresh",)
    for key in keys:
        for source, value in s.settings(key):
            if value:
                yield RawFinding(
                    f"{key} provides a cloud credential that {SKIP[s.provider]} keeps out of every request",
                    Location(source.file, pointer=f"/{key}"),
                    f"remove {SKIP[s.provider]}, or give the gateway a key with ANTHROPIC_AUTH_TOKEN",
                )


@rule(
    "CGW110 no-credential info",
    why="""With skip-auth and nothing else the client sends requests without any credential. That is right only
    where the network itself is the lock.""",
    bad=Example(user={"env": dict(BEDROCK)}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: bed.none vtx.none",
    whole=True,
)
def no_credential(s: RuleContext) -> Iterator[RawFinding]:
    """Requests go to the gateway without any credential."""
    if s.provider not in {"bedrock", "vertex"} or not s.skips or not s.base:
        return
    if not (s.gateway_key or s.headers or s.text("AWS_BEARER_TOKEN_BEDROCK")):
        yield RawFinding(
            f"no credential is sent to the {s.provider} gateway",
            s.base.at,
            "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper",
        )


@rule(
    "CGW128 foundry-key-wins error",
    why="""ANTHROPIC_FOUNDRY_API_KEY suppresses ANTHROPIC_AUTH_TOKEN, apiKeyHelper and ANTHROPIC_API_KEY altogether:
    only x-api-key is sent.""",
    bad=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_FOUNDRY_API_KEY": OTHER, "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }}
    ),
    good=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }}
    ),
    evidence="2.1.330: fnd.noskip.fkey+tok fnd.skip.fkey+tok",
    since="2.1.257",
)  # fmt: skip
def foundry_key_wins(s: RuleContext) -> Iterator[RawFinding]:
    """In Foundry mode ANTHROPIC_FOUNDRY_API_KEY or _AUTH_TOKEN keeps the gateway key out of the request."""
    if s.provider != "foundry" or not (s.text("ANTHROPIC_AUTH_TOKEN") or s.helper):
        return
    for name in ("ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_API_KEY"):
        if s.text(name):
            yield RawFinding(f"{name} is sent, and the gateway key is not", s.at(name), "keep one of the two")
            return
