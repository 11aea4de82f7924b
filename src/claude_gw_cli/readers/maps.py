"""Terraform and Nix where they are plain: string members of a map, and Terraform's ``name``/``value`` pairs.

``${…}`` is unknown, and so is every value that is not one string in quotes, a number or a boolean, and ``$NAME`` in
Nix, whose modules put such values into shell scripts. A boolean is ``true`` or ``false`` in Terraform; in Nix true is
``1`` and false is empty (``toString``, as derivations, ``mkShell`` and devenv write it). These are not parsers of the
languages: a member is a name, a sign and a text on one line (Nix's ``''…''`` may have several). Texts over several
lines, Nix's ``''…''`` and Terraform's ``<<EOT``, are read as shell scripts where they set a variable of the client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Place, Start, Text, Unknown, joined, places
from claude_gw_cli.readers.embedded import run

_COMMENT = r"(?P<comment>\#[^\n]*|/\*.*?(?:\*/|\Z)|(?<![:\w])//[^\n]*)"
_INSIDE = r"""(?:\\.|\$\{(?:[^{}"]|"[^"\n]*")*\}|[^"\\\n])*"""
_OURS = "(?:ANTHROPIC|CLAUDE|AWS|CLOUD|DISABLE|HTTPS?|NO|VERTEX)_[A-Z0-9_]*"
_MEMBER = lazy(
    rf"""{_COMMENT}|''(?P<script>(?:[^']|'(?!')|'{{3}}|''[$\\])*)''
    |<<-?(?P<word>\w+)\n(?P<lines>.*?)(?:\n[ \t]*(?P=word)\b|\Z)
    |(?P<open>[{{\[])|(?P<close>[}}\]])
    |(?P<name>(?<![\w"])"?{_OURS}"?)[ \t]*(?:=(?!=)|:)[ \t]*
      (?:"(?P<string>{_INSIDE})"[ \t]*(?=[;,\n}}\]\#)]|$)
        |''(?P<block>(?:[^']|'(?!')|'{{3}}|''[$\\])*)''(?=[ \t]*;)|(?P<other>[^\n]*))
    |\bname[ \t]*=[ \t]*"(?P<pair>\w+)"[\s,]*value[ \t]*=[ \t]*(?:"(?P<value>{_INSIDE})"|(?P<rest>[^\n}}]*))
    |"{_INSIDE}(?:"|\\?(?=\n|\Z))""",
    re.VERBOSE | re.DOTALL,
)
_PART = lazy(
    r"(?P<unknown>\$\{(?:[^{}\"]|\"[^\"\n]*\")*\})|(?P<shell>\$[A-Za-z_]\w*)|\$(?P<dollar>\$)(?=\{)|\\(?P<escape>.)"
    r"|(?P<plain>[^$\\]+|.)",
    re.DOTALL,
)
_FILLED_IN = lazy(r"(?:''|\$)?\$\{[^{}]*\}")
_PLAIN = lazy(r"[ \t]*(true|false|\d+)[ \t]*(?:[;,}\]#]|//|/\*|$)")
_NIX_BOOLEANS = {"true": "1", "false": ""}
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


def read_named(text: str, path: str) -> Iterator[Start]:
    """The variables of each map."""
    nix = path.endswith(".nix")
    place = places(text)
    stack: list[list[Assignment]] = [[]]
    for item in _MEMBER.finditer(text):
        limits.check()
        if item["open"]:
            stack.append([])
        elif item["close"]:
            found = stack.pop() if len(stack) > 1 else []
            if found:
                yield Start(tuple(found))
        elif script := item["script"] or item["lines"]:
            first = item.start("script" if item["script"] else "lines")
            lines = [first, *(first + end.end() for end in re.finditer("\n", script))]

            def at(line: int, column: int, lines: list[int] = lines) -> Place:
                return place(lines[line - 1] + column - 1)

            yield from run(script, at, filled=_FILLED_IN)[0]
        elif item["name"]:
            stack[-1].append(
                Assignment(item["name"].strip('"'), _value(item, "string", nix=nix), *place(item.start("name")))
            )
        elif item["pair"]:
            # The pairs are one object each; all of a list reach one container.
            stack[-2 if len(stack) > 1 else -1].append(
                Assignment(item["pair"], _value(item, "value", nix=nix), *place(item.start("pair")))
            )
    yield from (Start(tuple(found)) for found in reversed(stack) if found)


def _value(item: re.Match[str], group: str, *, nix: bool) -> Text:
    if item[group] is None:
        block = item["block"] if group == "string" else None
        if block is not None:
            return joined([block.strip("\n")])
        other = item["other"] or item["rest"] or "…"
        if plain := _PLAIN.match(other):
            return joined([_NIX_BOOLEANS.get(plain[1], plain[1]) if nix else plain[1]])
        return (Unknown(other),)
    found: list[Piece] = []
    for part in _PART.finditer(item[group]):
        if part["unknown"] or (nix and part["shell"]):
            found.append(Unknown(part[0]))
        elif part["escape"]:
            found.append(_LETTERS.get(part["escape"], part["escape"]))
        else:
            found.append(part["dollar"] or part["shell"] or part["plain"])
    return joined(found)
