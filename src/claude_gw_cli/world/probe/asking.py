"""What the longer probes need of the gateway: a way to ask it with the key, and what is known so far."""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.core.diagnosis import About, Answer
    from claude_gw_cli.core.model import Plan
    from claude_gw_cli.core.questions import Question


@dataclass(frozen=True, slots=True)
class Asking:
    """A gateway to which a key may be sent.

    Attributes:
        send: asks a question with the key; raises `Trouble`.
        announce: (size, seconds) -> the status with which a body of that size is refused before it is sent.
        plan: of the profile.
        model: the one that the client starts with.
        question: the request that shows whether the key is accepted.
        about: for the texts.
        seen: all answers so far.
    """

    send: Callable[[Question], Answer]
    announce: Callable[[int, float], int | None]
    plan: Plan
    model: str
    question: Question
    about: About
    seen: list[Answer]

    def attempt(self, question: Question) -> Answer | Trouble:
        """The answer, or what prevented it.

        Raises:
            Trouble: the time was over, which shows nothing about this question.
        """
        try:
            return self.send(question)
        except Trouble as trouble:
            if trouble.is_late:
                raise
            return trouble
