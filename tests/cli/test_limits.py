"""A limit of this machine that is reached is no bug of cgw: it says so, and that one may try again."""

from __future__ import annotations

import errno

import pytest

from claude_gw_cli import __main__ as door
from claude_gw_cli.cli import command_line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), 75),
        (RuntimeError("can't start new thread"), 75),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), 75),
        (OSError(errno.EMFILE, "Too many open files"), 75),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), 75),
        (RuntimeError("dictionary changed size during iteration"), 70),
        (OSError(errno.EINVAL, "Invalid argument"), 70),
        (KeyError("sk-0123456789abcdef"), 70),
    ],
)
def test_a_limit_is_told_from_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    def raises(_: list[str]) -> int:
        raise error

    monkeypatch.setattr(command_line, "run", raises)
    assert door.run(["status"]) == code
    said = capsys.readouterr().err
    assert ("This is a bug in cgw" in said) == (code == 70)
    assert ("ulimit -a" in said) == (code == 75)
    assert "sk-0123456789abcdef" not in said
