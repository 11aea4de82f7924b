"""How help pages name what a parameter takes: a word such as FILE, instead of Typer's ``<str>`` and ``<bool>``."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

_WHOLE = 1000
"""Longer than any sentence that tells what a command does: plain pages wrap it instead of cutting it."""


class Command(TyperCommand):
    """A command with such a page."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Every parameter of the command, its word included."""
        return _named(super().get_params(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        """The sentence beside the command's name, uncut."""
        return super().get_short_help_str(max(limit, _WHOLE))


class Group(TyperGroup):
    """A group of commands with such a page."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Every parameter of the command, its word included."""
        return _named(super().get_params(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        """The sentence beside the command's name, uncut."""
        return super().get_short_help_str(max(limit, _WHOLE))


def _named(parameters: list[Any]) -> list[Any]:
    """The parameters, each with its word: none for a switch, else its own ``metavar``, else what its name ends in."""
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            # Its metavar is its name in Typer 0.29; the type stands beside it in any case.
            parameter.display_type_rich = _nothing
        elif parameter.metavar is None:
            parameter.metavar = "" if parameter.is_flag else parameter.opts[0].rpartition("-")[2].upper()
    return parameters


def _nothing(ctx: Any) -> str:
    del ctx
    return ""
