"""Words that readers stumble over stay out of messages, docstrings, comments, names and docs (see docs/glossary.md).

A room that is not finished is listed with its count, which may only go down.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "claude_gw_cli"
BANNED = re.compile(
    r"""\b(?:
      blanks?                                                   # whitespace
    | stands|stood|stand\ (?:in|at|on|for|here|there|beside)     # is set in, is at, means
    | (?<!there\ )(?:is|are|was)\ no(?=\ )(?!\ (?:longer|more|worse)\b)  # is not a
    | judge[sd]?|judging                                        # check, evaluate
    | who(?:m)?ever|nobody|somebody|everybody                   # anyone who, another program
    | takes?\ [^.,:;]{1,40}?\ for\ (?:a|an|the|granted|on|off)\b   # treats as
    | anew|for\ ever|without\ a\ word                           # again, permanently, silently
    | of\ (?:its|one's|his|your|their)\ own                     # its own, separate
    | cannot\ be\ meant                                         # is not valid
    | in\ front                                                 # before
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
ALLOWED = re.compile(
    r"[\w.'-]*[.-](?:blank|inner-blank|blankname)\b|helper-blank|credential-with-blank|not[_ ]judged"
)
"""Slugs of rules, names of recordings and members of the JSON report are permanent."""
DONE = {
    "__init__.py",
    "__main__.py",
    "cli",
    "core",
    "core/predict",
    "emit",
    "facts",
    "helper",
    "readers",
    "hints.py",
    "record.py",
    "report",
    "rules",
    "secrets",
    "tables.py",
    "world",
}
TO_DO: dict[str, int] = {}
"""Room -> how many are left. Lower the number when you reword; never raise it."""
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string, comment and name of a source file."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
        elif token.type == tokenize.NAME:
            yield token.start[0], " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+", token.string))


def banned(texts: Iterable[tuple[int, str]]) -> list[str]:
    found = []
    for line, text in texts:
        words = " ".join(ALLOWED.sub("", text).split())
        found += [f"line {line}: {match[0]}" for match in BANNED.finditer(words)]
    return found


def room_of(path: Path) -> str:
    parts = path.relative_to(SRC).parts
    return "/".join(parts[:2]) if parts[:2] == ("core", "predict") else parts[0]


ROOMS = sorted({room_of(path) for path in SRC.rglob("*.py")})


def banned_in(room: str) -> dict[str, list[str]]:
    files = [path for path in sorted(SRC.rglob("*.py")) if room_of(path) == room]
    found = {str(path.relative_to(SRC)): banned(texts_of(path)) for path in files}
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_no_more_banned_words_than_listed(room: str) -> None:
    assert (room in DONE) != (room in TO_DO), "every room is either done or listed with its count"
    found = banned_in(room)
    count = sum(map(len, found.values()))
    assert count <= TO_DO.get(room, 0), found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_have_no_banned_words(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name == "glossary.md":
        text = text.partition("## Words")[0]
    paragraphs = enumerate(re.split(r"\n\s*\n", text), 1)
    assert not [row.replace("line", "paragraph", 1) for row in banned(paragraphs)]


@pytest.mark.parametrize(
    "text",
    ["a value with blanks", "it stands in settings", "x is no list", "whoever reads it", "takes 0 for the default",
     "a header of its own", "region cannot be meant", "fetched anew", "blank", "a colon in front of it"],
)  # fmt: skip
def test_the_words_are_found(text: str) -> None:
    assert banned([(1, text)])


@pytest.mark.parametrize(
    "text",
    ["there is no key", "it is no longer used", "CGW113 credential-with-blank", "claim.base.blank", "its own key"],
)
def test_other_words_are_not(text: str) -> None:
    assert not banned([(1, text)])
