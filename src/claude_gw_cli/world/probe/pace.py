"""Asking slowly, one question after the other, where something limits how many may come in a moment."""

from __future__ import annotations

import threading
import time

from claude_gw_cli.core.documents import natural
from claude_gw_cli.facts.fronts import find_fronts
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world.probe.connection import remaining

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from claude_gw_cli.core.diagnosis import Answer

_PAUSE = 1.1
"""Seconds between two questions where something limits how many may be asked in a moment."""
_TRIES = 2
_AT_ONCE = 0.5
"""Seconds; a refusal for the number of requests is not waited for longer."""


class Pace:
    """How fast a gateway may be asked.

    Args:
        seen: all answers so far.

    Attributes:
        limits: something on the way limits how often this machine may ask.
    """

    def __init__(self, seen: Sequence[Answer]) -> None:
        self.limits = False
        self._seen = seen
        self._turn = threading.Lock()
        self._in_vain = False

    def asked(self, send: Callable[[], Answer], end: float) -> Answer:
        """The answer to a question that ``send`` asks, repeated until ``end`` (on the monotonic clock).

        Raises:
            Trouble: there was no whole answer.
        """
        if not self.limits and not self.refuses(answer := send()):
            return answer
        with self._turn:  # probes run side by side
            for _ in range(_TRIES):
                time.sleep(min(_PAUSE, remaining(end) / 2))
                answer = send()
                if not self.refuses(answer):
                    self.limits = True
                    return answer
            self._in_vain = True
        return answer

    def refuses(self, answer: Answer) -> bool:
        """Whether it was asked too often in a moment: the client, which asks for one thing at a time, is not."""
        wait = answer.header("retry-after")
        if answer.status == 429:
            return not wait or ((seconds := natural(wait)) is not None and seconds <= _PAUSE)
        if answer.status != 503 or not answer.is_page or answer.seconds > _AT_ONCE:
            return False
        limiting = any(front.too_many == answer.status for front in find_fronts(answer.headers, answer.body))
        may_be_first = limiting and not wait and not self._in_vain
        return may_be_first or any(item.status < 500 for item in self._seen)
