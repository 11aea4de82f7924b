"""The state of the machine at one moment: everything that predictions and rules may use.

Built by ``world.snapshot``; read by ``core.predict`` and ``rules``. Pure data: no look-ups happen here.
"""

from __future__ import annotations

from claude_gw_cli.core.model import Profile, Scope
from claude_gw_cli.core.settings_schema import Fault
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

HelperRole = Literal["program", "script", "file"]
FileStatus = Literal["loaded", "absent", "invalid", "unread"]
"""``invalid``: the client drops the whole file. ``unread``: it exists but this client start does not read it."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One settings document as found, before any precedence."""

    scope: Scope
    file: str
    """Path as the user would name it; ``--settings`` for an inline document."""
    status: FileStatus
    text: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    """The parsed document; empty unless it is valid JSON with an object at the top."""
    reason: str = ""
    """Why it is invalid or unread, in one line."""
    mode: int | None = None
    """Permission bits, where there is a file."""
    tracked: bool = False
    """True when git tracks the file."""
    unignored: bool = False
    """True when it is in a git work tree, untracked, and no ignore rule covers it."""
    kind: Literal["settings", "drop-in", "inline"] = "settings"
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Line and column of each variable, for a file of another format: ``data`` has its assignments as ``env``."""
    faults: tuple[Fault, ...] = ()
    """Values that the client's schema does not accept: they cost the file, or only themselves."""


@dataclass(frozen=True, slots=True)
class ClientArguments:
    """The client's own command line, as far as it changes which settings and credentials are used."""

    model: str | None = None
    settings: tuple[str, ...] = ()
    """``--settings`` values in order: a path or inline JSON."""
    setting_sources: tuple[str, ...] | None = None
    """``--setting-sources``; ``None`` when not given, ``()`` when given empty."""
    bare: bool = False
    restricted: bool = False
    safe_mode: bool = False
    agent: str | None = None
    agents: str | None = None
    """``--agents``: JSON or the path of such a file."""
    effort: str | None = None
    betas: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    folders: tuple[str, ...] = ()
    """``--add-dir``."""
    plugins: tuple[str, ...] = ()
    """``--plugin-dir``."""
    project_root: str | None = None
    """``--project-config-root``: project and local settings, and the project's agents, come from there."""
    managed: str | None = None
    """``--managed-settings``: what a program that starts the client wants as the administrator's document."""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent that leads the conversation: ``--agent``, or the key ``agent`` of the settings."""

    name: str
    file: str
    """The file that describes it, ``--agents``, or ``inside the client``."""
    model: str = ""
    """As written there; ``""`` where it takes the conversation's own."""
    few_tools: bool = False
    """Whether it names its tools."""


@dataclass(frozen=True, slots=True)
class HelperFile:
    """What is known, without running it, of the program that an apiKeyHelper string starts."""

    command: str
    program: str | None
    """The file that counts, its name expanded as the shell does; ``None`` where only a shell could tell."""
    exists: bool = False
    executable: bool = False
    mode: int | None = None
    text: str | None = None
    """The script's text when it is a small text file; never that of a file that is only printed."""
    role: HelperRole = "program"
    """``script``: handed to an interpreter, so it need not be executable. ``file``: what `cat` prints, the key."""
    problem: str = ""
    """Why it cannot do its job although it exists, or cannot be found although it seems to, in a few words."""
    tracked: bool = False
    """True when git tracks the file."""
    folder_mode: int | None = None
    """Permission bits of the directory that contains it."""


@dataclass(frozen=True, slots=True)
class AwsProfile:
    """A profile of the AWS configuration and credentials files, without its secrets."""

    region: str = ""
    credentials: bool = False
    """Whether it says where its credentials come from: keys, a process, a role, or single sign-on."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One client start, as far as files, environment and arguments decide it."""

    process: Mapping[str, str]
    """The ambient environment."""
    files: tuple[SettingsFile, ...]
    """Every settings document found, lowest precedence first."""
    cwd: str
    home: str
    config_dir: str
    client_version: str
    interactive: bool = False
    arguments: ClientArguments = field(default_factory=ClientArguments)
    claude_json: Mapping[str, object] = field(default_factory=dict, repr=False)
    """``.claude.json``: approvals, trust, a Console login's key, the legacy helper, its own ``env``."""
    claude_json_file: str | None = None
    login: str | None = None
    """Where a claude.ai session of ``/login`` is stored; its token is not read."""
    login_plan: str = ""
    """That session's ``subscriptionType``: ``max``, ``pro``, ``team`` ..."""
    aws_profiles: Mapping[str, AwsProfile] = field(default_factory=dict)
    """By name."""
    google_needs_project: bool = False
    """True for a Google credential file whose project only Google can tell (``external_account``)."""
    bubblewrap: bool = True
    """Whether ``bwrap`` is on PATH, with which Linux clients isolate what they start."""
    cloud_files: tuple[tuple[str, str], ...] = ()
    """``(kind, name)`` of cloud credential files that exist: ``aws-keys`` or ``google``; a variable or a path."""
    agent: Agent | None = None
    """``None`` without one."""
    stops: tuple[str, ...] = ()
    """What stops this client before it looks at credentials, in its words (a missing --settings file ...)."""
    helpers: tuple[HelperFile, ...] = ()
    profiles: tuple[Profile, ...] = ()
    platform: str = "linux"
    now: float = 0.0
    """Seconds since the epoch, for expiry."""
