"""2xx: settings files that the client drops, or reads otherwise than their author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.settings_keys import INVENTED, KNOWN, MANAGED_ONLY, PROVIDERS
from claude_gw_cli.facts.variables import INVENTED as INVENTED_VARIABLES
from claude_gw_cli.facts.variables import SIBLINGS, VARIABLES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.rules.fix import Chmod, Delete, Fix, SetValue
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import GW, SCRIPT, TOKEN, USER, gateway_env, working
from claude_gw_cli.rules.subject import Subject, version_of

_UPPER_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_EXPANSION = re.compile(r"\$\{\w+\}|\$\w+|\$\([^)]*\)|^~(/|$)|%\w+%")
_OWN_HELPER = re.compile(r"'?/[^'\"`$;|&<>\n]*/cgw/helpers/[\w.-]+'?")
_OBSERVED_EXPORTERS = ("OTEL_EXPORTER_",)


@rule(
    "CGW201",
    "not-json",
    "error",
    why="""Settings are strict JSON. One comment, trailing comma or single quote, and the client drops the whole
    file: credentials, permissions and all.""",
    bad=Example(user='{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://llm.example.com", // team gateway\n  }\n}\n'),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 l4.invalid.json", "atlas:2.1.330 l4.invalid.comments"),
)
def not_json(s: Subject) -> Iterator[Hit]:
    """A settings file is not strict JSON, so the client ignores all of it."""
    for source in s.snapshot.files:
        if source.status == "invalid" and not source.data and source.scope != "managed":
            yield Hit(
                f"the client drops this whole file: {source.reason}",
                Location(source.file),
                "remove comments and trailing commas, and quote with double quotes",
            )


@rule(
    "CGW202",
    "file-dropped",
    "error",
    why="""One value of the wrong type in a key that the client knows, and it drops the whole file, not the key.""",
    bad=Example(user={**USER, "permissions": "bad"}),
    good=Example(user={**USER, "permissions": {"allow": ["Bash(ls)"]}}),
    evidence=("atlas:2.1.330 l4.invalid.other-field",),
)
def file_dropped(s: Subject) -> Iterator[Hit]:
    """A value of the wrong type makes the client ignore the whole file."""
    for source in s.snapshot.files:
        if source.status == "invalid" and source.data and source.scope != "managed":
            key = source.reason.split(":", 1)[0]
            pointer = f"/{_escape(key)}" if key in source.data else None
            yield Hit(
                f"the client drops this whole file: {source.reason}",
                Location(source.file, pointer=pointer),
                "give the key a value of the right type, or remove it",
            )


@rule(
    "CGW203",
    "managed-file-broken",
    "error",
    why="""From 2.1.259 the client refuses to start when a managed settings file cannot be read as a JSON object: one
    slip stops every machine that receives it.""",
    bad=Example(managed='{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com",}}'),
    good=Example(managed={"env": {"ANTHROPIC_BASE_URL": GW}, "apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=(
        "atlas:2.1.330 claim.managed.broken",
        "atlas:2.1.228 claim.managed.broken",
    ),
)
def managed_file_broken(s: Subject) -> Iterator[Hit]:
    """A managed settings file is not a JSON object: the client does not start."""
    for source in s.snapshot.files:
        if source.status == "invalid" and source.scope == "managed":
            stops = holds("managed-must-parse", s.snapshot.client_version)
            outcome = "the client refuses to start" if stops else "none of it is enforced"
            yield Hit(
                f"{outcome}: {source.reason}",
                Location(source.file),
                "repair the file; check it before it is rolled out",
            )


@rule(
    "CGW204",
    "env-not-text",
    "info",
    why="""The client turns numbers and booleans into text. That works, but 2.1.100 and older crashed on numbers, and
    large ones lose digits.""",
    bad=Example(user=working(CLAUDE_CODE_MAX_RETRIES=3)),
    good=Example(user=working(CLAUDE_CODE_MAX_RETRIES="3")),
    evidence=("atlas:2.1.330 l4.usebed.user.bool",),
    fix="safe",
)
def env_not_text(s: Subject) -> Iterator[Hit]:
    """A value in env is a number or boolean instead of text."""
    for source, name, raw in _env_values(s):
        if isinstance(raw, bool | int | float):
            exact = isinstance(raw, bool) or (isinstance(raw, int) and abs(raw) < 2**53)
            fix = (
                Fix("quote the value", "safe", (SetValue(source.file, ("env", name), js_text(raw)),))
                if exact
                else None
            )
            yield Hit(f"{name} is a {_kind(raw)}; env values are texts", _at(source, name), "put it in quotes", fix)


@rule(
    "CGW205",
    "env-null",
    "error",
    why="""null does not mean unset: the client puts the word "null" into the variable, and sends "Bearer null".""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": GW, "ANTHROPIC_AUTH_TOKEN": None}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 l4.env.null",),
    fix="unsafe",
)
def env_null(s: Subject) -> Iterator[Hit]:
    """A variable in env is null, which becomes the text "null"."""
    for source, name, raw in _env_values(s):
        if raw is None:
            yield Hit(
                f'{name} is null, which the client reads as the text "null"',
                _at(source, name),
                'write "" to cancel an inherited value, or remove the line',
                Fix('write "" instead of null', "unsafe", (SetValue(source.file, ("env", name), ""),)),
            )


@rule(
    "CGW206",
    "env-structure",
    "error",
    why="""An object becomes the text "[object Object]" and a list its items joined by commas.""",
    bad=Example(user=working(NO_PROXY=["localhost", "10.0.0.0/8"])),
    good=Example(user=working(NO_PROXY="localhost,10.0.0.0/8")),
    evidence=(
        "atlas:2.1.330 claim.env.list",
        "atlas:2.1.330 claim.env.object",
    ),
)
def env_structure(s: Subject) -> Iterator[Hit]:
    """A value in env is an object or a list."""
    for source, name, raw in _env_values(s):
        if isinstance(raw, Mapping | list):
            seen = "its items joined by commas" if isinstance(raw, list) else "[object Object]"
            yield Hit(f"{name} is {_kind(raw)}; the client sees {seen}", _at(source, name), "write it as text")


@rule(
    "CGW207",
    "env-not-expanded",
    "error",
    why="""Values in env are taken literally: ${VAR}, $HOME and ~ arrive as they are written.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="${GATEWAY_KEY}")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 l4.env-expansion",),
)
def env_not_expanded(s: Subject) -> Iterator[Hit]:
    """A value in env relies on shell expansion that does not happen."""
    for source, name, raw in _env_values(s):
        known = VARIABLES.get(name)
        if known and known.kind != "json" and isinstance(raw, str) and (found := _EXPANSION.search(raw)):
            yield Hit(
                f"{name}: {found.group(0) if known.kind != 'secret' else 'shell syntax'} is not expanded",
                _at(source, name),
                "write the value itself; for a key, use apiKeyHelper, whose command is run by a shell",
            )


@rule(
    "CGW208",
    "unknown-key",
    "warning",
    why="""The client ignores keys that it does not know, without a word.""",
    bad=Example(user={**gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), "apikeyHelper": "~/bin/key.sh"}),
    good=Example(user={**gateway_env(), "apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 l4.invalid.unknown-field",),
)
def unknown_key(s: Subject) -> Iterator[Hit]:
    """A top-level key is unknown, and close to one that exists."""
    for source in s.files:
        for key in source.data:
            if key in KNOWN or key in INVENTED or _UPPER_NAME.fullmatch(key):
                continue
            if near := _near_key(key):
                yield Hit(
                    f"{key!r} is not a key of the client",
                    Location(source.file, pointer=f"/{_escape(key)}"),
                    f"did you mean {near}?",
                )


@rule(
    "CGW209",
    "invented-key",
    "warning",
    why="""These keys are copied from one public configuration to the next; no client ever read them.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh", "apiKeyHelperTtlMs": 600000}, helper=SCRIPT),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence=("seen in public configurations", "atlas:2.1.330 l4.invalid.unknown-field"),
    fix="unsafe",
)
def invented_key(s: Subject) -> Iterator[Hit]:
    """A top-level key that no client ever read."""
    for source in s.files:
        for key, meant in INVENTED.items():
            if key not in source.data:
                continue
            value = source.data[key]
            fix = None
            target = tuple(meant.split("."))
            if isinstance(value, str | int) and len(target) == 2 and " " not in meant and not _has(source, target[1]):
                edits = (Delete(source.file, (key,)), SetValue(source.file, target, js_text(value)))
                fix = Fix(f"move it to {meant}", "unsafe", edits)
            yield Hit(f"no client reads {key!r}", Location(source.file, pointer=f"/{key}"), f"write {meant}", fix)


@rule(
    "CGW210",
    "variable-outside-env",
    "warning",
    why="""Variables count only inside "env"; at the top level of the file they are unknown keys and ignored.""",
    bad=Example(user={**USER, "CLAUDE_CODE_MAX_RETRIES": "3"}),
    good=Example(user=working(CLAUDE_CODE_MAX_RETRIES="3")),
    evidence=("seen in public configurations", "atlas:2.1.330 l4.invalid.unknown-field"),
    fix="unsafe",
)
def variable_outside_env(s: Subject) -> Iterator[Hit]:
    """A variable stands at the top level of the file instead of in env."""
    for source in s.files:
        for key, value in source.data.items():
            if key not in VARIABLES and not key.startswith(("ANTHROPIC_", "CLAUDE_CODE_")):
                continue
            fix = None
            if isinstance(value, str | int) and not _has(source, key):
                edits = (Delete(source.file, (key,)), SetValue(source.file, ("env", key), js_text(value)))
                fix = Fix("move it into env", "unsafe", edits)
            yield Hit(
                f"{key} is ignored outside env",
                Location(source.file, pointer=f"/{_escape(key)}"),
                'move it into "env"',
                fix,
            )


@rule(
    "CGW211",
    "unknown-variable",
    "warning",
    why="""A variable that nobody reads does nothing, and nobody says so.""",
    bad=Example(user=working(ANTHROPIC_BASEURL="https://other.example.com")),
    good=Example(user=working()),
    evidence=("seen in public configurations",),
)
def unknown_variable(s: Subject) -> Iterator[Hit]:
    """A variable in env is unknown to the client, and close to one that exists."""
    for source, name, _ in _env_values(s):
        if name in VARIABLES or name in SIBLINGS:
            continue
        meant = INVENTED_VARIABLES.get(name) or _near_variable(name)
        if meant:
            yield Hit(f"the client does not read {name}", _at(source, name), f"did you mean {meant}?")


@rule(
    "CGW212",
    "helper-in-project",
    "warning",
    why="""A helper in a repository's settings is a program that runs on every machine that opens it; `claude -p` asks
    nobody first. A helper of cgw's own on this machine is no such program: it prints its key for its own gateway
    only.""",
    bad=Example(project=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 c2.help.project",),
)
def helper_in_project(s: Subject) -> Iterator[Hit]:
    """An apiKeyHelper stands in the project's shared settings."""
    for source in s.files:
        command = source.data.get("apiKeyHelper")
        if source.scope == "project" and isinstance(command, str) and command and not _is_own_helper(source, command):
            yield Hit(
                "anyone who opens this project runs this apiKeyHelper",
                Location(source.file, pointer="/apiKeyHelper"),
                "move it to the user settings: cgw settings apply --scope user",
            )


@rule(
    "CGW213",
    "forced-login",
    "error",
    why="""forceLoginMethod and forceLoginOrgUUID demand a first-party login: since 2.1.146 the client refuses to
    start with a gateway credential.""",
    bad=Example(managed={"forceLoginMethod": "claudeai"}, user=USER),
    good=Example(user=USER),
    evidence=(
        "atlas:2.1.330 claim.managed.forcelogin",
        "atlas:2.1.330 claim.managed.forceorg",
        "atlas:2.1.330 claim.forcelogin.vtx",
        "atlas:2.1.330 claim.forcelogin.user",
        "atlas:2.1.101 claim.managed.forcelogin",
        "anthropics/claude-code#61180",
    ),
    since="2.1.146",
)
def forced_login(s: Subject) -> Iterator[Hit]:
    """A forced login stands beside a gateway credential."""
    if s.provider != "anthropic" or not s.base or not s.gateway_key:
        return
    for key in ("forceLoginMethod", "forceLoginOrgUUID"):
        for source, value in s.settings(key):
            if source.scope == "managed" and value:
                yield Hit(
                    f"{key} makes the client refuse every gateway credential",
                    Location(source.file, pointer=f"/{key}"),
                    "remove it on machines that use a gateway",
                )
                return


@rule(
    "CGW214",
    "settings-writable-by-others",
    "warning",
    why="""Who can write this file can send your key to another address, or run a program as you.""",
    bad=Example(user=gateway_env(), env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, mode=0o666),
    good=Example(user=USER, mode=0o600),
    evidence=("atlas:2.1.330 claim.mode.666",),
    fix="safe",
)
def settings_writable_by_others(s: Subject) -> Iterator[Hit]:
    """A settings file can be written by other accounts."""
    for source in s.files:
        if source.mode is not None and source.mode & 0o022:
            yield Hit(
                f"other accounts can change this file (mode {source.mode & 0o777:04o})",
                Location(source.file),
                f"chmod go-w {source.file}",
                Fix("take write permission from others", "safe", (Chmod(source.file, 0o755),)),
            )


@rule(
    "CGW215",
    "file-not-read",
    "warning",
    why="""Project settings are read only from .claude in the directory where the client starts, not from its parents
    or the repository's root; and there is no local settings file for the user scope.""",
    bad=Example(user=USER, parent={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    good=Example(user=USER, project={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    evidence=(
        "atlas:2.1.330 l4.user.local-settings",
        "atlas:2.1.330 claim.parent",
    ),
    whole=True,
)
def file_not_read(s: Subject) -> Iterator[Hit]:
    """A settings file exists that the client does not read here."""
    for source in s.snapshot.files:
        if source.status == "unread" and (source.data.get("env") or source.data.get("apiKeyHelper")):
            yield Hit(
                source.reason or "the client does not read this file here",
                Location(source.file),
                "start the client in that directory, or move the settings",
            )


@rule(
    "CGW216",
    "lower-case-variable",
    "info",
    why="""The settings schema wants upper-case names in env; editors mark others. The client takes them.""",
    bad=Example(user=working(https_proxy="http://proxy.example.com:3128")),
    good=Example(user=working(HTTPS_PROXY="http://proxy.example.com:3128")),
    evidence=(
        "atlas:2.1.330 claim.proxy.settings.lower",
        "published settings schema, propertyNames of env",
    ),
)
def lower_case_variable(s: Subject) -> Iterator[Hit]:
    """A variable in env is not upper case."""
    for source, name, _ in _env_values(s):
        if name != name.upper():
            yield Hit(f"{name} is not upper case", _at(source, name), f"write {name.upper()}")


@rule(
    "CGW217",
    "ignored-in-project",
    "warning",
    why="""Variables that say where files are, and the OpenTelemetry exporter family, are ignored in project and local
    settings.""",
    bad=Example(user=USER, project={"env": {"CLAUDE_CONFIG_DIR": "/srv/claude"}}),
    good=Example(user=USER, env={"CLAUDE_CONFIG_DIR": "/home/u/.claude"}),
    evidence=("atlas:2.1.330 claim.project.configdir",),
)
def ignored_in_project(s: Subject) -> Iterator[Hit]:
    """A variable stands in project settings, where the client ignores it."""
    for source, name, _ in _env_values(s):
        if source.scope not in {"project", "local"}:
            continue
        known = VARIABLES.get(name)
        if (known and known.kind == "location") or name.startswith(_OBSERVED_EXPORTERS):
            yield Hit(
                f"{name} is ignored in {source.scope} settings",
                _at(source, name),
                "set it in the user settings or in the environment",
            )


@rule(
    "CGW218",
    "managed-only-key",
    "warning",
    why="""This key is enforced only from managed settings; elsewhere it is ignored.""",
    bad=Example(user={**USER, "requiredMinimumVersion": "2.1.300"}),
    good=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER),
    evidence=(
        "atlas:2.1.330 claim.user.minversion",
        "atlas:2.1.330 claim.allowed.user",
    ),
)
def managed_only_key(s: Subject) -> Iterator[Hit]:
    """A key that counts only in managed settings stands elsewhere."""
    for source in s.files:
        if source.scope in {"user", "project", "local"}:
            for key in source.data:
                if key in MANAGED_ONLY:
                    yield Hit(
                        f"{key} counts only in managed settings",
                        Location(source.file, pointer=f"/{key}"),
                        "move it to managed-settings.json",
                    )


@rule(
    "CGW219",
    "provider-not-allowed",
    "error",
    why="""With customEndpoint the base URL has to be pinned in the env of the same managed source; a list without one
    known name lets nothing start.""",
    bad=Example(managed={"allowedProviders": ["customEndpoint"]}, user=USER),
    good=Example(
        managed={"allowedProviders": ["customEndpoint"], "env": {"ANTHROPIC_BASE_URL": GW}},
        env={"ANTHROPIC_AUTH_TOKEN": TOKEN},
    ),
    evidence=(
        "atlas:2.1.330 claim.allowed.custom.user",
        "atlas:2.1.330 claim.allowed.custom.managed",
        "atlas:2.1.330 claim.allowed.nonsense",
        "atlas:2.1.330 claim.allowed.own.bed",
        "atlas:2.1.330 claim.allowed.string",
    ),
    since="2.1.285",
)
def provider_not_allowed(s: Subject) -> Iterator[Hit]:
    """The list allowedProviders shuts out what it should let in."""
    for source in s.files:
        allowed = source.data.get("allowedProviders")
        if source.scope != "managed" or not isinstance(allowed, list):
            continue
        at = Location(source.file, pointer="/allowedProviders")
        if not PROVIDERS & {item for item in allowed if isinstance(item, str)}:
            yield Hit(
                "allowedProviders names no provider that the client knows: nothing starts",
                at,
                f"use some of: {', '.join(sorted(PROVIDERS))}",
            )
        elif "customEndpoint" in allowed and not _has(source, "ANTHROPIC_BASE_URL"):
            yield Hit(
                "customEndpoint needs ANTHROPIC_BASE_URL in the env of the same managed file",
                at,
                "pin the base URL there",
            )


@rule(
    "CGW220",
    "impossible-version-range",
    "error",
    why="""The client refuses to start outside the range that managed settings allow.""",
    bad=Example(
        managed={"requiredMinimumVersion": "2.1.300", "requiredMaximumVersion": "2.1.200"},
        user=USER,
        client="2.1.330",
    ),
    good=Example(managed={"requiredMinimumVersion": "2.1.200"}, user=USER),
    evidence=("atlas:2.1.330 claim.managed.range",),
    since="2.1.163",
)
def impossible_version_range(s: Subject) -> Iterator[Hit]:
    """No client version satisfies the required range."""
    for source in s.files:
        low, high = (source.data.get(key) for key in ("requiredMinimumVersion", "requiredMaximumVersion"))
        least, most = version_of(low), version_of(high)
        if source.scope == "managed" and least and most and least > most:
            yield Hit(
                f"no version is at least {low} and at most {high}: no client starts",
                Location(source.file, pointer="/requiredMinimumVersion"),
                "correct the range",
            )


@rule(
    "CGW221",
    "legacy-helper",
    "warning",
    why="""apiKeyHelper in ~/.claude.json was honoured by some old versions; since 2.0.8 it never is.""",
    bad=Example(user=USER, claude_json={"apiKeyHelper": "~/bin/key.sh"}),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 c2.help.claudejson",),
    since="2.0.8",
    whole=True,
)
def legacy_helper(s: Subject) -> Iterator[Hit]:
    """An apiKeyHelper stands in .claude.json, where it is not read."""
    if s.snapshot.claude_json.get("apiKeyHelper") and not s.helper:
        yield Hit(
            "apiKeyHelper in .claude.json is not read",
            Location(s.snapshot.claude_json_file, pointer="/apiKeyHelper"),
            "move it to settings.json: cgw settings apply",
        )


@rule(
    "CGW222",
    "duplicate-key",
    "warning",
    why="""Of two members with one name the client takes the last. Whoever edits the first one sees no effect.""",
    bad=Example(
        user='{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://old.example.com",\n'
        f'    "ANTHROPIC_BASE_URL": "{GW}",\n    "ANTHROPIC_AUTH_TOKEN": "{TOKEN}"\n  }}\n}}\n'
    ),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 claim.duplicate",),
)
def duplicate_key(s: Subject) -> Iterator[Hit]:
    """A settings file has two members with one name in the same place."""
    for source in s.files:
        text = source.text or ""
        env = source.data.get("env")
        names = (*source.data, *(env if isinstance(env, Mapping) else ()))
        # A cheap look first: almost no file has any, and parsing each once more would halve the speed.
        if all(text.count(f'"{name}"') < 2 for name in names):
            continue
        for pointer, line, column in parse(text).duplicates:
            if len(pointer) == 1 or (len(pointer) == 2 and pointer[0] == "env"):
                at = Location(source.file, line, column, pointer_text(pointer))
                yield Hit(
                    f"{pointer[-1]} stands here a second time; only the last one counts", at, "remove one of them"
                )


@rule(
    "CGW223",
    "managed-wins",
    "warning",
    why="""Managed settings beat every other place, variable by variable. Whoever sets another value in their own
    settings sees no effect, and no message.""",
    bad=Example(
        managed=gateway_env(),
        user={"env": {"ANTHROPIC_BASE_URL": "https://other.example.com"}},
        env={"ANTHROPIC_AUTH_TOKEN": TOKEN},
    ),
    good=Example(managed=gateway_env(), user={"env": {"ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 scope.tok.all", "anthropics/claude-code#60910"),
    whole=True,
)
def managed_wins(s: Subject) -> Iterator[Hit]:
    """A variable in user, project or local settings is overridden by managed settings."""
    for name, sites in s.sites.items():
        if sites[-1].scope != "managed" or name not in VARIABLES:
            continue
        theirs = sites[-1].value.strip()
        for site in sites[:-1]:
            if site.scope in {"user", "project", "local"} and site.value.strip() not in {"", theirs}:
                yield Hit(
                    f"{name} has no effect here: managed settings set another value",
                    site.at,
                    "remove it, or ask whoever manages this machine",
                )


_LOWER = {key.lower(): key for key in KNOWN}


def _env_values(s: Subject) -> Iterator[tuple[SettingsFile, str, object]]:
    for source in s.files:
        env = source.data.get("env")
        if isinstance(env, Mapping):
            for name, raw in env.items():
                yield source, name, raw


def _has(source: SettingsFile, name: str) -> bool:
    env = source.data.get("env")
    return isinstance(env, Mapping) and name in env


def _at(source: SettingsFile, name: str) -> Location:
    return Location(source.file, pointer=f"/env/{_escape(name)}", variable=name)


def _is_own_helper(source: SettingsFile, command: str) -> bool:
    """Whether it is a script that ``cgw helper install`` wrote on this machine, outside the project."""
    project = source.file.removesuffix("/.claude/settings.json")
    return bool(_OWN_HELPER.fullmatch(command)) and not command.strip("'").startswith(project + "/")


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _kind(raw: object) -> str:
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, Mapping):
        return "an object"
    return "a list" if isinstance(raw, list) else "number"


@lru_cache(maxsize=4096)  # one team's ten thousand files repeat the same few names
def _near_key(key: str) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(key.lower(), _LOWER, n=1, cutoff=0.85)
    return _LOWER[near[0]] if near else None


@lru_cache(maxsize=4096)
def _near_variable(name: str) -> str | None:
    if not name.upper().startswith(("ANTHROPIC_", "CLAUDE_CODE_USE", "CLAUDE_CODE_SKIP", "CLAUDE_CODE_API_KEY")):
        return None
    if name.startswith(("ANTHROPIC_DEFAULT_", "ANTHROPIC_CUSTOM_MODEL")):
        return None
    from difflib import get_close_matches

    near = get_close_matches(name.upper(), VARIABLES, n=1, cutoff=0.9)
    return near[0] if near else None
