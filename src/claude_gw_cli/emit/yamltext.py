"""Double-quoted YAML, for the formats that are YAML."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def quoted(value: str) -> str:
    """A double-quoted YAML scalar in ASCII. JSON's escapes are YAML's, except for characters beyond 0xffff."""
    from json import dumps

    def escaped(char: str) -> str:
        return f"\\U{ord(char):08x}" if char == "\x7f" or char > "\uffff" else dumps(char)[1:-1]

    return f'"{"".join(map(escaped, value))}"'


def mapping(values: Mapping[str, str], indent: int) -> list[str]:
    """One line for each name."""
    return [f"{' ' * indent}{name}: {quoted(value)}" for name, value in values.items()]
