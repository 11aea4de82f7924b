"""Text for a target: what a shell evaluates, or what a program reads from a file, to have a profile's variables.

Pure and light, for this room is on the hot path of `cgw env`: no typing, re or json at import. A new dialect is a
row of `_FAMILIES`, its hint, and its renderer in the file of its family. A dialect carries a
value byte for byte or refuses it by name; there is no third way.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, unknown_choice
from claude_gw_cli.emit.common import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.emit.common import Renderer, Sets, Unsets

# Dialect -> the file of its family, imported when it is asked for.
_FAMILIES = {
    "bash": "posix", "zsh": "posix", "sh": "posix", "ksh": "posix", "fish": "fish", "tcsh": "tcsh", "nu": "nu",
    "powershell": "windows", "cmd": "windows",
    "dotenv": "dotenv", "docker": "dotenv", "github": "ci", "gitlab": "ci", "systemd": "dotenv",
    "json": "editors", "vscode": "editors", "devcontainer": "editors",
}  # fmt: skip
DIALECTS = tuple(_FAMILIES)

# The one line a person types or puts into a profile; for a file format, what it is for.
_HINTS = {
    "fish": "cgw env --shell fish | source",
    "tcsh": 'eval "`cgw env --shell tcsh`"',
    "nu": "cgw env --shell json | from json | load-env",
    "powershell": "cgw env --shell powershell | Out-String | Invoke-Expression",
    "cmd": "for /f \"delims=\" %i in ('cgw env --shell cmd') do @%i",
    "dotenv": "cgw env --shell dotenv > .env",
    "docker": "docker run --env-file <(cgw env --shell docker) IMAGE",
    "github": 'cgw env --shell github >> "$GITHUB_ENV"',
    "gitlab": "cgw env --shell gitlab > cgw.env    # artifacts: reports: dotenv: cgw.env",
    "systemd": "cgw env --shell systemd > cgw.env    # EnvironmentFile=/path/to/cgw.env",
    "json": "cgw env --shell json > cgw.json",
    "vscode": "cgw env --shell vscode    # add it to the user settings of VS Code",
    "devcontainer": "cgw env --shell devcontainer    # add it to devcontainer.json",
}

# The programs' names, without path, "-" of a login shell and ".exe".
_PROGRAMS = {
    "bash": "bash", "rbash": "bash", "zsh": "zsh",
    "sh": "sh", "dash": "sh", "ash": "sh", "busybox": "sh", "yash": "sh", "posh": "sh",
    "ksh": "ksh", "ksh93": "ksh", "rksh": "ksh", "mksh": "ksh", "lksh": "ksh", "oksh": "ksh", "pdksh": "ksh",
    "fish": "fish", "tcsh": "tcsh", "csh": "tcsh", "nu": "nu",
    "pwsh": "powershell", "pwsh-preview": "powershell", "powershell": "powershell", "cmd": "cmd",
}  # fmt: skip
_FOREIGN = frozenset({"elvish", "xonsh", "murex", "rc", "es", "oil", "ysh", "ion"})


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
    if dialect not in _FAMILIES:
        raise unknown_choice("shell or format", dialect, DIALECTS)
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
    return _renderer(dialect)(sets, unsets)


def canonical(shell: str) -> str:
    """The dialect of a shell's program name (``dash`` is ``sh``); other names as they are."""
    return shell if shell in _FAMILIES else _PROGRAMS.get(_program(shell), shell)


def detect(env: Mapping[str, str], parent: str | None) -> str | None:
    """The dialect of the calling shell; ``sh``, which every POSIX shell reads, when no shell is to be seen.

    ``None`` for a shell that is known and not supported: its user must choose, a guess could corrupt a value.

    Args:
        env: the environment; only ``SHELL`` counts, the login shell, and only when the parent is no shell.
        parent: the parent process's name or path, or ``None`` when unknown.
    """
    for name in (_program(parent or ""), _program(env.get("SHELL", ""))):
        if name in _FOREIGN:
            return None
        if name in _PROGRAMS:
            return _PROGRAMS[name]
    return "sh"


def usage_hint(dialect: str) -> str:
    """The line to type: how a shell takes the text in, or where a file format goes."""
    return _HINTS.get(dialect, 'eval "$(cgw env)"')


def _renderer(dialect: str) -> Renderer:
    # importlib would cost as much as the family itself
    family = __import__(f"claude_gw_cli.emit.{_FAMILIES[dialect]}", fromlist=["RENDERERS"])
    found: Renderer = family.RENDERERS[dialect]
    return found


def _program(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1].lower().removeprefix("-").removesuffix(".exe")
