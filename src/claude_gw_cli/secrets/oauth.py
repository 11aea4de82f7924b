"""``oauth://NAME``: an access token by OAuth 2.0 client credentials or token exchange, by the table ``[oauth.NAME]``.

RFC 6749 section 4.4 and RFC 8693. The end of the token is counted from its relative ``expires_in``, so a clock that
is wrong here or there does not matter; for a JWT without one, from its ``exp`` and the issuer's ``Date``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.secrets import Context, FetchedSecret, http, resolve
from claude_gw_cli.secrets.file import expand
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.pin import pin as pin_reference
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference

_PLAIN = ("scope", "audience", "resource", "requested_token_type", "actor_token_type")
_SECRETS = ("client_secret", "subject_token", "actor_token")
_OWN = ("token_url", "client_id", "grant", "client_auth", "ca_file", "proxy", "subject_token_type")
_GRANTS = {
    "client_credentials": "client_credentials",
    "token_exchange": "urn:ietf:params:oauth:grant-type:token-exchange",
}


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """An access token."""
    table = _table(reference, context)
    form = {name: str(table[name]) for name in _PLAIN if name in table}
    form["grant_type"] = _GRANTS[table.get("grant", "client_credentials")]
    for name in ("subject_token", "actor_token"):
        if name in table:
            form[name] = resolve(str(table[name]), context).value.reveal()
    if "subject_token" in form:
        form["subject_token_type"] = str(table.get("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"))
    answer, offset = _post(table, form, reference.text, context)
    token = answer.get("access_token")
    if not isinstance(token, str):
        raise failure("CGW491", reference.text)
    value, now = context.accept(token, reference.text), context.clock()
    end = now + seconds if (seconds := _seconds(answer)) else expiry.token_end(value.reveal(), now, offset)
    return FetchedSecret(value, end, {"source": "oauth", "issuer": str(table["token_url"])})


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The table with the references in it pinned."""
    table = _table(reference, context)
    tables: dict[str, Any] = {}
    watch: tuple[str, ...] = ()
    ambient: tuple[str, ...] = ()
    for name in _SECRETS:
        if name in table:
            inner = pin_reference(str(table[name]), context)
            table[name] = inner.reference
            tables |= inner.tables
            watch, ambient = watch + inner.watch, ambient + inner.ambient
    return PinnedReference(reference.text, {**tables, "oauth": {reference.path: table}}, watch, ambient)


def _table(reference: Reference, context: Context) -> dict[str, Any]:
    table = dict(context.table("oauth", reference.path))
    known = {*_PLAIN, *_SECRETS, *_OWN}
    for key, value in table.items():
        if key not in known or not isinstance(value, str):
            raise UsageError(
                f"[oauth.{reference.path}] cannot have {key} = {type(value).__name__}",
                hint=f"Keys, all text: {', '.join(sorted(known))}",
            )
    for key in ("token_url", "client_id"):
        if not table.get(key):
            raise UsageError(f"[oauth.{reference.path}] needs {key}")
    if table.get("grant", "client_credentials") not in _GRANTS:
        raise UsageError(f"the grant {table['grant']!r} is not known", hint=f"It is one of: {', '.join(_GRANTS)}")
    if "ca_file" in table:
        table["ca_file"] = expand(str(table["ca_file"]), context)
    http.check_address(str(table["token_url"]))
    return table


def _seconds(answer: dict[str, Any]) -> float | None:
    """``expires_in``, which some issuers write as text or as a fraction; ``None`` where it says nothing usable."""
    try:
        seconds = float(answer["expires_in"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if 0 < seconds < expiry.NEVER else None


def _post(table: dict[str, Any], form: dict[str, str], title: str, context: Context) -> tuple[dict[str, Any], float]:
    """The issuer's answer, and by how many seconds its clock is ahead."""
    import requests

    url, client = str(table["token_url"]), str(table["client_id"])
    secret = resolve(str(table["client_secret"]), context).value.reveal() if "client_secret" in table else None
    basic = secret is not None and table.get("client_auth", "basic") == "basic"
    if not basic:
        form["client_id"] = client
        if secret is not None:
            form["client_secret"] = secret
    session = http.new_session(table)
    try:
        response = session.post(
            url,
            data=form,
            auth=(client, secret or "") if basic else None,
            headers={"Accept": "application/json"},
            timeout=context.remaining(),
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise http.unreachable(error, url) from None
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    answer = answer if isinstance(answer, dict) else {}
    if response.status_code == 200:
        return answer, http.clock_offset(response, context.clock())
    said = shown(": ".join(str(answer[key]) for key in ("error", "error_description") if key in answer))
    if response.status_code in {400, 401, 403}:
        raise failure("CGW490", title, f"{response.status_code} {said}".strip())
    failed = failure("CGW492", title, f"{url} answered {response.status_code}")
    failed.retry_after = http.retry_after(response)
    raise failed
