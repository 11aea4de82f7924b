"""Is a request refused for its size? Asked first without a body, then with one."""

from __future__ import annotations

import time

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, same, shown
from claude_gw_cli.core.fronts import fronts_in, who
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from claude_gw_cli.world.probe.asking import Asking

_REFUSED = 413
_INCOMPLETE = frozenset({400, 404, 422})
_BUSY = frozenset({429, 503})
_ANNOUNCED = (
    45_000,
    70_000,
    140_000,
    270_000,
    550_000,
    1_100_000,
    2_200_000,
    4_300_000,
    5_400_000,
    8_600_000,
    10_700_000,
    17_000_000,
    33_000_000,
)
"""Bytes: just above the limits that are common, up to the API's own (32 MB)."""
_SMALL = 100
_MEGABYTE = 1_000_000
_TEXT = 5_400_000
"""More than a full context of text (1 M tokens); only images and documents make larger requests."""
_LARGER = 1_200_000
"""Above nginx's limit. Sent only where the smaller one was answered within ``_QUICK`` seconds."""
_QUICK = 0.3
_LONGEST = 0.6
"""Seconds for an answer to the announcement of a body: the front's own, however slow the gateway is."""


def examine_size(asking: Asking, small: Answer) -> Verdict:
    """Whether the way to the gateway takes large requests; ``small`` is its answer to a small one."""
    limit = _announced_limit(asking, min(max(0.2, 3 * small.seconds), _LONGEST))
    about = asking.about.plus(front=who(fronts_in(asking.seen)))
    if limit:
        refused, taken = limit
        passed = f" and takes {_megabytes(taken)}" if taken else ""
        known = about.plus(refused=_megabytes(refused), passed=passed)
        verdict = explain("body-limit", "HTTP 413, before the body was sent", known)
        return verdict if refused <= _TEXT else replace(verdict, status="warn")
    started = time.monotonic()
    suspicious = questions.large(asking.question)
    answer = asking.attempt(suspicious)
    if isinstance(answer, Answer) and answer.status in _BUSY and answer.status != small.status:
        return Verdict("skip", "too many requests came in a moment to tell", shown(answer, about))

    def passes(outcome: Answer | Trouble) -> bool:
        if passes_large(outcome, small):
            return True
        # In the words of a refusal that a small request with the same member does not draw?
        padded = (
            asking.attempt(questions.large_and_harmless(asking.question, _SMALL))
            if _may_be_incomplete(outcome)
            else None
        )
        return isinstance(padded, Answer) and passes_large(outcome, padded)

    if not passes(answer):
        seen = answer.detail if isinstance(answer, Trouble) else shown(answer, about)
        harmless = asking.attempt(questions.large_and_harmless(asking.question))
        if isinstance(harmless, Answer) and harmless.status == _REFUSED:
            known = about.plus(refused=f"{questions.PADDING // 1000} kB", passed="")
            return explain("body-limit", seen, known)
        passed_harmless = passes(harmless)
        return explain("body-inspected" if passed_harmless else "body-blocked", seen, about)
    if time.monotonic() - started > _QUICK:
        return Verdict("ok", evidence=f"{questions.PADDING // 1000} kB pass")
    answer = asking.attempt(questions.large_and_harmless(asking.question, _LARGER))
    if isinstance(answer, Answer) and answer.status == _REFUSED:
        passed = f" and takes {questions.PADDING // 1000} kB"
        known = asking.about.plus(front=who(fronts_in([answer])), refused=_megabytes(_LARGER), passed=passed)
        return explain("body-limit", shown(answer, known), known)
    if not passes(answer):
        seen = answer.detail if isinstance(answer, Trouble) else shown(answer, about)
        return explain("body-blocked", seen, about.plus(size=_megabytes(_LARGER)))
    return Verdict("ok", evidence=f"{_megabytes(_LARGER)} pass")


def _announced_limit(asking: Asking, wait: float) -> tuple[int, int] | None:
    """A size that is refused without a body, and the largest known one below it that is not (0: none)."""
    if asking.announce(_ANNOUNCED[-1], wait) != _REFUSED:
        return None
    low, high = 0, len(_ANNOUNCED) - 1
    while low < high:
        middle = (low + high) // 2
        refused = asking.announce(_ANNOUNCED[middle], wait) == _REFUSED
        low, high = (low, middle) if refused else (middle + 1, high)
    return _ANNOUNCED[high], _ANNOUNCED[high - 1] if high else 0


def passes_large(answer: Answer | Trouble, small: Answer) -> bool:
    """Whether a large request is answered as a small one is; a text that repeats the padding has read it."""
    if not isinstance(answer, Answer):
        return False
    if not _may_be_incomplete(answer):
        return (answer.status, answer.is_page) == (small.status, small.is_page) or _is_success(answer)
    return same(answer, small) or "x" * 20 in answer.body or questions.SUSPICIOUS[:8] in answer.body


def _is_success(answer: Answer) -> bool:
    return answer.status == 200 and not answer.is_page


def _may_be_incomplete(outcome: Answer | Trouble) -> bool:
    """Whether it may be the refusal of a request without messages, which the large one is."""
    return isinstance(outcome, Answer) and not outcome.is_page and outcome.status in _INCOMPLETE


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.3g} MB" if size >= _MEGABYTE else f"{size // 1000} kB"
