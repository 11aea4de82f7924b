"""The command line, declared once, in commands.txt: a paragraph for each command and what it takes.

``command_line`` parses and runs a line from this table alone; ``help_page`` makes help pages of it, ``completion``
scripts for shells. A test holds the table against the functions' signatures. Imported at every start: a line is read
where it is asked for.
"""

from __future__ import annotations

from claude_gw_cli.tables import packaged_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    Kind = Literal["option", "flag", "argument", "arguments", "program"]
    Value = str | bool | tuple[str, ...]

COMMANDS: dict[str, Command]
"""Words -> command, in the order of help pages."""


class Parameter:
    """One option or argument of a command.

    Attributes:
        name: the keyword under which the command's function takes it; empty: accepted, and not passed on.
        kind: ``option`` has a value, ``flag`` has none; ``argument`` is one word, ``arguments`` any number of words,
            ``program`` everything from the first word on (that program's options too).
        spellings: ``("--yes", "-y")``; empty for arguments.
        help: one sentence; ``{choices}`` is replaced by the choices.
        choices: the only values that are allowed, or the place (``package.module:NAME``) of these values.
        completes: what a shell may offer as its value: ``profile``, ``helper``, ``shell``, ``rule``, ``reference``,
            ``file`` or ``directory``; empty where ``choices`` say it or nothing is known.
        default: the value where none is given, as help pages show it.
        metavar: the word that help pages use for the value.
        required: an argument that cannot be left out.
        section: the heading of help pages that it is under; empty for "Options".
    """

    __slots__ = (
        "choices", "completes", "default", "help", "kind", "metavar", "name", "required", "section", "spellings",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        kind: Kind,
        spellings: tuple[str, ...],
        help: str,  # noqa: A002 - the word that every command line library uses
        *,
        choices: tuple[str, ...] | str = (),
        completes: str = "",
        default: str | None = None,
        metavar: str | None = None,
        required: bool = False,
        section: str = "",
    ) -> None:
        self.name = name
        self.kind = kind
        self.spellings = spellings
        self.help = help
        self.choices = choices
        self.completes = completes
        self.default = default
        self.metavar = metavar
        self.required = required
        self.section = section

    def allowed(self) -> tuple[str, ...]:
        """The choices, imported if the row only names their place."""
        if not isinstance(self.choices, str):
            return self.choices
        found: tuple[str, ...] = _imported(self.choices)
        return found

    def help_text(self) -> str:
        """The sentence for help pages and the reference page."""
        *others, last = self.allowed() or ("",)
        return self.help.replace("{choices}", f"{', '.join(others)} or {last}" if others else last)

    def term(self) -> str:
        """How help pages write it: ``-y, --yes``, ``    --scope SCOPE``, ``NAME``; long options below each other."""
        if not self.spellings:
            return self.metavar or self.name.upper()
        spelled = ", ".join(sorted(self.spellings, key=len))
        term = f"    {spelled}" if spelled.startswith("--") else spelled
        return (
            term if self.kind == "flag" else f"{term} {self.metavar or self.spellings[0].rpartition('-')[2].upper()}"
        )

    @property
    def noun(self) -> str:
        """What an error calls a value of it: ``format``, ``scope``, ``key format``."""
        return (self.metavar or self.spellings[0].removeprefix("--")).lower().replace("-", " ")


def parameter(line: str) -> Parameter:
    """A parameter from its line: ``option --from; name source; metavar FILE|URL: Start from a profile``."""
    head, _, help_ = line.partition(": ")
    first, *members = head.split("; ")
    kind, *spellings = first.split(" ")
    given = dict(member.partition(" ")[::2] for member in members)
    name = next((item for item in spellings if item.startswith("--")), spellings[0])
    choices = given.get("choices", "")
    return Parameter(
        given.get("name", name.removeprefix("--").replace("-", "_")),
        kind,  # type: ignore[arg-type]  # a test reads every line
        tuple(spellings) if name.startswith("--") else (),
        help_,
        choices=choices if ":" in choices else tuple(choices.split()),
        completes=given.get("completes", ""),
        default=given.get("default"),
        metavar=given.get("metavar"),
        required="required" in given,
    )


class Command:
    """One command: its words, what it takes, and the function that does it.

    Attributes:
        words: ``settings apply``.
        does: the function, as ``module:function`` of this room; imported when it runs.
        help: the first line says what it does; more paragraphs may follow.
        parameters: in the order of the help page.
        also: other lines that people type when they mean this command.
        hidden: not listed on help pages.
        has_members: takes an option for each member of a profile.
        doing: what is said on a terminal after a second, for a command that asks no question.
    """

    __slots__ = ("_lines", "_parameters", "also", "does", "doing", "has_members", "help", "hidden", "words")

    def __init__(self, words: str, lines: list[str], shared: Mapping[str, str]) -> None:
        given = {"does": "", "also": "", "doing": "", "members": "", "hidden": ""}
        texts: list[str] = []
        self._lines: list[str] = []
        for line in lines:
            name, _, value = line.partition(" ")
            if name in given:
                given[name] = value
            elif name == "help":
                texts.append(value)
            elif name == "take":
                self._lines += [shared[item] for item in value.split(" ")]
            else:
                self._lines.append(line)
        self.words = words
        self.does = given["does"]
        self.help = "\n\n".join(texts)
        self.also = tuple(filter(None, given["also"].split(", ")))
        self.hidden = bool(given["hidden"])
        self.has_members = bool(given["members"])
        self.doing = given["doing"]
        self._parameters: tuple[Parameter, ...] | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes; with ``has_members`` also an option for each member of a profile, after its arguments."""
        if self._parameters is None:
            own = [parameter(line) for line in self._lines]
            members: tuple[Parameter, ...] = _imported("cli.member_options:OPTIONS") if self.has_members else ()
            arguments = [item for item in own if not item.spellings]
            ordered = [*arguments, *members, *(item for item in own if item.spellings)] if members else own
            self._parameters = tuple(ordered)
        return self._parameters

    def function(self) -> Callable[..., int]:
        """The function that runs it; it takes the parameters as keywords and returns the exit code."""
        found: Callable[..., int] = _imported(f"cli.{self.does}")
        return found

    def spelled(self) -> dict[str, Parameter]:
        """Each spelling of an option or flag with its parameter."""
        return {spelling: item for item in self.parameters for spelling in item.spellings}

    def usage(self) -> str:
        """How the command is written: ``cgw secret set [OPTIONS] REF``."""
        words = ["cgw", self.words]
        if any(item.spellings for item in self.parameters):
            words.append("[OPTIONS]")
        for item in self.parameters:
            if item.kind == "program":
                words.append(item.term())
            elif not item.spellings:
                words.append(item.term() if item.required else f"[{item.term()}]")
                if item.kind == "arguments" and not item.term().startswith("--"):
                    words[-1] += "..."
        return " ".join(words)

    @property
    def takes_client_options(self) -> bool:
        """Whether Claude Code's own options can follow after two dashes."""
        return any(item.kind == "arguments" and item.term().startswith("-- ") for item in self.parameters)

    @property
    def starts_a_program(self) -> bool:
        """Whether the line ends in another program's command line, which cgw does not read."""
        return any(item.kind == "program" for item in self.parameters)


def _imported(place: str):  # type: ignore[no-untyped-def]  # callers say what they expect there
    module, _, name = place.partition(":")
    # importlib would cost as much as a small command
    return getattr(__import__(f"claude_gw_cli.{module}", fromlist=[name]), name)


def _lines(paragraph: str) -> list[str]:
    return paragraph.replace("\n  ", " ").split("\n")[1:]


_, _EVERY, _GROUPS, _SHARED, *_ROWS = packaged_text("cli/commands.txt").rstrip().split("\n\n")
_BY_WORDS = {row[len("command ") : row.index("\n")]: row for row in _ROWS}

GLOBAL_FLAGS = tuple(map(parameter, _lines(_EVERY)))
"""Accepted by every command, at any place of its line."""

GROUPS = dict(line.split(": ", 1) for line in _lines(_GROUPS))
"""First words that have commands below them -> what the group is for."""

_SHARED_LINES = dict(line.split(" ", 1) for line in _lines(_SHARED))


def __getattr__(name: str) -> dict[str, Command]:
    if name != "COMMANDS":
        raise AttributeError(name)
    found = globals()[name] = {words: _command(words) for words in _BY_WORDS}
    return found


def _command(words: str) -> Command:
    return Command(words, _lines(_BY_WORDS[words]), _SHARED_LINES)


def find(words: list[str]) -> tuple[Command | None, list[str]]:
    """The command that a line begins with, and the rest of the line."""
    for count in (1, 2):
        if (first := " ".join(words[:count])) in _BY_WORDS:
            return _command(first), words[count:]
    return None, words
