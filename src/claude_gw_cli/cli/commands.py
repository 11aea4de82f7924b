"""The command line, declared once.

Each row gives a command's words, its options and arguments, and the function that does it. ``command_line`` parses
and runs a line from this table alone; ``help_page`` makes help pages of it, ``completion`` scripts for shells. A test
holds the rows against the functions' signatures.

This module is imported at every start: it has no other imports than the row types, and nothing is computed.
"""

from __future__ import annotations

from claude_gw_cli.cli.declare import Command, argument, flag, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.model import SettingsScope

GLOBAL_FLAGS = (
    flag("--version", help="Print the version and exit."),
    flag("-q", "--quiet", help="Print only errors on stderr."),
    flag("-v", "--verbose", help="Print more on stderr."),
    flag("--no-color", help="Print no colour, as with NO_COLOR=1."),
    flag("-h", "--help", help="Print the help page of cgw, or of the command on this line."),
)
"""Accepted by every command, at any place of its line."""

GROUPS = {
    "settings": "Write a profile into Claude Code's settings files, or undo that; everything else in them is kept.",
    "helper": "Install, show, test and remove apiKeyHelper scripts.",
    "secret": "Store, test and remove keys; a key is never printed.",
    "gateway": "Configure the gateway for a profile.",
    "facts": "Show and update what cgw knows about releases of Claude Code.",
    "profile": "List, show, choose, change, rename, trust, remove and export profiles.",
}
"""First words that have commands below them -> what the group is for."""

SCOPES: tuple[SettingsScope, ...] = ("user", "project", "local", "managed")
_HUMAN_OR_JSON = option(
    "--format", "Output format: {choices}.", name="format_", choices=("human", "json"), default="human"
)
_PROFILE = option("--profile", "Profile name or file; default: the one in use.", completes="profile")
_TRUST = flag("--trust-repository", help="Trust the repository's profile for this one call, for example in CI.")
_NAME_TOO = option("--profile", "The same as NAME.", completes="profile")
_PROFILE_NAME = argument("name", "Profile name or file; default: the one in use.", completes="profile")
_HELPER_NAME = argument("name", "Helper name (the profile's); default: the only one.", completes="helper")
_REFERENCE = argument(
    "ref", "Secret reference, such as keyring://cgw/work or file:///path.",
    metavar="REF", completes="reference", required=True,
)  # fmt: skip
_NEVER_ASKS = flag("--yes", "-y", help="Accepted by every command; this one never asks.", name="")
_CLIENT_ARGUMENTS = argument(
    "words", "The client's own arguments (--settings, --model, --bare ...).",
    kind="arguments", metavar="-- CLIENT-ARGS",
)  # fmt: skip

_COMPLETED_SHELL = argument(
    "shell",
    "bash, zsh, fish, nu or powershell; default: the one that runs cgw.",
    metavar="SHELL",
    completes="shell-with-completion",
)

_SCOPE = option("--scope", "Which file: {choices}.", choices=SCOPES, default="user")
_WRITE_SECRET = flag(
    "--write-secret", help="Write the key itself (never into project scope or a file tracked by git)."
)
_FORCE = flag("--force", help="Also where a value was changed after cgw set it.")
_MANAGED_DIR = option(
    "--managed-dir", "Directory of the managed settings; default: the platform's.", completes="directory"
)
_DROP_IN = flag("--drop-in", help="With --scope managed: managed-settings.d/50-cgw.json instead of the main file.")
_OUT = option("--out", "Use this file instead of the scope's.", metavar="FILE", completes="file")
_RECORDED = option("--profile", "Only what this profile set; default: all that cgw set.", completes="profile")

_ROWS = (
    Command(
        "init", "init:init", "Create a profile: with questions on a terminal, from options everywhere else.",
        argument("name", "Profile name, or the gateway's address; default: the provider's.", metavar="NAME|URL"),
        option(
            "--gateway", "Kind of gateway, such as litellm or apim: its path, key header and form of the key.",
            metavar="KIND",
        ),
        option(
            "--from", "Start from a profile in a file, at a URL, or in git (git+URL@REF#PATH).",
            name="source", metavar="FILE|URL", completes="file",
        ),
        flag("--from-current", help="Start from what is in force here: settings files, environment, helper."),
        flag("--store-key", help="With --from-current: store a key that is written out in settings under --secret."),
        option("--sha256", "Use the profile of --from only if its content has this SHA-256.", metavar="HEX"),
        option(
            "--signed-by", "Use it only if one of these SSH keys signed it (SOURCE.sig); updates too.",
            metavar="FILE", completes="file",
        ),
        _TRUST,
        option("--scope", "Also apply it to settings: {choices}.", choices=("none", *SCOPES), default="none"),
        flag("--yes", "-y", help="Ask nothing: use defaults, and replace a profile of this name."),
        flag("--dry-run", help="Print the profile (keys masked) instead of writing it."),
        has_members=True,
        also=("new", "create", "add", "setup", "configure", "start", "profile add", "profile new", "profile create"),
    ),
    Command(
        "status", "status:status",
        "Show the profile in use, where it is applied, helper, client, gateway and the next step; offline.",
        _HUMAN_OR_JSON, _NEVER_ASKS,
        also=("state", "info", "whoami", "current", "show", "profile current", "profile status"),
    ),
    Command(
        "switch", "switch:switch", "Choose a profile and apply it to Claude Code's settings, together.",
        argument("name", "Profile name.", completes="profile", required=True),
        _SCOPE, _TRUST, _WRITE_SECRET, _FORCE,
        flag("--yes", "-y", help="Do not ask before the settings are changed."),
        also=("use", "select", "profile switch", "change"),
    ),
    Command(
        "env", "env:env", 'Print the environment of a profile for a shell or a file: eval "$(cgw env)".',
        _PROFILE, _TRUST,
        option("--shell", "Shell or file format; default: detect the shell.", completes="shell"),
        flag("--unset", help="Print what removes the profile from the shell."),
        flag("--resolve", help="Fetch the key now, even if the profile uses a helper."),
        flag("--reveal", help="Show the key on a terminal."),
        also=("export", "activate", "shell", "shellenv", "print-env", "printenv"),
    ),
    Command(
        "run", "run:run", "Run a command in the environment of a profile: cgw run -- claude.",
        _PROFILE, _TRUST,
        argument("command", "", kind="program", metavar="-- COMMAND [ARG]..."),
        also=("exec", "launch", "claude"),
    ),
    Command(
        "settings render", "settings_render:render",
        "Print a complete settings file, for CI and images, or what a fleet's tools take (--for).",
        _SCOPE, _PROFILE, _TRUST,
        option(
            "--for", "With --scope managed, for whom: {choices}.",
            name="fleet", metavar="FLEET", choices="emit.fleet:NAMES",
        ),
        _DROP_IN,
        option("--out", "Write to this file instead of stdout.", metavar="FILE", completes="file"),
        _WRITE_SECRET, _NEVER_ASKS,
        also=("render", "settings show", "settings print"),
    ),
    Command(
        "settings diff", "settings:diff",
        "Show what apply would change, with keys masked; exit 1 if it would change something.",
        _SCOPE, _PROFILE, _TRUST, _OUT, _WRITE_SECRET, _FORCE, _MANAGED_DIR, _DROP_IN, _NEVER_ASKS,
        also=("diff",),
    ),
    Command(
        "settings apply", "settings:apply",
        "Merge a profile into a settings file; all other bytes are kept.",
        _SCOPE, _PROFILE, _TRUST, _OUT, _WRITE_SECRET, _FORCE, _MANAGED_DIR, _DROP_IN, _NEVER_ASKS,
        also=("apply", "install", "profile apply", "settings set", "settings install"),
    ),
    Command(
        "settings undo", "settings:undo", "Remove exactly what cgw set in a settings file.",
        _SCOPE, _RECORDED, _TRUST, _OUT, _FORCE, _MANAGED_DIR, _DROP_IN, _NEVER_ASKS,
        also=(
            "undo", "revert", "unapply", "reset", "restore", "rollback", "settings remove", "settings reset",
            "settings rm", "settings revert", "settings uninstall",
        ),
    ),
    Command(
        "settings status", "settings_status:status",
        "Compare what cgw set with the profiles, on this machine or in a tree of homes; exit 1 where they differ.",
        option("--scope", "One scope; default: every file that cgw wrote.", choices=SCOPES),
        _RECORDED, _TRUST, _OUT, _MANAGED_DIR, _DROP_IN,
        option(
            "--tree", "A directory of home directories instead of yours; one line for each.",
            metavar="DIR", completes="directory",
        ),
        _HUMAN_OR_JSON, _NEVER_ASKS,
        also=("drift", "settings drift", "inventory"),
    ),
    Command(
        "settings history", "settings_history:history",
        "List what cgw changed on this machine: when, by whom, in which file, from which profile; no values.",
        option("--limit", "Only the last entries; default: 50; 0: all of them.", metavar="NUMBER"),
        _HUMAN_OR_JSON, _NEVER_ASKS,
        also=("history", "audit", "log", "settings log", "settings audit"),
    ),
    Command(
        "helper install", "helper:install",
        "Write a profile's helper script and print the command for apiKeyHelper.",
        _PROFILE_NAME, _NAME_TOO, _TRUST,
        option(
            "--cache", "Where keys are cached: file (private, in memory where possible), keyring or none.",
            choices=("file", "keyring", "none"),
        ),
        option("--out", "Also write a script for one path on all machines, without a user's path.", metavar="PATH"),
        flag("--standalone", help="A script that needs neither Python nor cgw (Vault KV, HS256 JWT)."),
        flag("--force", help="Write it to --out even in a user's home directory."),
        _NEVER_ASKS,
        also=("helper add", "helper create"),
    ),
    Command(
        "helper show", "helper:show", "Show what a helper does, where it is and what its cache holds.",
        _HELPER_NAME,
        also=("helper status", "helper info"),
    ),
    Command(
        "helper list", "helper:list_helpers", "List the installed helpers.",
        _HUMAN_OR_JSON,
        also=("list", "ls", "helper ls", "helpers"),
    ),
    Command(
        "helper run", "helper:run",
        "Print the key, as the helper script does.",
        _HELPER_NAME,
    ),
    Command(
        "helper test", "helper:run_test",
        "Run a helper exactly as Claude Code does and report whether the client gets a key.",
        _HELPER_NAME, _TRUST,
    ),
    Command(
        "helper refresh", "helper:refresh", "Fetch a new key now and keep it.",
        _HELPER_NAME,
    ),
    Command(
        "helper uninstall", "helper:uninstall",
        "Remove a helper's script, spec and cache, and the settings that name it.",
        _HELPER_NAME, _NEVER_ASKS,
        also=("remove", "rm", "delete", "helper remove", "helper rm", "helper delete"),
    ),
    Command(
        "secret set", "secret:set_key",
        "Store a key in the OS keyring (or a private file); it is read from stdin, or from a prompt.",
        _REFERENCE,
        flag("--yes", "-y", help="Never ask (a prompt for the key is not a question).", name=""),
        also=("login", "key", "secret add", "secret store", "secret put"),
    ),
    Command(
        "secret test", "secret:run_test",
        "Fetch a key and report its length, expiry and source, without printing it.",
        _REFERENCE,
        option("--profile", "Profile whose tables the reference uses.", completes="profile"),
        _TRUST,
        also=("secret get", "secret show"),
    ),
    Command(
        "secret rm", "secret:remove", "Remove a key from the OS keyring (or the private file that holds it).",
        _REFERENCE, _NEVER_ASKS,
        also=("logout", "remove", "rm", "delete", "secret remove", "secret delete", "secret unset"),
    ),
    Command(
        "check", "check:check",
        "Check settings, profiles, environment and gateway configuration for known mistakes, offline.",
        argument(
            "paths",
            "settings.json, profile, LiteLLM config.yaml or directory; default: what applies here.",
            kind="arguments", metavar="PATH", completes="file",
        ),
        _TRUST, _MANAGED_DIR,
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
        _NEVER_ASKS,
        doing="Checking",
        also=("lint", "validate", "verify", "settings check", "profile check"),
    ),
    Command(
        "rule", "rule:rule",
        "Show what the code of a rule or failure means, with examples and the remedy.",
        argument("code", "A code (CGW101) or name (two-credentials).", completes="rule"),
        flag("--all", help="List all of them, as without a code.", name="everything"),
        _HUMAN_OR_JSON,
        also=("rules", "list", "ls"),
    ),
    Command(
        "explain", "explain:explain",
        "Predict which credential Claude Code, started here, sends in which header, and why.",
        _CLIENT_ARGUMENTS,
        option("--profile", "Predict with this profile's environment.", completes="profile"),
        _TRUST,
        option("--client-version", "Predict this client version; default: the installed one."),
        option("--against", "Also show what changes in this client version.", metavar="VERSION"),
        _MANAGED_DIR,
        flag("--interactive", help="Predict an interactive session instead of `claude -p`."),
        option(
            "--starter",
            "What starts the client: cli, interactive, sdk-ts, sdk-python, acp, action or vscode; @RELEASE of its "
            "package may follow.",
            metavar="NAME", completes="starter",
        ),
        _HUMAN_OR_JSON, _NEVER_ASKS,
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
        _TRUST,
        option(
            "--client", "Claude Code to start; default: the first `claude` on PATH.",
            metavar="PATH", completes="file",
        ),
        _HUMAN_OR_JSON,
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
        _HUMAN_OR_JSON,
        also=("facts", "facts list", "facts status"),
    ),
    Command(
        "facts update", "facts:update",
        "Take a signed facts bundle into use: data for newer releases, from a file or an https address.",
        argument("source", "The bundle's file or address.", metavar="FILE|URL", completes="file", required=True),
        option("--sha256", "Use it only if the file has this SHA-256, too.", metavar="HEX"),
        flag("--allow-unsigned", help="Accept exactly the file of --sha256 without a signature."),
        flag("--allow-older", help="Accept it in place of a later one."),
        _NEVER_ASKS,
        doing="Fetching and verifying the facts",
        also=("facts install", "facts add", "facts get"),
    ),
    Command(
        "facts reset", "facts:reset",
        "Go back to the packaged facts: remove the bundle and what was learned here.",
        _NEVER_ASKS,
        also=("facts rm", "facts remove", "facts undo"),
    ),
    Command(
        "doctor", "doctor:doctor",
        "Test the live set-up in seconds; report what is wrong and the next command to type.",
        _PROFILE, _TRUST,
        flag("--live", help="Also send one streamed request for a few tokens (billable)."),
        _HUMAN_OR_JSON,
        _NEVER_ASKS,
        also=("diagnose", "test", "health", "ping", "debug", "gateway test"),
    ),
    Command(
        "gateway snippet", "gateway:snippet",
        "Print what the gateway's side needs for a profile: LiteLLM's configuration, or what others require.",
        _PROFILE,
        option("--kind", "As `cgw doctor` names it: {choices}.", choices="facts.gateways:NAMES", default="litellm"),
        _TRUST,
        also=("snippet",),
    ),
    Command(
        "profile list", "profile:list_profiles", "List the profiles; a star marks the one in use here.",
        _TRUST, _HUMAN_OR_JSON,
        also=("list", "ls", "profile ls", "profiles"),
    ),
    Command(
        "profile show", "profile:show", "Show a profile and the variables that it sets and clears.",
        _PROFILE_NAME, _TRUST,
        also=("show", "cat", "get", "profile get", "profile cat"),
    ),
    Command(
        "profile use", "profile:use", "Choose the profile to use when none is named.",
        argument("name", "Profile name.", completes="profile", required=True),
        also=("profile select",),
    ),
    Command(
        "profile set", "profile_change:set_members",
        "Change members of a profile; the rest of its file, and its comments, stay as they are.",
        argument("name", "Profile name or file; left out: the one in use.", completes="profile"),
        argument(
            "pairs", "A member by its name in the file, and its value: models.opus=NAME, env.NAME=TEXT.",
            kind="arguments", metavar="KEY=VALUE",
        ),
        option("--unset", "Members to remove from the file, with commas between.", metavar="KEY,..."),
        _NEVER_ASKS,
        has_members=True,
        also=("set", "config", "config set", "profile change", "profile config", "settings set"),
    ),
    Command(
        "profile edit", "profile_change:edit",
        "Edit a profile's file in your editor (VISUAL, EDITOR); only a valid one replaces it.",
        _PROFILE_NAME,
        flag("--yes", "-y", help="Do not ask: a file that is not valid is kept beside the profile."),
        also=("edit",),
    ),
    Command(
        "profile update", "team:update",
        "Take what a team changed in a profile since (init --from), after showing it; your changes in it stay.",
        argument("name", "Profile name; default: the one in use.", completes="profile"),
        option("--sha256", "Only if the team's text has this SHA-256 now.", metavar="HEX"),
        flag("--dry-run", help="Only show it; exit 1 where there is something."),
        flag("--yes", "-y", help="Ask nothing; needs a signature, --sha256 or a file of yours."),
        also=("update", "pull", "profile pull", "profile sync", "profile refresh"),
    ),
    Command(
        "profile rename", "profile_change:rename",
        "Rename a profile; its settings, helper and place as the chosen one follow.",
        argument("old", "Profile name.", completes="profile", required=True),
        argument("new", "New name.", required=True),
        _NEVER_ASKS,
        also=("rename", "mv", "profile mv", "profile move"),
    ),
    Command(
        "profile trust", "profile:trust_repository",
        "Trust a repository's profile as it is now, after showing what it would do.",
        argument("name", "The profile's file; default: the one found here.", completes="file"),
        flag("--yes", "-y", help="Trust it without a question."),
        also=("trust", "profile allow"),
    ),
    Command(
        "profile deny", "profile:deny", "Never use a repository's profile, whatever it says.",
        argument("name", "The profile's file; default: the one found here.", completes="file"),
        _NEVER_ASKS,
        also=("deny",),
    ),
    Command(
        "profile rm", "profile:rm", "Remove a profile.",
        argument("name", "Profile name.", completes="profile", required=True),
        flag("--yes", "-y", help="Do not ask."),
        also=("remove", "rm", "delete", "profile remove", "profile delete", "profile uninstall"),
    ),
    Command(
        "profile export", "profile:export", "Print a profile for a team: references only, no secrets.",
        _PROFILE_NAME, _NAME_TOO, _TRUST,
        option("--out", "Write to a file instead of stdout.", metavar="FILE", completes="file"),
    ),
    Command(
        "demo", "demo:demo",
        "Try every provider mode against a gateway on this machine and show what arrived.\n\n"
        "Needs no infrastructure and no account: the gateway is part of cgw, the keys are fake. Uses Claude Code "
        "if it is installed, else a simulated client that sends what cgw predicts.",
        option("--client", "Claude Code to use; default: the installed one.", metavar="PATH", completes="file"),
    ),
    Command(
        "uninstall", "uninstall:uninstall",
        "Take back every setting, helper, profile, cache and record of cgw, and say what remains.",
        flag("--dry-run", help="Only list what would be done."),
        flag("--force", help="Also undo settings that were changed after cgw set them."),
        flag("--yes", "-y", help="Do not ask."),
        also=("purge", "clean", "remove-all", "cleanup", "remove"),
    ),
    Command("version", "command_line:print_version", "Print the version.", hidden=True),
    Command(
        "help", "help_page:print_help", "Print the help page of a command.",
        argument("words", "The command's words.", kind="arguments", metavar="COMMAND"),
        hidden=True,
    ),
    Command(
        "--show-completion", "completion.command:show", "Print the completion script of a shell.",
        _COMPLETED_SHELL, hidden=True,
    ),
    Command(
        "--install-completion", "completion.command:install",
        "Install completion for a shell (again: renew it); `cgw uninstall` takes it back.",
        _COMPLETED_SHELL, hidden=True,
    ),
)  # fmt: skip

COMMANDS = {row.words: row for row in _ROWS}


def find(words: list[str]) -> tuple[Command | None, list[str]]:
    """The command that a line begins with, and the rest of the line."""
    for count in (1, 2):
        command = COMMANDS.get(" ".join(words[:count]))
        if command:
            return command, words[count:]
    return None, words
