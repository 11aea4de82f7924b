"""From which cgw a completion script is: its version, and a digest of the command table. Light: `cgw status` asks."""

from __future__ import annotations

import os
from binascii import crc32

from claude_gw_cli import __version__
from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS


def edition() -> str:
    """The version and the table of this cgw, such as ``0.1.0 1f2e3d4c``."""
    parameters = [*GLOBAL_FLAGS, *(item for row in COMMANDS.values() for item in row.parameters)]
    spelled = [spelling for item in parameters for spelling in (*item.spellings, item.help)]
    return f"{__version__} {crc32(chr(10).join((*COMMANDS, *spelled)).encode()):08x}"


def outdated() -> list[str]:
    """The shells whose installed script is of another cgw, or gone."""
    from claude_gw_cli.world import completion

    found = completion.recorded(os.environ)
    now = edition() if found else ""
    return [item.shell for item in found if item.version != now or not os.path.isfile(item.script)]
