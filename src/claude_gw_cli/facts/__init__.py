"""What Claude Code and the gateways do, as data with a source. No decisions; it reads its own tables only."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def packaged(path: str) -> dict[str, Any]:
    """A TOML file of the package, by its path in there."""
    from tomledit import Document

    from claude_gw_cli.tables import packaged_text

    return Document.parse(packaged_text(path)).value
