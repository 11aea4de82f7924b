"""Jenkinsfiles: ``environment { A = 'b' }``, ``env.A = 'b'``, ``withEnv(['A=b'])`` and what the scripts of steps set.

A value that Groovy puts together (``'a' + env.B``, ``"${B}"``, ``credentials('c')``) is unknown where it does.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, joined, known, places
from claude_gw_cli.readers.embedded import Excerpt
from claude_gw_cli.readers.literals import Token, tokens

_SIGNS = frozenset("{}[]()=+,;:\n")


def read(text: str) -> Iterator[Start]:
    """What each block sets, together with what it has from around it.

    ``environment`` belongs to the block around it, ``withEnv`` to the block behind it.
    """
    reading = _Reading(text)
    yield from reading.blocks()


class _Reading:
    def __init__(self, text: str) -> None:
        self._place = places(text)
        self._tokens = list(tokens(text, filled='" """ `'))
        self._at = 0

    def blocks(self) -> Iterator[Start]:
        stack: list[list[Assignment]] = [[]]
        words: list[str] = [""]
        given: list[Assignment] = []
        word = ""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.value is not None:
                continue
            if token.source == "{":
                stack.append(given)
                words.append(word)
                given = []
            elif token.source == "}" and len(stack) > 1:
                inside = stack.pop()
                if words.pop() == "environment":
                    stack[-1] += inside
                elif inside:
                    yield Start((*(item for scope in stack for item in scope), *inside))
            elif token.source == "withEnv":
                given = list(self._with_env())
            elif token.source == "sh":
                yield from self._script([item for scope in stack for item in scope])
            elif self._next() == "=" and is_name(token.source) and (words[-1] == "environment" or self._is_env()):
                scope = stack[-1] if words[-1] == "environment" else stack[0]
                self._at += 1
                scope.append(Assignment(token.source, self._expression(), *self._place(token.offset)))
            if token.source not in _SIGNS:
                word = token.source
        yield from (Start(tuple(scope)) for scope in stack if scope)

    def _script(self, given: list[Assignment]) -> Iterator[Start]:
        """The script of a step ``sh 'text'`` or ``sh(script: "text")``."""
        following = self._tokens[self._at : self._at + 4]
        token = next((token for token in following if token.value), None)
        if token and token.value and not any(other.source == "\n" for other in following[: following.index(token)]):
            script = Excerpt(self._place)
            quote = 3 if token.source[:3] in {"'''", '"""'} else 1
            script.fill(token.value, token.offset + quote, is_written_there=True)
            yield from script.starts(given, ends="it ends with its step")

    def _next(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].source if 0 <= at < len(self._tokens) else ""

    def _is_env(self) -> bool:
        """Whether the name that was just read is one of ``env.NAME``."""
        return self._next(-2) == "." and self._next(-3) == "env"

    def _with_env(self) -> Iterator[Assignment]:
        """The items of the list behind ``withEnv``, up to its end."""
        while self._at < len(self._tokens) and self._next() not in {"]", "{", "}"}:
            token = self._tokens[self._at]
            if token.value is None:
                self._at += 1
                continue
            value = self._expression(among=True)
            first = value[0] if value and isinstance(value[0], str) else ""
            name, sign, rest = first.partition("=")
            if sign and is_name(name):
                found = joined([rest, *value[1:]])
                # an empty value removes the variable
                yield Assignment(name, None if known(found) == "" else found, *self._place(token.offset))

    def _expression(self, *, among: bool = False) -> Text:
        """Texts joined with ``+``, up to the end of the line or, among others, a comma."""
        terms: list[list[Token]] = [[]]
        depth = 0
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            sign = token.source if token.value is None else ""
            if depth == 0 and (sign in {"]", ")", "}", ";"} or (sign in {",", "\n"} and self._ends(among))):
                break
            depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
            self._at += 1
            if sign == "+" and depth == 0:
                terms.append([])
            elif sign != "\n":
                terms[-1].append(token)
        return joined(piece for term in terms for piece in _term(term))

    def _ends(self, among: bool) -> bool:
        """Whether a comma or a line break is the end; ``+`` at the end or the start of a line goes on."""
        return self._next() == ("," if among else "\n") and "+" not in {self._next(-1), self._next(1)}


def _term(found: list[Token]) -> Text:
    """A text; a name, a call or a condition is unknown."""
    if len(found) == 1 and found[0].value is not None:
        return found[0].value
    return (Unknown("".join(token.source for token in found)),) if found else ()
