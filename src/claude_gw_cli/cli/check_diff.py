"""``cgw check --diff``: what the fixes would change; values that could be secret are masked."""

from __future__ import annotations

from claude_gw_cli.cli.out import info, write_stdout
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_gw_cli.rules.context import RuleContext
    from claude_gw_cli.rules.repair import Repaired


def show_diff(context: RuleContext, repaired: Repaired) -> None:
    """A unified diff of what the fixes would change; values that could be secret are masked on both sides."""
    import difflib

    from claude_gw_cli.core.masking import masked_line

    before = {source.file: source.text or "" for source in context.snapshot.files}
    for source in repaired.context.snapshot.files:
        old, new = (
            [masked_line(line) for line in text.splitlines()] for text in (before[source.file], source.text or "")
        )
        lines = difflib.unified_diff(old, new, source.file, f"{source.file} (fixed)", lineterm="")
        write_stdout("".join(f"{line}\n" for line in lines))
    for file, mode in repaired.modes.items():
        write_stdout(f"chmod {mode:04o} {file}\n")


def after_diff(paths: Sequence[str], *, changed: bool, unsafe: bool) -> int:
    """The exit code of ``--diff``; where it showed nothing, a line says why."""
    if changed:
        return EXIT_FINDINGS
    if unsafe:
        info("There is nothing to fix.")
        return EXIT_OK
    import shlex

    others = shlex.join((*paths, "--diff", "--unsafe-fixes"))
    info(f"There is nothing to fix safely. To see what the other fixes change: cgw check {others}")
    return EXIT_OK
