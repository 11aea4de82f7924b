"""Fixes as data: what to change where, and whether that can change which credential is sent."""

from __future__ import annotations

from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

Safety = Literal["safe", "unsafe"]
"""``safe``: cannot change which credential is sent, nor where to, in any start that reads the edited file. The engine
treats a fix as unsafe if the file alone is not the reason for it."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Give a member of a settings file a value; creates it (and its parent) if absent."""

    file: str
    pointer: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a member of a settings file."""

    file: str
    pointer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chmod:
    """Remove permission bits from a file; ``keep`` is the mask of bits that may stay."""

    file: str
    keep: int


Edit = SetValue | Delete | Chmod


@dataclass(frozen=True, slots=True)
class Fix:
    """One repair: a title in the imperative, its safety, and its edits, which are applied together or not at all."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
