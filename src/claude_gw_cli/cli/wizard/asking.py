"""What every question can do and how each can be left; the two ways to put one are ``screen`` and ``plain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.pasted import key_in
from claude_gw_cli.core.secret import Secret, checked
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Back(Exception):  # noqa: N818 - an answer, not an error
    """The person wants the question before this one."""


class KeyPasted(Exception):  # noqa: N818 - an answer, not an error
    """The answer is a key, and the question did not ask for one."""

    def __init__(self, key: Secret, text: str) -> None:
        super().__init__()
        self.key = key
        self.text = text
        """The answer as it was given, should it be none after all."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice."""

    name: str
    title: str
    about: str = ""


class Asker(Protocol):
    """Puts a question to a person. Everywhere: `Back`, `KeyboardInterrupt` (Ctrl-C) and `EOFError` (Ctrl-D)."""

    def choose(self, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
        """The name of the chosen option; `KeyPasted` where a key was pasted into the choice."""

    def line(self, question: str, default: str, why: str, problem: str, typed: str) -> str:
        """One line as it was typed; ``default`` for an empty one. ``typed`` can be corrected where possible."""

    def hidden(self, question: str, why: str, problem: str) -> str:
        """One line that is not shown."""


def choose_only(asker: Asker, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
    """A choice in which a key is passed over; asks again."""
    while True:
        try:
            return asker.choose(question, options, default, why)
        except KeyPasted:
            continue


def text(
    asker: Asker, question: str, default: str, check: Callable[[str], object], why: str = "", *, allowed: str = ""
) -> str:
    """An answer that was checked; asks again, with a sentence, until it passes.

    Args:
        asker: puts the question.
        question: what is asked.
        default: the answer that an empty one means; empty: there is none.
        check: raises what is wrong with an answer.
        why: one line about the proposed answer.
        allowed: an answer that looks like a key and, the person said, is none.

    Raises:
        KeyPasted: the answer is a key.
    """
    problem = typed = ""
    while True:
        answer = asker.line(question, default, why, problem, typed).strip()
        if answer == "<":
            raise Back
        if (key := key_in(answer)) and answer != allowed:
            raise KeyPasted(Secret(key), answer)
        if not answer:
            problem, typed = "Nothing was entered. Type an answer.", ""
            continue
        try:
            check(answer)
        except CgwError as error:
            problem, typed = said(error), answer
            continue
        return answer


def secret(asker: Asker, question: str, why: str) -> Secret:
    """A key, never shown; asks again until it is one."""
    problem = ""
    while True:
        answer = asker.hidden(question, why, problem).strip()
        if answer == "<":
            raise Back
        if not answer:
            problem = "Nothing was entered. Type or paste the key."
            continue
        try:
            return checked(key_in(answer) or answer, "the prompt")
        except CgwError as error:
            problem = said(error).replace("the prompt returned", "That is not a key:")


def said(error: CgwError) -> str:
    """An error as the answer to an answer: no options of a command line, no key."""
    hint = next((line for line in error.hint.splitlines() if "--" not in line and "cgw " not in line), "")
    words = masked_text(error.message)
    if "://" not in words.partition(" ")[0]:
        words = words[:1].upper() + words[1:]
    return " ".join(filter(None, (words + "." * (words[-1:] not in ".?!"), hint)))
