"""``cgw settings history``: what cgw changed on this machine, from its own record."""

from __future__ import annotations

import json
import os
import sys

from claude_gw_cli.cli.out import for_person, info, write_lines, write_stdout
from claude_gw_cli.cli.settings import CHANGES
from claude_gw_cli.core.errors import EXIT_OK, UsageError
from claude_gw_cli.hints import Any
from claude_gw_cli.world import audit, paths


def history(*, limit: str | None = None, format_: str = "human") -> int:
    """Print the last entries, the newest at the end; as JSON one object a line, as they are recorded."""
    limit = limit or "50"
    if not limit.isdecimal() or len(limit) > 9:
        raise UsageError(f"--limit {limit} is not a number", hint="For example: --limit 20, or 0 for all")
    found = list(audit.entries(paths.state_dir(os.environ)))[-int(limit) :]
    if format_ == "json":
        write_stdout("".join(json.dumps(entry) + "\n" for entry in found))
        return EXIT_OK
    if not found:
        info("Nothing is recorded: cgw has changed no settings, helper, profile or trust here.")
    write_lines("".join(map(_shown, found)))
    return EXIT_OK


def _shown(entry: dict[str, Any]) -> str:
    """Two lines: when, who and what; then the file with what was changed in it."""
    when = entry["time"].replace("T", " ").removesuffix("Z")
    who = f"{entry.get('user', '')}{' by sudo of ' + str(entry['sudo_user']) if entry.get('sudo_user') else ''}"
    profile = f" (profile {entry['profile']})" if entry.get("profile") else ""
    changes = entry.get("changes")
    rows = changes.items() if isinstance(changes, dict) else ()
    counts = [f"{len(names)} {CHANGES.get(kind, kind)}" for kind, names in rows if isinstance(names, list)]
    first = f"{when}  {who}  {entry['action']}{profile}{': ' + ', '.join(counts) if counts else ''}\n"
    place = entry.get("file") or entry.get("origin") or entry.get("source")
    return first + (f"  {for_person(place, sys.stdout)}\n" if place else "")
