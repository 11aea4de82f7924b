"""``cgw gateway snippet``: the server's side of a profile."""

from __future__ import annotations

import os

from claude_gw_cli.cli.out import write_stdout
from claude_gw_cli.report.litellm import snippet as lines
from claude_gw_cli.world import config


def snippet(*, profile: str | None = None) -> int:
    """Print what the gateway's configuration needs for a profile."""
    write_stdout(lines(config.load_profile(profile, os.environ, os.getcwd())))
    return 0
