"""``cgw --show-completion`` and ``cgw --install-completion``."""

from __future__ import annotations

import os

from claude_gw_cli.cli.completion.edition import edition
from claude_gw_cli.cli.completion.script import RENDERERS, script
from claude_gw_cli.cli.out import info, write_raw
from claude_gw_cli.core.errors import EXIT_OK, UsageError, unknown_choice


def show(*, shell: str | None = None) -> int:
    """Print the completion script of a shell; default: of the one that runs cgw."""
    write_raw(script(_chosen(shell)))
    return EXIT_OK


def install(*, shell: str | None = None) -> int:
    """Write the script where the shell finds it, and say what was written and how to use it now."""
    from claude_gw_cli.world import completion

    name = _chosen(shell)
    done = completion.install(name, script(name), os.environ, version=edition())
    info(f"Wrote {done.script}")
    if done.startup:
        info(f"{done.startup} reads it: {done.added.strip() or 'the line was there already'}")
    info(f"Completion works in every new {name}. To take it back: cgw uninstall")
    return EXIT_OK


def _chosen(shell: str | None) -> str:
    from claude_gw_cli import emit
    from claude_gw_cli.world.process import parent_name

    found = emit.canonical(shell) if shell else emit.detect(os.environ, parent_name())
    found = {"nushell": "nu"}.get(found or "", found)
    if found in RENDERERS:
        return found
    if shell:
        raise unknown_choice("shell", shell, tuple(RENDERERS))
    raise UsageError(
        f"there is no completion for {found or 'this shell'}",
        hint=f"Name the shell: cgw --install-completion bash    (one of: {' '.join(RENDERERS)})",
    )
