"""2xx: variables in ``env`` of settings files: values and names that the client takes otherwise, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.variables import BASE_URLS, INVENTED, LOCATIONS, SIBLINGS, VARIABLES
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Delete, Fix, SetValue
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW, SCRIPT, USER, gateway_env, working
from claude_gw_cli.rules.settings_places import decides, env_at, env_values, has_env, key_at, kind_of

_EXPANSION = lazy(r"\$\{\w+\}|\$\w+|\$\([^)]*\)|^~(/|$)|%\w+%|^`.+`$")
_OBSERVED_EXPORTERS = ("OTEL_EXPORTER_",)


@rule(
    "CGW204 env-not-text info",
    why="""The client turns numbers and booleans into text. That works, but 2.1.100 and older crashed on numbers, and
    large ones lose digits.""",
    bad=Example(user=working(CLAUDE_CODE_MAX_RETRIES=3)),
    good=Example(user=working(CLAUDE_CODE_MAX_RETRIES="3")),
    evidence="2.1.330: l4.usebed.user.bool",
    fix="safe",
)
def env_not_text(s: RuleContext) -> Iterator[RawFinding]:
    """A value in env is a number or boolean instead of text."""
    for source, name, raw in env_values(s):
        if isinstance(raw, bool | int | float):
            exact = isinstance(raw, bool) or (isinstance(raw, int) and abs(raw) < 2**53)
            fix = (
                Fix("quote the value", "safe", (SetValue(source.file, ("env", name), js_text(raw)),))
                if exact
                else None
            )
            yield RawFinding(
                f"{name} is a {kind_of(raw)}; env values are texts", env_at(source, name), "put it in quotes", fix
            )


@rule(
    "CGW205 env-null error",
    why="""null does not mean unset: the client puts the word "null" into the variable, and sends "Bearer null".""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": GW, "ANTHROPIC_AUTH_TOKEN": None}}),
    good=Example(user=USER),
    evidence="2.1.330: l4.env.null",
    fix="unsafe",
)
def env_null(s: RuleContext) -> Iterator[RawFinding]:
    """A variable in env is null, which becomes the text "null"."""
    for source, name, raw in env_values(s):
        if raw is None:
            yield RawFinding(
                f'{name} is null, which the client reads as the text "null"',
                env_at(source, name),
                'write "" to cancel an inherited value, or remove the line',
                Fix('write "" instead of null', "unsafe", (SetValue(source.file, ("env", name), ""),)),
                severity=None
                if name in VARIABLES
                else "warning",  # what the client does not read is others' business
            )


@rule(
    "CGW206 env-structure error",
    why="""An object becomes the text "[object Object]" and a list its items joined by commas.""",
    bad=Example(user=working(NO_PROXY=["localhost", "10.0.0.0/8"])),
    good=Example(user=working(NO_PROXY="localhost,10.0.0.0/8")),
    evidence="2.1.330: claim.env.list claim.env.object",
)
def env_structure(s: RuleContext) -> Iterator[RawFinding]:
    """A value in env is an object or a list."""
    for source, name, raw in env_values(s):
        if isinstance(raw, Mapping | list):
            seen = "its items joined by commas" if isinstance(raw, list) else "[object Object]"
            yield RawFinding(
                f"{name} is {kind_of(raw)}; the client sees {seen}", env_at(source, name), "write it as text"
            )


@rule(
    "CGW207 env-not-expanded error",
    why="""Values in env are taken literally: ${VAR}, $HOME and ~ arrive as they are written.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="${GATEWAY_KEY}")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: l4.env-expansion",
)
def env_not_expanded(s: RuleContext) -> Iterator[RawFinding]:
    """A value in env relies on shell expansion that does not happen."""
    for source, name, raw in env_values(s):
        known = VARIABLES.get(name)
        if known and known.kind != "json" and isinstance(raw, str) and (found := _EXPANSION.search(raw)):
            yield RawFinding(
                f"{name}: {found.group(0) if known.kind != 'secret' else 'shell syntax'} is not expanded",
                env_at(source, name),
                "write the value itself; for a key, use apiKeyHelper, whose command is run by a shell",
            )


@rule(
    "CGW210 variable-outside-env warning",
    why="""Variables count only inside "env"; at the top level of the file they are unknown keys and ignored. An error
    where the key of these settings then goes to the provider itself, or none is sent.""",
    bad=Example(user={**USER, "CLAUDE_CODE_MAX_RETRIES": "3"}),
    good=Example(user=working(CLAUDE_CODE_MAX_RETRIES="3")),
    evidence="""seen: public configurations
    2.1.330: l4.invalid.unknown-field""",
    fix="unsafe",
)
def variable_outside_env(s: RuleContext) -> Iterator[RawFinding]:
    """A variable stands at the top level of the file instead of in env."""
    for source in s.files:
        for key, value in source.data.items():
            if key not in VARIABLES and not key.startswith(("ANTHROPIC_", "CLAUDE_CODE_")):
                continue
            fix = None
            if isinstance(value, str | int) and not has_env(source, key):
                edits = (Delete(source.file, (key,)), SetValue(source.file, ("env", key), js_text(value)))
                fix = Fix("move it into env", "unsafe", edits)
            yield RawFinding(
                f"{key} is ignored outside env",
                key_at(source, key),
                'move it into "env"',
                fix,
                "error" if decides(s, key, value) else None,
            )


@rule(
    "CGW211 unknown-variable warning",
    why="""A variable that nobody reads does nothing, and nobody says so. An error where the key of these settings
    then goes to the provider itself, or none is sent.""",
    bad=Example(user=working(ANTHROPIC_BASEURL="https://other.example.com")),
    good=Example(user=working()),
    evidence="""seen: public configurations
    2.1.330: claim.env.misnamed claim.env.lower claim.env.blankname claim.env.helper""",
)
def unknown_variable(s: RuleContext) -> Iterator[RawFinding]:
    """A variable is unknown to the client, and close to one that exists."""
    for source, name, raw in env_values(s):
        if name in KNOWN and name != name.lower():
            yield RawFinding(
                f"{name} is a settings key, which the client does not read inside env",
                env_at(source, name),
                "move it to the top level of the file",
            )
        elif meant := _meant(s, name):
            severity: Severity | None = "error" if decides(s, meant, raw) else None
            at = env_at(source, name)
            yield RawFinding(f"the client does not read {name!r}", at, f"did you mean {meant}?", severity=severity)
    for name, text in s.snapshot.process.items():
        near = _meant(s, name, invented=name.startswith("ANTHROPIC_") and name.endswith("_BASE_URL"))
        # Other programs' variables are in the environment too: only what can hardly be theirs, and is not set itself.
        ours = name.upper().startswith("CLAUDE_CODE_") or near in BASE_URLS
        if near and ours and not s.text(near):
            severity = "error" if decides(s, near, text) else None
            at = Location(variable=name)
            yield RawFinding(f"the client does not read {name!r}", at, f"did you mean {near}?", severity=severity)


@rule(
    "CGW216 lower-case-variable info",
    why="""The settings schema wants upper-case names in env; editors mark others. The client takes these few.""",
    bad=Example(user=working(https_proxy="http://proxy.example.com:3128")),
    good=Example(user=working(HTTPS_PROXY="http://proxy.example.com:3128")),
    evidence="""2.1.330: claim.proxy.settings.lower
    documented: https://json.schemastore.org/claude-code-settings.json, propertyNames of env""",
)
def lower_case_variable(s: RuleContext) -> Iterator[RawFinding]:
    """A variable in env that the client reads is not upper case."""
    for source, name, _ in env_values(s):
        if name != name.upper() and name in VARIABLES:
            yield RawFinding(f"{name} is not upper case", env_at(source, name), f"write {name.upper()}")


@rule(
    "CGW217 ignored-in-project warning",
    why="""Variables that say where files are, and the OpenTelemetry exporter family, are ignored in project and local
    settings.""",
    bad=Example(user=USER, project={"env": {"CLAUDE_CONFIG_DIR": "/srv/claude"}}),
    good=Example(user=USER, env={"CLAUDE_CONFIG_DIR": "/home/u/.claude"}),
    evidence="2.1.330: claim.project.configdir claim.project.home",
)
def ignored_in_project(s: RuleContext) -> Iterator[RawFinding]:
    """A variable stands in project settings, where the client ignores it."""
    for source, name, _ in env_values(s):
        if source.scope not in {"project", "local"}:
            continue
        if name in LOCATIONS or name.startswith(_OBSERVED_EXPORTERS):
            yield RawFinding(
                f"{name} is ignored in {source.scope} settings",
                env_at(source, name),
                "set it in the user settings or in the environment",
            )


def _meant(s: RuleContext, name: str, *, invented: bool = True) -> str | None:
    """The variable that an unknown name stands for, if any."""
    if name in VARIABLES or name in SIBLINGS:
        return None
    if name.upper() in VARIABLES:  # Windows does not tell them apart
        return None if s.snapshot.platform == "win32" else name.upper()
    return (INVENTED.get(name) if invented else None) or _near_variable(name)


@lru_cache(maxsize=4096)  # one team's ten thousand files repeat the same few names
def _near_variable(name: str) -> str | None:
    if not name.upper().startswith(("ANTHROPIC_", "CLAUDE_CODE_USE", "CLAUDE_CODE_SKIP", "CLAUDE_CODE_API_KEY")):
        return None
    if name.startswith(("ANTHROPIC_DEFAULT_", "ANTHROPIC_CUSTOM_MODEL")):
        return None
    from difflib import get_close_matches

    near = get_close_matches(name.upper(), VARIABLES, n=1, cutoff=0.9)
    return near[0] if near else None
