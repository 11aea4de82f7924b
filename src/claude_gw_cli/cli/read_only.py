"""The commands that examine a set-up and change nothing: their rows of the command line."""

from __future__ import annotations

from claude_gw_cli.cli.declare import Command, argument, flag, option
from claude_gw_cli.cli.parameters import (
    CLIENT_ARGUMENTS,
    HUMAN_OR_JSON,
    MANAGED_DIR,
    NEVER_ASKS,
    PROFILE,
    TRUST,
)

ROWS = (
    Command(
        "check", "check:check",
        "Check settings, profiles, environment and gateway configuration for known mistakes, offline.",
        argument(
            "paths",
            "settings.json, profile, LiteLLM config.yaml or directory; default: what applies here.",
            kind="arguments", metavar="PATH", completes="file",
        ),
        TRUST, MANAGED_DIR,
        option("--client-version", "Check for this client version; default: the installed one."),
        flag("--fix", help="Apply the safe fixes; none changes which credential is sent."),
        flag("--unsafe-fixes", help="Apply the other fixes too."),
        flag("--diff", help="Show what the fixes would change; exit 1 if they would change something."),
        option(
            "--fail-on", "Exit 1 for a finding of this severity or above: {choices}.",
            metavar="SEVERITY", choices=("error", "warning", "info"), default="error",
        ),
        option(
            "--format", "Output format: {choices}.",
            name="format_", choices=("human", "concise", "json", "jsonl", "sarif", "github"), default="human",
        ),
        NEVER_ASKS,
        doing="Checking",
        also=("lint", "validate", "verify", "settings check", "profile check"),
    ),
    Command(
        "rule", "rule:rule",
        "Show what the code of a rule or failure means, with examples and the remedy.",
        argument("code", "A code (CGW101) or name (two-credentials).", completes="rule"),
        flag("--all", help="List all of them, as without a code.", name="everything"),
        HUMAN_OR_JSON,
        also=("rules", "list", "ls"),
    ),
    Command(
        "explain", "explain:explain",
        "Predict which credential Claude Code, started here, sends in which header, and why.",
        CLIENT_ARGUMENTS,
        option("--profile", "Predict with this profile's environment.", completes="profile"),
        TRUST,
        option("--client-version", "Predict this client version; default: the installed one."),
        option("--against", "Also show what changes in this client version.", metavar="VERSION"),
        MANAGED_DIR,
        flag("--interactive", help="Predict an interactive session instead of `claude -p`."),
        option(
            "--starter",
            "What starts the client: cli, interactive, sdk-ts, sdk-python, acp, action or vscode; @RELEASE of its "
            "package may follow.",
            metavar="NAME", completes="starter",
        ),
        HUMAN_OR_JSON, NEVER_ASKS,
        doing="Asking the client for its version",
    ),
    Command(
        "trace", "trace:trace",
        "Start the real client once against a recorder on this machine; compare what it sent with the prediction.",
        argument(
            "words", "The client's own arguments (--settings, --model, --bare ...), without a prompt.",
            kind="arguments", metavar="-- CLIENT-ARGS",
        ),
        option("--profile", "Start it with this profile's environment, as `cgw run` does.", completes="profile"),
        TRUST,
        option(
            "--client", "Claude Code to start; default: the first `claude` on PATH.",
            metavar="PATH", completes="file",
        ),
        HUMAN_OR_JSON,
        option(
            "--record", "Write the start and what was seen to a new file, without anything private.",
            metavar="FILE", completes="file",
        ),
        flag(
            "--learn",
            help="Start it some hundred times with made-up keys (minutes); keep what it does otherwise as facts.",
        ),
        flag("--yes", "-y", help="Ask nothing (only --learn asks)."),
    ),
    Command(
        "facts show", "facts:show",
        "Show which facts about client releases are in force, and where they come from.",
        HUMAN_OR_JSON,
        also=("facts list", "facts status"),
    ),
    Command(
        "facts update", "facts:update",
        "Take a signed facts bundle into use: data for newer releases, from a file or an https address.",
        argument("source", "The bundle's file or address.", metavar="FILE|URL", completes="file", required=True),
        option("--sha256", "Use it only if the file has this SHA-256, too.", metavar="HEX"),
        flag("--allow-unsigned", help="Accept exactly the file of --sha256 without a signature."),
        flag("--allow-older", help="Accept it in place of a later one."),
        NEVER_ASKS,
        doing="Fetching and verifying the facts",
        also=("facts install", "facts add", "facts get"),
    ),
    Command(
        "facts reset", "facts:reset",
        "Go back to the packaged facts: remove the bundle and what was learned here.",
        NEVER_ASKS,
        also=("facts rm", "facts remove", "facts undo"),
    ),
    Command(
        "doctor", "doctor:doctor",
        "Test the live set-up in seconds; report what is wrong and the next command to type.",
        PROFILE, TRUST,
        flag("--live", help="Also send one streamed request for a few tokens (billable)."),
        HUMAN_OR_JSON,
        NEVER_ASKS,
        also=("diagnose", "test", "health", "ping", "debug", "gateway test"),
    ),
    Command(
        "gateway snippet", "gateway:snippet",
        "Print what the gateway's side needs for a profile: LiteLLM's configuration, or what others require.",
        PROFILE,
        option("--kind", "As `cgw doctor` names it: {choices}.", choices="facts.gateways:NAMES", default="litellm"),
        TRUST,
        also=("snippet",),
    ),
)  # fmt: skip
