"""What every dialect shares: harmless characters, values with the key in them, and the way to refuse a value.

On the hot path of `cgw env`: imports only the errors.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError

TYPE_CHECKING = False  # not imported from typing: the hot path does without it, and type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Sets = Sequence[tuple[str, str]]
    Unsets = Sequence[str]
    Renderer = Callable[[Sets, Unsets], str]

# Means itself, unquoted, everywhere in a word of every shell. Not "=": `X==ls` and `X=a:=ls` expand in zsh, `=1`
# in tcsh. Not "%": `%self` in fish. Not "~".
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@+,-")


class Keyed(str):  # noqa: SLOT000 - a text with an empty base cannot have slots
    """A value with the gateway's key in it: the whole text, and its parts.

    Attributes:
        before: text before the key.
        key: the key itself, or the expression in the format's syntax with which its reader gets it.
        after: text behind the key.
        source: the name of the reader's secret; empty where ``key`` is the key itself.
    """

    before: str
    key: str
    after: str
    source: str

    @classmethod
    def of(cls, before: str, key: str, after: str, source: str = "") -> Keyed:
        """The value of these parts."""
        value = cls(before + key + after)
        value.before, value.key, value.after, value.source = before, key, after, source
        return value


def referring(value: str) -> Keyed | None:
    """The value, if its reader gets the key from elsewhere: the expression for it must not be escaped."""
    return value if isinstance(value, Keyed) and value.source else None


def spelled(value: str, escape: Callable[[str], str]) -> str:
    """The escaped value, with the expression for the key as it is."""
    parts = referring(value)
    return escape(parts.before) + parts.key + escape(parts.after) if parts else escape(value)


def is_plain(value: str) -> bool:
    """True when the value needs no quotes in any shell or file format."""
    return bool(value) and PLAIN.issuperset(value)


def by_line(assign: Callable[[str, str], str], unset: Callable[[str], str]) -> Renderer:
    """A renderer that writes one line per variable: first what goes, then what comes."""

    def render(sets: Sets, unsets: Unsets) -> str:
        lines = [unset(name) for name in unsets] + [assign(name, value) for name, value in sets]
        return "".join(f"{line}\n" for line in lines)

    return render


def refusal(dialect: str, name: str, reason: str, way_out: str = "") -> UsageError:
    """The error for a value that a dialect cannot carry. The reason never quotes the value.

    Args:
        dialect: the format.
        name: the variable.
        reason: why, to follow a colon.
        way_out: what the format's own program offers instead.
    """
    other = "Take a format that can carry it, such as --shell json, or start the client with `cgw run`."
    return UsageError(f"{dialect} cannot carry {name}: {reason}", hint=way_out or other)
