"""What a client start asks for beside the prompt's request: probes, lists, a sign of life.

Measured with `-p` and sixteen releases from 1.0.60 to 2.1.332 (tests/atlas/besides.jsonl.gz): the requests of a whole
start, counted at a recorder. ``{base}`` is the base URL of the provider, ``{model}`` the name that a family's alias
sends.
"""

from __future__ import annotations

from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

Credential = Literal["same", "authorization", "token", "none"]
"""``same``: every header of the prompt's request that has a source; ``authorization``: that header alone; ``token``:
ANTHROPIC_AUTH_TOKEN, unsigned; ``none``: no credential."""


@dataclass(frozen=True, slots=True)
class Besides:
    """One further request of a start."""

    provider: str
    method: str
    path: str
    credential: Credential
    when: str
    """In plain English: when it is sent."""
    situations: tuple[str, ...] = ()
    """Situations of the provider; empty for all."""
    needs: tuple[str, ...] = ()
    """Conditions (``core.predict.besides``) that must all hold."""
    families: tuple[str, ...] = ()
    """One request for the model of each family, where the path or the body names a model."""
    fact: str | None = None


_MODELS = "to see which models there are"
_FAMILIES = ("sonnet", "opus", "haiku")
_INVOKE = "{base}/model/{model}/invoke"
_RAW_PREDICT = "{base}/projects/{project}/locations/{region}/publishers/anthropic/models/{model}:rawPredict"
_PROFILES = "{base}/inference-profiles?type=SYSTEM_DEFINED"
_BEFORE = "before the prompt"
_SESSION = f"when a session starts, {_MODELS}"

_ALIVE = "at the start, to open the connection"
_OWN = "before the prompt, for a purpose of the client itself"

BESIDES: tuple[Besides, ...] = (
    *(
        Besides(provider, "POST", path, "same", _OWN, families=("haiku", "default"), fact="small-model-first")
        for provider, path in (
            ("anthropic", "{base}/v1/messages?beta=true"),
            ("bedrock", f"{_INVOKE}-with-response-stream"),
            ("vertex", _RAW_PREDICT.replace(":rawPredict", ":streamRawPredict")),
        )
    ),
    Besides("anthropic", "HEAD", "{base}", "none", _ALIVE, needs=("no-proxy",), fact="base-url-called-first"),
    Besides("anthropic", "HEAD", "{base}/api/hello", "none", _ALIVE, needs=("no-proxy",), fact="hello-called-first"),
    Besides(
        "anthropic",
        "HEAD",
        "{base}/api/hello",
        "none",
        f"{_ALIVE} (CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC prevents it)",
        needs=("noisy", "no-proxy"),
        fact="hello-unless-quiet",
    ),
    Besides(
        "anthropic",
        "GET",
        "{base}/v1/models?limit=1000",
        "same",
        "at the start (CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY)",
        needs=("discovery",),
        fact="model-discovery",
    ),
    Besides(
        "bedrock",
        "GET",
        _PROFILES,
        "none",
        f"{_BEFORE}, to list the inference profiles",
        ("skip",),
        fact="bedrock-profiles-listed",
    ),
    Besides(
        "bedrock",
        "GET",
        _PROFILES,
        "authorization",
        f"{_BEFORE}, to list the inference profiles",
        ("aws-keys", "aws-bearer"),
        fact="bedrock-profiles-listed",
    ),
    Besides(
        "bedrock",
        "GET",
        "https://bedrock.{region}.amazonaws.com/inference-profiles?type=SYSTEM_DEFINED",
        "authorization",
        f"{_BEFORE}, to list the inference profiles, at AWS itself",
        ("aws-keys", "aws-bearer"),
        fact="bedrock-profiles-at-aws",
    ),
    Besides(
        "bedrock",
        "POST",
        _INVOKE,
        "token",
        f"{_BEFORE}, {_MODELS}, the token unsigned",
        ("aws-keys", "none"),
        needs=("token",),
        families=_FAMILIES,
        fact="bedrock-probes-carry-token",
    ),
    Besides(
        "bedrock",
        "POST",
        _INVOKE,
        "same",
        f"{_BEFORE}, {_MODELS}",
        ("aws-keys", "aws-bearer"),
        needs=("no-token-probes",),
        families=_FAMILIES,
        fact="cloud-model-probes",
    ),
    Besides(
        "vertex",
        "POST",
        _RAW_PREDICT,
        "same",
        f"{_BEFORE}, {_MODELS}",
        ("google",),
        families=_FAMILIES,
        fact="vertex-model-probes",
    ),
    Besides(
        "bedrock",
        "POST",
        _INVOKE,
        "none",
        _SESSION,
        ("skip",),
        needs=("interactive",),
        families=_FAMILIES,
        fact="bedrock-probes-carry-token",
    ),
    Besides(
        "bedrock",
        "POST",
        _INVOKE,
        "same",
        _SESSION,
        ("skip",),
        needs=("interactive",),
        families=_FAMILIES,
        fact="session-probes-carry-credential",
    ),
    Besides(
        "vertex",
        "POST",
        _RAW_PREDICT,
        "same",
        _SESSION,
        ("skip",),
        needs=("interactive",),
        families=_FAMILIES,
        fact="session-probes",
    ),
    Besides(
        "anthropic",
        "POST",
        "{base}/v1/messages?beta=true",
        "same",
        "with the first prompt of a session, for its title",
        needs=("interactive", "noisy"),
        families=("title",),
    ),
    Besides("vertex", "POST", "{token_url}", "none", "before each request, to get Google's token", ("google",)),
    Besides(
        "mantle",
        "POST",
        "{base}/v1/messages",
        "same",
        f"{_BEFORE}, to see whether the default model is there",
        ("aws-bearer",),
        families=("default",),
        fact="vertex-model-probes",
    ),
)
