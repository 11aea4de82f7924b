"""Everything that cgw has written in a user's home, so that it can be taken back.

Only finds and removes; ``cli.uninstall`` undoes settings and helpers first and says what happens.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import completion, files, homes, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STARTUP_FILES = (
    ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zprofile", ".zshenv", ".kshrc", ".tcshrc",
    ".config/fish/config.fish", ".config/nushell/config.nu", ".config/nushell/env.nu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StartupLine:
    """A line of a shell's startup file that names cgw. It is the user's, so it is shown and not removed."""

    file: str
    number: int
    text: str


def recorded_settings(env: Mapping[str, str]) -> list[str]:
    """Every settings file that has a record of cgw's changes, links resolved, by its path; wherever it is.

    A record that cannot be read names no file; ``cgw settings status`` in its directory reports it.
    """
    found = homes.recorded(homes.own(env))
    return sorted({item.file for item in found if isinstance(item, homes.Recorded)})


def own_directories(env: Mapping[str, str]) -> list[str]:
    """Cgw's own directories that exist: configuration, state, cache, facts, and the runtime directory's part."""
    candidates = [paths.config_dir(env), paths.state_dir(env), paths.cache_dir(env), paths.data_dir(env)]
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        candidates.append(os.path.join(runtime, "cgw"))
    return [path for path in dict.fromkeys(candidates) if os.path.lexists(path)]


def remove_directory(path: str, env: Mapping[str, str]) -> None:
    """Remove one of cgw's own directories, and those above it that are empty then, up to the home directory.

    Raises:
        FileError: it cannot be removed.
    """
    try:
        if os.path.islink(path):
            os.unlink(path)  # what it points to is not cgw's alone
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise files.failure("remove", error.filename or path, error) from None
    home = os.path.realpath(paths.home(env))
    above = os.path.dirname(path)
    while os.path.realpath(above).startswith(home + os.sep):
        try:
            os.rmdir(above)
        except OSError:
            return
        above = os.path.dirname(above)


def startup_lines(env: Mapping[str, str]) -> Iterator[StartupLine]:
    """The lines of the shells' startup files that name cgw, without those that read a completion script."""
    home = paths.home(env)
    own = {item.added.strip() for item in completion.recorded(env)}
    for name in _STARTUP_FILES:
        path = os.path.join(home, name)
        try:
            text = (files.read_bytes(path) or b"").decode("utf-8", "replace")
        except CgwError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if "cgw " in line and line not in own and not line.lstrip().startswith("#"):
                yield StartupLine(path, number, line.strip())
