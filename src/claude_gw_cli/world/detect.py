"""What this machine says about a set-up before anything is asked. Bounded in time; no content of a login is read.

Connections go to the usual ports of gateways on this machine only, and carry no credential.
"""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from claude_gw_cli.facts.gateways import HELLOS, KINDS, find_kind
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.facts.gateways import Kind

SECONDS = 1.5
"""How long all the looks together may take."""
PORTS: tuple[int, ...] = tuple(dict.fromkeys(kind.port for kind in KINDS if kind.port))
KEY_VARIABLES = ("LITELLM_API_KEY", "LITELLM_MASTER_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
_LOCAL_SECONDS = 1.2
_CONNECT_SECONDS = 0.2
_ANSWER_SECONDS = 0.7
_ANSWER_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class LocalGateway:
    """A gateway on this machine that answered."""

    url: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Vault:
    """A Vault or OpenBao server that the environment names."""

    variable: str
    address: str


def together(looks: Mapping[str, Callable[[], Any]], seconds: float) -> dict[str, Any]:
    """What each of these found, all at once; one that failed, or is not back in time, is left out."""
    found: dict[str, Any] = {}

    def run(name: str, look: Callable[[], Any]) -> None:
        try:
            found[name] = look()
        except Exception:  # noqa: BLE001  # a look that fails has seen nothing: the question is asked without it
            return

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in looks.items()]
    end = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return dict(found)


def local_gateways() -> tuple[LocalGateway, ...]:
    """The gateways that answer at their usual port on this machine, in the order of the table."""
    urls = [f"http://127.0.0.1:{port}" for port in PORTS]
    found = together({url: partial(recognized, url) for url in urls}, _LOCAL_SECONDS)
    return tuple(LocalGateway(url, kind) for url in urls if (kind := found.get(url)))


def recognized(url: str) -> Kind | None:
    """The kind of gateway that answers at an address on this machine, by its public pages; no key is sent."""
    import http.client

    if not listens(url):
        return None
    parts = urlsplit(url)
    for path in HELLOS:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(_ANSWER_BYTES).decode("utf-8", "replace")
            if kind := find_kind(body, tuple(name.lower() for name, _ in answer.getheaders())):
                return kind
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
    return None


def listens(url: str) -> bool:
    """Whether anything takes connections at an address on this machine; it is closed at once."""
    import socket

    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), _CONNECT_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def vault(env: Mapping[str, str]) -> Vault | None:
    """The server that ``VAULT_ADDR`` or ``BAO_ADDR`` names."""
    found = ((name, env.get(name, "").strip()) for name in ("VAULT_ADDR", "BAO_ADDR"))
    return next((Vault(*pair) for pair in found if pair[1]), None)


def cloud_logins(env: Mapping[str, str]) -> tuple[str, ...]:
    """The cloud logins on this machine, by the existence of their files; none is opened."""
    home = paths.home(env)
    google = env.get("GOOGLE_APPLICATION_CREDENTIALS") or os.path.join(
        env.get("CLOUDSDK_CONFIG") or os.path.join(home, ".config", "gcloud"), "application_default_credentials.json"
    )
    amazon = env.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.join(home, ".aws", "credentials")
    has_amazon = env.get("AWS_PROFILE") or env.get("AWS_ACCESS_KEY_ID") or os.path.isfile(amazon)
    has_amazon = has_amazon or os.path.isfile(env.get("AWS_CONFIG_FILE") or os.path.join(home, ".aws", "config"))
    found = (("Google", os.path.isfile(google)), ("AWS", bool(has_amazon)))
    return tuple(name for name, is_there in found if is_there)


def key_variables(env: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of this environment that usually hold a gateway's key; their values are not looked at."""
    return tuple(name for name in KEY_VARIABLES if env.get(name, "").strip())
