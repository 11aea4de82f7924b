from __future__ import annotations

import shlex

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.reference import FORMS, parse, quoted, unknown_scheme, words_of_a_trial


@pytest.mark.parametrize(
    ("text", "scheme", "path", "query", "fragment"),
    [
        ("env://MY_KEY", "env", "MY_KEY", {}, ""),
        (" env://MY_KEY\n", "env", "MY_KEY", {}, ""),
        ("file:///etc/a key?#", "file", "/etc/a key?#", {}, ""),
        ("file://localhost/etc/key", "file", "/etc/key", {}, ""),
        ("file://~/key", "file", "~/key", {}, ""),
        ("keyring://cgw/work", "keyring", "cgw/work", {}, ""),
        ("keyring://cgw/work?backend=kwallet", "keyring", "cgw/work", {"backend": "kwallet"}, ""),
        ("vault://secret/team/llm#key", "vault", "secret/team/llm", {}, "key"),
        ("vault://secret/llm?version=3#key", "vault", "secret/llm", {"version": "3"}, "key"),
        ("jwt://work-1", "jwt", "work-1", {}, ""),
        ("exec: get-key --for 'my team'", "exec", "get-key --for 'my team'", {}, ""),
        ("op://Private/LLM/credential", "op", "Private/LLM/credential", {}, ""),
        ("sops:///srv/keys.yaml#llm", "sops", "/srv/keys.yaml", {}, "llm"),
        ("lite://", "lite", "", {}, ""),
        ("corp-store://a/b?c=d#e", "corp-store", "a/b", {"c": "d"}, "e"),
    ],
)
def test_a_reference_is_taken_apart(text: str, scheme: str, path: str, query: dict[str, str], fragment: str) -> None:
    parsed = parse(text)
    assert (parsed.scheme, parsed.path, parsed.query, parsed.fragment) == (scheme, path, query, fragment)


@pytest.mark.parametrize(
    "key",
    [
        "sk-ant-canary-0123456789",
        "eyJhbGciOiJIUzI1NiJ9.canary.x",
        "Bearer sk-canary",
        "hvs.canary",
        "AKIACANARY",
        "canary0123456789",
        "sk-canary://looks/like",
        "canary:with/colon",
        "Canary://x",
    ],
)
def test_a_pasted_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(key)
    text = f"{caught.value.message} {caught.value.hint}".lower()
    assert "canary" not in text
    assert "cgw secret set" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "empty"),
        ("env://", "env://NAME"),
        ("env://1X", "env://NAME"),
        ("env:NAME", "env://NAME"),
        ("env://A B", "env://NAME"),
        ("file://relative", "absolute"),
        ("/etc/key", "file:///etc/key"),
        ("keyring://cgw", "keyring://service/account"),
        ("keyring://cgw/a?color=red", "backend"),
        ("vault://secret/x", "#field"),
        ("vault://secret#key", "vault://mount/path#field"),
        ("vault://secret/x?version#key", "version"),
        ("exec:", "exec:COMMAND"),
        ("op://a\nb/c", "line break"),
    ],
)
def test_a_mistake_is_named(text: str, names: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert names in f"{caught.value.message} {caught.value.hint}"


def test_an_unknown_scheme_gets_the_nearest_and_the_list() -> None:
    error = unknown_scheme(parse("valt://secret/x#key"))
    assert "Did you mean vault://mount/path#field" in error.hint
    assert all(name in error.hint for name in FORMS)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        *((form, True) for form in ("file://~/.config/cgw/keys/work", "vault://secret/llm#key", "op://v/My-item/f")),
        *(
            (form, False)
            for form in ("exec:pass show llm", "age:///k.age?identity=/i", "op://v/my item/f", "file:///a'b")
        ),
    ],
)
def test_a_reference_in_a_command_is_one_word_of_every_shell(text: str, *, bare: bool) -> None:
    assert shlex.split(quoted(text)) == [text]
    assert (quoted(text) == text) is bare


@pytest.mark.parametrize(
    ("text", "table", "profile"),
    [
        ("vault://a/b#c", "vault", True),
        ("jwt://x", "jwt", True),
        ("vault://a/b#c", "helper", False),
        ("env://K", "vault", False),
    ],
)
def test_a_reference_is_tried_with_the_table_that_it_needs(text: str, table: str, *, profile: bool) -> None:
    words = shlex.split(words_of_a_trial(text, Profile(name="work", provider="unified", tables={table: {}})))
    assert words == [text, *(["--profile", "work"] if profile else [])]
