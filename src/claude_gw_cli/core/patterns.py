"""Regular expressions that are compiled at first use, and only for a text that may hold a match.

The rules have some fifty, and most files need a few: compiling all of them takes as long as starting Python, and the
import of ``re`` alone takes two thirds of that.
"""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re

# Of the module ``re``.
IGNORECASE, MULTILINE, DOTALL = 2, 8, 16
_QUESTIONS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


def lazy(text: str, flags: int = 0, *, needs: tuple[str, ...] = ()) -> re.Pattern[str]:
    """A pattern as ``re.compile`` gives it, compiled at its first use.

    Args:
        text: the pattern; ``(?i)`` and the like at its beginning spare the caller the import of ``re``.
        flags: as for ``re.compile``.
        needs: lower-case texts of which every match holds one, in any case. A text that holds none is answered
            without the pattern.
    """
    return (_Guarded if needs else _Lazy)(text, flags, needs)  # type: ignore[return-value]  # it answers as a pattern


class _Lazy:
    def __init__(self, text: str, flags: int, needs: tuple[str, ...]) -> None:
        self._text, self._flags, self._needs = text, flags, needs

    def __getattr__(self, name: str) -> Any:
        import re

        found = re.compile(self._text, self._flags)
        for question in _QUESTIONS:
            if question not in type(self).__dict__:
                setattr(self, question, getattr(found, question))  # the next question does not come here
        self.__dict__["compiled"] = found
        return found if name == "compiled" else getattr(found, name)


class _Guarded(_Lazy):
    """Answers for a text without any of the needed ones by itself."""

    def _may_match(self, text: str) -> bool:
        low = text.lower()
        for word in self._needs:
            if word in low:
                return True
        # Ignoring case, these match an i or an s, and are others in lower case.
        return not text.isascii() and any(letter in text for letter in "\u0130\u0131\u017f")

    def search(self, text: str, *place: int) -> object:
        return self.compiled.search(text, *place) if self._may_match(text) else None

    def match(self, text: str, *place: int) -> object:
        return self.compiled.match(text, *place) if self._may_match(text) else None

    def fullmatch(self, text: str, *place: int) -> object:
        return self.compiled.fullmatch(text, *place) if self._may_match(text) else None

    def finditer(self, text: str, *place: int) -> object:
        return self.compiled.finditer(text, *place) if self._may_match(text) else iter(())

    def sub(self, new: object, text: str, count: int = 0) -> object:
        return self.compiled.sub(new, text, count) if self._may_match(text) else text
