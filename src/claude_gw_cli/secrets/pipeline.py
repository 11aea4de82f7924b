"""``ci-token://AUDIENCE``: the identity token of the CI job that runs (OpenID Connect), so that no secret is stored.

It is the gateway's key where the gateway verifies such tokens; else ``[vault]`` signs in with it (``jwt``), or
``[oauth.NAME]`` exchanges it (``subject_token``, ``client_assertion``). ``facts.pipelines`` says how each system
gives it. A token for another audience is refused here, because its receiver would not say more than "denied".
"""

from __future__ import annotations

from claude_gw_cli.core import expiry
from claude_gw_cli.core.failures import failure
from claude_gw_cli.facts.pipelines import ANYWHERE, PIPELINES, Pipeline
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import Context, FetchedSecret, http
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.session import Session
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets.session import Response


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """A token that is valid now, for exactly this audience."""
    system = _system(context)
    offset = 0.0
    if context.env.get(ANYWHERE):
        title, token = (system.title if system else ANYWHERE), context.env[ANYWHERE]
    elif system is None:
        known = ", ".join(row.title for row in PIPELINES)
        raise failure("CGW493", reference.text, f"known: {known}, and any other that sets {ANYWHERE}")
    elif not context.env.get(system.url or system.token) or not context.env.get(system.bearer or system.token):
        needed = system.set_up.replace("AUDIENCE", reference.path)
        raise failure("CGW494", reference.text, f"the job needs in {system.title}: {needed}")
    else:
        title, token = system.title, context.env.get(system.token, "")
        if system.url:
            token, offset = _asked(system, reference, context)
    value = context.accept(token, reference.text)
    now = context.clock()
    _check_audience(value.reveal(), reference)
    end = expiry.token_end(value.reveal(), now, offset)
    if end is not None and end <= now:
        raise failure("CGW496", reference.text, f"it ended {now - end:.0f} s ago")
    return FetchedSecret(value, end, {"source": "ci-token", "system": title, "audience": reference.path})


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The address that is asked, as it is now; the tokens stay in their variables."""
    system = _system(context)
    fixed = {name: context.env[name] for name in (system.mark, system.url) if name in context.env} if system else {}
    names = (ANYWHERE, *((system.bearer, system.token) if system else ()))
    credentials = tuple(dict.fromkeys(name for name in names if context.env.get(name)))
    return PinnedReference(reference.text, {"pinned": {"set": fixed}}, ambient=credentials)


def _system(context: Context) -> Pipeline | None:
    return next((row for row in PIPELINES if context.env.get(row.mark)), None)


def _asked(system: Pipeline, reference: Reference, context: Context) -> tuple[str, float]:
    """The token that the system's address gives, and by how many seconds its clock is ahead."""
    url, bearer = context.env[system.url], context.env[system.bearer]
    http.check_address(url)
    headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
    with Session({}) as session:

        def send() -> Response:
            limit = context.remaining()
            return session.request("GET", url, headers=headers, params={"audience": reference.path}, timeout=limit)

        response = http.answered(send, url.partition("?")[0], context)
    answer = http.json_object(response) or {}
    token, status = answer.get("value"), response.status_code
    if status == 200 and isinstance(token, str):
        return token, http.clock_offset(response, context.clock())
    said = (
        shown(response.content[:4096].decode("utf-8", "replace"), bearer, str(token or "")) if status != 200 else ""
    )
    refused = "CGW494" if status in {400, 401, 403, 404} else "CGW497"
    raise failure(refused, reference.text, f"{system.title} answered {status}{': ' if said else ''}{said}")


def _check_audience(token: str, reference: Reference) -> None:
    try:
        claims = expiry.claims_of(token)
    except (ValueError, IndexError):
        claims = None
    if not isinstance(claims, dict):
        raise failure("CGW497", reference.text, "it is not a JSON Web Token")
    found = claims.get("aud")
    if reference.path not in (found if isinstance(found, list) else [found]):
        raise failure("CGW495", reference.text, f"it is for {shown(str(found))}")
