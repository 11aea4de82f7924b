"""What this machine says about a question before it is asked: an address, a place for the key, and why.

Nothing is sent: the only connection is one to LiteLLM's default port on this machine, and it is closed at once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer to a question, and one line that says why; ``""`` where there is nothing to say."""

    answer: str
    why: str = ""


def gateway(env: Mapping[str, str]) -> Proposal:
    """The gateway's address."""
    if address := env.get("ANTHROPIC_BASE_URL", "").strip():
        return Proposal(address, "ANTHROPIC_BASE_URL is set to it in this shell")
    if _listens(DEFAULT_GATEWAY_URL):
        return Proposal(DEFAULT_GATEWAY_URL, "something on this machine listens at LiteLLM's default port")
    return Proposal(DEFAULT_GATEWAY_URL, "LiteLLM's default address; nothing listens there now")


def reference(name: str, env: Mapping[str, str]) -> Proposal:
    """Where the key of a profile can be."""
    for variable in ("ANTHROPIC_AUTH_TOKEN", "LITELLM_API_KEY", "LITELLM_MASTER_KEY"):
        if env.get(variable, "").strip():
            return Proposal(f"env://{variable}", f"{variable} is set in this shell")
    vault = (
        "; a Vault address is set here: vault://MOUNT/PATH#FIELD is possible, too" if env.get("VAULT_ADDR") else ""
    )
    if keyring_may_work(env):
        return Proposal(f"keyring://cgw/{name}", f"the keyring of this session{vault}")
    path = os.path.join(paths.config_dir(env), "keys", name)
    return Proposal(f"file://{path}", f"a private file, because this session has no keyring{vault}")


def keyring_may_work(env: Mapping[str, str]) -> bool:
    """Whether the session has what the platform's keyring needs: on Linux a session bus."""
    if sys.platform in ("darwin", "win32") or env.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = env.get("XDG_RUNTIME_DIR")
    return folder is not None and os.path.exists(os.path.join(folder, "bus"))


def _listens(url: str) -> bool:
    import socket

    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), _SECONDS).close()
    except OSError:
        return False
    return True
