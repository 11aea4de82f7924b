"""2xx: top-level keys of settings files: unknown, invented, in the wrong file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_keys import INVENTED, KNOWN, MANAGED_ONLY
from claude_gw_cli.rules.context import RuleContext, key_at
from claude_gw_cli.rules.fix import Delete, Fix, SetValue
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import HELPER, SCRIPT, USER, gateway_env, with_helper, working
from claude_gw_cli.rules.settings_values import has_env, loses_the_gateway

_UPPER_NAME = lazy(r"[A-Z][A-Z0-9_]*")
_CGW_HELPER = lazy(r"'?/[^'\"`$;|&<>\n]*/cgw/helpers/[\w.-]+'?")
"""A script that ``cgw helper install`` wrote."""
COMMENT = "//"
"""Start of a member's name that is a comment: JSON has no other."""
_LOWER = {key.lower(): key for key in KNOWN}


@rule(
    "CGW208 unknown-key warning",
    why="""The client silently ignores keys that it does not know.""",
    bad=Example(user={**working(), "apikeyHelper": "~/bin/key.sh"}),
    good=with_helper(),
    evidence="2.1.330: l4.invalid.unknown-field",
)
def unknown_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A top-level key is unknown, and close to one that exists."""
    for source in ctx.files:
        for key in source.data:
            known = key in KNOWN or key in INVENTED or _UPPER_NAME.fullmatch(key) or key.startswith(COMMENT)
            if not known and (near := _near_key(key)):
                yield RawFinding(f"{key!r} is not a key of the client", key_at(source, key), f"did you mean {near}?")


@rule(
    "CGW209 invented-key warning",
    why="""These keys are copied from one public configuration to the next, but no client has ever read them. The
    finding is an error if, as a result, the key of these settings goes to the provider itself, or no key is sent.""",
    bad=Example(user=gateway_env() | HELPER | {"apiKeyHelperTtlMs": 600000}, helper=SCRIPT),
    good=with_helper(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000"),
    evidence="""seen: public configurations
    2.1.330: l4.invalid.unknown-field""",
    fix="unsafe",
)
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


@rule(
    "CGW212 helper-in-project warning",
    why="""A helper in a repository's settings is a program that runs on every machine that opens it; `claude -p` asks
    no question first. A helper that cgw installed on this machine is safe: it only releases the key for its own
    gateway. But for anyone else who checks out this file the path does not exist, so their client sends an empty
    key.""",
    bad=Example(project=gateway_env() | HELPER, helper=SCRIPT),
    good=with_helper(),
    evidence="2.1.330: c2.help.project",
)
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


@rule(
    "CGW218 managed-only-key warning",
    why="""This key is enforced only from managed settings; elsewhere it is ignored.""",
    bad=Example(user={**USER, "requiredMinimumVersion": "2.1.300"}),
    good=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER),
    evidence="2.1.330: claim.user.minversion claim.allowed.user",
)
def managed_only_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A key that counts only in managed settings is set elsewhere."""
    for source in (source for source in ctx.files if source.scope in {"user", "project", "local"}):
        for key in (key for key in source.data if key in MANAGED_ONLY):
            message = f"{key} counts only in managed settings"
            yield RawFinding(message, key_at(source, key), "move it to managed-settings.json")


@rule(
    "CGW221 legacy-helper warning",
    why="""Some old clients read apiKeyHelper in ~/.claude.json; since 2.0.8 no client does.""",
    bad=Example(user=USER, claude_json=HELPER),
    good=with_helper(),
    evidence="2.1.330: c2.help.claudejson",
    fact="helper-only-in-settings",
    whole=True,
)
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
