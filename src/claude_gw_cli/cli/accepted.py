"""``[check] ignore`` of the nearest cgw.toml: the accepted findings, with their reasons."""

from __future__ import annotations

import os

from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import decode
from claude_gw_cli.hints import Any, Mapping
from claude_gw_cli.rules.engine import Ignore, find_rule
from claude_gw_cli.world import paths, regular


class NotTomlError(UsageError):
    """A ``cgw.toml`` that is not TOML."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} is not valid TOML: {reason}")
        self.path = path


def accepted_findings(start: str) -> list[Ignore]:
    """The entries that apply to a path.

    Raises:
        UsageError: the table is not one of codes with reasons.
    """
    found = check_table(start if os.path.isdir(start) else os.path.dirname(start))
    if found is None:
        return []
    path, table = found
    unknown = sorted(set(table) - {"ignore"})
    if unknown:
        raise UsageError(
            f"{path}: [check] has no {unknown[0]!r}", hint='It has: ignore = [{ code = "CGW123", reason = "…" }]'
        )
    entries = table.get("ignore", [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: [check] ignore is not a list", hint='[{ code = "CGW123", reason = "…" }]')
    return [_ignore(path, entry) for entry in entries]


def _ignore(path: str, entry: object) -> Ignore:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise UsageError(
            f"{path}: an entry of [check] ignore must be a table of strings", hint='{ code = "CGW123", reason = "…" }'
        )
    unknown = sorted(set(entry) - {"code", "reason", "file"})
    if unknown:  # a misspelt "file" would accept the finding everywhere
        raise UsageError(
            f"{path}: an entry of [check] ignore has no {unknown[0]!r}", hint="It has: code, reason, file (optional)"
        )
    code, reason = entry.get("code", ""), entry.get("reason", "").strip()
    rule = find_rule(code)
    if rule is None:
        raise UsageError(
            f"{path}: [check] ignores {code!r}, which is not a rule", hint="List the rules: cgw rule --all"
        )
    if not reason:
        raise UsageError(f"{path}: [check] ignores {code} without a reason", hint='Add the reason: reason = "…"')
    return Ignore(rule.code, reason, entry.get("file"))


def check_table(cwd: str) -> tuple[str, Mapping[str, Any]] | None:
    """The nearest ``cgw.toml`` at or above ``cwd`` and its ``[check]`` table; ``None`` when there is none.

    Raises:
        NotTomlError: that file is not TOML.
    """
    folder = paths.absolute(cwd)
    while True:
        path = os.path.join(folder, "cgw.toml")
        if os.path.isfile(path):
            try:
                table = from_toml(decode(regular.content(path)[0])[0]).get("check", {})
            except ValueError as error:
                raise NotTomlError(path, str(error)) from None
            return (path, table) if isinstance(table, dict) else None
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = parent
