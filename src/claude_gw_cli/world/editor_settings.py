"""What editors of the VS Code family give the extension: ``claudeCode.environmentVariables`` of their user settings.

That setting belongs to the machine: the extension does not take it from a workspace's settings.
"""

from __future__ import annotations

import os
import re
import sys

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
_EXTENSION = "anthropic.claude-code-"
_LIST = "claudeCode.environmentVariables"
# A string (kept), a comment or a comma before a closing bracket (dropped): VS Code's settings are JSON with both.
_RELAXED = lazy(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def given(env: Mapping[str, str], *more: str) -> Iterator[tuple[str, dict[str, str]]]:
    """``(file, variables)`` of each editor's user settings, and of the files ``more``, that have the list."""
    for path in (*_user_settings(env), *more):
        try:
            text = (files.read_bytes(path) or b"").decode()
            listed = from_json(_RELAXED.sub(lambda match: match.group(1) or "", text)).get(_LIST)
        except (CgwError, ValueError, AttributeError):
            continue
        if isinstance(listed, list):
            rows = [item for item in listed if isinstance(item, dict) and item.get("name")]
            yield path, {str(item["name"]): str(item.get("value") or "") for item in rows}


def variables(env: Mapping[str, str]) -> dict[str, str]:
    """What the first editor that has the list gives the extension."""
    return next((found for _, found in given(env)), {})


def has_extension(env: Mapping[str, str]) -> bool:
    """Whether an editor keeps the extension below its own directory in the home (``.vscode``, ``.cursor``)."""
    home = _home(env)
    hidden = (name for name in _listed(home) if name.startswith("."))
    return any(
        name.startswith(_EXTENSION) for folder in hidden for name in _listed(os.path.join(home, folder, "extensions"))
    )


def _home(env: Mapping[str, str]) -> str:
    return env.get("HOME") or env.get("USERPROFILE") or os.sep


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _user_settings(env: Mapping[str, str]) -> Iterator[str]:
    home = _home(env)
    roots = {"darwin": os.path.join(home, "Library", "Application Support"), "win32": env.get("APPDATA") or home}
    root = roots.get(sys.platform) or env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return (os.path.join(root, editor, "User", "settings.json") for editor in _EDITORS)
