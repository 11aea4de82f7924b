"""2xx: variables in ``env`` of settings files: names that the client does not read, values it reads differently."""

from __future__ import annotations

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.model import Severity
from claude_gw_cli.facts.variables import LOCATIONS, VARIABLES
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import RuleContext, env_at, key_at
from claude_gw_cli.rules.fix import Delete, Fix, SetValue
from claude_gw_cli.rules.literals import EXPANSION
from claude_gw_cli.rules.rule import RawFinding, rule
from claude_gw_cli.rules.settings_values import has_env, loses_the_gateway

_EXPORTERS = ("OTEL_EXPORTER_",)
"""Prefixes of variables that were seen to be ignored in project settings."""


@rule("CGW204 env-not-text info", fix="safe")
def env_not_text(ctx: RuleContext) -> Iterator[RawFinding]:
    """A value in env is a number or boolean instead of text."""
    for source, name, raw in ctx.env_members:
        if isinstance(raw, bool | int | float):
            kind = "boolean" if isinstance(raw, bool) else "number"
            fix = None
            if kind == "boolean" or (isinstance(raw, int) and abs(raw) < 2**53):
                fix = Fix("quote the value", "safe", (SetValue(source.file, ("env", name), js_text(raw)),))
            message = f"{name} is a {kind}; env values are strings"
            yield RawFinding(message, env_at(source, name), "put it in quotes", fix)


@rule("CGW205 env-null error", fix="unsafe")
def env_null(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable in env is null, which becomes the text "null"."""
    for source, name, raw in ctx.env_members:
        if raw is None:
            yield RawFinding(
                f'{name} is null, which the client reads as the text "null"',
                env_at(source, name),
                'write "" to cancel an inherited value, or remove the line',
                Fix('write "" instead of null', "unsafe", (SetValue(source.file, ("env", name), ""),)),
                severity=None if name in VARIABLES else "warning",  # a variable of another program
            )


@rule("CGW206 env-structure error")
def env_structure(ctx: RuleContext) -> Iterator[RawFinding]:
    """A value in env is an object or a list."""
    for source, name, raw in ctx.env_members:
        if isinstance(raw, dict | list):
            kind, seen = "an object", "[object Object]"
            if isinstance(raw, list):
                kind, seen = "a list", "its items joined by commas"
            yield RawFinding(f"{name} is {kind}; the client reads {seen}", env_at(source, name), "write it as text")


@rule("CGW207 env-not-expanded error")
def env_not_expanded(ctx: RuleContext) -> Iterator[RawFinding]:
    """A value in env relies on shell expansion that does not happen."""
    for source, name, raw in ctx.env_members:
        known = VARIABLES.get(name)
        if known and known.kind != "json" and isinstance(raw, str) and (found := EXPANSION.search(raw)):
            syntax = found.group(0) if known.kind != "secret" else "shell syntax"
            if "${{ secrets." in raw:
                syntax = "GitHub's ${{ secrets… }}"
            from claude_gw_cli.readers import FILLED_IN

            advice = FILLED_IN.get(ctx.format, "write the value itself")
            yield RawFinding(f"{name}: {syntax} is not expanded", env_at(source, name), advice)


@rule("CGW210 variable-outside-env warning", fix="unsafe")
def variable_outside_env(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable is at the top level of the file instead of in env."""
    for source in ctx.files:
        for key, value in source.data.items():
            if key not in VARIABLES and not key.startswith(("ANTHROPIC_", "CLAUDE_CODE_")):
                continue
            fix = None
            if isinstance(value, str | int) and not has_env(source, key):
                edits = (Delete(source.file, (key,)), SetValue(source.file, ("env", key), js_text(value)))
                fix = Fix("move it into env", "unsafe", edits)
            severity: Severity | None = "error" if loses_the_gateway(ctx, key, value) else None
            message = f"{key} is ignored outside env"
            yield RawFinding(message, key_at(source, key), 'move it into "env"', fix, severity)


@rule("CGW216 lower-case-variable info")
def lower_case_variable(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable in env that the client reads is not upper case."""
    for source, name, _ in ctx.env_members:
        if name != name.upper() and name in VARIABLES:
            yield RawFinding(f"{name} is not upper case", env_at(source, name), f"write {name.upper()}")


@rule("CGW217 ignored-in-project warning")
def ignored_in_project(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable is set in project settings, where the client ignores it."""
    for source, name, _ in ctx.env_members:
        if source.scope in {"project", "local"} and (name in LOCATIONS or name.startswith(_EXPORTERS)):
            message = f"{name} is ignored in {source.scope} settings"
            yield RawFinding(message, env_at(source, name), "set it in the user settings or in the environment")
