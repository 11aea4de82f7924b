"""Bitbucket Pipelines: the scripts of steps, ``variables`` of pipes and of pipelines that a person starts."""

from __future__ import annotations

from claude_gw_cli.readers.ci import System

SYSTEM = System(frozenset({"variables", "environment"}), {"script": "shell", "after-script": "shell"})
