"""2xx: top-level keys of settings files: unknown, invented, in the wrong file."""

from __future__ import annotations

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_keys import FORMER, INVENTED, KNOWN, MANAGED_ONLY
from claude_gw_cli.hints import Iterator
from claude_gw_cli.record import lru_cache
from claude_gw_cli.rules.context import RuleContext, key_at
from claude_gw_cli.rules.fix import Delete, Fix, SetValue
from claude_gw_cli.rules.rule import RawFinding, rule
from claude_gw_cli.rules.settings_values import has_env, loses_the_gateway

_UPPER_NAME = lazy(r"[A-Z][A-Z0-9_]*")
_CGW_HELPER = lazy(r"'?/[^'\"`$;|&<>\n]*/cgw/helpers/[\w.-]+'?")
"""A script that ``cgw helper install`` wrote."""
COMMENT = "//"
"""Start of a member's name that is a comment: JSON has no other."""
_LOWER = {key.lower(): key for key in KNOWN}


@rule("CGW208 unknown-key warning")
def unknown_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A top-level key is unknown, and close to one that exists."""
    for source in ctx.files:
        for key in source.data:
            known = (
                key in KNOWN
                or key in FORMER
                or key in INVENTED
                or _UPPER_NAME.fullmatch(key)
                or key.startswith(COMMENT)
            )
            if not known and (near := _near_key(key)):
                yield RawFinding(f"{key!r} is not a key of the client", key_at(source, key), f"did you mean {near}?")


@rule("CGW209 invented-key warning", fix="unsafe")
def invented_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A top-level key that no client has ever read."""
    for source in ctx.files:
        for key, meant in INVENTED.items():
            if key not in source.data:
                continue
            value, target, fix = source.data[key], tuple(meant.split(".")), None
            movable = isinstance(value, str | int) and len(target) == 2 and " " not in meant
            if movable and not has_env(source, target[1]):
                edits = (Delete(source.file, (key,)), SetValue(source.file, target, js_text(value)))
                fix = Fix(f"move it to {meant}", "unsafe", edits)
            severity: Severity | None = "error" if loses_the_gateway(ctx, target[-1], value) else None
            yield RawFinding(f"no client reads {key!r}", key_at(source, key), f"write {meant}", fix, severity)


@rule("CGW212 helper-in-project warning")
def helper_in_project(ctx: RuleContext) -> Iterator[RawFinding]:
    """The project's shared settings set an apiKeyHelper."""
    for source in ctx.files:
        command = source.data.get("apiKeyHelper")
        if source.scope != "project" or not isinstance(command, str) or not command:
            continue
        project = source.file.removesuffix("/.claude/settings.json") + "/"
        message = "anyone who opens this project runs this apiKeyHelper"
        if _CGW_HELPER.fullmatch(command) and not command.strip("'").startswith(project):
            if not source.tracked:
                continue
            message = "this apiKeyHelper exists only on one person's machine, and git shares it with others"
        at = key_at(source, "apiKeyHelper")
        yield RawFinding(message, at, "move it to the user settings: cgw settings apply --scope user")


@rule("CGW218 managed-only-key warning")
def managed_only_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A key that counts only in managed settings is set elsewhere."""
    for source in (source for source in ctx.files if source.scope in {"user", "project", "local"}):
        for key in (key for key in source.data if key in MANAGED_ONLY):
            message = f"{key} counts only in managed settings"
            yield RawFinding(message, key_at(source, key), "move it to managed-settings.json")


@rule("CGW221 legacy-helper warning", fact="helper-only-in-settings", whole=True)
def legacy_helper(ctx: RuleContext) -> Iterator[RawFinding]:
    """An apiKeyHelper is set in .claude.json, where it is not read."""
    if ctx.snapshot.claude_json.get("apiKeyHelper") and not ctx.helper:
        at = Location(ctx.snapshot.claude_json_file, pointer="/apiKeyHelper")
        advice = "move it to settings.json: cgw settings apply --scope user"
        yield RawFinding("apiKeyHelper in .claude.json is not read", at, advice)


@lru_cache(maxsize=4096)  # one team's ten thousand files repeat the same few names
def _near_key(key: str) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(key.lower(), _LOWER, n=1, cutoff=0.85)
    return _LOWER[near[0]] if near else None
