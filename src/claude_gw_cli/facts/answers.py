"""What gateways and clouds answer, word for word, and which situation it means. One row per wording.

Rows of LiteLLM were measured on 1.106.2 (with its own code over a stub key store where a database is needed); rows
of the clouds are their documented error codes. The first row that fits wins. What no row fits is never guessed:
`core.diagnosis` shows it as it is.
"""

from __future__ import annotations

from claude_gw_cli.record import dataclass

LITELLM_ALIVE = "I'm alive!"
"""Body of GET /health/liveliness, public in every configuration."""

LITELLM_MARKS = ("litellm", '"type":"auth_error"', '"type":"no_db_connection"', '"type":"token_not_found_in_db"')
"""Any of these in a body, or ``x-litellm-`` in a header's name, is LiteLLM speaking."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A text inside an answer, and the situation it is the sign of."""

    situation: str
    text: str
    """Searched in the whole body, letter case ignored."""
    statuses: tuple[int, ...] = ()
    """Empty: with any status of 400 or more."""


SIGNS: tuple[Sign, ...] = (
    # -- LiteLLM's own check of its key -------------------------------------------------------------------------
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
    # -- LiteLLM's own check of the model -----------------------------------------------------------------------
    Sign("model-denied", "model_access_denied"),
    Sign("model-unknown", "Invalid model name passed in"),
    # -- LiteLLM without a credential of its own ----------------------------------------------------------------
    Sign("upstream-credential-missing", "credential is configured on this proxy"),
    Sign("upstream-credential-missing", "Missing Anthropic API Key"),
    Sign("upstream-credential-missing", "Unable to locate credentials"),
    Sign("upstream-credential-missing", "default credentials were not found"),
    # -- the cloud refuses the gateway's credential -------------------------------------------------------------
    Sign("upstream-credential-rejected", "litellm.AuthenticationError"),
    Sign("upstream-credential-rejected", "litellm.PermissionDeniedError"),
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
    Sign("upstream-dead", "litellm.APIConnectionError"),
    Sign("upstream-dead", "litellm.Timeout"),
    Sign("upstream-dead", "litellm.ServiceUnavailableError"),
    Sign("rate-limited", "rate_limit_error"),
    # -- a server that was spoken to in the wrong protocol (nginx, Go, Apache) -----------------------------------
    Sign("plain-to-tls", "plain HTTP request was sent to HTTPS port", (400,)),
    Sign("plain-to-tls", "Client sent an HTTP request to an HTTPS server", (400,)),
    Sign("plain-to-tls", "speaking plain HTTP to an SSL-enabled server", (400,)),
)

COUNT_SOURCE_LOCAL = '"litellm_count_source":"local_estimate"'
"""In a 200 answer of count_tokens: LiteLLM guessed, because the upstream did not answer (or cannot count)."""
