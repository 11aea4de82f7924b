"""Rules about starts that a working set-up does not reach (``core.reach``)."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.layers import truthy
from claude_gw_cli.core.reach import elsewhere
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import TOKEN, USER

_BASE = "https://llm.example.com"


@rule(
    "CGW317 this-shell-only info",
    why="""A variable that a shell exports reaches only the programs started from that shell. An editor or an adapter
    started from the desktop, a timer or a service has the settings files alone.""",
    bad=Example(env={"ANTHROPIC_BASE_URL": _BASE, "ANTHROPIC_AUTH_TOKEN": TOKEN}),
    good=Example(user=USER),
    evidence="2.1.330: claim.reach.nothing",
    whole=True,
)
def this_shell_only(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway is reached only by programs that are started from this shell."""
    base = ctx.gateway_base
    if base is None or truthy(ctx.snapshot.process.get("CI", "")):
        return
    there = elsewhere(ctx.snapshot, ctx.prediction)
    if there and not there.leaks:
        yield base.finding(
            f"only programs started from this shell reach the gateway; in an editor started from the desktop: "
            f"{there.reason}",
            "for every start: cgw settings apply --scope user, with a profile that uses a helper",
        )


@rule(
    "CGW146 key-elsewhere-without-shell warning",
    why="""The key is in a settings file, which every start reads; the gateway's address is exported, which only this
    shell's programs have. An editor started from the desktop, a timer or a service sends the gateway's key to the
    provider's own host.""",
    bad=Example(env={"ANTHROPIC_BASE_URL": _BASE}, user={"env": {"ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence="2.1.330: claim.reach.key-alone",
    whole=True,
)
def key_elsewhere_without_shell(ctx: RuleContext) -> Iterator[RawFinding]:
    """Without this shell's variables, the key in the settings goes to another host than the gateway."""
    base = ctx.gateway_base
    there = elsewhere(ctx.snapshot, ctx.prediction) if base else None
    if base and there and there.leaks:
        yield base.finding(
            f"a client that is not started from this shell does not have {base.name}: there {there.reason}",
            "set the base URL in the settings file that has the key: cgw settings apply",
        )
