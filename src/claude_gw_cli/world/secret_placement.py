"""May a literal key be written into this settings file, or would it travel from there to others?"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import RefusedError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import git
from claude_gw_cli.world.settings import Place

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_secret_may_be_written(where: Place, env: Mapping[str, str]) -> None:
    """Refuse a place from which a literal key would travel.

    The managed scope is the administrator's own decision: every user of the machine reads that file.

    Raises:
        RefusedError: project scope; a file that git tracks, or that a work tree has and does not ignore, by its own
            path or where its links end (a repository of dotfiles).
    """
    hint = "Let a helper fetch the key (--auth helper), or keep it in the environment: cgw env"
    if where.scope == "project":
        raise RefusedError("a key is never written into project settings: others read that file", hint=hint)
    for path in dict.fromkeys((where.path, where.target)):
        if git.tracked(path, env):
            raise RefusedError(f"a key is never written into a file that git tracks: {path}", hint=hint)
        if where.scope != "managed" and git.exposed(path, env):
            raise RefusedError(
                f"git does not say that it ignores {path}, so a key in it could be committed",
                hint=f"Ignore it first: echo {os.path.basename(path)} >> .gitignore",
            )
