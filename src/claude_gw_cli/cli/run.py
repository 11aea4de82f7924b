"""``cgw run -- COMMAND``: replace this process with a command under the profile's environment."""

from __future__ import annotations

import os

from claude_gw_cli.cli.env import MARKER
from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.grant import TRUST_VARIABLE
from claude_gw_cli.core.secret import filled
from claude_gw_cli.world.paths import working_dir

_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


class _CommandError(CgwError):
    """The command could not be started; the code is the one that every shell uses."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code


def run(*, command: tuple[str, ...], profile: str | None = None) -> int:
    """Replace the process. Returns only by raising.

    Raises:
        UsageError: no command was given.
    """
    from claude_gw_cli.cli.prepare import prepare

    if not command:
        raise UsageError("there is no command to run", hint="For example: cgw run -- claude")
    prepared = prepare(profile, os.environ, working_dir(), for_run=True)
    key, basic = prepared.key(os.environ), prepared.basic(os.environ)
    for line in prepared.warnings:
        info(line)
    earlier = os.environ.get(MARKER, "").split(",")
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {*prepared.clears, *earlier, MARKER, TRUST_VARIABLE}
    }
    for name, before, slot, front in prepared.sets:
        shown = basic.reveal() if basic and front else None
        env[name] = filled(before, key.reveal() if key else "", shown) if slot else before
    try:
        os.execvpe(command[0], command, env)
    except FileNotFoundError:
        raise _CommandError(f"{command[0]}: command not found", _NOT_FOUND) from None
    except OSError as error:
        raise _CommandError(f"{command[0]}: {error.strerror}", _NOT_EXECUTABLE) from None
