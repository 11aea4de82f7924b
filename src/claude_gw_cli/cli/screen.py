"""Rich's console, which escapes every text before it is laid out. Imported only where a page needs Rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from claude_gw_cli.core.terminal import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable


class Screen(Console):
    """A console on which only Rich's own styles and cursor movements reach the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of a renderable; those that are text are escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escaped(segment.text), segment.style)
