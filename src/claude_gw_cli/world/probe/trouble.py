"""What went wrong on the way to a gateway."""

from __future__ import annotations


def how_it_ended(error: Exception) -> str:
    """What happened to a connection that failed, in words."""
    if isinstance(error, ConnectionResetError):
        return "the connection was reset"
    if isinstance(error, BrokenPipeError | ConnectionAbortedError | EOFError):
        return "the connection was closed"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class Trouble(Exception):  # noqa: N818 - a situation, not a defect
    """What went wrong on the way: the id of a situation, the system's own words, and the seconds of waiting."""

    def __init__(self, situation: str, detail: str, waited: float = 0.0) -> None:
        super().__init__(situation)
        self.situation = situation
        self.detail = detail
        self.waited = waited

    @property
    def is_late(self) -> bool:
        """Whether there was no whole answer in time."""
        return self.situation in {"silent", "unfinished"}
