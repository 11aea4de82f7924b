"""What ``cgw doctor`` saw last, so that ``cgw status`` can say it without asking the gateway again."""

from __future__ import annotations

import os
import time

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = 50
"""Gateways whose last result is kept."""


@dataclass(frozen=True, slots=True)
class Health:
    """One result of ``cgw doctor``."""

    verdict: str
    """``ok`` or ``fail``."""
    at: int
    """Seconds since 1970."""
    cause: str
    """The first failing probe's cause; empty where all is well."""


def remember(gateway_url: str, verdict: str, cause: str, env: Mapping[str, str]) -> None:
    """Keep a result; an address can hold a password, so it is masked.

    A directory that cannot be written is not an error: only ``cgw status`` knows less then.
    """
    address = masked_text(gateway_url)
    known = {url: row for url, row in _read(env).items() if url != address}
    known[address] = {"verdict": verdict, "at": int(time.time()), "cause": masked_text(cause)}
    import json

    try:
        files.private_dir(paths.state_dir(env))
        files.write_private(_path(env), json.dumps(dict(list(known.items())[-_KEPT:]), indent=1).encode())
    except CgwError:
        pass


def last(gateway_url: str, env: Mapping[str, str]) -> Health | None:
    """The last result for a gateway; ``None`` if there is none, or it cannot be read."""
    row = _read(env).get(masked_text(gateway_url))
    try:
        return Health(str(row["verdict"]), int(str(row["at"])), str(row["cause"])) if row else None
    except (KeyError, TypeError, ValueError):
        return None


def _read(env: Mapping[str, str]) -> dict[str, dict[str, object]]:
    try:
        found = from_json(files.read_private(_path(env)) or b"{}")
    except (ValueError, CgwError):
        return {}
    return found if isinstance(found, dict) else {}


def _path(env: Mapping[str, str]) -> str:
    return os.path.join(paths.state_dir(env), "health.json")
