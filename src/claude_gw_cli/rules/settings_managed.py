"""2xx: the administrator's settings: files that stop every client, and conditions that cannot be met."""

from __future__ import annotations

import os

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.gates import conditions, is_allowed, is_custom, is_forced, is_older
from claude_gw_cli.core.predict.providers import choose_route
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.headers import CUSTOM_ENDPOINT
from claude_gw_cli.facts.settings_keys import PROVIDERS
from claude_gw_cli.facts.variables import BASE_URLS, VARIABLES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import RuleContext, key_at
from claude_gw_cli.rules.rule import RawFinding, rule


@rule("CGW203 managed-file-broken error")
def managed_file_broken(ctx: RuleContext) -> Iterator[RawFinding]:
    """A managed settings file is not a JSON object: the client does not start."""
    for source in ctx.snapshot.files:
        if source.status == "invalid" and source.scope == "managed":
            stops = holds("managed-must-parse", ctx.snapshot.client_version)
            outcome = "the client refuses to start" if stops else "none of it is enforced"
            yield RawFinding(
                f"{outcome}: {source.reason}",
                Location(source.file),
                "repair the file; run cgw check before it is rolled out",
            )


@rule("CGW213 forced-login error", fact="forced-login")
def forced_login(ctx: RuleContext) -> Iterator[RawFinding]:
    """A login is forced, but a credential of another kind is set."""
    asked = conditions(ctx.snapshot)
    if asked.forced and is_forced(asked, ctx.effective, ctx.snapshot.client_version, helper=ctx.helper is not None):
        yield RawFinding(
            f"{asked.forced} makes the client refuse every token, key and helper",
            managed_at(ctx, asked.forced),
            "remove it on machines that use a gateway",
        )


@rule("CGW219 provider-not-allowed error", fact="allowed-providers")
def provider_not_allowed(ctx: RuleContext) -> Iterator[RawFinding]:
    """`allowedProviders` blocks the provider this configuration uses."""
    asked = conditions(ctx.snapshot)
    if asked.allowed is None:
        return
    route = choose_route(ctx.snapshot, ctx.effective)
    if is_allowed(asked, ctx.effective, route):
        return
    base, name = route.provider.base, route.provider.allowed
    custom = is_custom(ctx.effective, route)
    if not PROVIDERS & set(asked.allowed):
        text = "allowedProviders names no provider that the client knows: no client starts"
        remedy = f"list some of: {', '.join(sorted(PROVIDERS))}"
    elif not ctx.whole and (
        custom or CUSTOM_ENDPOINT not in asked.allowed or _is_drop_in(ctx) or asked.pinned & set(BASE_URLS)
    ):
        return  # what the rest of the machine sets is not known
    elif CUSTOM_ENDPOINT in asked.allowed:
        text = f"customEndpoint allows a gateway only if managed settings set {base}, and they do not"
        remedy = f"put {base} into the env of the managed settings"
    elif custom:
        text = f"the gateway in {base} counts as customEndpoint, which allowedProviders does not list"
        remedy = f"list customEndpoint, and put {base} into the env of the managed settings"
    else:
        text = f"allowedProviders does not list {name}, which is in use here: the client does not start"
        remedy = f"list {name}, or use another provider"
    yield RawFinding(text, managed_at(ctx, "allowedProviders"), remedy)


@rule("CGW220 impossible-version-range error", fact="required-version")
def impossible_version_range(ctx: RuleContext) -> Iterator[RawFinding]:
    """No client version satisfies the required range."""
    asked = conditions(ctx.snapshot)
    if asked.low and asked.high and is_older(asked.high, asked.low):
        yield RawFinding(
            f"no version is at least {asked.low} and at most {asked.high}: no client starts",
            managed_at(ctx, "requiredMinimumVersion"),
            "correct the range",
        )


@rule("CGW223 managed-wins warning", whole=True)
def managed_wins(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable in user, project or local settings is overridden by managed settings."""
    for name, values in ctx.values.items():
        if values[-1].scope != "managed" or name not in VARIABLES:
            continue
        for value in values[:-1]:
            if value.scope in {"user", "project", "local"} and value.text not in {"", values[-1].text}:
                yield value.finding(
                    f"{name} has no effect here: managed settings set another value",
                    "remove it, or ask the administrator of this machine",
                )


def managed_at(ctx: RuleContext, key: str) -> Location:
    """Where managed settings set the key, with a value that the client accepts or not; of two places, the later."""
    found = (source for source in reversed(ctx.files) if source.scope == "managed")
    return next(
        (key_at(source, key) for source in found if key in source.data or _is_faulty(source, key)), Location()
    )


def _is_faulty(source: SettingsFile, key: str) -> bool:
    return any(fault.pointer[0] == key for fault in source.faults)


def _is_drop_in(ctx: RuleContext) -> bool:
    """Whether the file is a drop-in, so that other files may add to it."""
    return any(os.path.dirname(source.file).endswith("managed-settings.d") for source in ctx.files)
