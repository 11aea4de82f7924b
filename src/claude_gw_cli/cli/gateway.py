"""``cgw gateway snippet``: the server's side of a profile."""

from __future__ import annotations

import sys

from claude_gw_cli.cli.out import width, write_stdout
from claude_gw_cli.cli.use import use_profile
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.wrap import wrapped
from claude_gw_cli.report.gateway import snippet as lines


def snippet(*, profile: str | None = None, kind: str = "litellm") -> int:
    """Print what the gateway's side needs for a profile."""
    loaded, _ = use_profile(profile)
    text = masked_text(lines(loaded.profile, kind))
    columns = width(sys.stdout)
    # Only comments are broken: the rest is to be copied.
    shown = (_comment(line, columns) if columns and line.startswith("# ") else line for line in text.split("\n"))
    write_stdout("\n".join(shown))
    return 0


def _comment(line: str, columns: int) -> str:
    return "\n".join(f"# {part}" for part in wrapped(line[2:], columns - 2, hang=0).split("\n"))
