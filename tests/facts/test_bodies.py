"""What a person adds to the body is taken as the client takes it: a JSON object, else nothing."""

from __future__ import annotations

import pytest

from claude_gw_cli.facts.bodies import body_of, parts
from claude_gw_cli.facts.versions import NEWEST


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ('{"x_tag": 1}', {"x_tag": 1}),
        ("{", {}),
        ("[1]", {}),
        ("", {}),
        ("[" * 100_000, {}),
        ('{"a":' * 100_000, {}),
        ("1" * 5000, {}),
    ],
    ids=lambda value: str(value)[:12],
)
def test_an_extra_body_that_is_no_object_adds_nothing(text: str, added: dict[str, object]) -> None:
    env = {"CLAUDE_CODE_EXTRA_BODY": text}
    sent = parts("messages", "claude-sonnet-4-5", NEWEST, env)
    plain = body_of("messages", "claude-sonnet-4-5", parts("messages", "claude-sonnet-4-5", NEWEST, {}), NEWEST, {})
    assert body_of("messages", "claude-sonnet-4-5", sent, NEWEST, env) == plain | added
