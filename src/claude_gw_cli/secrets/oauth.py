"""``oauth://NAME``: an access token by OAuth 2.0 client credentials, token exchange or a signed assertion.

The table is ``[oauth.NAME]``. RFC 6749 section 4.4, RFC 8693 and RFC 7523; with ``client_assertion`` the client
proves who it is by a token instead of a secret (a CI job's, at Entra ID and others that federate identities). The
end of the token is counted from its relative ``expires_in``, so a clock that is wrong here or there does not matter;
for a JWT without one, from its ``exp`` and the issuer's ``Date``.
"""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import CgwError, UsageError, unknown_choice
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.profile_members import check_names
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import Context, FetchedSecret, Within, http, resolve
from claude_gw_cli.secrets.file import expand
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.pin import pin as pin_reference
from claude_gw_cli.secrets.session import Session
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets.session import Response

_PLAIN = ("scope", "audience", "resource", "requested_token_type", "actor_token_type")
_TOKENS = ("subject_token", "actor_token", "assertion", "client_assertion")
_SECRETS = ("client_secret", *_TOKENS)
_GRANTS = {
    "client_credentials": "client_credentials",
    "token_exchange": "urn:ietf:params:oauth:grant-type:token-exchange",
    "jwt_bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer",
}
_NEEDS = {"client_credentials": "client_id", "token_exchange": "subject_token", "jwt_bearer": "assertion"}
"""Beside ``token_url``. Who shows a token need not be a client of the issuer (RFC 8693, 2.1; RFC 7523, 3.1)."""


_SHORTEST = 5
"""Seconds: the client first asks, then connects; a token that ends before that cannot be used."""

_BOUND = ("dpop", "mac", "pop")
"""Types of tokens that need a proof with each request (RFC 9449; RFC 6749, 7.1)."""

_CLIENT_AUTH = ("basic", "post", "client_secret_basic", "client_secret_post")
"""How the client proves who it is: RFC 6749, 2.3.1; the long names are those of an issuer's metadata."""


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """An access token."""
    table = _table(reference, context)
    form = {name: str(table[name]) for name in _PLAIN if name in table}
    form["grant_type"] = _GRANTS[table.get("grant", "client_credentials")]
    for name in _TOKENS:
        if name in table:
            with Within(f"[oauth.{reference.path}] {name}"):
                form[name] = resolve(str(table[name]), context).value.reveal()
    if "subject_token" in form:
        form["subject_token_type"] = str(table.get("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"))
    if "client_assertion" in form:
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    secret = None
    if "client_secret" in table:
        with Within(f"[oauth.{reference.path}] client_secret"):
            secret = _client_secret(str(table["client_secret"]), context)
    answer, offset = _post(table, form, secret, reference.text, context)
    if str(answer.get("token_type")).lower() in _BOUND:
        raise UsageError(
            f"{reference.text}: the issuer's token has the type {shown(str(answer['token_type']))} and needs a proof "
            "with each request, which the client does not send",
            hint="Ask the issuer's administrator for a Bearer token for this client.",
        )
    value, now = context.accept(answer["access_token"], reference.text), context.clock()
    seconds = _seconds(answer)
    if seconds and seconds < _SHORTEST:
        raise UsageError(
            f"{reference.text}: the issuer's token lives {seconds:g} s, too short for a request",
            hint="Ask the issuer's administrator for a longer lifetime.",
        )
    end = now + seconds if seconds else expiry.token_end(value.reveal(), now, offset)
    facts = {"source": "oauth", "issuer": str(table["token_url"])}
    if "scope" in table:
        facts["scope"] = _scope(str(table["scope"]), answer.get("scope"))
    return FetchedSecret(value, end, facts)


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The table with the references in it pinned."""
    table = _table(reference, context)
    inner = []
    for name in _SECRETS:
        if name in table:
            with Within(f"[oauth.{reference.path}] {name}"):
                inner.append(pin_reference(str(table[name]), context))
            table[name] = inner[-1].reference
    return PinnedReference(reference.text, {"oauth": {reference.path: table}}).with_inner(*inner)


def _table(reference: Reference, context: Context) -> dict[str, Any]:
    table = dict(context.table("oauth", reference.path))
    where = f"[oauth.{reference.path}]"
    check_names("oauth", table, where)
    for key, value in table.items():
        if not isinstance(value, str):
            raise UsageError(f"{where} {key} must be text", hint=f'Write it in quotes: {key} = "…"')
    grant = table.get("grant", "client_credentials")
    if grant not in _GRANTS:
        raise unknown_choice(f"{where} grant", str(grant), _GRANTS)
    for key in ("token_url", _NEEDS[grant], *(["client_id"] if "client_secret" in table else [])):
        if not table.get(key):
            raise UsageError(f"{where} needs {key}", hint=f'Add to the table: {key} = "…"')
    if table.get("client_auth", "basic") not in _CLIENT_AUTH:
        raise UsageError(
            f"[oauth.{reference.path}] client_auth = {table['client_auth']!r} is not known",
            hint=f"It is one of: {', '.join(_CLIENT_AUTH)} (basic is the default: a header; post: in the form)",
        )
    if "ca_file" in table:
        table["ca_file"] = expand(str(table["ca_file"]), context)
    http.check_address(str(table["token_url"]))
    return table


def _seconds(answer: dict[str, Any]) -> float | None:
    """``expires_in``, which some issuers write as text or as a fraction; ``None`` where it says nothing usable."""
    value = answer.get("expires_in")
    try:
        seconds = 0.0 if isinstance(value, bool) else float(value or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < expiry.NEVER else None


def _scope(wanted: str, granted: object) -> str:
    """What was granted of the scope that was asked for; an issuer may drop a part silently (RFC 6749, 3.3)."""
    if not isinstance(granted, str):
        return f"{wanted} asked for; the issuer does not say what it granted"
    dropped = [word for word in wanted.split() if word not in granted.split()]
    return shown(granted) + (f" (NOT granted: {' '.join(dropped)})" if dropped else "")


def _post(
    table: dict[str, Any], form: dict[str, str], secret: str | None, title: str, context: Context
) -> tuple[dict[str, Any], float]:
    """The issuer's answer, and by how many seconds its clock is ahead."""
    url, client = str(table["token_url"]), str(table.get("client_id", ""))
    headers = {"Accept": "application/json"}
    if secret is not None and "basic" in str(table.get("client_auth", "basic")):
        headers["Authorization"] = _basic(client, secret)
    else:
        form |= {"client_id": client} if client else {}
        if secret is not None:
            form["client_secret"] = secret
    with Session(table) as session:

        def send() -> Response:
            limit = context.remaining()
            return session.request("POST", url, data=form, headers=headers, timeout=limit)

        response = http.answered(send, url, context)
    answer = http.json_object(response)
    if answer is not None and secret and answer.get("access_token") == secret:
        raise UsageError(
            f"{title}: the issuer at {url} returned the client secret as the token",
            hint="It is not an OAuth token endpoint. Correct token_url in the table.",
        )
    if response.status_code == 200 and answer is not None and isinstance(answer.get("access_token"), str):
        return answer, http.clock_offset(response, context.clock())
    sent = [secret or "", quote_plus(secret or ""), *(form[name] for name in _TOKENS if name in form)]
    sent += [headers.get("Authorization", "").removeprefix("Basic ")]
    raise _refused(response, answer, title, table, sent)


def _client_secret(reference: str, context: Context) -> str:
    """The client's secret, one line of any text: unlike a key it is encoded, so it may have spaces and umlauts."""
    value = resolve(reference, context.for_material("secret")).value.reveal().strip("\r\n")
    if any(char < " " or char == "\x7f" for char in value):
        raise UsageError(f"{reference} is not one line of text", hint="Store the client secret alone.")
    return value


def _basic(client: str, secret: str) -> str:
    """The header of RFC 6749, 2.3.1: both parts are form-encoded first; a strict issuer decodes them."""
    return "Basic " + base64.b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode()).decode()


def _refused(
    response: Response, answer: dict[str, Any] | None, title: str, table: dict[str, Any], sent: list[str]
) -> CgwError:
    """The error for an answer without a token, with the issuer's own words; what was sent is masked in them."""
    status = response.status_code
    if answer is None:
        said = shown(response.content[:4096].decode("utf-8", "replace"), *sent)
    else:
        said = shown(": ".join(str(answer[key]) for key in ("error", "error_description") if answer.get(key)), *sent)
    said = f": {said}" if said else ""
    if status in {400, 401, 403} or (status == 200 and answer and answer.get("error")):
        how = "post" if "post" in str(table.get("client_auth")) else "basic"
        return failure("CGW490", title, f'{status}, asked with client_auth = "{how}"{said}')
    if status == 200:
        return failure("CGW491", title, said.removeprefix(": "))
    error = failure("CGW492", title, f"{table['token_url']} answered {status}{said}")
    error.retry_after = http.retry_after(response)
    return error
