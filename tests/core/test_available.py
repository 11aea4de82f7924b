"""Which models a list lets through (measured with clients 2.1.200 and 2.1.332)."""

from __future__ import annotations

import pytest

from claude_gw_cli.core.predict.models import is_available

OWN = {
    "sonnet": "claude-sonnet-5-5",
    "opus": "claude-opus-5-5",
    "haiku": "claude-haiku-5-5",
    "best": "claude-opus-5-5",
}


@pytest.mark.parametrize(
    ("name", "listed", "allowed"),
    [
        ("gw-x", ["sonnet"], False),
        ("gw-x", [], False),
        ("sonnet", [], False),
        ("sonnet", ["sonnet"], True),
        ("opus", ["sonnet"], False),
        ("claude-sonnet-4-6", ["sonnet"], True),
        ("claude-sonnet-4-6", ["claude-sonnet-4"], True),
        ("claude-sonnet-4-6", ["sonnet-4-5"], False),
        ("claude-sonnet-4-6", ["sonnet", "sonnet-4-5"], False),
        ("gw-x-2", ["gw-x"], True),
        ("gw-x2", ["gw-x"], False),
        ("GW-X", ["gw-x"], True),
        ("gw-x[1m]", ["gw-x"], True),
        ("gw/my-sonnet-x", ["sonnet"], True),
        ("best", ["opus"], True),
        ("opus", ["best"], True),
    ],
)
def test_lists(name: str, listed: list[str], allowed: bool) -> None:
    def alias(text: str) -> str | None:
        return "opus" if text == "best" else text if text in OWN else None

    assert is_available(name, listed, alias, lambda text: OWN.get(text, text)) is allowed
