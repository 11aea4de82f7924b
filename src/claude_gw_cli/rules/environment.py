"""3xx: variables whose value is overridden, or means something else than it says."""

from __future__ import annotations

from itertools import takewhile

from claude_gw_cli.core.model import Severity
from claude_gw_cli.facts.variables import FALSY, TRUTHY, VARIABLES, is_own
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import FLAGS, RuleContext
from claude_gw_cli.rules.rule import RawFinding, rule

_DIGITS = 4
"""Of a number of milliseconds that is at least a second."""


@rule("CGW301 export-overridden warning", whole=True)
def export_overridden(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file overrides an exported variable with another value."""
    for name, values in ctx.values.items():
        first, last = values[0], values[-1]
        if first.scope != "process" or last.source is None or name not in VARIABLES:
            continue
        if first.text and last.text and first.text != last.text:
            message = f"the exported {name} is overridden by {last.scope} settings"
            yield last.finding(message, f"unset {name} in the shell, or remove it from the settings file")


@rule("CGW302 presence-counts warning", fix="safe")
def presence_counts(ctx: RuleContext) -> Iterator[RawFinding]:
    """A presence-type variable is set to a text that looks like off."""
    for name in ctx.values:
        known = VARIABLES.get(name)
        value = ctx.value(name) if known and known.kind == "presence" else None
        if value and value.text.lower() in FALSY:
            title = f'set {name} to ""'
            advice = title if value.source else f"unset {name}"
            yield value.finding(
                f"{name}={value.text} switches it on: any text does", advice, value.fix(title, "safe", "")
            )


@rule("CGW311 flag-not-understood error", fact="flag-words")
def flag_not_understood(ctx: RuleContext) -> Iterator[RawFinding]:
    """A provider or skip-auth flag has a value that the client treats as off."""
    for name in ctx.values:
        is_flag = name.startswith(("CLAUDE_CODE_USE_", "CLAUDE_CODE_SKIP_")) and name in VARIABLES
        if is_flag and ctx.text(name).lower() not in TRUTHY | FALSY:
            yield ctx.finding(name, f"{name} has a value that counts as off", f"set {name} to 1, or remove it")


@rule("CGW312 zero-means-on error", unless="flag-words", needs=FLAGS.values())
def zero_means_on(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version treats "0" as on."""
    for name in FLAGS.values():
        value = ctx.text(name).lower()
        if value and value in FALSY:
            message = f"client {ctx.snapshot.client_version} treats {name}={value} as on"
            yield ctx.finding(name, message, f'set {name} to ""')


@rule("CGW320 assignment-without-effect error")
def assignment_without_effect(ctx: RuleContext) -> Iterator[RawFinding]:
    """A line that looks as if it set a variable gives it to no process."""
    for name, (why, instead) in ctx.lost.items():
        if name in VARIABLES or is_own(name):
            from claude_gw_cli.readers import SETS

            usual = f"write {SETS[ctx.format].format(name)}" if ctx.format in SETS else "write it as this format does"
            yield RawFinding(f"Claude Code does not get {name}: {why}", ctx.values[name][-1].at, instead or usual)


@rule("CGW321 unknown-action-input warning")
def unknown_action_input(ctx: RuleContext) -> Iterator[RawFinding]:
    """The Claude Code action has no input of this name."""
    for name, (why, instead) in ctx.lost.items():
        if name not in VARIABLES and not is_own(name):
            from claude_gw_cli.facts.starters import BY_NAME

            # these decide where a request goes, and with which key
            inputs = [row.name for row in BY_NAME["action"].inputs]
            severity: Severity | None = "error" if instead.removeprefix("did you mean ")[:-1] in inputs else None
            yield RawFinding(f"{name}: {why}", ctx.values[name][-1].at, instead, severity=severity)


@rule("CGW322 fallback-needs-retries warning", needs=("CLAUDE_CODE_MAX_RETRIES",))
def fallback_needs_retries(ctx: RuleContext) -> Iterator[RawFinding]:
    """The settings name a fallback model, and with these few retries an overload never leads to it."""
    name = "CLAUDE_CODE_MAX_RETRIES"
    models = next((models for _, models in ctx.settings("fallbackModel")), None)
    if ctx.text(name) in ("0", "1") and models and isinstance(models, list):
        message = f"{name}={ctx.text(name)}: fallbackModel is not used for an overloaded model (529, 429)"
        yield ctx.finding(name, message, f"set {name} to 2 or more, or remove fallbackModel")


@rule("CGW323 timeout-in-seconds error", needs=("API_TIMEOUT_MS",))
def timeout_in_seconds(ctx: RuleContext) -> Iterator[RawFinding]:
    """API_TIMEOUT_MS is so short that no model answers in time: it seems to be in seconds."""
    name = "API_TIMEOUT_MS"
    digits = "".join(takewhile(str.isdecimal, ctx.text(name).strip()))  # the client reads those at the start
    if digits and len(digits) < _DIGITS and int(digits) > 0:
        message = f"{name}={ctx.text(name)}: the client gives up a request after {int(digits)} ms"
        yield ctx.finding(name, message, f"give milliseconds (600000 is 10 minutes, the default), or remove {name}")


@rule("CGW313 config-dir-not-expanded error", needs=("CLAUDE_CONFIG_DIR",))
def config_dir_not_expanded(ctx: RuleContext) -> Iterator[RawFinding]:
    """CLAUDE_CONFIG_DIR starts with a tilde."""
    name = "CLAUDE_CONFIG_DIR"
    value = ctx.value(name)
    if value and value.scope == "process" and value.value.startswith("~"):
        yield ctx.finding(name, f"{name} starts with ~, which is used as a directory's name", "write the full path")
