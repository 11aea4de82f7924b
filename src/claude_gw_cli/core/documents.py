"""Parsing what others wrote: whatever a parser meets, the error is a ``ValueError``. Light: the parsers on demand.

The standard parsers also raise ``RecursionError`` on deep nesting, and ``ValueError`` without a place on a number of
more than 4,300 digits. For YAML see ``readers.yamltree`` and ``world.tree``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_NAN = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_SPACE = " \t\n\r"


def json_reader(
    *,
    pairs: Callable[[list[tuple[str, Any]]], Any] | None = None,
    integer: Callable[[str], Any] = int,
    constant: Callable[[str], Any] = _NAN.__getitem__,
) -> Callable[[str], Any]:
    """A function that reads a JSON text as ``json.JSONDecoder`` does, without the patterns that its import compiles.

    The import of ``json`` with ``re`` takes as long as an interpreter's start. What reads is the same scanner; a text
    with a mistake is given to ``json``, which says where it is.

    Args:
        pairs: makes an object of its members; a dictionary by default.
        integer: makes a number of its digits.
        constant: makes a value of ``NaN`` and the like.
    """

    def standard(text: str) -> Any:
        import json

        return json.JSONDecoder(object_pairs_hook=pairs, parse_int=integer, parse_constant=constant).decode(text)

    class Settings:
        strict, object_hook, object_pairs_hook = True, None, staticmethod(pairs) if pairs else None
        parse_float, parse_int, parse_constant = float, staticmethod(integer), staticmethod(constant)

    try:
        from _json import make_scanner

        scan = make_scanner(Settings())  # type: ignore[arg-type]  # it asks for these six attributes
    except (ImportError, AttributeError):  # pragma: no cover  # another Python than those that are tested
        return standard

    def read(text: str) -> Any:
        try:
            value, end = scan(text, len(text) - len(text.lstrip(_SPACE)))
        except StopIteration:
            return standard(text)
        return standard(text) if text[end:].strip(_SPACE) else value

    return read


_readers: list[Callable[[str], Any]] = []
"""The reader of ``from_json``, once one is needed."""


def _read(text: str) -> Any:
    if not _readers:
        _readers.append(json_reader())
    return _readers[0](text)


def from_json(text: str | bytes) -> Any:
    """What a JSON text means; a byte order mark, which some editors write, is not part of it.

    Raises:
        ValueError: it is not JSON, or cannot be read.
    """
    try:
        if isinstance(text, str):
            return _read(text.removeprefix("\ufeff"))
        if text[:1] < b"\x80" and b"\0" not in text[:4]:
            return _read(text.decode("utf-8", "surrogatepass"))
        import json  # knows the other encodings by their first bytes

        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def from_toml(text: str) -> dict[str, Any]:
    """The members of a TOML text.

    Raises:
        ValueError: it is not TOML, or cannot be read.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def natural(text: str) -> int | None:
    """The number that decimal digits write, ``None`` for anything else; more than 18 digits count as 10**18.

    For texts from outside: ``int`` takes no more than 4,300 digits.
    """
    digits = text.lstrip("0")[:19] or "0"
    return min(int(digits), 10**18) if text.isascii() and text.isdigit() else None


def number(value: object) -> float | None:
    """A JSON number, which may have any number of digits; ``None`` for anything else, NaN and infinity included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < 1e300 else None  # also NaN
