"""The laboratory of ``cgw trace --learn``, with clients from the parts cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from claude_gw_cli.world import laboratory
from claude_gw_cli.world.laboratory import (
    OWN_ETC,
    URL,
    Config,
    disagreements,
    helper_run,
    lasting,
    observation,
    predicted,
    recorded,
    staged,
    with_own_etc,
)
from claude_gw_cli.world.trace import observe

__all__ = [
    "OWN_ETC", "URL", "Config", "client", "disagreements", "helper_run", "lasting", "observation", "observe",
    "predicted", "recorded", "run", "staged", "with_own_etc",
]  # fmt: skip


def client(version: str) -> Path:
    """The program of a released client in the parts cache."""
    parts = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
    return parts / f"claude-{version}" / "node_modules" / ".bin" / "claude"


def run(
    version: str, config: Config, program: Path | None = None, *, timeout: float = 60.0, whole: bool = False
) -> dict[str, Any]:
    """As ``world.laboratory.run``; the program is by default the one in the parts cache."""
    return laboratory.run(version, config, program or client(version), timeout=timeout, whole=whole)
