"""Which facts count in this process: the packaged ones, and those of this machine where there are any."""

from __future__ import annotations

import os

from claude_gw_cli.facts.overlay import Overlay
from claude_gw_cli.facts.versions import use
from claude_gw_cli.world.paths import facts_dir


def use_facts_in_force() -> None:
    """Let the facts of this machine count; every command that predicts calls this first."""
    if not os.path.isdir(facts_dir(os.environ)):
        use(Overlay())
        return
    from claude_gw_cli.cli.facts import read_here

    read_here()
