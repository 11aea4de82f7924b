"""What every dialect shares: harmless characters, the line-by-line renderer, and the way to refuse a value.

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


def is_plain(value: str) -> bool:
    """True when the value needs no quotes in any shell or file format."""
    return bool(value) and PLAIN.issuperset(value)


def by_line(assign: Callable[[str, str], str], unset: Callable[[str], str]) -> Renderer:
    """A renderer that writes one line per variable: first what goes, then what comes."""

    def render(sets: Sets, unsets: Unsets) -> str:
        lines = [unset(name) for name in unsets] + [assign(name, value) for name, value in sets]
        return "".join(f"{line}\n" for line in lines)

    return render


def refusal(dialect: str, name: str, reason: str) -> UsageError:
    """The error for a value that a dialect cannot carry. The reason never quotes the value."""
    return UsageError(
        f"{dialect} cannot carry {name}: {reason}",
        hint="Take a format that can carry it, such as --shell json, or start the client with `cgw run`.",
    )
