"""How much one file may take: a text made to be slow is passed over, like one that is not readable.

Every loop over a file's parts calls ``check``. What a usual file takes is a thousandth of the limit.
"""

from __future__ import annotations

from time import monotonic

from claude_gw_cli.readers.common import NotReadableError

SECONDS = 3.0
DEEPEST = 100
"""Blocks inside blocks."""
MOST = 200_000
"""Variables of all processes together."""
_end = [float("inf")]
"""When the file that is read now has taken too long; files are read one after the other."""


def begin() -> None:
    """A file is read from now on."""
    _end[0] = monotonic() + SECONDS


def is_over() -> bool:
    """Whether the file has taken too long."""
    return monotonic() > _end[0]


def check(depth: int = 0, count: int = 0) -> None:
    """Stop at what no person writes.

    Args:
        depth: blocks around what is read now.
        count: variables found so far.

    Raises:
        NotReadableError: the file takes too long, is nested too deeply or sets too many variables.
    """
    if depth > DEEPEST:
        raise NotReadableError("nested too deeply")
    if count > MOST:
        raise NotReadableError("it sets too many variables")
    if is_over():
        raise NotReadableError("it takes too long to read")
