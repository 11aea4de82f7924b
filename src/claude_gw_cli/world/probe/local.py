"""The probes that need no network: the installed client and the editor's settings."""

from __future__ import annotations

import json
import os
import re
import sys

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import files
from claude_gw_cli.world.client import client_version, find_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.model import Plan

_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
_VERSION_SECONDS = 4.0
_EXTENSION = "anthropic.claude-code-"
# A string (kept), a comment or a comma before a closing bracket (dropped): VS Code's settings are JSON with both.
_RELAXED = lazy(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def examine_client(plan: Plan | None, env: Mapping[str, str]) -> Verdict:
    """Is Claude Code here, and is it new enough for the profile?"""
    program = find_client(env)
    if program is None:
        help_ = "npm install -g @anthropic-ai/claude-code"
        return Verdict("warn", "Claude Code is not on PATH here.", "", help_)
    version = client_version(program, env, _VERSION_SECONDS)
    if version is None:
        return Verdict("warn", "The `claude` on PATH does not tell its version.", str(program), "claude --version")
    oldest = plan.profile.min_client_version if plan else None
    if oldest and version_key(version) < version_key(oldest):
        return Verdict(
            "warn", f"Claude Code {version} is older than the profile asks for ({oldest}).", "", "claude update"
        )
    return Verdict("ok", evidence=f"{version}, {program}", value=version)


def examine_editor(plan: Plan, env: Mapping[str, str], cwd: str) -> Verdict:
    """Does VS Code (or a sibling) hand the extension the same gateway?

    The extension's login check sees neither settings.json nor a helper: only ``claudeCode.environmentVariables``.
    """
    base = next(item for item in plan.sets if item.before == plan.base_url)
    help_ = f"cgw env --profile {plan.profile.name} --shell vscode"
    seen, without = "", ""
    for path in _editor_files(env, cwd):
        try:
            text = (files.read_bytes(path) or b"").decode()
            listed = _relaxed(text).get("claudeCode.environmentVariables")
        except (CgwError, ValueError):
            continue
        if not isinstance(listed, list):
            continue
        values = {str(item.get("name")): str(item.get("value")) for item in listed if isinstance(item, dict)}
        if base.name in values and values[base.name] != plan.base_url:
            return Verdict("warn", "The editor sends its Claude Code to another gateway.", path, help_)
        seen = path if base.name in values else seen
        without = path if values and base.name not in values else without
    if seen:
        return Verdict("ok", evidence=seen)
    if without:
        return Verdict("warn", f"The editor's variables for Claude Code do not include {base.name}.", without, help_)
    if _has_extension(_home(env)):
        return Verdict(
            "warn", "The editor's extension has none of the shell's variables; it may ask for a login.", "", help_
        )
    return Verdict("skip", "no editor is set up for Claude Code")


def _home(env: Mapping[str, str]) -> str:
    return env.get("HOME") or env.get("USERPROFILE") or os.sep


def _has_extension(home: str) -> bool:
    """Whether an editor keeps the extension below its own directory in the home (``.vscode``, ``.cursor``)."""
    own = (name for name in _listed(home) if name.startswith("."))
    return any(
        name.startswith(_EXTENSION) for folder in own for name in _listed(os.path.join(home, folder, "extensions"))
    )


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _editor_files(env: Mapping[str, str], cwd: str) -> Iterator[str]:
    home = _home(env)
    roots = {
        "darwin": os.path.join(home, "Library", "Application Support"),
        "win32": env.get("APPDATA") or home,
    }
    root = roots.get(sys.platform) or env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    for editor in _EDITORS:
        yield os.path.join(root, editor, "User", "settings.json")
    yield os.path.join(cwd, ".vscode", "settings.json")


def _relaxed(text: str) -> dict[str, object]:
    value = json.loads(_RELAXED.sub(lambda match: match.group(1) or "", text))
    return value if isinstance(value, dict) else {}
