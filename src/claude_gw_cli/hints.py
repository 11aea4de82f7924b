"""What annotations need of ``typing``, without its import: that costs as much as a third of an interpreter's start.

Type checkers see the standard names. When the program runs, ``Literal[...]`` is the tuple of its words.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NoReturn
else:
    Any = NoReturn = object

    class Literal:
        """Words, of which a value is one."""

        def __class_getitem__(cls, words):
            return words if isinstance(words, tuple) else (words,)


__all__ = ["TYPE_CHECKING", "Any", "Literal", "NoReturn"]
