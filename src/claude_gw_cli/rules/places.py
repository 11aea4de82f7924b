"""What goes wrong because of where the client runs: in a container, in the GitHub action. Codes of the 3xx range."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.endpoint import is_this_machine
from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.starters import BY_NAME, PROVIDER_FLAGS
from claude_gw_cli.rules.context import RuleContext, url_parts
from claude_gw_cli.rules.rule import RawFinding, rule


@rule("CGW318 container-loopback warning")
def container_loopback(ctx: RuleContext) -> Iterator[RawFinding]:
    """A container's gateway is at localhost, where nothing in the container listens as far as the file says."""
    if ctx.listens is None:
        return
    for value in ctx.base_urls:
        parts = url_parts(value.text)
        if parts and is_this_machine(parts.hostname or "") and str(_port(value.text)) not in ctx.listens:
            yield value.finding(
                f"{value.name}: {parts.hostname} is the container itself here, not the machine that it runs on",
                "use host.docker.internal for a gateway on that machine, or the name of the gateway's service",
            )


def _port(url: str) -> int | None:
    parts = url_parts(url)
    try:
        return parts.port if parts else None
    except ValueError:
        return None


@rule("CGW319 action-without-key error")
def action_without_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """The GitHub action refuses to start: it has none of the credentials that it asks for."""
    if ctx.starter != "action" or any(ctx.value(flag) for flag in PROVIDER_FLAGS):
        return
    for demand in BY_NAME["action"].demands:
        if demand.flag is None and not any(all(map(ctx.value, group)) for group in demand.one_of):
            file = ctx.snapshot.files[0].file
            yield RawFinding(
                "the Claude Code action has no credential that it asks for, so it does not start the client",
                Location(file),
                "give it the key: with: anthropic_api_key: ${{ secrets.NAME }}",
            )
