"""What modules need of ``typing``, ``functools`` and ``collections.abc``, without their imports.

Each of those takes a fifth of an interpreter's start, or more. Type checkers see the standard names. When the program
runs, ``Literal[...]`` is the tuple of its words, the abstract classes are those that the interpreter has loaded for
itself, and ``cache`` and its like are a dictionary.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from functools import cache, cached_property, lru_cache
    from typing import Any, Literal, NoReturn
else:
    try:
        from _collections_abc import Callable, Iterable, Iterator, Mapping, Sequence
    except ImportError:  # pragma: no cover  # another Python than CPython
        from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Any = NoReturn = object

    class Literal:
        """Words, of which a value is one."""

        def __class_getitem__(cls, words):
            return words if isinstance(words, tuple) else (words,)

    def lru_cache(maxsize):
        """As ``functools.lru_cache`` with hashable arguments; a full one is emptied."""

        def make(function):
            kept = {}

            def cached(*args, **named):
                key = (*args, *named.items()) if named else args
                try:
                    return kept[key]
                except KeyError:
                    pass
                value = function(*args, **named)
                if maxsize is not None and len(kept) >= maxsize:
                    kept.clear()
                kept[key] = value
                return value

            cached.__doc__, cached.__name__, cached.__wrapped__ = function.__doc__, function.__name__, function
            cached.cache_clear = kept.clear
            return cached

        return make

    cache = lru_cache(None)

    class cached_property:  # noqa: N801 - the standard's own name
        """As ``functools.cached_property``."""

        def __init__(self, function):
            self.function, self.__doc__ = function, function.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.function(instance)
            return value


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Callable",
    "Iterable",
    "Iterator",
    "Literal",
    "Mapping",
    "NoReturn",
    "Sequence",
    "cache",
    "cached_property",
    "lru_cache",
]
