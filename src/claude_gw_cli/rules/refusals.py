"""The rule of last resort: a client that does not start, for a reason that no other rule has named."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.providers import choose_route
from claude_gw_cli.core.predict.winners import is_bare
from claude_gw_cli.rules.context import BASE, FLAGS, RuleContext, is_anthropic
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import SCRIPT, TOKEN, gateway_env

_BARE = "CLAUDE_CODE_SIMPLE"
_HELPER = {"apiKeyHelper": "~/bin/key.sh"}


@rule(
    "CGW150 client-refuses error",
    why="""With this configuration the client stops before its first request. The usual causes have rules of their
    own; this one speaks when none of them found an error, and gives the client's reason. One such cause is
    CLAUDE_CODE_SIMPLE, which ignores an apiKeyHelper of any settings file.""",
    bad=Example(env={_BARE: "1"}, user=gateway_env() | _HELPER, helper=SCRIPT),
    good=Example(env={_BARE: "1"}, user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN) | {"apiKeyHelper": ""}),
    evidence="2.1.330: claim.simple.helper",
    since="0.2.70",
    whole=True,
)
def client_refuses(s: RuleContext) -> Iterator[RawFinding]:
    """The client does not start, and no other rule says why."""
    reason = s.prediction.reason
    if reason and not _may_be_cured_unseen(s, reason):
        bare, flag = s.site(_BARE), FLAGS.get(s.provider)
        at = (
            bare.at if bare else s.base.at if s.base else s.at(flag) if flag else Location(variable=BASE["anthropic"])
        )
        yield RawFinding(
            f"the client does not start: {reason}", at, "cgw explain names every source that was considered"
        )


def _may_be_cured_unseen(s: RuleContext, reason: str) -> bool:
    """Whether this machine may hold what is missing where no settings file shows it.

    A cloud credential comes from the machine's own identity as well, Google's brings a project along, and a login
    may lie in the keychain of macOS. That a person without a gateway is not logged in is no finding either.
    """
    if s.provider == "anthropic":
        ours = s.base and not is_anthropic(s.base.value)
        logged_in = s.snapshot.claude_json.get("oauthAccount") and not is_bare(s.snapshot, s.effective)
        return "/login" in reason and bool(not ours or logged_in)
    route = choose_route(s.snapshot, s.effective)
    if route.situation == "none":
        return reason == route.refusal
    return route.situation == "google" and "projectId" in reason
