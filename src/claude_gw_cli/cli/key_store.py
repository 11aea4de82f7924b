"""Where a key can be stored here: one answer for the wizard and for every advice."""

from __future__ import annotations

import os
import sys
import time

from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import lru_cache
from claude_gw_cli.world import paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS = 1.3
_EXAMPLE = "keyring://cgw/NAME"
"""How a text of the lower floors, which do not look at this machine, writes a place for a key."""


def keyring_may_work(env: Mapping[str, str]) -> bool:
    """Whether the session has what the platform's keyring needs: on Linux a session bus."""
    if sys.platform in ("darwin", "win32") or env.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = env.get("XDG_RUNTIME_DIR")
    return folder is not None and os.path.exists(os.path.join(folder, "bus"))


@lru_cache(maxsize=1)
def keyring_works() -> bool:
    """Whether there is a keyring that answers; asked once, because it takes a process."""
    if not keyring_may_work(os.environ):
        return False
    from claude_gw_cli import secrets
    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.secrets import keyring

    return keyring.is_usable(secrets.Context(Grant("typed"), os.environ, time.monotonic() + _SECONDS))


def is_keyring(place: str | None) -> bool:
    """Whether a reference is to a keyring."""
    return place is not None and place.startswith("keyring:")


def file_place(name: str) -> str:
    """The private file for the key of a profile, as a reference."""
    return paths.key_file_for(name, os.environ)


def completing(name: str, missing: Sequence[str]) -> str:
    """The command that fills in what a profile leaves out; a place for its key can be taken as it is written."""
    options = (f"{option} {file_place(name) if option == '--secret' else '…'}" for option in missing)
    return f"cgw profile set {name} {' '.join(options)}"


def key_place(name: str) -> str:
    """The reference under which the key of a profile can be stored here."""
    return f"keyring://cgw/{name}" if keyring_works() else file_place(name)


def advised(text: str, *, offline: bool = False) -> str:
    """A text with the place that works here instead of the example of one; ``offline``: no process may be started."""
    if _EXAMPLE not in text:
        return text
    return text.replace(_EXAMPLE, file_place("NAME") if offline else key_place("NAME"))


def told(place: str) -> str:
    """A place of ``key_place`` in words."""
    return "this session's keyring" if is_keyring(place) else f"the private file {place[7:]}"
