"""Where each shell finds its completion script, and the record of what was written, so that it can be taken back."""

from __future__ import annotations

import os
import sys

from claude_gw_cli import __version__
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Installed:
    """What was written for one shell.

    Attributes:
        shell: as ``cgw env --shell`` names it.
        script: the file, absolute.
        startup: the shell's startup file with a line that reads the script; empty where the shell finds it itself.
        added: the bytes that were put at the end of the startup file, as text: the line, and what ended the last one.
        created: whether the startup file was not there before.
        made: directories that were not there before, innermost first.
        version: the cgw that made the script, and its command table.
    """

    shell: str
    script: str
    startup: str
    added: str
    created: bool
    made: tuple[str, ...]
    version: str


def install(
    shell: str, text: str, env: Mapping[str, str], platform: str = sys.platform, version: str = __version__
) -> Installed:
    """Write a shell's script and, where that shell needs it, one line in its startup file. Again: only the script.

    Args:
        shell: as ``cgw env --shell`` names it.
        text: the script.
        env: the environment.
        platform: as ``sys.platform``.
        version: what the script was made from, to be recorded.

    Raises:
        UsageError: only the shell knows its startup file.
        FileError, RefusedError, TryAgainError: a file cannot be written.
    """
    known = {item.shell: item for item in recorded(env)}
    before = known.get(shell)
    script, startup = _place(shell, env, platform)
    made = [*(before.made if before else ()), *_missing(script, startup)]
    added, created = (before.added, before.created) if before and before.startup == startup else ("", False)
    content = files.read_bytes(startup) if startup else None
    line = _line(shell, script)
    missing = bool(startup) and line.encode() not in (content or b"").splitlines()
    if missing:
        added = ("\n" if content and not content.endswith(b"\n") else "") + line + "\n"
        created = created or content is None
    done = Installed(shell, script, startup, added, created, tuple(dict.fromkeys(made)), version)
    _record({**known, shell: done}, env)  # first, so that nothing is written that is not recorded
    files.make_dirs(os.path.dirname(script), 0o755)
    files.replace(script, text.encode(), expected=files.read_bytes(script), mode=0o644)
    if missing:
        files.make_dirs(os.path.dirname(startup), 0o755)
        mode = 0o644 if content is None else None
        files.replace(startup, (content or b"") + added.encode(), expected=content, mode=mode)
    return done


def recorded(env: Mapping[str, str]) -> list[Installed]:
    """What is installed, as far as the record can be read."""
    try:
        rows = from_json(files.read_private(_record_file(env)) or b"[]")
        return [Installed(**{**row, "made": tuple(row["made"])}) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError, CgwError):
        return []


def uninstall(item: Installed, env: Mapping[str, str]) -> None:
    """Remove a script and take its line out of the startup file, which keeps every other byte.

    Raises:
        FileError, RefusedError, TryAgainError: a file cannot be changed.
    """
    script = files.read_bytes(item.script)
    if script is not None:
        files.remove(item.script, expected=script)
    content = files.read_bytes(item.startup) if item.startup else None
    if content is not None:
        left = _without(content, item.added.encode())
        if not left and item.created:
            files.remove(item.startup, expected=content)
        elif left != content:
            files.replace(item.startup, left, expected=content)
    known = {row.shell: row for row in recorded(env)}
    item = known.pop(item.shell, item)
    if others := list(known.values()):  # what is above both scripts was made for the first, and goes with the last
        made = dict.fromkeys((*others[-1].made, *item.made))
        others[-1] = replace(others[-1], made=tuple(sorted(made, key=len, reverse=True)))
    for folder in item.made:
        files.remove_dirs(folder, 1)
    _record({row.shell: row for row in others}, env)


def _without(content: bytes, added: bytes) -> bytes:
    """The content without what was added. Where something follows, the line break before the line stays."""
    if added and content.endswith(added):
        return content[: -len(added)]
    line = added.lstrip(b"\n")
    lines = content.splitlines(keepends=True)
    return b"".join(item for item in lines if not line or item != line)


def _place(shell: str, env: Mapping[str, str], platform: str) -> tuple[str, str]:
    """The script's file, and the startup file that must name it; empty where the shell finds the script itself."""
    home = paths.home(env)
    config, data = (_base(env, name, below) for name, below in (("CONFIG", ".config"), ("DATA", ".local/share")))
    own = os.path.join(paths.data_dir(env, platform), "completion")
    if shell == "fish":
        return os.path.join(config, "fish", "completions", "cgw.fish"), ""
    if shell == "nu":
        mac = platform == "darwin" and not os.path.isabs(env.get("XDG_CONFIG_HOME", ""))
        folder = os.path.join(home, "Library/Application Support") if mac else config
        return os.path.join(folder, "nushell", "autoload", "cgw.nu"), ""
    if shell == "zsh":
        return os.path.join(own, "cgw.zsh"), os.path.join(env.get("ZDOTDIR") or home, ".zshrc")
    if shell == "powershell" and platform == "win32":
        raise UsageError(
            "only PowerShell itself knows where its profile is on Windows",
            hint="Add this line to the file that $PROFILE names:\n"
            "cgw --show-completion powershell | Out-String | Invoke-Expression",
        )
    if shell == "powershell":
        return os.path.join(own, "cgw.ps1"), os.path.join(config, "powershell", "Microsoft.PowerShell_profile.ps1")
    startup = os.path.join(home, ".bash_profile" if platform == "darwin" else ".bashrc")
    loads = b"bash_completion" in (files.read_bytes(startup) or b"")
    return os.path.join(data, "bash-completion", "completions", "cgw"), "" if loads else startup


def _base(env: Mapping[str, str], name: str, below: str) -> str:
    given = env.get(f"XDG_{name}_HOME", "")
    return given if os.path.isabs(given) else os.path.join(paths.home(env), below)


def _line(shell: str, script: str) -> str:
    if shell == "powershell":
        quoted = script.replace("'", "''")
        return f"if (Test-Path -LiteralPath '{quoted}') {{ . '{quoted}' }}"
    import shlex

    quoted = shlex.quote(script)
    return f"[ ! -r {quoted} ] || . {quoted}"


def _missing(*found: str) -> list[str]:
    folders = [folder for path in found if path for folder in files.missing_dirs(os.path.dirname(path))]
    return sorted(dict.fromkeys(folders), key=len, reverse=True)


def _record(rows: Mapping[str, Installed], env: Mapping[str, str]) -> None:
    path = _record_file(env)
    if not rows:
        old = files.read_bytes(path)
        if old is not None:
            files.remove(path, expected=old)
        return
    names = Installed.__dataclass_fields__
    import json

    text = json.dumps([{name: getattr(row, name) for name in names} for row in rows.values()], indent=1)
    files.private_dir(os.path.dirname(path))
    files.write_private(path, text.encode() + b"\n")


def _record_file(env: Mapping[str, str]) -> str:
    return os.path.join(paths.state_dir(env), "completion.json")
