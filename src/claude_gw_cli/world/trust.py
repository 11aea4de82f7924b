"""Which repository profiles the user trusts, each with exactly the content that was trusted.

A cloned repository decides where requests go. Before its profile may reach into the user's stores the user says so
once; an edited file has to be trusted again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping


def trust_file(env: Mapping[str, str]) -> Path:
    """Where the trusted repository profiles are recorded, by content."""
    return Path(paths.config_dir(env)) / "trusted"


def trust(path: Path, env: Mapping[str, str]) -> None:
    """Record that the user trusts this profile file as it is now; a changed file has to be trusted again."""
    known = files.read_bytes(str(trust_file(env))) or b""
    line = _trust_line(path)
    if line not in known.splitlines(keepends=True):
        files.private_dir(str(paths.config_dir(env)))
        files.write_private(str(trust_file(env)), known + line)


def is_trusted(path: Path, env: Mapping[str, str]) -> bool:
    """True when the user trusted the file with exactly this content."""
    known = files.read_bytes(str(trust_file(env))) or b""
    return _trust_line(path) in known.splitlines(keepends=True)


def _trust_line(path: Path) -> bytes:
    real = path.resolve()
    content = files.read_bytes(str(real)) or b""
    return f"{hashlib.sha256(content).hexdigest()}  {real}\n".encode()
