"""What `cgw uninstall` says about files at a path of the user's, and what the record of changes keeps of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEY = "k9Qw7ZtR4mXc2LpVb8Nd"


@pytest.mark.parametrize("options", [(), ("--write-secret",)])
def test_a_file_with_a_key_has_no_digest_in_the_record_and_is_named_all_the_same(
    cgw: Callable[..., Any], isolated: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    cgw(
        "init",
        "work",
        "--provider",
        "unified",
        "--gateway-url",
        "http://one.example",
        "--secret",
        "env://GATEWAY_KEY",
    )
    out = isolated / "rendered.json"
    cgw("settings", "render", "--scope", "user", "--out", str(out), *options)
    assert (KEY in out.read_text()) is bool(options)
    entries = map(json.loads, (isolated / ".local/state/cgw/audit.jsonl").read_text().splitlines())
    entry = next(item for item in entries if item["action"] == "settings render")
    assert ("sha256" in entry) is not bool(options)
    ended = cgw("uninstall", "--yes")
    assert f"rm {out}" in ended.out + ended.err
