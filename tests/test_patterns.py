"""What no pattern may do."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_gw_cli.core.patterns import _Guarded, lazy

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.0 to 3.11.4 match such a group wrongly when it fails half-way, and they are still about."""
    found = [
        path.name for path in SRC.rglob("*.py") if re.search(r"\)[?*+]\+|\(\?>", path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_a_search_for_a_closing_mark_has_a_limit() -> None:
    """Without one, a text of opening marks only is searched to its end from each of them: a minute for 100 KB."""
    endless = re.compile(r"\.\*\?(?:\\[}\]]|>>|%)|\[\^([})])\]\*\)?\\\1|<\[\^>\]")
    assert endless.search(r"<<.*?>>")
    assert endless.search(r"\$\{[^}]*\}")
    found = [
        f"{path.name}: {line.strip()}"
        for path in SRC.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if endless.search(line) and not line.lstrip().startswith("#")
    ]
    assert not found


def guarded() -> dict[str, _Guarded]:
    """Every pattern of the package that says what its matches hold, by its place."""
    found = {}
    for path in SRC.rglob("*.py"):
        if "needs=" not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(("claude_gw_cli", *path.relative_to(SRC).with_suffix("").parts)).removesuffix(".__init__")
        for member, value in vars(importlib.import_module(name)).items():
            if isinstance(value, _Guarded):
                found[f"{name}.{member}"] = value
    return found


def test_there_are_guarded_patterns() -> None:
    assert len(guarded()) >= 20


@pytest.mark.parametrize("name", guarded())
def test_every_match_of_a_guarded_pattern_holds_what_it_needs(name: str) -> None:
    pattern = guarded()[name]

    # Character by character, what the pattern finds without its guard is found with it.
    @settings(max_examples=60, deadline=None)
    @given(st.from_regex(re.compile(pattern._text, pattern._flags)))
    def check(text: str) -> None:
        for part in (text, text.upper(), text.lower(), f"x{text}y", text[1:]):
            plain = re.compile(pattern._text, pattern._flags).search(part)
            assert (pattern.search(part) is None) == (plain is None)

    check()


@pytest.mark.parametrize(
    ("text", "needs", "inputs"),
    [
        (r"(?i)basic\s+", ("basic",), ["BASIC x", "ba\u017fic x", "bas\u0131c x", "bas\u0130c x", "other"]),
        (r"(?i)key=(\w+)", ("key=",), ["\u212aey=a", "key=a, KEY=b", "k=a", ""]),
        (r"a(?=b)", ("a",), ["ab", "ac", "AB", "b"]),
    ],
)
def test_a_guarded_pattern_answers_as_the_plain_one(text: str, needs: tuple[str, ...], inputs: list[str]) -> None:
    for given_text in inputs:
        one, two = lazy(text, needs=needs), re.compile(text)
        for question in ("search", "match", "fullmatch"):
            found, expected = getattr(one, question)(given_text), getattr(two, question)(given_text)
            assert (found and found.span()) == (expected and expected.span())
        assert one.sub("-", given_text) == two.sub("-", given_text)
        assert [found.span() for found in one.finditer(given_text)] == [
            found.span() for found in two.finditer(given_text)
        ]
