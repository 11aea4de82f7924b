"""A rule's example -> the RuleContext that the rules check. The rules' pages show these same examples."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli import readers
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.snapshot import Agent, ClientArguments, HelperFile, SettingsFile, Snapshot
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.record import replace
from claude_gw_cli.rules.assigned import by_process
from claude_gw_cli.rules.context import Gateway, RuleContext
from claude_gw_cli.rules.page import text_of
from claude_gw_cli.rules.pages import Document, Example
from claude_gw_cli.world.tree import gateway_config

NOW = 1_790_000_000.0
HOME, WORK = "/home/u", "/home/u/repo"
USER_FILE = f"{HOME}/.claude/settings.json"
PROJECT_FILE = f"{WORK}/.claude/settings.json"
LOCAL_FILE = f"{WORK}/.claude/settings.local.json"
MANAGED_FILE = "/etc/claude-code/managed-settings.json"
PARENT_FILE = f"{HOME}/src/.claude/settings.json"
SCRIPT_FILE = f"{HOME}/bin/key.sh"


def rule_context(example: Example) -> RuleContext:
    """The example as the rules see it: a whole client start."""
    files = tuple(_files(example))
    context = RuleContext(
        Snapshot(
            process=dict(example.env),
            files=files,
            cwd=WORK,
            home=HOME,
            config_dir=f"{HOME}/.claude",
            client_version=example.client or NEWEST,
            claude_json=example.claude_json or {},
            claude_json_file=f"{HOME}/.claude.json",
            helpers=tuple(_helpers(files, example)),
            profiles=(example.profile,) if example.profile else (),
            now=NOW,
            agent=_agent(example),
        ),
        gateway=_gateway(example) if example.gateway else None,
        paths=example.paths,
        profile_files={example.profile.name: "cgw.toml"} if example.profile else {},
        shared={"cgw.toml": "git tracks"} if example.profile_shared else {},
        texts={"config.yaml": example.gateway} if isinstance(example.gateway, str) else {},
    )
    return _of_file(context, example.file, example.text) if example.file else context


def _agent(example: Example) -> Agent | None:
    named = example.project.get("agent") if isinstance(example.project, dict) else None
    model = example.agents.get(str(named))
    return (
        Agent(str(named), f"{WORK}/.claude/agents/{named}.md", "" if model == "inherit" else model) if model else None
    )


def _gateway(example: Example) -> Gateway:
    given = example.gateway or ""
    data, fault, at = gateway_config(given) if isinstance(given, str) else (given, "", (1, 1))
    return Gateway("config.yaml", data, 0o600, example.tracked, fault, at)


def _of_file(context: RuleContext, path: str, text: str) -> RuleContext:
    folder, _, name = path.rpartition("/")
    fitting = readers.by_content(readers.by_name(name, folder), text)
    starts = readers.read(fitting[0], text, path) if fitting else []
    return by_process(replace(context, whole=False), SettingsFile("process", path, "loaded", text), starts)


def _files(example: Example) -> Iterator[SettingsFile]:
    documents: tuple[tuple[Scope, str, Document | str | None], ...] = (
        ("user", USER_FILE, example.user),
        ("project", PROJECT_FILE, example.project),
        ("local", LOCAL_FILE, example.local),
        ("managed", MANAGED_FILE, example.managed),
    )
    for scope, file, given in documents:
        if given is not None:
            mode = 0o644 if scope == "managed" else example.mode
            read = document(scope, file, text_of(given), ClientArguments(), mode=mode)
            mine = scope in {"project", "local"}
            yield replace(read, tracked=example.tracked and mine, unignored=mine and not example.ignored)
    if example.parent is not None:
        reason = f"project settings are read from {WORK}/.claude only"
        yield SettingsFile("project", PARENT_FILE, "unread", text_of(example.parent), example.parent, reason)


def _helpers(files: tuple[SettingsFile, ...], example: Example) -> Iterator[HelperFile]:
    commands = {command for item in files if isinstance(command := item.data.get("apiKeyHelper"), str)}
    for command in sorted(commands):
        if command == "~/bin/key.sh":
            exists = example.helper is not None
            mode = example.helper_mode if exists else None
            yield HelperFile(
                command, SCRIPT_FILE, exists, exists and bool(example.helper_mode & 0o100), mode, example.helper
            )
        elif command == "cat ~/.gateway-key":
            yield HelperFile(command, f"{HOME}/.gateway-key", True, True, example.helper_mode, role="file")
        elif command.startswith("/opt/our tools"):
            yield HelperFile(command, "/opt/our", exists=False)
