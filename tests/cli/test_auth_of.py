"""How a profile's key reaches the client is read without a parser, and as the parser reads it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from claude_gw_cli.cli.applied import auth_of


@pytest.mark.parametrize(
    "text",
    [
        'auth = "helper"\n',
        "auth='login' # the person's own\n",
        'provider = "unified"\n[vault]\nauth = "approle"\n',
        'auth="static"\n[vault]\nauth = "jwt"\n',
        'author = "x"\n',
        "",
    ],
)
def test_it_is_what_the_parser_reads(isolated: Path, text: str) -> None:
    folder = isolated / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(text)
    assert auth_of("work") == tomllib.loads(text).get("auth", "static")
