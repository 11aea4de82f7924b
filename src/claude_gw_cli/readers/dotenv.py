r"""Env files: ``.env`` and what ``cgw env`` writes for dotenv, docker, systemd, GitLab and GitHub.

"dotenv" has no standard. Where the usual readers (python-dotenv, Node's dotenv, Docker Compose) agree, the value is
known; ``$NAME``, ``${NAME}`` and ``$(command)`` outside of single quotes are unknown. Two formats have other rules:
docker's takes the rest of the line as it is, systemd's unescapes between double quotes.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, joined, places, split_unknown

# The name, the delimiter of GitHub's form or the value up to the end of the line, quoted values over several lines.
# A backslash begins an escape, or is the last character of a path (C:\\dir\\). One that could be either at each place
# would be tried in all combinations.
_LINE = lazy(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)
    (?:<<(?P<delimiter>\S+)\n(?P<block>(?s:.*?))\n(?P=delimiter)[ \t]*$
      |[ \t]*=[ \t]*(?:(?P<quote>["'])(?P<quoted>(?s:(?:\\.|(?!(?P=quote))[^\\])*)\\?)(?P=quote)[ \t]*(?=\#|$)
      |(?P<bare>[^\n]*)))""",
    8 | 64,  # re.MULTILINE, re.VERBOSE
)
_COLON = lazy(r"^(?:export[ \t]+)?(?P<name>(?:ANTHROPIC|CLAUDE)_\w+):[ \t]+(?P<value>[^\n]*)", 8)
_FOLLOWING = lazy(r"\n[ \t]*(?:export[ \t]+)?[A-Z_][A-Z0-9_]*=")
_OPEN = lazy(r"""[ \t]*(?:"[^"]*|'[^']*)""")
_UNCLOSED = "the quote in its value is not closed"
_EXPANDED = lazy(r"\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*|\{\{[^}]{0,999}\}\}")
_COMMENT = lazy(r"[ \t]#.*", 16)
_BRACED = lazy(r"\$\{[^}]{0,999}\}")
_ESCAPE = lazy(r"\\(.)", 16)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_named(text: str, path: str) -> Iterator[Start]:
    """The one set of variables of the file; by its name it can be docker's, GitLab's or systemd's."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if "docker" in name or "gitlab" in name:
        yield Start(tuple(docker(text, expanded="gitlab" in name)))
    else:
        yield Start(tuple((systemd if "systemd" in name else assignments)(text)))


def assignments(text: str) -> Iterator[Assignment]:
    """Every assignment, in order."""
    place = places(text)
    at = 0
    while found := _LINE.search(text, at):
        limits.check()
        at = max(found.end(), found.start() + 1)
        lost = ""
        if found["block"] is not None:
            value: Text = joined([found["block"]])
        elif found["quote"] and (following := _FOLLOWING.search(found["quoted"])):
            value, lost = (Unknown(found["quoted"][: following.start()]),), _UNCLOSED
            at = found.start("quoted") + following.start()
        elif found["quote"]:
            value = _quoted(found["quoted"], found["quote"])
        else:
            lost = _UNCLOSED if _OPEN.fullmatch(found["bare"]) else ""
            value = (Unknown(found["bare"]),) if lost else _bare(found["bare"])
        yield Assignment(found["name"], value, *place(found.start("name")), lost, "close the quote" if lost else "")
    inside = [(item.start(), item.end()) for item in _LINE.finditer(text) if "\n" in item[0]]
    for found in _COLON.finditer(text):
        limits.check()
        if any(start < found.start() < end for start, end in inside):
            continue  # a line of a value
        value = (Unknown(found["value"]),)
        yield Assignment(found["name"], value, *place(found.start("name")), "most programs read NAME=VALUE only")


def docker(text: str, *, expanded: bool = False) -> Iterator[Assignment]:
    """The same for `docker run --env-file`: no quotes, no escapes, no comments behind a value.

    A report of GitLab is the same, but the runner expands it.
    """
    for number, line in enumerate(text.split("\n"), 1):
        name, sign, value = line.lstrip().partition("=")
        if sign and is_name(name):
            yield Assignment(
                name,
                split_unknown(value, _EXPANDED) if expanded else joined([value]),
                number,
                len(line) - len(line.lstrip()) + 1,
            )


def systemd(text: str) -> Iterator[Assignment]:
    """The same for systemd's ``EnvironmentFile=``, in which nothing is expanded."""
    place = places(text)
    for found in _LINE.finditer(text):
        limits.check()
        value = found["quoted"] if found["quote"] else (found["bare"] or "").strip()
        if found["quote"] != "'":
            value = _unescape(value, keep_unknown=found["quote"] == '"')
        yield Assignment(found["name"], joined([value]), *place(found.start("name")))


def _quoted(text: str, quote: str) -> Text:
    if quote == "'":
        # python-dotenv expands ${NAME} here, too; \' is one quote for all readers that take it at all.
        return split_unknown(text.replace("\\'", "'"), _BRACED)
    return joined(_double(piece) if isinstance(piece, str) else piece for piece in split_unknown(text, _EXPANDED))


def _double(text: str) -> str:
    return _ESCAPE.sub(lambda item: _ESCAPES.get(item[1], item[1] if item[1] in "\"\\$`'" else item[0]), text)


def _unescape(text: str, *, keep_unknown: bool) -> str:
    r"""Backslashes of systemd: between double quotes only before ``" \ ` $`` and a line break, bare before all."""
    return _ESCAPE.sub(
        lambda item: item[0] if keep_unknown and item[1] not in '"\\`$\n' else item[1].strip("\n"), text
    )


def _bare(text: str) -> Text:
    return split_unknown(_COMMENT.sub("", f" {text.strip()}").strip(), _EXPANDED)
