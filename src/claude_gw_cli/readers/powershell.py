r"""PowerShell: ``$env:A = "b"``, ``setx``, ``Set-Item Env:A``, ``[Environment]::SetEnvironmentVariable``; in blocks.

Quotes by about_Quoting_Rules: nothing is special between single quotes except ``''``; between double quotes the
backtick escapes, ``""`` is a quote, and ``$name`` and ``$(…)`` are expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, is_name, joined, known, places
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.readers.written import FILE, Written, lines_of

_TOKEN = lazy(
    r"""(?P<comment><\#.*?(?:\#>|\Z)|\#[^\n]*)|(?P<space>[ \t\r]+|`\r?\n)|(?P<end>[\n;|]|&&)
    |(?P<here>@(?P<mark>['"])[ \t]*\r?\n(?P<lines>.*?)(?:\r?\n(?P=mark)@|\Z))
    |(?P<single>['\u2018-\u201b](?P<literal>(?:''|[^'\u2018-\u201b])*)(?:['\u2018-\u201b]|\Z))
    |(?P<double>["\u201c-\u201e](?P<text>(?:`(?:.|\Z)|""|\$\((?:[^()]|\([^()]{0,300}\)){0,300}\)|[^"`\u201c-\u201e])*)(?:["\u201c-\u201e]|\Z))
    |(?P<env>\$(?:env:(?P<plain>\w+)|\{env:(?P<braced>\w+)\}))|(?P<variable>\$\{?[\w:?.]+\}?)
    |(?P<char>\[char\]\s*(?P<code>0x[0-9a-f]+|\d+))|(?P<type>\[(?:System\.)?Environment\]::SetEnvironmentVariable)
    |(?P<other>\[[\w.\[\]]{1,100}\](?:::\w+)?)|(?P<word>[\w./\\:~%@?*-]+)|(?P<sign>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_EXPANDED = lazy(
    r"""`(?P<escape>.)|(?P<quote>"")|(?P<unknown>\$\((?:[^()]|\([^()]{0,300}\)){0,300}\)|\$\{[^}]{0,999}\}|\$[\w:]+)|(?P<plain>[^`$"]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_QUIET = frozenset({"set-item", "si", "new-item", "ni", "set-content", "write-host", "write-output", "echo", "setx"})
"""Commands to which variables do not matter."""
_ELSEWHERE = frozenset({"set", "sv", "set-variable", "export", "setenv"})
_OWN = lazy(r"(?:ANTHROPIC|CLAUDE)_[A-Z0-9_]+")
Token = re.Match[str]
Place = Callable[[int], tuple[int, int]]


def read(text: str) -> Iterator[Start]:
    """Every process that the script starts, or that is started after it was run."""
    yield from run(text)[0]


def run(text: str, given: Mapping[str, Text] | None = None, *, ends: str = "") -> tuple[list[Start], list[Written]]:
    """The processes, and what the script prints or writes to files from which later scripts get variables.

    Args:
        text: the script.
        given: variables that it has from outside.
        ends: as in ``Scopes.finish``.
    """
    place, scopes = places(text), Scopes(given)
    blocks: list[ExitStack] = []
    statement: list[Token] = []
    depth, is_map = 0, False
    for token in _TOKEN.finditer(text):
        limits.check()
        kind, char = token.lastgroup, token[0]
        if kind == "sign" and char in "([":
            depth += 1
        elif kind == "sign" and char in ")]":
            depth -= 1
        if (kind == "sign" and char == "{") or (kind == "sign" and char == "}"):
            _statement(statement, scopes, place, is_map=is_map)
            is_map = char == "{" and bool(statement) and statement[-1][0] == "@"
            statement, depth = [], 0
            if char == "{":
                blocks.append(ExitStack())
                blocks[-1].enter_context(scopes.inner())
            elif blocks:
                blocks.pop().close()
        elif kind == "end" and (depth <= 0 or char == ";") and not (char == "|" and _is_text(statement)):
            _statement(statement, scopes, place, is_map=is_map)
            statement, depth = [], 0
        elif kind not in {"comment", "space", "end"}:
            statement.append(token)
    _statement(statement, scopes, place)
    while blocks:
        blocks.pop().close()
    return scopes.finish(text, ends=ends), scopes.written


def _is_text(statement: list[Token]) -> bool:
    """Whether a text alone goes to the next command."""
    return len(statement) == 1 and statement[0].lastgroup in {"single", "double", "here"}


def _prints(tokens: list[Token], scopes: Scopes, place: Place) -> None:
    """``"A=b" >> $env:GITHUB_ENV``, ``Write-Host "##vso[…]"``, ``Add-Content $env:GITHUB_ENV "A=b"``."""
    file = next((token for token in tokens if token.lastgroup == "env" and FILE.match(token[0])), None)
    target = FILE.match(file[0])["name"].upper() if file else ""  # type: ignore[index]
    texts = [token for token in tokens if token.lastgroup in {"single", "double", "here"}]
    if not texts and not target:
        return
    if len(texts) != 1:
        scopes.write(target, None)
        return
    line, column = place(texts[0].start() + (0 if texts[0]["here"] else 1))
    value = lines_of(_value(texts, scopes))
    below = bool(texts[0]["here"])
    scopes.write(
        target, [(part, line + index + below, 1 if index or below else column) for index, part in enumerate(value)]
    )


def _statement(tokens: list[Token], scopes: Scopes, place: Place, *, is_map: bool = False) -> None:
    if not tokens:
        return
    first = tokens[0]
    word = first[0].lower() if first.lastgroup == "word" else ""
    if word and not is_map and word not in _QUIET:
        scopes.runs()
    if first.lastgroup in {"env", "variable"} and len(tokens) > 1:
        signs = "".join(token[0] for token in tokens[1:3])
        if signs.startswith("="):
            _assign(first, tokens[2:], scopes, place)
        elif signs.startswith("+=") and first.lastgroup == "env":
            name = first["plain"] or first["braced"]
            value = joined([*scopes.value(name, first[0]), *_value(tokens[3:], scopes)])
            scopes.export(Assignment(name, value, *place(first.start())))
    elif not is_map and _mistaken(word, tokens, scopes, place):
        pass
    elif is_own(first[0].strip("\"'")) and len(tokens) > 2 and tokens[1][0] == "=":  # a member of @{ … }
        scopes.export(Assignment(first[0].strip("\"'"), _value(tokens[2:], scopes) or None, *place(first.start())))
    elif any(token.lastgroup == "type" for token in tokens[:4]):
        at = next(index for index, token in enumerate(tokens) if token.lastgroup == "type")
        arguments = _split(tokens[at + 1 :])
        if len(arguments) > 1:
            _export(arguments[0], arguments[1], scopes, place)
    elif word in {"setx", "setx.exe"} and len(tokens) > 2:
        _export(tokens[1:2], tokens[2:3], scopes, place)
    elif word in {"set-item", "si", "new-item", "ni", "remove-item", "ri", "set-content", "clear-item"}:
        _item(word, tokens[1:], scopes, place)
        _prints(tokens, scopes, place)
    else:
        _prints(tokens, scopes, place)


def _mistaken(word: str, tokens: list[Token], scopes: Scopes, place: Place) -> bool:
    """Syntax of another shell, or a name without ``$env:``."""
    first = tokens[0]
    if word in _ELSEWHERE:
        name, why = (
            _OWN.search(first.string, first.end(), tokens[-1].end()),
            f"`{word}` sets no variable of the environment",
        )
    else:
        name, why = (
            _OWN.search(first[0]) if word and tokens[1:] and tokens[1][0] == "=" else None,
            "the name lacks `$env:`",
        )
    if name:
        at = name.start() + (0 if word in _ELSEWHERE else first.start())
        scopes.lose(Assignment(name[0], _value(tokens[-1:], scopes), *place(at)), why)
    return name is not None


def _assign(target: Token, rest: list[Token], scopes: Scopes, place: Place) -> None:
    name = target["plain"] or target["braced"]
    if rest and rest[-1].lastgroup == "variable" and rest[-1][0].lower() == "$null" and len(rest) == 1:
        value = None
    else:
        value = _value(rest, scopes)
    if name is None:
        scopes.remember(target[0].lower(), value or ())
        scopes.lose(Assignment(target[0].strip("${}").rpartition(":")[2], value or (), *place(target.start())))
    elif rest and rest[0].lastgroup == "word" and "://" in rest[0][0]:
        scopes.lose(
            Assignment(name, (rest[0][0],), *place(target.start())), "a text without quotes is a command there"
        )
    else:
        # An empty variable does not exist there.
        scopes.export(Assignment(name, value or None, *place(target.start())))


def _export(name: list[Token], value: list[Token], scopes: Scopes, place: Place) -> None:
    text = known(_value(name, scopes))
    if text and is_name(text):
        scopes.export(Assignment(text, _value(value, scopes) or None, *place(name[0].start())))


def _item(word: str, tokens: list[Token], scopes: Scopes, place: Place) -> None:
    """``Set-Item -Path Env:A -Value b``, ``Remove-Item Env:A``."""
    plain = [token for token in tokens if not (token.lastgroup == "word" and token[0].startswith("-"))]
    path = known(_value(plain[:1], scopes)) or ""
    scope, _, name = path.partition(":")
    name = name.lstrip("\\/")
    if scope.lower() == "env" and is_name(name):
        removed = word in {"remove-item", "ri", "clear-item"} or len(plain) < 2
        value = None if removed else _value(plain[1:2], scopes) or None
        scopes.export(Assignment(name, value, *place(plain[0].start())))


def _split(tokens: list[Token]) -> list[list[Token]]:
    """The arguments of a method's call."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0] == "," and depth == 1:
            found.append([])
        elif not (token[0] in "()" and depth <= 1):
            found[-1].append(token)
    return found


def _value(tokens: list[Token], scopes: Scopes) -> Text:
    """An expression: texts joined by ``+``; anything else is unknown as a whole."""
    found: list[Piece] = []
    for index, token in enumerate(tokens):
        if index % 2 and token[0] == "+":
            continue
        if index % 2:
            return (Unknown(" ".join(item[0] for item in tokens)),)
        match token.lastgroup:
            case "single":
                found.append(re.sub("''", "'", token["literal"]))
            case "double":
                found += _expanded(token["text"], scopes)
            case "here":
                found += [token["lines"]] if token["mark"] == "'" else _expanded(token["lines"], scopes)
            case "char":
                found.append(chr(int(token["code"], 0)))
            case "word":
                found.append(token[0])
            case "env":
                found += scopes.value(token["plain"] or token["braced"], token[0])
            case "variable":
                found += scopes.value(token[0].lower(), token[0])
            case _:
                return (Unknown(" ".join(item[0] for item in tokens)),)
    return joined([_surrogates(piece) if isinstance(piece, str) else piece for piece in joined(found)])


def _expanded(text: str, scopes: Scopes) -> Iterator[Piece]:
    for part in _EXPANDED.finditer(text):
        if part["unknown"]:
            name = part["unknown"].lower()
            found = name.removeprefix("$env:") if name.startswith("$env:") else name
            yield from scopes.value(part["unknown"][5:] if found != name else found, part["unknown"])
        elif part["escape"]:
            yield _LETTERS.get(part["escape"], part["escape"])
        else:
            yield '"' if part["quote"] else part["plain"]


def _surrogates(text: str) -> str:
    """Characters that were given as two UTF-16 units."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
