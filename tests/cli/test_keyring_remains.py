"""A helper's key in a keyring that is out of reach when the helper is removed: it stays there, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Cgw

from claude_gw_cli.secrets import keyring


@pytest.mark.parametrize("answer", ["", "missing", "locked", "unavailable", "failed"])
@pytest.mark.parametrize("line", ["helper uninstall work", "uninstall --yes"])
def test_what_stays_in_a_keyring_is_said(
    cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch, answer: str, line: str
) -> None:
    stays = answer not in {"", "missing"}
    key = isolated / "key"
    key.touch(0o600)
    key.write_text("sk-fake-0123456789")
    cgw("init", "work", "--provider", "unified", "--gateway-url", "https://x.example.com", "--secret", f"file://{key}",
        "--yes")  # fmt: skip
    cgw("helper", "install", "work", "--cache", "keyring")
    monkeypatch.setattr(keyring, "_answer", lambda *_: (answer, ""))
    result = cgw(*line.split(), fails=(69 if line.startswith("helper") else 1) if stays else 0)
    assert not (isolated / ".config/cgw/helpers").exists()
    assert ("cgw-cache/work" in result.out + result.err) == stays
