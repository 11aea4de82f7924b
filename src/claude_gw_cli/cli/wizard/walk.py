"""Forward and back through the questions: each answer makes a new draft, and the way back is the earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from claude_gw_cli.cli.wizard.asking import Back, KeyPasted, Option, choose_only
from claude_gw_cli.cli.wizard.terminal import say
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.words import counted
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.look import Look
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.core.secret import Secret
    from claude_gw_cli.facts.gateways import Kind


@dataclass(frozen=True, slots=True)
class Draft:
    """What was answered so far."""

    profile: Profile
    given: frozenset[str]
    """Fields of the profile that nothing asks for: options of the command line, and what the address decides."""
    kind: Kind | None = None
    """The gateway's, where it is known."""
    key: Secret | None = None
    """The key itself, to be stored under the profile's reference."""
    key_from: str = ""
    """Where the key was found, if it was not typed."""
    write_secret: bool = False
    """The key is written into the settings, because nothing else reaches its header."""
    changes: bool = False
    """The profile exists, and its values are the proposals."""
    allowed: str = ""
    """An answer that looks like a key and, the person said, is none."""
    save_only: bool = False
    """The profile is kept, and nothing is applied."""


class Step(Protocol):
    """One question, or a few that belong together."""

    def __call__(self, draft: Draft, asker: Asker, found: Look) -> Draft | None:
        """The draft with the answer; ``None`` where nothing is to be decided."""


def walk(steps: Sequence[Step], draft: Draft, asker: Asker, found: Look) -> Draft:
    """Ask everything; `Back` goes to the question before."""
    answered: list[tuple[int, Draft]] = []
    key: Secret | None = None
    number = 0
    while number < len(steps):
        watched = _Watched(asker)
        try:
            after = steps[number](draft, watched, found)
        except Back:
            if answered:
                number, draft = answered.pop()
                draft = replace(draft, key=draft.key or key)
            else:
                say("This is the first question; Ctrl-C stops.")
            continue
        except KeyPasted as pasted:
            draft = _taken(draft, pasted, asker)
            key = pasted.key if draft.key is pasted.key else key
            continue
        if watched.has_asked:
            answered.append((number, draft))
        draft = after or draft
        number += 1
    return draft


class _Watched:
    """An asker that knows whether it was used: only a question that was asked can be asked again."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.has_asked = False

    def choose(self, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
        self.has_asked = True
        return self._asker.choose(question, options, default, why)

    def line(self, question: str, default: str, why: str, problem: str, typed: str) -> str:
        self.has_asked = True
        return self._asker.line(question, default, why, problem, typed)

    def hidden(self, question: str, why: str, problem: str) -> str:
        self.has_asked = True
        return self._asker.hidden(question, why, problem)


def _taken(draft: Draft, pasted: KeyPasted, asker: Asker) -> Draft:
    """The draft with a key that was the answer to another question, if it is one."""
    options = (
        Option("key", "Yes", "it is the gateway's key: store it, and ask this question again"),
        Option("forget", "No", "forget it, and ask this question again"),
        Option("text", "It is not a key", "take it as the answer"),
    )
    why = f"{pasted.key.masked()} was pasted where something else is asked; it was neither shown nor stored."
    try:
        answer = choose_only(asker, "That looks like a key. Is it the gateway's key?", options, "key", why)
    except Back:
        return draft
    if answer == "key":
        say(f"Key: {pasted.key.masked()}, {counted(len(pasted.key), 'character')}", first="✓ ", indent="  ")
        return replace(draft, key=pasted.key, key_from="")
    return replace(draft, allowed=pasted.text) if answer == "text" else draft


def answered(what: str, words: str) -> None:
    """One line that stays when a question is answered."""
    say(f"{what}: {masked_text(words)}", first="✓ ", indent="  ")


def changed(draft: Draft, **fields: Any) -> Draft:
    """The draft with other fields of its profile."""
    return replace(draft, profile=replace(draft.profile, **fields))
