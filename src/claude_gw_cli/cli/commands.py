"""The command line, declared once.

Each row gives a command's words, its options and arguments, and the function that does it. ``command_line`` parses
and runs a line from this table alone; ``help_page`` makes help pages of it, ``completion`` scripts for shells. A test
holds the rows against the functions' signatures.

This module is imported at every start: it has no other imports than the row types, and nothing is computed.
"""

from __future__ import annotations

from claude_gw_cli.cli import read_only
from claude_gw_cli.cli.declare import Command, argument, flag, option
from claude_gw_cli.cli.parameters import (
    COMPLETED_SHELL,
    DROP_IN,
    FORCE,
    HELPER_NAME,
    HUMAN_OR_JSON,
    MANAGED_DIR,
    NAME_TOO,
    NEVER_ASKS,
    OUT,
    PROFILE,
    PROFILE_NAME,
    RECORDED,
    REFERENCE,
    SCOPE,
    SCOPES,
    TRUST,
    WRITE_SECRET,
)

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
        TRUST,
        option("--scope", "Also apply it to settings: {choices}.", choices=("none", *SCOPES), default="none"),
        flag("--yes", "-y", help="Ask nothing: use defaults, and replace a profile of this name."),
        flag("--dry-run", help="Print the profile (keys masked) instead of writing it."),
        has_members=True,
        also=("new", "create", "add", "setup", "configure", "start", "profile add", "profile new", "profile create"),
    ),
    Command(
        "status", "status:status",
        "Show the profile in use, where it is applied, helper, client, gateway and the next step; offline.",
        HUMAN_OR_JSON, NEVER_ASKS,
        also=("state", "info", "whoami", "current", "show", "profile current", "profile status"),
    ),
    Command(
        "switch", "switch:switch", "Choose a profile and apply it to Claude Code's settings, together.",
        argument("name", "Profile name.", completes="profile", required=True),
        SCOPE, TRUST, WRITE_SECRET, FORCE,
        flag("--yes", "-y", help="Do not ask before the settings are changed."),
        also=("use", "select", "profile switch", "change"),
    ),
    Command(
        "env", "env:env", 'Print the environment of a profile for a shell or a file: eval "$(cgw env)".',
        PROFILE, TRUST,
        option("--shell", "Shell or file format; default: detect the shell.", completes="shell"),
        flag("--unset", help="Print what removes the profile from the shell."),
        flag("--resolve", help="Fetch the key now, even if the profile uses a helper."),
        flag("--reveal", help="Show the key on a terminal."),
        also=("export", "activate", "shell", "shellenv", "print-env", "printenv"),
    ),
    Command(
        "run", "run:run", "Run a command in the environment of a profile: cgw run -- claude.",
        PROFILE, TRUST,
        argument("command", "", kind="program", metavar="-- COMMAND [ARG]..."),
        also=("exec", "launch", "claude"),
    ),
    Command(
        "settings render", "settings_render:render",
        "Print a complete settings file, for CI and images, or what a fleet's tools take (--for).",
        SCOPE, PROFILE, TRUST,
        option(
            "--for", "With --scope managed, for whom: {choices}.",
            name="fleet", metavar="FLEET", choices="emit.fleet:NAMES",
        ),
        DROP_IN,
        option("--out", "Write to this file instead of stdout.", metavar="FILE", completes="file"),
        WRITE_SECRET, NEVER_ASKS,
        also=("render", "settings show", "settings print"),
    ),
    Command(
        "settings diff", "settings:diff",
        "Show what apply would change, with keys masked; exit 1 if it would change something.",
        SCOPE, PROFILE, TRUST, OUT, WRITE_SECRET, FORCE, MANAGED_DIR, DROP_IN, NEVER_ASKS,
        also=("diff",),
    ),
    Command(
        "settings apply", "settings:apply",
        "Merge a profile into a settings file; all other bytes are kept.",
        SCOPE, PROFILE, TRUST, OUT, WRITE_SECRET, FORCE, MANAGED_DIR, DROP_IN, NEVER_ASKS,
        also=("apply", "install", "profile apply", "settings set", "settings install"),
    ),
    Command(
        "settings undo", "settings:undo", "Remove exactly what cgw set in a settings file.",
        SCOPE, RECORDED, TRUST, OUT, FORCE, MANAGED_DIR, DROP_IN, NEVER_ASKS,
        also=(
            "undo", "revert", "unapply", "reset", "restore", "rollback", "settings remove", "settings reset",
            "settings rm", "settings revert", "settings uninstall",
        ),
    ),
    Command(
        "settings status", "settings_status:status",
        "Compare what cgw set with the profiles, on this machine or in a tree of homes; exit 1 where they differ.",
        option("--scope", "One scope; default: every file that cgw wrote.", choices=SCOPES),
        RECORDED, TRUST, OUT, MANAGED_DIR, DROP_IN,
        option(
            "--tree", "A directory of home directories instead of yours; one line for each.",
            metavar="DIR", completes="directory",
        ),
        HUMAN_OR_JSON, NEVER_ASKS,
        also=("drift", "settings drift", "inventory"),
    ),
    Command(
        "settings history", "settings_history:history",
        "List what cgw changed on this machine: when, by whom, in which file, from which profile; no values.",
        option("--limit", "Only the last entries; default: 50; 0: all of them.", metavar="NUMBER"),
        HUMAN_OR_JSON, NEVER_ASKS,
        also=("history", "audit", "log", "settings log", "settings audit"),
    ),
    Command(
        "helper install", "helper:install",
        "Write a profile's helper script and print the command for apiKeyHelper.",
        PROFILE_NAME, NAME_TOO, TRUST,
        option(
            "--cache", "Where keys are cached: file (private, in memory where possible), keyring or none.",
            choices=("file", "keyring", "none"),
        ),
        option("--out", "Also write a script for one path on all machines, without a user's path.", metavar="PATH"),
        flag("--standalone", help="A script that needs neither Python nor cgw (Vault KV, HS256 JWT)."),
        flag("--force", help="Write it to --out even in a user's home directory."),
        NEVER_ASKS,
        also=("helper add", "helper create"),
    ),
    Command(
        "helper show", "helper:show", "Show what a helper does, where it is and what its cache holds.",
        HELPER_NAME,
        also=("helper status", "helper info"),
    ),
    Command(
        "helper list", "helper:list_helpers", "List the installed helpers.",
        HUMAN_OR_JSON,
        also=("list", "ls", "helper ls", "helpers"),
    ),
    Command(
        "helper run", "helper:run",
        "Print the key, as the helper script does.",
        HELPER_NAME,
    ),
    Command(
        "helper test", "helper:run_test",
        "Run a helper exactly as Claude Code does and report whether the client gets a key.",
        HELPER_NAME, TRUST,
    ),
    Command(
        "helper refresh", "helper:refresh", "Fetch a new key now and keep it.",
        HELPER_NAME,
    ),
    Command(
        "helper uninstall", "helper:uninstall",
        "Remove a helper's script, spec and cache, and the settings that name it.",
        HELPER_NAME, NEVER_ASKS,
        also=("remove", "rm", "delete", "helper remove", "helper rm", "helper delete"),
    ),
    Command(
        "secret set", "secret:set_key",
        "Store a key in the OS keyring (or a private file); it is read from stdin, or from a prompt.",
        REFERENCE,
        flag("--yes", "-y", help="Never ask (a prompt for the key is not a question).", name=""),
        also=("login", "key", "secret add", "secret store", "secret put"),
    ),
    Command(
        "secret test", "secret:run_test",
        "Fetch a key and report its length, expiry and source, without printing it.",
        REFERENCE,
        option("--profile", "Profile whose tables the reference uses.", completes="profile"),
        TRUST,
        also=("secret get", "secret show"),
    ),
    Command(
        "secret rm", "secret:remove", "Remove a key from the OS keyring (or the private file that holds it).",
        REFERENCE, NEVER_ASKS,
        also=("logout", "remove", "rm", "delete", "secret remove", "secret delete", "secret unset"),
    ),
    *read_only.ROWS,
    Command(
        "profile list", "profile:list_profiles", "List the profiles; a star marks the one in use here.",
        TRUST, HUMAN_OR_JSON,
        also=("list", "ls", "profile ls", "profiles"),
    ),
    Command(
        "profile show", "profile:show", "Show a profile and the variables that it sets and clears.",
        PROFILE_NAME, TRUST,
        also=("show", "cat", "get", "profile get", "profile cat"),
    ),
    Command(
        "profile use", "profile:use", "Choose the profile to use when none is named.",
        argument("name", "Profile name.", completes="profile", required=True), TRUST,
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
        NEVER_ASKS,
        has_members=True,
        also=("set", "config", "config set", "profile change", "profile config", "settings set"),
    ),
    Command(
        "profile edit", "profile_change:edit",
        "Edit a profile's file in your editor (VISUAL, EDITOR); only a valid one replaces it.",
        PROFILE_NAME,
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
        NEVER_ASKS,
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
        NEVER_ASKS,
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
        PROFILE_NAME, NAME_TOO, TRUST,
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
        COMPLETED_SHELL, hidden=True,
    ),
    Command(
        "--install-completion", "completion.command:install",
        "Install completion for a shell (again: renew it); `cgw uninstall` takes it back.",
        COMPLETED_SHELL, hidden=True,
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
