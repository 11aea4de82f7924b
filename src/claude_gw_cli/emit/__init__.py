"""Text for a target: what a shell evaluates, or what a program reads from a file, to have a profile's variables.

Pure and light, because `cgw env` runs in every new shell: no typing, re or json at import. A new shell is one row
here, a new file format one row in `formats`, each with one file for its renderer (docs/changing.md). A renderer
carries a value byte for byte or refuses it by name.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, unknown_choice
from claude_gw_cli.emit.common import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.emit.common import Renderer, Sets, Unsets
    from claude_gw_cli.emit.formats import Format

DIALECTS: tuple[str, ...]
"""The shells, then the file formats."""

_EVAL = 'eval "$(cgw env)"'

# Shell -> the file of its renderer, imported when it is asked for; the names of its programs, without path, ".exe"
# and a leading "-"; the line that a person types or puts into a profile.
SHELLS = {
    "bash": ("posix", "bash rbash", _EVAL),
    "zsh": ("posix", "zsh", _EVAL),
    "sh": ("posix", "sh dash ash busybox yash posh", _EVAL),
    "ksh": ("posix", "ksh ksh93 rksh mksh lksh oksh pdksh", _EVAL),
    "fish": ("fish", "fish", "cgw env --shell fish | source"),
    "tcsh": ("tcsh", "tcsh csh", 'eval "`cgw env --shell tcsh`"'),
    "nu": ("nu", "nu", "cgw env --shell json | from json | load-env"),
    "powershell": (
        "windows",
        "pwsh pwsh-preview powershell",
        "cgw env --shell powershell | Out-String | Invoke-Expression",
    ),
    "cmd": ("windows", "cmd", "for /f \"delims=\" %i in ('cgw env --shell cmd') do @%i"),
}
# Shells that are known and have no row: a guess could corrupt a value, so their users must choose.
_UNSUPPORTED = frozenset({"elvish", "xonsh", "murex", "rc", "es", "oil", "ysh", "ion"})

_PROGRAMS = {program: shell for shell, (_, programs, _) in SHELLS.items() for program in programs.split()}


def __getattr__(name: str) -> tuple[str, ...]:
    if name != "DIALECTS":
        raise AttributeError(name)
    from claude_gw_cli.emit.formats import FILE_FORMATS

    return (*SHELLS, *FILE_FORMATS)


def file_format(dialect: str) -> Format | None:
    """The row of a file format; ``None`` for a shell, and for what is neither."""
    if dialect in SHELLS:
        return None
    from claude_gw_cli.emit.formats import FILE_FORMATS

    return FILE_FORMATS.get(dialect)


def render(dialect: str, sets: Sets, unsets: Unsets) -> str:
    """The whole text, ending in a line break; nothing for nothing.

    Args:
        dialect: one of ``DIALECTS``.
        sets: names and values, in the order to show.
        unsets: names to take out of the environment; they come first.

    Raises:
        UsageError: the dialect is unknown, a name is not a variable's name, or the dialect cannot carry a value. The
            text names the variable and never quotes the value.
    """
    renderer = _renderer(dialect)
    for name in [*unsets, *(name for name, _ in sets)]:
        if not (name.isascii() and name.isidentifier()):
            raise UsageError(
                f"{name!r} is not a variable name",
                hint="A name has only letters, digits and underscores, and does not begin with a digit.",
            )
    for name, value in sets:
        if "\0" in value:
            raise refusal(dialect, name, "no environment variable can hold a NUL character")
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise refusal(dialect, name, "it is not valid UTF-8")
    return renderer(sets, unsets)


def canonical(shell: str) -> str:
    """The dialect of a shell's program name (``dash`` is ``sh``); other names as they are."""
    if shell in SHELLS or (program := _PROGRAMS.get(_program(shell))) is None:
        return shell
    return shell if file_format(shell) else program


def detect(env: Mapping[str, str], parent: str | None) -> str | None:
    """The dialect of the calling shell; ``sh``, which every POSIX shell reads, when no shell is to be seen.

    ``None`` for a shell that is known and not supported: its user must choose, a guess could corrupt a value.

    Args:
        env: the environment; only ``SHELL`` counts, the login shell, and only when the parent is not a shell.
        parent: the parent process's name or path, or ``None`` when unknown.
    """
    for name in (_program(parent or ""), _program(env.get("SHELL", ""))):
        if name in _PROGRAMS:
            return _PROGRAMS[name]
        if name in _UNSUPPORTED:
            return None
    return "sh"


def usage_hint(dialect: str) -> str:
    """The line to type: how a shell takes the text in, or where a file format goes."""
    row = file_format(dialect)
    return row.usage if row else SHELLS[dialect][2]


def _renderer(dialect: str) -> Renderer:
    row = file_format(dialect)
    if row is None and dialect not in SHELLS:
        raise unknown_choice("shell or format", dialect, __getattr__("DIALECTS"))
    name = row.module if row else SHELLS[dialect][0]
    # importlib would cost as much as the file itself
    found: Renderer = __import__(f"claude_gw_cli.emit.{name}", fromlist=["RENDERERS"]).RENDERERS[dialect]
    return found


def _program(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1].lower().removeprefix("-").removesuffix(".exe")
