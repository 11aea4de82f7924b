"""Texts that open a quote and never close it, with what is an escape in most formats: each is read at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from claude_gw_cli import readers
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.readers.common import NotReadableError

OPENED = (
    *("X={q}", "export X={q}", "ENV X={q}", "set -x X {q}", "setenv X {q}", "$env.X = {q}", "X: {q}"),
    *('"X": {q}', "const X = {q}", "process.env.X = {q}", "{{ env: {{ X: {q}", "run: X={q}", "  - X={q}"),
    *("Environment={q}X=", "env.X({q}"),
)
QUOTES = ('"', "'", "`", '"""', "'''", "$'", "''", "@'", 'r"', "(")
RUNS = ("\\", "\\n", "\\\\ ", '\\"', "\\'", "${", "$(", "''\\", "\\\n", "x ")


NAME = "ANTHROPIC_AUTH_TOKEN"
SECONDS = 3.0
"""Of this process, for all texts that open in one way."""


class TooLongError(BaseException):
    """No reader catches it."""


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, too_long)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("reader", readers.READERS, ids=lambda reader: reader.module)
def test_what_is_not_closed_is_read_at_once(reader: readers.Reader) -> None:
    for opened in OPENED:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        for quote in QUOTES:
            for run in RUNS:
                text = opened.replace("X", NAME).format(q=quote) + run * (400 // len(run))
                try:
                    readers.read(reader, text, "/w/file")
                except (CgwError, NotReadableError):
                    pass
                except TooLongError:
                    raise AssertionError(f"{opened} {quote} {run!r}") from None


def test_a_path_that_ends_in_a_backslash_is_closed() -> None:
    found = readers.read(by_module("dotenv"), 'ANTHROPIC_MODEL="C:\\dir\\"\nANTHROPIC_LOG="a\\" b" # c\n', "/w/.env")
    assert [item.value for item in found[0].assignments] == [("C:\\dir\\",), ('a" b',)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Environment=ANTHROPIC_MODEL=b c ANTHROPIC_LOG=e", [("b c", True), ("e", False)]),
        ("Environment=ANTHROPIC_MODEL = x y", [("x y", True)]),
        ('Environment=ANTHROPIC_MODEL=b -x "ANTHROPIC_LOG=e f" g', [("b -x", True), ("e f g", True)]),
    ],
)
def test_a_value_that_systemd_cuts_was_meant_up_to_the_next_name(line: str, expected: list[tuple[str, bool]]) -> None:
    found = readers.read(by_module("systemd"), f"[Service]\n{line}\n", "/w/x.service")
    assert [(*item.value, bool(item.lost)) for item in found[0].assignments if item.value] == expected


def by_module(name: str) -> readers.Reader:
    return next(reader for reader in readers.READERS if reader.module == name)
