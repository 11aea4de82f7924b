"""The forms of a client's requests: paths, what a body needs, and what a gateway answers. One row per form.

``{model}``, ``{project}`` and ``{region}`` are filled in, percent-encoded as the user of a row needs it.
"""

from __future__ import annotations

from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass, field

Ask = Literal["message", "event-stream", "count-tokens", "models", "profiles", "hello", "health", "google-token"]

COUNT_TOKENS = "/v1/messages/count_tokens"
"""Also below LiteLLM's /bedrock, where it returns at once the error that an invocation returns after five seconds of
retries."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One form of requests."""

    request: str
    """Path of the client's model request, below its base URL."""
    live: str
    """Path of the same request as `cgw doctor --live` sends it."""
    live_body: dict[str, object]
    """What its body needs beside the conversation."""
    access: str
    """Path of a request that shows whether the key may use a model, and that cannot be billed."""
    routes: tuple[tuple[str, str, Ask], ...]
    """(method, pattern of the path below the base URL, what is asked); a group ``model`` where the path names it."""
    access_body: dict[str, object] | None = field(default_factory=dict)
    """``None``: it counts tokens, and so asks the cloud as well."""
    model_in_body: bool = False
    ping: str | None = None
    """A path of LiteLLM that only checks the key; its own answer to ``access`` comes late."""
    counts: bool = False
    """``COUNT_TOKENS`` reaches the cloud through any gateway (else: through LiteLLM)."""
    kept: str = "-_.!~*'()"
    """What the client leaves unencoded in a model's name, beside letters and digits."""


_PUBLISHER = "/projects/{project}/locations/{region}/publishers/anthropic/models"
_PUBLISHER_PATTERN = r"/projects/[^/]+/locations/[^/]+/publishers/anthropic/models"

WIRES: dict[str, Wire] = {
    "messages": Wire(
        request="/v1/messages?beta=true",
        live="/v1/messages",
        live_body={"stream": True},
        access="/v1/messages",
        routes=(
            ("POST", r"/v1/messages", "message"),
            ("POST", r"/v1/messages/count_tokens", "count-tokens"),
            ("GET", r"/v1/models", "models"),
            ("HEAD", r"/api/hello", "hello"),
        ),
        model_in_body=True,
        counts=True,
    ),
    "invoke": Wire(
        request="/model/{model}/invoke-with-response-stream",
        live="/model/{model}/invoke-with-response-stream",
        live_body={"anthropic_version": "bedrock-2023-05-31"},
        access="/model/{model}/invoke",
        routes=(
            ("POST", r"/model/(?P<model>[^/]+)/invoke-with-response-stream", "event-stream"),
            ("POST", r"/model/(?P<model>[^/]+)/invoke", "message"),
            ("GET", r"/?/inference-profiles", "profiles"),  # a slash at the end of the base URL stays
        ),
        ping="/ping",
        kept="-_.!~*'():@&=+$,;",
    ),
    "predict": Wire(
        request=f"{_PUBLISHER}/{{model}}:streamRawPredict",
        live=f"{_PUBLISHER}/{{model}}:streamRawPredict",
        live_body={"anthropic_version": "vertex-2023-10-16", "stream": True},
        access=f"{_PUBLISHER}/count-tokens:rawPredict",
        routes=(
            ("POST", rf"{_PUBLISHER_PATTERN}/count-tokens:rawPredict", "count-tokens"),
            ("POST", rf"{_PUBLISHER_PATTERN}/(?P<model>.+):(?:streamR|r)awPredict", "message"),
        ),
        access_body=None,
        kept="-_.!~*'()%/:@&=+$,;|[]^\\",
    ),
}
