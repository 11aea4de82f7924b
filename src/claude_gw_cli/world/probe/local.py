"""The probes that need no network: the installed client and the editor's settings."""

from __future__ import annotations

import os

from claude_gw_cli.core.diagnosis import About, Verdict, next_step
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import editor_settings
from claude_gw_cli.world.client import client_version, find_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import Plan

_VERSION_SECONDS = 4.0


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


def examine_editor(plan: Plan, env: Mapping[str, str], cwd: str, *, plain: bool = False) -> Verdict:
    """Does VS Code (or a sibling) hand the extension the same gateway?

    The extension's login check sees neither settings.json nor a helper: only ``claudeCode.environmentVariables``.
    """
    base = next(item for item in plan.sets if item.before == plan.base_url)
    words = {"profile": plan.profile.name, "name": base.name, "value": plan.base_url}
    help_ = next_step("editor", About(words, plain=plain))
    seen, without = "", ""
    for path, values in editor_settings.given(env, os.path.join(cwd, ".vscode", "settings.json")):
        if base.name in values and values[base.name] != plan.base_url:
            return Verdict("warn", "The editor sends its Claude Code to another gateway.", path, help_)
        seen = path if base.name in values else seen
        without = path if values and base.name not in values else without
    if seen:
        return Verdict("ok", evidence=seen)
    if without:
        return Verdict("warn", f"The editor's variables for Claude Code do not include {base.name}.", without, help_)
    if editor_settings.has_extension(env):
        return Verdict(
            "warn", "The editor's extension has none of the shell's variables; it may ask for a login.", "", help_
        )
    return Verdict("skip", "no editor is set up for Claude Code")
