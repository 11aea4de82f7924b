"""Where people set the client's variables besides its own settings: one table of formats, one file for each.

The mirror of ``emit``: text goes in, the variables that a process gets come out. Pure: no file is opened here. A new
format is one row of ``READERS`` and one file with ``read(text, path)`` (docs/changing.md). What the text alone does
not tell is ``Unknown``; the rules say nothing about it.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import decode
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import NotReadableError, Start, TemplateError, final
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.tables import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

LARGEST = 1 << 20
"""Bytes of a file that is read as one of these formats: no person writes a longer one."""
_NAMES = (
    "ANTHROPIC_", "CLAUDE_", "ANTROPIC_", "ANTHOPIC_", "ANTHRPIC_", "ANTHROIC_", "ANTHROPC_", "ANTHORPIC_",
    "ANTHROPHIC_", "ANTHRIPIC_", "ATHROPIC_", "CLAUD_CODE_", "CLUADE_CODE_", "CALUDE_CODE_",
)  # fmt: skip
"""Beginnings of the client's names, and slips in them."""
MARKS = (*(name.encode() for name in _NAMES), b"anthropics/claude-code", b"apiKeyHelper")
"""One of these is in every file that sets a variable of the client; a quick look before the text is decoded."""
IN_MARKS = (*dict.fromkeys(name[-3:].encode() for name in _NAMES), *MARKS[len(_NAMES) :])
"""One of these is in each mark, and none in most files."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One format."""

    title: str
    """What a person calls such a file."""
    module: str
    """The file of this room that reads it, imported when one is met; or the row of ``systems``."""
    names: str = ""
    """A pattern of the file's whole name, in lower case and without an ending such as ``.example``."""
    endings: str = ""
    """Endings of names, each enough by itself."""
    folder: re.Pattern[str] | None = None
    """The end of its directory's path, with ``/``; ``None`` for everywhere."""
    content: re.Pattern[str] | None = None
    """What such a text has, where other programs' files have such names, too."""
    utf_16: bool = False
    """Whether the programs of this format read UTF-16, too, where a byte order mark says so."""


_FORMATS = {row["name"][0]: row for row in records("readers/formats.txt")}
SETS: Mapping[str, str] = {name: row["sets"][0] for name, row in _FORMATS.items() if "sets" in row}
"""Module of a format -> how a variable is set there so that processes get it."""
FILLED_IN: Mapping[str, str] = {name: row["filled_in"][0] for name, row in _FORMATS.items() if "filled_in" in row}
"""Module of a format -> how a value of another place gets into it; empty for the client's own settings."""
ELSEWHERE = frozenset(name for name, row in _FORMATS.items() if "elsewhere" in row)
"""Formats whose processes start on other machines than the one on which the file is written."""
_NAMING = {name: row["naming"][0].split() for name, row in _FORMATS.items() if "naming" in row}
"""Module of a format whose files name others that set variables -> words, one of which such a text has."""
_SYSTEMS = frozenset({"azure", "bitbucket", "buildkite", "circleci", "gitlab", "taskfile"})
_RC = (
    r"(?:\.|dot_|_)?(?:bash_?(?:rc|profile|login|env|aliases|exports)|profile|kshrc|zshrc|zshenv|zprofile|zlogin)"
    r"(?:\.(?:local|private|work|secret|zsh|bash))?"
)
_OWN_NAME = lazy(r"\b(?:ANTHROPIC|CLAUDE)_[A-Z0-9_]+(?:[\"']?\s*[:=]|[\"']?[,\s]+[\"']?value[\"']?\s*:)")
_YAML = "yml yaml"
READERS: tuple[Reader, ...] = (
    Reader("GitHub workflow", "workflow", endings=_YAML, folder=lazy(r"(?:^|/)\.github/workflows/$")),
    Reader("GitHub action", "workflow", r"action\.ya?ml"),
    Reader("GitLab pipeline", "gitlab", r"(?:.*\.)?\.?gitlab-ci(?:[.-].*)?\.ya?ml"),
    Reader("CircleCI configuration", "circleci", endings=_YAML, folder=lazy(r"(?:^|/)\.circleci/")),
    Reader("Azure pipeline", "azure", r".*azure[._-]?pipelines?.*\.ya?ml"),
    Reader("Azure pipeline", "azure", endings=_YAML, folder=lazy(r"(?:^|/)\.?(?:azure-?pipelines?|azuredevops)/")),
    Reader("Buildkite pipeline", "buildkite", r"\.?buildkite.*\.ya?ml"),
    Reader("Buildkite pipeline", "buildkite", endings=_YAML, folder=lazy(r"(?:^|/)\.buildkite/")),
    Reader("Bitbucket pipeline", "bitbucket", r".*bitbucket-pipelines.*\.ya?ml"),
    Reader("Taskfile", "taskfile", r"taskfile(?:[._-].+)?\.ya?ml"),
    Reader(
        "Azure pipeline",
        "azure",
        endings=_YAML,
        content=lazy(r"^[ \t]*-?[ \t]*(?:task\s*:\s*\w+@\d|vmImage\s*:|- (?:pwsh|powershell|bash)\s*:)|##vso\[", 8),
    ),
    Reader("GitHub workflow", "workflow", endings=_YAML, content=lazy(r"^[ \t]+runs-on\s*:", 8)),
    Reader("Compose file", "compose", endings=_YAML, content=lazy(r"^services\s*:", 8)),
    Reader("Kubernetes manifest", "kubernetes", endings=_YAML, content=lazy(r"^[ -]*kind\s*:", 8)),
    Reader("YAML file with variables", "yamlmaps", endings=_YAML, content=_OWN_NAME),
    Reader(
        "shell script",
        "shell",
        rf"{_RC}|\.?(?:envrc|aliases|exports|functions|extra)",
        "sh bash zsh ksh envrc bashrc zshrc kshrc zshenv zprofile profile bash_profile bash_aliases",
    ),
    Reader("fish script", "fish", endings="fish"),
    Reader("PowerShell script", "powershell", endings="ps1 psm1", utf_16=True),
    Reader("batch file", "cmd", endings="bat cmd"),
    Reader("Nushell script", "nu", endings="nu"),
    Reader("tcsh script", "tcsh", r"\.?(?:t?cshrc|login)", "csh tcsh"),
    Reader("Dockerfile", "dockerfile", r"(?:.+\.)?(?:dockerfile|containerfile)(?:[.-].+)?"),
    Reader("devcontainer.json", "editors", r"\.?devcontainer\.json"),
    Reader(
        "editor's settings",
        "editors",
        r"settings\.json|.+\.code-workspace",
        content=lazy(r"claudeCode\.|terminal\.integrated\."),
    ),
    Reader("Makefile", "make", r"(?:gnu)?makefile(?:[._-].+)?", "mk mak make"),
    Reader("justfile", "just", r"\.?justfile", "just"),
    Reader("package.json", "package", r"package\.json"),
    Reader("env file", "dotenv", r"(?:[\w.-]*\.)?env(?:\.[\w.-]+)?|environment|\.dev\.vars", "env envs"),
    Reader("JSON file with variables", "variables", endings="json jsonc", content=lazy(r"\A\s*(?:\{|\[\s*\{)")),
    Reader(
        "systemd unit",
        "systemd",
        endings="service conf",
        content=lazy(r"^[ \t]*(?:Environment\s*=|\[(?:Service|Manager)\])", 8),
    ),
    Reader("environment.d file", "systemd", endings="conf", folder=lazy(r"environment\.d/$")),
    Reader("property list", "launchd", endings="plist xml", content=lazy(r"<plist\b")),
    Reader("tox.ini", "tox", r"tox\.ini", content=lazy(r"^\[testenv\b", 8)),
    Reader(
        "supervisord's configuration",
        "supervisord",
        endings="conf ini",
        content=lazy(r"^\[(?:supervisord\]|(?:program|fcgi-program|eventlistener):)", 8),
    ),
    Reader(
        "mise.toml",
        "mise",
        r"\.?(?:mise|rtx)(?:\.[\w-]+)*\.toml|config\.toml",
        content=lazy(r"^[ \t]*\[(?:env|tasks)\b", 8),
    ),
    Reader("TOML file with variables", "tomlmaps", endings="toml", content=_OWN_NAME),
    Reader("Terraform file", "maps", endings="tf tfvars hcl"),
    Reader("Nix file", "maps", endings="nix"),
    Reader("Bicep file", "javascript", endings="bicep bicepparam"),
    Reader("Lua file", "javascript", endings="lua"),
    Reader("Jenkinsfile", "jenkins", r".*jenkinsfile(?:[._-].+)?", "groovy"),
    Reader("shell script", "shell", r"[^.]+", content=lazy(r"\A#![^\n]*\b(?:ba|z|k|da|a)?sh\b")),
    Reader("fish script", "fish", r"[^.]+", content=lazy(r"\A#![^\n]*\bfish\b")),
)
_DIRENV = r"(?:(?:watch_file|source_\w+|dotenv\w*)\s[^\n]*\n\s*)*"
_FIRST = r"\A(?:\s|#[^\n]*\n)*"
_BY_CONTENT: tuple[Reader, ...] = (
    Reader("Azure Pipelines command", "azurecommands", content=lazy(rf"{_FIRST}##vso\[task\.setvariable\b")),
    Reader("object for an Agent SDK", "javascript", content=lazy(r"\A\s*\{\s*\.\.\.process\.env\b")),
    Reader("devcontainer.json", "editors", content=lazy(r"\A\s*\{.*\"(?:container|remote)Env\"\s*:", 16)),
    *(row for row in READERS if row.content is not None and row.module not in {"yamlmaps", "tomlmaps"}),
    Reader("GitHub workflow", "workflow", content=lazy(r"^[ \t]*(?:- )?uses\s*:\s*\S+@", 8)),
    Reader("Jenkinsfile", "jenkins", content=lazy(r"\A\s*(?:pipeline\s*\{|with(?:Env|Credentials)\s*\()")),
    Reader("PowerShell script", "powershell", content=lazy(rf"{_FIRST}(?:\$env:\w|Remove-Item\s)", 2)),
    Reader("Nushell script", "nu", content=lazy(rf"{_FIRST}(?:\$env\.[A-Z]|hide-env\s)")),
    Reader("batch file", "cmd", content=lazy(rf"{_FIRST}(?:@?echo off\b|set \"\w)", 2)),
    Reader("fish script", "fish", content=lazy(rf"{_FIRST}set\s+-[a-zA-Z-]+\s+[A-Z_]+\b")),
    Reader("tcsh script", "tcsh", content=lazy(rf"{_FIRST}(?:un)?setenv\s+[A-Z_]+\b")),
    Reader("shell script", "shell", content=lazy(rf"{_FIRST}{_DIRENV}(?:export|unset)\s+[A-Z_][A-Z0-9_]*\b(?!\s*:)")),
    Reader("env file", "dotenv", content=lazy(rf"{_FIRST}[A-Z_][A-Z0-9_]*(?:=|<<)\S*$", 8)),
)
_ANY = lazy("|".join({row.names: None for row in READERS if row.names}))
"""Most names fit none of the patterns."""
_ROWS = tuple((row, frozenset(row.endings.split()), lazy(row.names)) for row in READERS)
_OF_ENDING = {
    ending: tuple(row for row, own, _ in _ROWS if ending in own) for _, endings, _ in _ROWS for ending in endings
}
_ENDINGS = """
bin bz2 c cc class cpp cs css csv dll eot gif go gz h hpp html ico ipynb jar java jpeg jpg js jsx kt less lock map
md mdx mjs mo mp3 mp4 otf pdf php png po proto py pyc rb rs rst scala scss snap so sql svg swift tgz ts tsv tsx ttf
vue wasm webp woff woff2 xz zip
"""
NEVER = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Endings of names that no format has: most files of a repository, ruled out without a pattern."""
_found: dict[str, tuple[tuple[Reader, ...], bool]] = {}
_REMEMBERED = 1000
"""Names whose formats are known: most of a repository's are in many directories."""
_TEMPLATES = frozenset({"example", "sample", "template", "dist", "default", "in", "tmpl", "tpl", "j2"})
_LANGUAGES = "tmpl|tpl|j2|jinja|jinja2|erb|ejs|gotmpl|mustache|hbs"
_COPIES = "example|sample|template|dist|in|bak|backup|orig|old|save|disabled"
_COPIED = (*(f".{word}" for word in f"{_LANGUAGES}|{_COPIES}".split("|")), "~", *"0123456789")
_TEMPLATE_LANGUAGE = lazy(rf"\.(?:{_LANGUAGES})$", 2, needs=_COPIED[: _LANGUAGES.count("|") + 1])
_FILLED_IN = lazy(r"(?<!\$)\{\{|\{%|<%")
_ADDED = lazy(rf"(?:\.(?:{_LANGUAGES}|{_COPIES}|[0-9]+)|~)+$", 2)


def decoded(data: bytes) -> str:
    """The text of a file, without the byte order mark that says how it is encoded."""
    text = data.decode("utf-16-be", "replace") if data.startswith(b"\xfe\xff") else decode(data)[0]
    return text.removeprefix("\ufeff")


def plain_name(name: str) -> str:
    """A file's name in lower case, without endings that only say which copy it is: ``.example``, ``.bak``."""
    low = name.lower()
    return (_ADDED.sub("", low) if low.endswith(_COPIED) else low) or low


def is_template(name: str) -> bool:
    """Whether a file's name says that people fill in values in a copy of it."""
    return not _TEMPLATES.isdisjoint(name.lower().replace("-", ".").replace("_", ".").split("."))


def by_name(name: str, folder: str) -> tuple[Reader, ...]:
    """The formats that a file of this name may have; the content decides among them."""
    if name[name.rfind(".") :] in NEVER:
        return ()
    found = _found.get(name)
    if found is None:
        if len(_found) == _REMEMBERED:
            _found.clear()
        found = _found[name] = _of_name(plain_name(name))
    rows, placed = found
    if not placed:
        return rows
    place = folder.replace("\\", "/") + "/"
    return tuple(row for row in rows if row.folder is None or row.folder.search(place))


def _of_name(plain: str) -> tuple[tuple[Reader, ...], bool]:
    """The formats that a file of this name may have somewhere, and whether the directory matters to one of them."""
    ending = plain[plain.rfind(".") + 1 :]
    found = _OF_ENDING.get(ending, ())
    if _ANY.fullmatch(plain):
        found = tuple(row for row, endings, named in _ROWS if ending in endings or named.fullmatch(plain))
    return found, any(row.folder for row in found)


def by_content(found: tuple[Reader, ...], text: str) -> tuple[Reader, ...]:
    """Those of the formats that the text can be, the likeliest first."""
    return tuple(row for row in found if row.content is None or row.content.search(text))


def of_named(name: str, folder: str, text: str) -> tuple[Reader, ...]:
    """The formats of a file that is named by itself: where its name does not tell, the text may."""
    return by_content(by_name(name, folder), text) or by_content(_BY_CONTENT, text)[:1]


def read(reader: Reader, text: str, path: str) -> list[Start]:
    """The processes that a file sets variables of the client for; empty where it sets none.

    Raises:
        NotReadableError: the text is not of this format, or too much.
        TemplateError: another program makes the file out of it.
    """
    file = "systems" if reader.module in _SYSTEMS else reader.module
    module = __import__(f"claude_gw_cli.readers.{file}", fromlist=["read"])
    _refuse_binary(text)
    if (line := filled_in(text, path)) is not None:
        raise TemplateError(line)
    limits.begin()
    found, count = [], 0
    try:
        if system := getattr(module, reader.module.upper(), None):
            starts = system.starts(text)
        else:
            starts = module.read_named(text, path) if hasattr(module, "read_named") else module.read(text)
        for start in starts:
            if start.starter or any(name.startswith(_NAMES) for name in final(start)):
                found.append(replace(start, format=reader.module))
            limits.check(count=(count := count + len(start.assignments)))
    except RecursionError:
        raise NotReadableError("nested too deeply") from None
    except NotReadableError as error:
        filled = _FILLED_IN.search(text)
        raise TemplateError(_line(text, filled.start())) if filled else error from None
    return list(dict.fromkeys(found))  # most recipes and steps get what the one before got


def may_name_files(formats: tuple[Reader, ...], data: bytes) -> bool:
    """Whether a file of one of these formats may name others; a quick look before its text is decoded."""
    return any(word.encode() in data for row in formats for word in _NAMING.get(row.module, ()))


def named_files(fitting: tuple[Reader, ...], text: str) -> Iterator[tuple[str, Reader]]:
    """The files that a text names as places of further variables, and the format that each is read as.

    Raises:
        NotReadableError: the text is not of its format.
    """
    for reader in fitting[:1]:
        if any(word in text for word in _NAMING.get(reader.module, ())):
            file = "direnv" if reader.module == "shell" else reader.module
            module = __import__(f"claude_gw_cli.readers.{file}", fromlist=["named_files"])
            for name, title in module.named_files(text):
                yield name, next(row for row in READERS if row.title == title)


def filled_in(text: str, path: str) -> int | None:
    """The first line that another program fills in, where the name says that it makes the real file."""
    filled = _FILLED_IN.search(text) if _TEMPLATE_LANGUAGE.search(path) else None
    return _line(text, filled.start()) if filled else None


def _refuse_binary(text: str) -> None:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise NotReadableError("not a text", _line(text, error.start)) from None
    if (at := text.find("\0")) >= 0:
        raise NotReadableError("not a text", _line(text, at))


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
