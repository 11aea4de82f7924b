r"""systemd: ``Environment=`` of units and drop-ins, and files of ``environment.d``.

``Environment=`` has words, quoted or not, with C's escapes. ``%%`` is a percent sign, ``%h`` a path, ``%i`` unknown;
a word with ``%4``, which is not a specifier, is passed over with a warning in the journal, and a percent sign before
any other character stays (systemd.unit(5); measured, ``systemd-analyze verify`` 252). A ``LoadCredential=`` is a file
and no variable. In ``environment.d``, ``$NAME`` and ``${NAME}`` are expanded in all quotes and ``$$`` is a dollar
sign (measured, systemd 252 to 262).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import embedded, limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, is_name, joined, moved, places

_LINE = lazy(
    r"^[ \t]*(?P<key>Environment|UnsetEnvironment)[ \t]*=(?P<rest>(?:[^\\\n]|\\\n|\\.)*)$|^[ \t]*[#;][^\n]*$",
    re.MULTILINE,
)
_CREDENTIAL = lazy(
    r"^[ \t]*(?:Load|Set|Import)Credential(?:Encrypted)?[ \t]*=[ \t]*(?P<name>\w+)(?::(?P<value>[^\n]*))?",
    re.MULTILINE,
)
_FILE = lazy(r"^[ \t]*EnvironmentFile[ \t]*=[ \t]*-?(?P<name>[^%\n]+?)[ \t]*$", re.MULTILINE)
_CREDENTIALS = ("CREDENTIALS_DIRECTORY", "%d/")
_NO_VARIABLE = "a credential is a file in $CREDENTIALS_DIRECTORY, not a variable"
_READ_IT = "write ExecStart=/bin/sh -c '{0}=$(cat \"$CREDENTIALS_DIRECTORY/{0}\") exec claude …'"
_PATHS = {
    "C": "/var/cache", "D": "/usr/share", "E": "/etc", "L": "/var/log", "S": "/var/lib", "T": "/tmp",  # noqa: S108
    "V": "/var/tmp", "Y": "/usr/lib/systemd/system", "d": "/run/credentials/unit", "h": "/home/user",  # noqa: S108
    "s": "/bin/sh", "t": "/run", "y": "/usr/lib/systemd/system/unit",
}  # fmt: skip
"""Specifiers that are a path -> one that it can be."""
_OTHERS = "ABGHIJMNPRUWabcfgijlmnopqruvw"
"""Specifiers of which only systemd knows the value."""
_PERCENT = lazy(r"%(.)", re.DOTALL)
_STRAY = lazy(
    r"(?<!\\\n)^[ \t]*(?:(?:export|set)[ \t]+|Environment[ \t]*:[ \t]*[\"']?)?"
    r"(?P<name>(?:ANTHROPIC|CLAUDE)_\w+)=(?P<value>[^\n]*)",
    re.MULTILINE,
)
_COMMAND = lazy(r"^[ \t]*Exec\w+[ \t]*=[ \t]*[-@:+!|]*(?P<script>(?:[^\\\n]|\\\n|\\.)*)$", re.MULTILINE)
_SET = lazy(r"[\"']?[A-Za-z_]\w*=")
_NAMED = lazy(r"""["']?[A-Za-z_]\w*["']?\s*=""")
_CUT = "systemd ends a value without quotes at the whitespace"
_WORD = lazy(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+""", re.DOTALL)
_PART = lazy(
    r"""\\(?:x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})|(?P<escape>.))|(?P<percent>%.)|(?P<plain>[^\\%]+|.)""",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "s": " ", "\n": ""}
_DIRECTORY = lazy(
    r"""^[ \t]*(?P<export>export[ \t]+)?(?P<name>[A-Za-z_]\w*)=[ \t]*"""
    r"""(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<bare>[^\n]*))""",
    re.MULTILINE | re.DOTALL,
)
_EXPANDED = lazy(
    r"\\(?P<escape>.)|(?P<dollar>\$\$)|(?P<empty>\$\{\w+:\+\})|(?P<unknown>\$\{[^}]{0,999}\}|\$\w+)|(?P<plain>[^\\$]+|.)",
    re.DOTALL,
)


def read_named(text: str, path: str) -> Iterator[Start]:
    """The one set of variables of the unit or the session, and of each command that a unit starts."""
    if "environment.d/" in path.replace("\\", "/") or "[" not in text:
        yield Start(tuple(_directory(text)))
        return
    own, place = tuple(_unit(text)), places(text)
    yield Start(own)
    for item in _COMMAND.finditer(text):
        yield from embedded.run(item["script"], moved(place(item.start("script"))), own, _PERCENT)[0]


def named_files(text: str) -> Iterator[tuple[str, str]]:
    """The env files that a unit takes variables from; none where a specifier or a pattern is part of the name."""
    yield from ((item["name"], "env file") for item in _FILE.finditer(text))


def _unit(text: str) -> Iterator[Assignment]:
    place = places(text)
    for line in _LINE.finditer(text):
        words = list(_WORD.finditer(line["rest"] or ""))
        ends = _ends(line["rest"] or "", words)
        for word, following, end in zip_longest(words, words[1:], ends):
            at = place(line.start("rest") + word.start())
            if line["key"] == "UnsetEnvironment":
                yield Assignment(word[0], None, *at)
                continue
            is_cut = following is not None and not _SET.match(following[0])
            if is_cut and not _NAMED.match(line["rest"], word.start()):
                continue
            value = _value(line["rest"][word.start() : end].strip() if is_cut else word[0])
            first = value[0] if value and isinstance(value[0], str) else ""
            name, sign, rest = first.partition("=")
            if sign and is_name(name.rstrip()) and (_SET.match(word[0]) or is_cut):
                found = joined([rest.lstrip() if is_cut else rest, *value[1:]])
                none = next(filter(_is_not_a_specifier, _PERCENT.findall(word[0])), "")
                why = f"%{none} is not a specifier, and systemd passes over this variable" if none else ""
                lost, instead = (why, "write %% for a percent sign") if none else (_CUT if is_cut else "", "")
                yield Assignment(name.rstrip(), found, *at, lost, instead)
    taken = [(line.start(), line.end()) for line in _LINE.finditer(text)]
    for item in _STRAY.finditer(text):
        limits.check()
        if not any(start <= item.start() < end for start, end in taken):
            why = "in a unit only Environment= sets a variable"
            yield Assignment(item["name"], (Unknown(item["value"]),), *place(item.start("name")), why)
    if not any(mark in text for mark in _CREDENTIALS):
        for item in _CREDENTIAL.finditer(text):
            value = (item["value"],) if item["value"] and "Set" in item[0] else ()
            at, name = place(item.start("name")), item["name"]
            yield Assignment(name, joined(value), *at, _NO_VARIABLE, _READ_IT.format(name))


def _ends(line: str, words: list[re.Match[str]]) -> list[int]:
    """Where what was meant as each word's value ends: before the next name with a sign, or at the end of the line."""
    ends, end = [], len(line)
    for word in reversed(words):
        ends.append(end)
        end = word.start() if _NAMED.match(line, word.start()) else end
    return ends[::-1]


def _is_not_a_specifier(letter: str) -> bool:
    return letter.isascii() and letter.isalnum() and letter not in _PATHS and letter not in _OTHERS


def _value(word: str) -> Text:
    found: list[Piece] = []
    inside = ""
    text = ""
    for char in re.findall(r"\\.|.", word, re.DOTALL):  # the quotes go, the escapes stay for the next step
        if char == inside or (not inside and char in "\"'"):
            inside = "" if inside else char
        else:
            text += char
    raw = b""
    for part in _PART.finditer(text):
        if part["hex"] or part["octal"]:
            raw += bytes([int(part["hex"], 16) if part["hex"] else int(part["octal"], 8) & 255])
            continue
        found.append(raw.decode("utf-8", "replace"))
        raw = b""
        if part["percent"]:
            letter = part["percent"][1]
            known = "%" if letter == "%" else _PATHS.get(letter, part["percent"])
            is_unknown = letter in _OTHERS or _is_not_a_specifier(letter)
            found.append(Unknown(part["percent"]) if is_unknown else known)
        elif part["escape"]:
            found.append(_LETTERS.get(part["escape"], part["escape"]))
        else:
            found.append(part["plain"])
    return joined([*found, raw.decode("utf-8", "replace")])


def _directory(text: str) -> Iterator[Assignment]:
    place = places(text)
    for line in _DIRECTORY.finditer(text):
        given = next(line[name] for name in ("double", "single", "bare") if line[name] is not None)
        found: list[Piece] = []
        for part in _EXPANDED.finditer(given.strip() if line["bare"] is not None else given):
            if part["unknown"]:
                found.append(Unknown(part["unknown"]))
            else:
                found.append("$" if part["dollar"] else part["escape"] or part["plain"] or "")
        why = "systemd passes over a line that begins with export" if line["export"] else ""
        yield Assignment(line["name"], joined(found), *place(line.start("name")), why, f"write {line['name']}=VALUE")
