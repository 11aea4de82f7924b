"""Regular expressions that are compiled at first use.

The rules have some fifty, and most files need a few: compiling all of them takes as long as starting Python.
"""

from __future__ import annotations

import re

_QUESTIONS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as ``re.compile`` gives it, compiled at its first use."""
    return _Lazy(text, flags)  # type: ignore[return-value]  # it answers every question of a pattern


class _Lazy:
    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> object:
        found = re.compile(self._text, self._flags)
        for question in _QUESTIONS:
            setattr(self, question, getattr(found, question))  # the next question does not come here
        return getattr(found, name)
