"""Options and arguments that several commands have. Imported at every start, as ``commands``."""

from __future__ import annotations

from claude_gw_cli.cli.declare import argument, flag, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.model import SettingsScope

SCOPES: tuple[SettingsScope, ...] = ("user", "project", "local", "managed")
HUMAN_OR_JSON = option(
    "--format", "Output format: {choices}.", name="format_", choices=("human", "json"), default="human"
)
PROFILE = option("--profile", "Profile name or file; default: the one in use.", completes="profile")
TRUST = flag("--trust-repository", help="Trust the repository's profile for this one call, for example in CI.")
NAME_TOO = option("--profile", "The same as NAME.", completes="profile")
PROFILE_NAME = argument("name", "Profile name or file; default: the one in use.", completes="profile")
HELPER_NAME = argument("name", "Helper name (the profile's); default: the only one.", completes="helper")
REFERENCE = argument(
    "ref", "Secret reference, such as keyring://cgw/work or file:///path.",
    metavar="REF", completes="reference", required=True,
)  # fmt: skip
NEVER_ASKS = flag("--yes", "-y", help="Accepted by every command; this one never asks.", name="")
CLIENT_ARGUMENTS = argument(
    "words", "The client's own arguments (--settings, --model, --bare ...).",
    kind="arguments", metavar="-- CLIENT-ARGS",
)  # fmt: skip

COMPLETED_SHELL = argument(
    "shell",
    "bash, zsh, fish, nu or powershell; default: the one that runs cgw.",
    metavar="SHELL",
    completes="shell-with-completion",
)

SCOPE = option("--scope", "Which file: {choices}.", choices=SCOPES, default="user")
WRITE_SECRET = flag(
    "--write-secret", help="Write the key itself (never into project scope or a file tracked by git)."
)
FORCE = flag("--force", help="Also where a value was changed after cgw set it.")
MANAGED_DIR = option(
    "--managed-dir", "Directory of the managed settings; default: the platform's.", completes="directory"
)
DROP_IN = flag("--drop-in", help="With --scope managed: managed-settings.d/50-cgw.json instead of the main file.")
OUT = option("--out", "Use this file instead of the scope's.", metavar="FILE", completes="file")
RECORDED = option("--profile", "Only what this profile set; default: all that cgw set.", completes="profile")
