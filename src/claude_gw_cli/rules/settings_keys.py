"""2xx: top-level keys of settings files: unknown, invented, in the wrong file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.settings_keys import INVENTED, KNOWN, MANAGED_ONLY
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Delete, Fix, SetValue
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import SCRIPT, TOKEN, USER, gateway_env
from claude_gw_cli.rules.settings_places import decides, has_env, key_at

_UPPER_NAME = lazy(r"[A-Z][A-Z0-9_]*")
_OWN_HELPER = lazy(r"'?/[^'\"`$;|&<>\n]*/cgw/helpers/[\w.-]+'?")
_LOWER = {key.lower(): key for key in KNOWN}


@rule(
    "CGW208 unknown-key warning",
    why="""The client ignores keys that it does not know, without a word.""",
    bad=Example(user={**gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), "apikeyHelper": "~/bin/key.sh"}),
    good=Example(user={**gateway_env(), "apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: l4.invalid.unknown-field",
)
def unknown_key(s: RuleContext) -> Iterator[RawFinding]:
    """A top-level key is unknown, and close to one that exists."""
    for source in s.files:
        for key in source.data:
            if key in KNOWN or key in INVENTED or _UPPER_NAME.fullmatch(key):
                continue
            if near := _near_key(key):
                yield RawFinding(
                    f"{key!r} is not a key of the client",
                    key_at(source, key),
                    f"did you mean {near}?",
                )


@rule(
    "CGW209 invented-key warning",
    why="""These keys are copied from one public configuration to the next; no client ever read them. An
    error where the key of these settings then goes to the provider itself, or none is sent.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh", "apiKeyHelperTtlMs": 600000}, helper=SCRIPT),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence="""seen: public configurations
    2.1.330: l4.invalid.unknown-field""",
    fix="unsafe",
)
def invented_key(s: RuleContext) -> Iterator[RawFinding]:
    """A top-level key that no client ever read."""
    for source in s.files:
        for key, meant in INVENTED.items():
            if key not in source.data:
                continue
            value = source.data[key]
            fix = None
            target = tuple(meant.split("."))
            if (
                isinstance(value, str | int)
                and len(target) == 2
                and " " not in meant
                and not has_env(source, target[1])
            ):
                edits = (Delete(source.file, (key,)), SetValue(source.file, target, js_text(value)))
                fix = Fix(f"move it to {meant}", "unsafe", edits)
            severity: Severity | None = "error" if decides(s, target[-1], value) else None
            yield RawFinding(f"no client reads {key!r}", key_at(source, key), f"write {meant}", fix, severity)


@rule(
    "CGW212 helper-in-project warning",
    why="""A helper in a repository's settings is a program that runs on every machine that opens it; `claude -p` asks
    nobody first. A helper of cgw's own on this machine is no such program: it prints its key for its own gateway
    only. But once git carries the file to others, its path names nothing there, and they send an empty key.""",
    bad=Example(project=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: c2.help.project",
)
def helper_in_project(s: RuleContext) -> Iterator[RawFinding]:
    """An apiKeyHelper stands in the project's shared settings."""
    for source in s.files:
        command = source.data.get("apiKeyHelper")
        if source.scope == "project" and isinstance(command, str) and command:
            own = _is_own_helper(source, command)
            if own and not source.tracked:
                continue
            yield RawFinding(
                "this apiKeyHelper is there for one person only, and git carries it to others"
                if own
                else "anyone who opens this project runs this apiKeyHelper",
                key_at(source, "apiKeyHelper"),
                "move it to the user settings: cgw settings apply --scope user",
            )


@rule(
    "CGW218 managed-only-key warning",
    why="""This key is enforced only from managed settings; elsewhere it is ignored.""",
    bad=Example(user={**USER, "requiredMinimumVersion": "2.1.300"}),
    good=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER),
    evidence="2.1.330: claim.user.minversion claim.allowed.user",
)
def managed_only_key(s: RuleContext) -> Iterator[RawFinding]:
    """A key that counts only in managed settings stands elsewhere."""
    for source in s.files:
        if source.scope in {"user", "project", "local"}:
            for key in source.data:
                if key in MANAGED_ONLY:
                    yield RawFinding(
                        f"{key} counts only in managed settings",
                        key_at(source, key),
                        "move it to managed-settings.json",
                    )


@rule(
    "CGW221 legacy-helper warning",
    why="""apiKeyHelper in ~/.claude.json was honoured by some old versions; since 2.0.8 it never is.""",
    bad=Example(user=USER, claude_json={"apiKeyHelper": "~/bin/key.sh"}),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: c2.help.claudejson",
    since="2.0.8",
    whole=True,
)
def legacy_helper(s: RuleContext) -> Iterator[RawFinding]:
    """An apiKeyHelper stands in .claude.json, where it is not read."""
    if s.snapshot.claude_json.get("apiKeyHelper") and not s.helper:
        yield RawFinding(
            "apiKeyHelper in .claude.json is not read",
            Location(s.snapshot.claude_json_file, pointer="/apiKeyHelper"),
            "move it to settings.json: cgw settings apply --scope user",
        )


def _is_own_helper(source: SettingsFile, command: str) -> bool:
    """Whether it is a script that ``cgw helper install`` wrote on this machine, outside the project."""
    project = source.file.removesuffix("/.claude/settings.json")
    return bool(_OWN_HELPER.fullmatch(command)) and not command.strip("'").startswith(project + "/")


@lru_cache(maxsize=4096)  # one team's ten thousand files repeat the same few names
def _near_key(key: str) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(key.lower(), _LOWER, n=1, cutoff=0.85)
    return _LOWER[near[0]] if near else None
