"""One's own claude.ai login through a gateway, with the real client: it travels in Authorization, the key beside it.

A placeholder in ANTHROPIC_AUTH_TOKEN would take the place of the login; so would a key of the shell.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

pytestmark = pytest.mark.real

KEY = "sk-cgw-real-0123456789abcdef"
TOKEN = "sk-ant-oat01-made-up"
SESSION = {
    "accessToken": TOKEN,
    "refreshToken": "sk-ant-ort01-made-up",
    "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"],
    "subscriptionType": "max",
}


@pytest.mark.parametrize("version", ["2.1.228", "2.1.332"])
def test_the_login_is_sent_and_the_key_beside_it(
    version: str, client: Callable[[str], Path], clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    (home / ".claude").mkdir(parents=True)
    work.mkdir()
    (home / ".claude" / ".credentials.json").write_text(json.dumps({"claudeAiOauth": SESSION}))
    claude = str(client(version))
    with Gateway(KEY, "x-litellm-api-key") as gateway:
        # What the shell had before must not take the login's place.
        env = clean_env(home) | enclosed(gateway.url) | {"TEAM_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": "sk-old-0123456789"}

        def run(*words: str) -> str:
            done = subprocess.run(
                words, env=env, cwd=work, capture_output=True, text=True, input="", timeout=60, check=False
            )
            assert done.returncode == 0, (words, done.stdout, done.stderr)
            return done.stdout

        run("cgw", "init", "own", "--provider", "unified", "--gateway-url", gateway.url, "--auth", "login",
            "--secret", "env://TEAM_KEY", "--yes")  # fmt: skip
        starts: list[tuple[str, ...]] = [("cgw", "run", "--", claude, "-p", "hi"), (claude, "-p", "hi")]
        for words in starts:
            if words[0] != "cgw":
                run("cgw", "settings", "apply", "--write-secret")
            gateway.forget()
            assert ANSWER in run(*words)
            headers = {name.lower(): value for name, value in gateway.model_requests[-1].headers}
            assert headers["authorization"] == f"Bearer {TOKEN}", words
            assert headers["x-litellm-api-key"] == f"Bearer {KEY}", words
            assert "x-api-key" not in headers, words
