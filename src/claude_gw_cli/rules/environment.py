"""3xx: variables whose value is overridden, or means something else than it says."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.facts.variables import FALSY, TRUTHY, VARIABLES
from claude_gw_cli.rules.context import FLAGS, RuleContext
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, OTHER, TOKEN, USER, working


@rule(
    "CGW301 export-overridden warning",
    why="""A value in a settings file's env beats the same variable of the shell, per variable. The export looks right
    in `env` and has no effect.""",
    bad=Example(env={"ANTHROPIC_AUTH_TOKEN": OTHER}, user=USER),
    good=Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user=USER),
    evidence="2.1.330: scope.tok.proc+user scope.base.proc+user",
    whole=True,
)
def export_overridden(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file overrides an exported variable with another value."""
    for name, sites in s.sites.items():
        first, last = sites[0], sites[-1]
        if first.scope != "process" or last.source is None or name not in VARIABLES:
            continue
        mine, theirs = first.value.strip(), last.value.strip()
        if mine and theirs and mine != theirs:
            yield RawFinding(
                f"the exported {name} is overridden by {last.scope} settings",
                last.at,
                f"unset {name} in the shell, or remove it from the settings file",
            )


@rule(
    "CGW302 presence-counts warning",
    why="""For these variables any text at all means on, even "0" and "false".""",
    bad=Example(user=working(DISABLE_TELEMETRY="0")),
    good=Example(user=working(DISABLE_TELEMETRY="")),
    evidence="documented: https://code.claude.com/docs/en/env-vars, DISABLE_TELEMETRY",
    fix="safe",
)
def presence_counts(s: RuleContext) -> Iterator[RawFinding]:
    """A presence-type variable is set to a text that looks like off."""
    for name in s.sites:
        known = VARIABLES.get(name)
        site = s.site(name) if known and known.kind == "presence" else None
        if site and site.value.strip().lower() in FALSY:
            edits = site.set("")
            yield RawFinding(
                f"{name}={site.value.strip()} switches it on: any text does",
                site.at,
                f'set {name} to ""' if site.source else f"unset {name}",
                Fix(f'set {name} to ""', "safe", edits) if edits else None,
            )


@rule(
    "CGW311 flag-not-understood error",
    why="""Only 1, true, yes and on switch a flag on. Anything else, "enabled" and "2" included, is off.""",
    bad=Example(user=working(CLAUDE_CODE_USE_BEDROCK="enabled")),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: flag.bed='enabled' flag.bed='2'",
    since="1.0.124",
)
def flag_not_understood(s: RuleContext) -> Iterator[RawFinding]:
    """A provider or skip-auth flag has a value that the client takes for off."""
    for name in s.sites:
        if name.startswith(("CLAUDE_CODE_USE_", "CLAUDE_CODE_SKIP_")) and name in VARIABLES:
            value = s.text(name).lower()
            if value not in TRUTHY and value not in FALSY:
                yield RawFinding(
                    f"{name} has a value that counts as off", s.at(name), f"set {name} to 1, or remove it"
                )


@rule(
    "CGW312 zero-means-on error",
    why="""Until 1.0.123 any text switched a provider on, "0" and "false" included.""",
    bad=Example(
        user={"env": {**BEDROCK, "CLAUDE_CODE_USE_BEDROCK": "0", "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="1.0.60"
    ),
    good=Example(user=working(CLAUDE_CODE_USE_BEDROCK=""), client="1.0.60"),
    evidence="""1.0.24: c2.flag.bed=0
    2.1.330: c2.flag.bed=0""",
    before="1.0.124",
)
def zero_means_on(s: RuleContext) -> Iterator[RawFinding]:
    """This client version takes "0" for on."""
    for name in FLAGS.values():
        value = s.text(name).lower()
        if value and value in FALSY:
            yield RawFinding(
                f"client {s.snapshot.client_version} takes {name}={value} for on", s.at(name), f'set {name} to ""'
            )


@rule(
    "CGW313 config-dir-not-expanded error",
    why="""The client does not expand ~ in CLAUDE_CONFIG_DIR; it makes a directory of that name where it starts.""",
    bad=Example(env={"CLAUDE_CONFIG_DIR": "~/.claude-work"}, user=USER),
    good=Example(env={"CLAUDE_CONFIG_DIR": "/home/u/.claude-work"}, user=USER),
    evidence="2.1.330: claim.configdir.tilde",
)
def config_dir_not_expanded(s: RuleContext) -> Iterator[RawFinding]:
    """CLAUDE_CONFIG_DIR starts with a tilde."""
    value = s.snapshot.process.get("CLAUDE_CONFIG_DIR", "")
    if value.startswith("~"):
        yield RawFinding(
            "CLAUDE_CONFIG_DIR starts with ~, which is taken for a directory's name",
            s.at("CLAUDE_CONFIG_DIR"),
            "write the whole path",
        )
