"""A secret is a type, not a string: only ``reveal()`` shows it.

On the hot path of `cgw env` and of the helper: imports nothing but the errors.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import EmptyKeyError, UsageError

# Claude Code refuses helper output beyond this (measured: 16384 passes, 16385 fails).
MAX_LENGTH = 16_384

_TRIMMED = " \t\r\n\u00a0\ufeff"
# What programs print for "nothing there": no key looks like that.
_NOTHING = frozenset(("null", "none", "nil", "<nil>", "undefined", "nan", "true", "false"))
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e")


def mask(text: str) -> str:
    """The text as it may be shown: the first four characters and an ellipsis, or only the ellipsis if short."""
    if not text:
        return ""
    return f"{text[:4]}…" if len(text) > 8 else "…"


class Secret:
    """A key or token. ``repr``, ``str``, ``format`` and ``pickle`` never show it; ``reveal()`` does."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Called once per exit: a header, a variable, the helper's stdout."""
        return self._value

    def masked(self) -> str:
        """The value as it may be shown to a person."""
        return mask(self._value)

    def __repr__(self) -> str:
        return f"Secret({self.masked()!r})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret cannot be pickled or copied")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __len__(self) -> int:
        return len(self._value)


def filled(before: str, key: str, basic: str | None) -> str:
    """A text with the key at its end and, with ``basic``, the front's Authorization line before it."""
    return f"Authorization: Basic {basic}\n{before}{key}" if basic is not None else f"{before}{key}"


def checked(raw: str, origin: str) -> Secret:
    """The raw text of a source as a Secret that any HTTP header can carry.

    Surrounding whitespace is trimmed, as the client does. What is not text is not a key: a word such as ``null``, a
    value in quotation marks, a JSON object or list.

    Args:
        raw: what the source returned.
        origin: how to name the source in the error (a reference, never a value).

    Raises:
        UsageError: the value is empty or not valid in a header; the text names the kind of
            character and its position, never the content.
    """
    value = raw.strip(_TRIMMED)
    if reason := doubt(value):
        raise UsageError(
            f"{origin} returned {reason}",
            hint="Name the field behind a # where the source has fields, or store the key alone.",
        )
    return sendable(value, origin)


def sendable(raw: str, origin: str) -> Secret:
    """The same as the client takes what a helper prints: also what is a text and not a key (measured, 2.1.330).

    Raises:
        UsageError: as ``checked``.
    """
    value = raw.strip(_TRIMMED)
    if not value:
        raise EmptyKeyError(f"{origin} returned an empty key", hint="Store a key there, then try again.")
    if len(value) > MAX_LENGTH:
        from claude_gw_cli.core.words import counted

        raise UsageError(f"{origin} returned {counted(len(value), 'character')}; a key has at most {MAX_LENGTH}")
    for index, char in enumerate(value):
        kind = _unsafe_kind(char)
        if kind:
            raise UsageError(
                f"{origin} returned a value that cannot be used as a key: "
                f"{kind} at character {index + 1} of {len(value)}",
                hint="The source must return the key alone: no banner, no quotes, no 'Bearer ' prefix.",
            )
    return Secret(value)


def doubt(value: str) -> str:
    """What a value is instead of a key; empty for a key, and for one that is empty or too long."""
    if not value or len(value) > MAX_LENGTH:
        return ""
    if value.lower() in _NOTHING:
        return f"the word {value.lower()!r} and no key"
    if value[0] in "\"'" and value[-1] == value[0]:
        return "a value in quotation marks and not the key alone"
    name, _, rest = value.partition("=")
    if rest.strip("=") and "_" in name and name.isupper() and name.isidentifier():
        return "an assignment to a variable and not the key alone"
    if value.lower().startswith(("http://", "https://")):
        return "a URL and no key"
    if value[0] not in "{[":
        return ""
    from claude_gw_cli.core.documents import from_json

    try:
        document = from_json(value)
    except ValueError:
        return "the first line of a JSON document" if len(value) == 1 else ""
    if isinstance(document, dict):
        names = [name for name in list(document)[:20] if name.isprintable() and len(name) <= 40]
        return f"a JSON object with the fields: {', '.join(names) or 'none'}"
    return "a JSON list"


def _unsafe_kind(char: str) -> str:
    if "!" <= char <= "~":
        return ""
    if char in "\r\n":
        return "a line break"
    if char == "\0":
        return "a NUL byte"
    if char in " \t\u00a0":
        return "whitespace"
    if char in _INVISIBLE:
        return f"an invisible character (U+{ord(char):04X})"
    if char < " " or char == "\x7f":
        return "a control character"
    return "a non-ASCII character"
