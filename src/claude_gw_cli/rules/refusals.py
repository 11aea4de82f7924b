"""The last rule: a client that does not start, for a reason that no other rule has reported."""

from __future__ import annotations

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.providers import choose_route
from claude_gw_cli.core.predict.winners import is_bare
from claude_gw_cli.core.refusal_steps import next_step
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import BASE, FLAGS, RuleContext
from claude_gw_cli.rules.rule import RawFinding, rule

_BARE = "CLAUDE_CODE_SIMPLE"


@rule("CGW150 client-refuses error", fact="output-format", whole=True)
def client_refuses(ctx: RuleContext) -> Iterator[RawFinding]:
    """The client does not start, and no other rule says why."""
    reason = ctx.prediction.reason
    if reason and not _may_start_anyway(ctx, reason):
        flag, value = FLAGS.get(ctx.provider), ctx.value(_BARE) or ctx.base
        at = value.at if value else ctx.at(flag) if flag else Location(variable=BASE["anthropic"])
        advice = next_step(reason, "NAME") or "cgw explain names every source that was considered"
        yield RawFinding(f"the client does not start: {reason}", at, advice)


def _may_start_anyway(ctx: RuleContext, reason: str) -> bool:
    """Whether the machine may have what is missing where no settings file shows it.

    A cloud credential can come from the machine's own identity, Google's includes a project, and a login may be in
    the keychain of macOS. A person without a gateway who is not logged in is not a finding either.
    """
    if ctx.provider == "anthropic":
        logged_in = ctx.snapshot.claude_json.get("oauthAccount") and not is_bare(ctx.snapshot, ctx.effective)
        return "/login" in reason and bool(not ctx.gateway_base or logged_in)
    route = choose_route(ctx.snapshot, ctx.effective)
    if route.situation == "none":
        return reason == route.refusal
    return route.situation == "google" and "projectId" in reason
