"""Rules about starts that a working set-up does not reach (``core.reach``)."""

from __future__ import annotations

from claude_gw_cli.core.layers import truthy
from claude_gw_cli.core.reach import elsewhere
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.rule import RawFinding, rule


@rule("CGW317 this-shell-only info", whole=True)
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


@rule("CGW146 key-elsewhere-without-shell warning", whole=True)
def key_elsewhere_without_shell(ctx: RuleContext) -> Iterator[RawFinding]:
    """Without this shell's variables, the key in the settings goes to another host than the gateway."""
    base = ctx.gateway_base
    there = elsewhere(ctx.snapshot, ctx.prediction) if base else None
    if base and there and there.leaks:
        yield base.finding(
            f"a client that is not started from this shell does not have {base.name}: there {there.reason}",
            "set the base URL in the settings file that has the key: cgw settings apply",
        )
