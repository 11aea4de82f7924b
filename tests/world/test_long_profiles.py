"""Profiles of any length are read in time that grows with their length."""

from __future__ import annotations

import time

import pytest

from claude_gw_cli.core.errors import FaultsError
from claude_gw_cli.world.profile_text import parse

START = 'provider = "unified"\ngateway_url = "https://gw.example.com"\nsecret = "env://K"\n'


@pytest.mark.parametrize(
    "line", ["A{n} = 1\n", "secre{n} = 1\n", "[a{n}]\nb = 1\n", '"x y{n}" = 1\n', "a.b{n} = 1\n", "models.a{n} = 1\n"]
)
def test_a_profile_of_unknown_members_is_refused_at_once(line: str) -> None:
    text = START + "".join(line.replace("{n}", str(number)) for number in range(6000))
    began = time.process_time()
    with pytest.raises(FaultsError) as caught:
        parse(text, "work", "work.toml")
    assert time.process_time() - began < 3
    assert "unknown key" in str(caught.value)


@pytest.mark.parametrize("line", ["mistake = 1", "  mistake = 1", '"mistake" = 1', "[mistake]", "[ mistake ]"])
def test_an_unknown_member_is_found_by_its_line(line: str) -> None:
    with pytest.raises(FaultsError, match=r"work.toml:6: unknown key 'mistake'"):
        parse(f"{START}\r\n# mistake = 1\n{line}\n", "work", "work.toml")
