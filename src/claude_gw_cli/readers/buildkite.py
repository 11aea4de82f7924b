"""Buildkite: ``env`` of the pipeline and of steps, commands, and variables of plugins that start containers.

``$A`` and ``${A}`` are filled in when the pipeline is uploaded; ``$$A`` is the job's own.
"""

from __future__ import annotations

from claude_gw_cli.readers.ci import System

SYSTEM = System(frozenset({"env", "environment"}), {"command": "shell", "commands": "shell"})
