"""Starts on the same machine that a working set-up does not reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import GW, HELPER, SCRIPT, TOKEN, USER

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.reach import unreached
from claude_gw_cli.record import replace
from claude_gw_cli.rules.pages import Example

BASE = {"ANTHROPIC_BASE_URL": GW}
BOTH = {**BASE, "ANTHROPIC_AUTH_TOKEN": TOKEN}


def missed(example: Example, login: str | None = None) -> Mapping[str, tuple[str, bool]]:
    snapshot = replace(rule_context(example).snapshot, login=login)
    return {item.place: (item.reason, item.leaks) for item in unreached(snapshot, predict(snapshot))}


@pytest.mark.parametrize(
    ("example", "places"),
    [
        (Example(env=BOTH), {"elsewhere", "action"}),
        (Example(env={**BOTH, "ANTHROPIC_API_KEY": TOKEN}), {"elsewhere"}),
        (Example(user=USER), {"no-settings", "action"}),
        (Example(project=USER), {"no-settings", "action"}),
        (Example(managed=USER), {"action"}),
        (Example(user={"env": BASE, **HELPER}, helper=SCRIPT), {"no-settings", "action"}),
        (Example(env=BOTH, user=USER), {"action"}),
        (Example(env={**BOTH, "CLAUDE_CONFIG_DIR": "/x"}), {"action"}),
        (Example(env=BASE), set()),
    ],
)
def test_what_is_not_reached(example: Example, places: set[str]) -> None:
    assert missed(example).keys() == places


def test_a_key_that_goes_elsewhere_is_a_leak() -> None:
    split: dict[str, Any] = {"env": {"ANTHROPIC_AUTH_TOKEN": TOKEN}}
    assert missed(Example(env=BASE, user=split))["elsewhere"] == (
        "ANTHROPIC_AUTH_TOKEN is sent to api.anthropic.com",
        True,
    )
    assert missed(Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user={"env": BASE}))["elsewhere"] == (
        "Not logged in · Please run /login",
        False,
    )


def test_a_stored_login_takes_the_place_of_an_exported_key() -> None:
    found = missed(Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user={"env": BASE}), login="/h/.credentials.json")
    assert "claude.ai login is sent to the gateway" in found["elsewhere"][0]
