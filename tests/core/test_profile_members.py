"""The table of a profile's members against what reads them: none is missing, none is too many."""

from __future__ import annotations

from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.profile_members import KEYWORDS, MEMBERS, SECTIONS, names
from claude_gw_cli.secrets import jwt, oauth, vault, vault_auth
from claude_gw_cli.world.profile_text import _CHOICES


def test_every_field_of_a_profile_has_a_row_and_every_row_a_field() -> None:
    plain = {item.path for item in MEMBERS if "." not in item.path}
    assert plain == {*Profile.__dataclass_fields__} - {"name", "models", "env", "headers", "tables"}
    assert {item.name for item in MEMBERS if item.path.startswith("models.")} == {*Models.__dataclass_fields__}
    assert {item.table for item in MEMBERS} == {"", *SECTIONS}


def test_no_two_members_have_the_same_option() -> None:
    assert len(KEYWORDS) == len(MEMBERS) == len({item.path for item in MEMBERS})


def test_what_the_sources_read_is_in_the_table() -> None:
    methods = vault_auth.METHODS.values()
    assert names("vault") >= {*vault._FROM_ENVIRONMENT}.union(*({*item.plain, *item.secret} for item in methods))
    assert names("jwt") >= {*jwt._TEXTS}
    assert names("oauth") >= {*oauth._PLAIN, *oauth._SECRETS}


def test_the_choices_are_those_that_are_accepted() -> None:
    choices = {item.path: item for item in MEMBERS if item.choices}
    assert {*choices["vault.auth"].choices} == {"token", *vault_auth.METHODS}
    assert {*choices["oauth.*.grant"].choices} == {*oauth._GRANTS}
    assert {*choices["oauth.*.client_auth"].choices} == {*oauth._CLIENT_AUTH}
    for name, words in _CHOICES.items():
        assert choices[name].choices in {words, "facts.modes:PROVIDERS"}
