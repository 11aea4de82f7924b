from __future__ import annotations

import json
from typing import Any

import pytest

from claude_gw_cli.core.merge import merge
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts import modes

KEY = "sk-1234567890"


def document(profile: Profile, **options: Any) -> dict[str, Any]:
    patch = settings_patch(make_plan(profile), **options)
    found: dict[str, Any] = json.loads(merge("", patch, None, lambda text: text).text)
    return found


def test_a_static_key_is_written_only_when_it_is_given() -> None:
    profile = Profile("p", "unified", secret="env://K")
    without = document(profile)
    assert "ANTHROPIC_AUTH_TOKEN" not in without["env"], "it must come from the shell, so it may not be blanked"
    assert document(profile, key=KEY)["env"]["ANTHROPIC_AUTH_TOKEN"] == KEY


def test_a_static_plan_cancels_a_helper_of_a_lower_scope() -> None:
    assert document(Profile("p", "unified"))["apiKeyHelper"] == ""


def test_a_helper_plan_names_the_helper_its_ttl_and_blanks_every_other_credential() -> None:
    found = document(Profile("p", "unified", auth="helper"), helper_command="'/h/x'", ttl_ms=60000)
    assert found["apiKeyHelper"] == "'/h/x'"
    assert found["env"]["CLAUDE_CODE_API_KEY_HELPER_TTL_MS"] == "60000"
    assert found["env"]["ANTHROPIC_AUTH_TOKEN"] == found["env"]["ANTHROPIC_API_KEY"] == ""


@pytest.mark.parametrize("mode", modes.MODES, ids=lambda mode: f"{mode.provider} {mode.credentials}")
def test_every_other_provider_switch_is_blank(mode: modes.Mode) -> None:
    found = document(Profile("p", mode.provider, credentials=mode.credentials, project_id="x", workspace_id="w"))
    on = {name for name, value in found["env"].items() if name.startswith("CLAUDE_CODE_USE_") and value}
    assert on == {name for name, _ in mode.flags if name.startswith("CLAUDE_CODE_USE_")}
    assert all(isinstance(value, str) for value in found["env"].values())
