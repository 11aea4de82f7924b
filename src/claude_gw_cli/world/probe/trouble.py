"""What went wrong on the way to a gateway."""

from __future__ import annotations


class Trouble(Exception):  # noqa: N818 - a situation, not a defect
    """What went wrong on the way: the id of a situation, and the system's own words."""

    def __init__(self, situation: str, detail: str) -> None:
        super().__init__(situation)
        self.situation = situation
        self.detail = detail

    @property
    def is_late(self) -> bool:
        """Whether there was no whole answer in time."""
        return self.situation in {"silent", "unfinished"}
