"""What is here before anything is asked: everything at once, in a second and a half at most."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.key_store import keyring_works
from claude_gw_cli.cli.plain_start import set_up_here
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets.vault_auth import lacks_token
from claude_gw_cli.world import client, config, detect, paths, settings
from claude_gw_cli.world.paths import with_tilde

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from claude_gw_cli.core.model import Profile

_CLIENT_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Look:
    """What was found."""

    client: str
    """Path and version of Claude Code; empty without one."""
    address: str
    """The gateway that a plain `claude` would use here; empty without one, or if this user did not set it."""
    address_place: str
    """Where that address is set."""
    applied: str
    """The profile from which cgw has set it; empty where it was not cgw."""
    gateways: tuple[detect.LocalGateway, ...]
    vault: detect.Vault | None
    signed_in: bool
    """Whether a token for Vault is here."""
    clouds: tuple[str, ...]
    key_variables: tuple[str, ...]
    keyring: bool
    """Whether a key can be stored in a keyring here."""
    profiles: tuple[str, ...]

    def lines(self, given: str = "") -> Iterator[tuple[str, str]]:
        """``(what, words)`` of what is worth knowing; other gateways are not, where one was ``given``."""
        yield "Claude Code", self.client or "not on PATH here: npm install -g @anthropic-ai/claude-code"
        if self.address:
            yield "set up", f"{masked_text(self.address)}, by {self.address_place}"
        for found in self.gateways:
            if given and found.url != given:
                continue
            yield "gateway", f"{found.kind.title} answers at {found.url}"
        if self.key_variables:
            yield "key", f"in the variable {', '.join(self.key_variables)} of this shell"
        if self.vault:
            token = "a token is here" if self.signed_in else "no token is here"
            yield "Vault", f"{masked_text(self.vault.address)} ({self.vault.variable}); {token}"
        if self.clouds:
            yield "cloud", f"signed in to {' and '.join(self.clouds)}"
        yield "key store", "the keyring of this session" if self.keyring else "no keyring works here: a private file"


def look(env: Mapping[str, str], cwd: str) -> Look:
    """Look at the environment, the client and its settings, usual addresses, Vault, cloud logins and the keyring."""
    looks: dict[str, Callable[[], Any]] = {
        "client": lambda: _client(env),
        "start": lambda: _start(env, cwd),
        "gateways": detect.local_gateways,
        "keyring": keyring_works,
    }
    found = detect.together(looks, detect.SECONDS)
    address, where, applied = found.get("start", ("", "", ""))
    return Look(
        found.get("client", ""),
        address,
        where,
        applied,
        found.get("gateways", ()),
        detect.vault(env),
        not lacks_token({}, env),
        detect.cloud_logins(env),
        detect.key_variables(env),
        found.get("keyring", False),
        tuple(item.name for item in config.list_profiles(env)),
    )


def _client(env: Mapping[str, str]) -> str:
    program = client.find_client(env)
    version = client.client_version(program, env, _CLIENT_SECONDS) if program else None
    return (
        f"{version or 'of a version that it does not tell'} ({with_tilde(str(program), os.environ)})"
        if program
        else ""
    )


def _start(env: Mapping[str, str], cwd: str) -> tuple[str, str, str]:
    """The address that counts, where it is set, and the profile from which cgw set it."""
    address = set_up_here(env, cwd)
    if address is None:
        return "", "", ""
    file = address.winner.origin.file
    state = (
        settings.status(settings.Place("user", file, os.path.realpath(file)), paths.state_dir(env)) if file else None
    )
    return address.text.strip(), with_tilde(address.place, os.environ), state.profile if state else ""


def name_for(profile: Profile, env: Mapping[str, str]) -> str:
    """A profile's name from its address, or from its provider if that cannot be one."""
    from claude_gw_cli.core.presets import name_of

    name = config.plain_name(name_of(profile.gateway_url), profile.provider)
    try:
        config.profile_path(name, env)
    except CgwError:
        return profile.provider
    return name
