"""``cgw profile``: list, show, use, rm, export."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import info, write_stdout
from claude_gw_cli.core.errors import CgwError, FileError
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.world import config, trust

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan


def list_profiles(*, format_: str = "human") -> int:
    """Print every profile, one a line; a star marks the one that is used here."""
    rows: list[tuple[bool, config.ProfileFile, str, str, str]] = []
    try:
        current = config.select(None, os.environ, os.getcwd())
    except CgwError:
        current = None
    found = config.list_profiles(os.environ)
    if current and current.origin == "repository":
        found = [current, *found]
    for item in found:
        used = current is not None and current.path == item.path
        try:
            profile = config.read(item, os.environ)
            rows.append((used, item, profile.provider, profile.gateway_url, ""))
        except CgwError as error:
            rows.append((used, item, "?", "", error.message))
    if format_ == "json":
        import json

        keys = ("name", "file", "provider", "gateway_url", "used", "error")
        values = [(i.name, str(i.path), p, u, used, error or None) for used, i, p, u, error in rows]
        write_stdout(
            json.dumps({"schema_version": 1, "profiles": [dict(zip(keys, v, strict=True)) for v in values]}) + "\n"
        )
        return 0
    if not rows:
        info("There is no profile yet. Create one: cgw init --provider unified --gateway-url URL")
    width = max((len(item.name) for _, item, *_ in rows), default=0)
    for used, item, provider, url, problem in rows:
        write_stdout(f"{'*' if used else ' '} {item.name:<{width}}  {provider:<13}  {problem or url}\n")
    return 0


def show(*, name: str | None = None) -> int:
    """Print a profile's file and the plan it makes. Nothing secret is in either."""
    file = config.select(name, os.environ, os.getcwd())
    profile = config.read(file)
    plan = make_plan(profile)
    write_stdout(f"# {file.path}\n{config.dumps(profile)}\n{_plan_text(plan)}")
    return 0


def _plan_text(plan: Plan) -> str:
    lines = [f"Base URL   {plan.base_url}", "Sets"]
    for item in plan.sets:
        value = f"{item.before}{{KEY}}{item.after}" if item.slot else item.before
        lines.append(f"  {item.name}={value!r}" if "\n" in value else f"  {item.name}={value}")
    if plan.helper:
        lines.append("  apiKeyHelper in settings.json (cgw settings apply)")
    lines.append("Clears")
    lines += textwrap.wrap(" ".join(plan.clears), 100, initial_indent="  ", subsequent_indent="  ")
    lines += [f"Missing    {option}" for option in plan.missing]
    lines += [f"{note.severity.capitalize()}: {note.text}" for note in plan.notes]
    return "\n".join(lines) + "\n"


def use(*, name: str) -> int:
    """Choose the profile for every command without ``--profile``."""
    file = config.select(name, os.environ, os.getcwd())
    config.read(file)
    trust.trust(file.path, os.environ)
    config.choose(file.name if file.path.parent == config.profiles_dir(os.environ) else str(file.path), os.environ)
    info(f"cgw: {file.name} is now the profile in use")
    return 0


def rm(*, name: str, yes: bool = False) -> int:
    """Remove a profile; asks on a terminal."""
    path = config.profile_path(name, os.environ)
    if not path.is_file():
        config.select(name, os.environ, os.getcwd())
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        from claude_gw_cli.cli.wizard import confirm

        if not confirm(f"Remove profile {name!r}?"):
            info("Nothing was changed.")
            return 0
    try:
        path.unlink()
    except OSError as error:
        raise FileError(f"cannot remove {path}: {error.strerror}") from None
    if config.chosen_name(os.environ) == name:
        config.unchoose(os.environ)
    info(f"cgw: removed {path}; settings that were applied from it stay (cgw settings undo)")
    return 0


def export(*, name: str | None = None, profile: str | None = None, out: str | None = None) -> int:
    """Print the profile for a team, or write it to a file. It holds references only."""
    text = config.dumps(config.load_profile(name or profile, os.environ, os.getcwd()))
    if out is None:
        write_stdout(text)
        return 0
    config.write_shared(text, os.path.join(os.getcwd(), out))
    info(f"cgw: wrote {out}; as cgw.toml in a repository it is the team's profile")
    return 0
