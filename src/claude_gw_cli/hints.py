"""What annotations need of ``typing`` and ``collections.abc``, whose imports cost a third of an interpreter's start.

Type checkers see the standard names. When the program runs, ``Literal[...]`` is the tuple of its words.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import MappingProxyType
    from typing import Any, Literal, NoReturn
else:
    MappingProxyType = type(type.__dict__)
    Any = NoReturn = Callable = Iterable = Iterator = Mapping = object

    class Literal:
        """Words, of which a value is one."""

        def __class_getitem__(cls, words):
            return words if isinstance(words, tuple) else (words,)


__all__ = [
    "TYPE_CHECKING", "Any", "Callable", "Iterable", "Iterator", "Literal", "Mapping", "MappingProxyType", "NoReturn",
]  # fmt: skip
