"""A profile's ``[managed]`` table, and the settings document that administrators deploy. Pure.

A fault in that document reaches every machine: a member that the client does not accept is dropped or costs the whole
document, and a name that an older release does not know is ignored silently. So both are refused here, by name.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, guess
from claude_gw_cli.core.merge import Entry, Patch
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.headers import CUSTOM_ENDPOINT
from claude_gw_cli.facts.settings_keys import KNOWN, PROVIDERS, SINCE
from claude_gw_cli.facts.versions import holds, newest, version_key
from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.model import Profile

_TEXTS = {"required_minimum_version": "requiredMinimumVersion", "required_maximum_version": "requiredMaximumVersion"}
MEMBERS = ("helper_path", *_TEXTS, "allowed_providers", "settings")
_VERSION = lazy(r"\d+\.\d+\.\d+")
_DECIDED = ("env", "apiKeyHelper")
"""Members of the document that the rest of the profile decides."""


def check_table(table: Mapping[str, object]) -> None:
    """Refuse a ``[managed]`` table that is not valid.

    Raises:
        UsageError: names the member.
    """
    for name, value in table.items():
        if name not in MEMBERS:
            hint = guess(name, MEMBERS).strip() or f"Known: {', '.join(MEMBERS)}"
            raise UsageError(f"[managed] {name} is not known", hint=hint)
        if name in _TEXTS and not (isinstance(value, str) and _VERSION.fullmatch(value)):
            raise UsageError(f'[managed] {name} must be a version such as "2.1.290": the client reads no other form')
        if name == "allowed_providers":
            _check_providers(value)
        if name == "helper_path":
            _check_path(value)
        if name == "settings":
            _check_settings(value)
    low, high = table.get("required_minimum_version"), table.get("required_maximum_version")
    if isinstance(low, str) and isinstance(high, str) and version_key(low) > version_key(high):
        raise UsageError(f"[managed] no version is at least {low} and at most {high}: no client would start")


def _check_providers(value: object) -> None:
    if not isinstance(value, list) or not value or not set(map(str, value)) <= PROVIDERS:
        raise UsageError(
            "[managed] allowed_providers must be a list of providers: with any other value no client starts",
            hint=f"Known: {', '.join(sorted(PROVIDERS))}",
        )
    if CUSTOM_ENDPOINT not in value:
        raise UsageError(
            f"[managed] allowed_providers lacks {CUSTOM_ENDPOINT}, which a gateway counts as: no client starts",
            hint=f'allowed_providers = ["{CUSTOM_ENDPOINT}"]',
        )


def _check_path(value: object) -> None:
    plain = isinstance(value, str) and value.isprintable()
    if not plain or not str(value).startswith(("/", "$HOME/", "~/", "C:\\", "%")):
        raise UsageError(
            "[managed] helper_path must be absolute, or begin with $HOME/: the client runs it from any directory",
            hint='helper_path = "/usr/local/lib/cgw/helper"',
        )


def _check_settings(value: object) -> None:
    if not isinstance(value, dict):
        raise UsageError("[managed] settings must be a table, such as [managed.settings]")
    import json

    for name, member in value.items():
        try:
            json.dumps(member, allow_nan=False)
        except (TypeError, ValueError):
            raise UsageError(f"[managed.settings] {name} holds a date, nan or inf, which JSON has not") from None
    for name in _DECIDED:
        if name in value:
            raise UsageError(
                f"[managed.settings] {name} is decided by the profile itself",
                hint="Use [env] for variables, and auth, secret and [managed] helper_path for the helper.",
            )


def members(profile: Profile) -> dict[str, Any]:
    """What the table adds to the document, by the client's own names."""
    table = profile.tables.get("managed", {})
    added: dict[str, Any] = {_TEXTS[name]: table[name] for name in _TEXTS if name in table}
    if "allowed_providers" in table:
        added["allowedProviders"] = table["allowed_providers"]
    more = table.get("settings", {})
    return added | (dict(more) if isinstance(more, dict) else {})


def completed(patch: Patch, profile: Profile) -> Patch:
    """A profile's patch with what the table adds, for managed settings."""
    return Patch((*patch.entries, *(Entry((member,), value) for member, value in members(profile).items())))


def oldest(profile: Profile) -> str | None:
    """The oldest release that gets the document, as far as the profile says it."""
    required = members(profile).get("requiredMinimumVersion")
    return profile.min_client_version or (required if isinstance(required, str) else None)


def problems(document: Mapping[str, Any], profile: Profile) -> Iterator[str]:
    """Everything in the document that a client would drop, ignore or stop for, by name; nothing when it is good.

    Args:
        document: the settings as they will be deployed.
        profile: says the oldest release that must understand them.
    """
    from claude_gw_cli.core.settings_schema import faults

    first, last = oldest(profile), newest()
    for name, value in document.items():
        if name not in KNOWN:
            yield f"{name}: no release of Claude Code knows this name"
            continue
        if first and (since := SINCE.get(name)) and version_key(since) > version_key(first):
            yield f"{name} is read by Claude Code {since} and newer; this profile must serve {first}"
        if first and (fault := _costs_the_file(name, first)):
            yield fault
        for release in dict.fromkeys(filter(None, (first, last))):
            found = list(faults(name, value, release))
            yield from (f"{fault.path}: {fault.text} (Claude Code {release})" for fault in found)
            if found:
                break
    yield from _variables(document.get("env", {}), first)


def _costs_the_file(name: str, release: str) -> str:
    from claude_gw_cli.facts.settings_schema import is_known_key

    if holds("strict-settings", release) and not is_known_key(name, release):
        return f"{name}: Claude Code {release} drops the whole file for a name that it does not know"
    return ""


def _variables(env: Mapping[str, str], first: str | None) -> Iterator[str]:
    """Variables that are set and that the oldest release does not have yet."""
    from claude_gw_cli.facts.names import spans

    known = spans()
    for name, value in env.items():
        span = known.get(name)
        if first and value and span and span.too_old(first):
            yield f"env.{name} is newer than Claude Code {span.after}; this profile must serve {first}"
