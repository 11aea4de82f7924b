"""One streamed answer to a request like the client's: held back, cut, late, or refused for one of its parts."""

from __future__ import annotations

import time

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, next_step, shown
from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.core.streams import evaluate_stream
from claude_gw_cli.facts.bodies import parts, remedy
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.facts.bodies import Part
    from claude_gw_cli.world.probe.asking import Asking

_HASTY = 1.0
"""Seconds after which a closed connection is a time limit, not a server that speaks no HTTP."""
_TROUBLES = {"hung-up": "hung-up-here", "silent": "upstream-silent", "unfinished": "stream-slow"}


def examine_live(
    asking: Asking, version: str, env: Mapping[str, str], misplaced: tuple[str | None, dict[str, str]]
) -> Verdict:
    """Whether the answer is a stream, complete and in pieces, for a client of this version under these variables.

    ``misplaced`` says why this kind of gateway does not read the key as it is sent, and the words for that.
    """
    sent = parts(mode_of(asking.plan.profile).wire, asking.model, version, env)
    started = time.monotonic()
    try:
        answer: Answer | Trouble = asking.send(questions.live(asking.plan, asking.model, sent, version, env))
    except Trouble as trouble:
        answer = trouble
    if isinstance(answer, Trouble):
        after = time.monotonic() - started
        gave_up = answer.situation == "hung-up" and after > _HASTY
        situation = "stream-gave-up" if gave_up else _TROUBLES.get(answer.situation, answer.situation)
        return explain(situation, answer.detail, asking.about.plus(after=f"{after:.1f}"))
    verdict = evaluate_stream(answer, asking.about)
    unread, words = misplaced
    if unread and answer.status in {401, 403}:
        return explain(unread, verdict.evidence, asking.about.plus(**words))
    if answer.status == 429:
        return replace(verdict, help="wait a minute, then: cgw doctor --live")
    if verdict.status == "fail" and 400 <= answer.status < 500 and answer.status != 401:
        try:
            return _refused_part(asking, version, env, sent, answer) or verdict
        except Trouble:
            return verdict
    return verdict


def _refused_part(
    asking: Asking, version: str, env: Mapping[str, str], sent: tuple[Part, ...], refusal: Answer
) -> Verdict | None:
    """The part without which the request is answered; one that the refusal names is tried first."""
    for part in sorted(sent, key=lambda item: item.name not in refusal.body):
        others = tuple(item for item in sent if item != part)
        answer = asking.attempt(questions.live(asking.plan, asking.model, others, version, env))
        if not isinstance(answer, Answer) or answer.status >= 300:
            continue
        off = remedy(part, version)
        about = asking.about.plus(what=part.what)
        verdict = explain("field-refused", shown(refusal, about), about)
        if off:
            step = next_step("set_env", about.plus(name=off[0], value=off[1]))
            verdict = replace(verdict, help=f"{step}\nor {verdict.help}")
        recovers = part.recovers is not None and version in part.recovers
        return replace(verdict, status="warn") if recovers else verdict
    return None
