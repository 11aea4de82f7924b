"""What is here before anything is asked: everything at once, in a second and a half at most."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from claude_gw_cli.cli.plain_start import PlainStart, place
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import client, config, detect, paths, settings
from claude_gw_cli.world.paths import with_tilde
from claude_gw_cli.world.trust import is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.model import Profile

_CLIENT_SECONDS = 1.2
_KEYRING_SECONDS = 1.3


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
    clouds: tuple[str, ...]
    key_variables: tuple[str, ...]
    keyring: bool
    """Whether a key can be stored in a keyring here."""
    profiles: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, str]]:
        """``(what, words)`` of what is worth knowing."""
        yield "Claude Code", self.client or "not on PATH here: npm install -g @anthropic-ai/claude-code"
        if self.address:
            yield "set up", f"{masked_text(self.address)}, by {self.address_place}"
        for found in self.gateways:
            yield "gateway", f"{found.kind.title} answers at {found.url}"
        if self.key_variables:
            yield "key", f"in the variable {', '.join(self.key_variables)} of this shell"
        if self.vault:
            token = "a token is here" if self.vault.has_token else "no token is here"
            yield "Vault", f"{masked_text(self.vault.address)} ({self.vault.variable}); {token}"
        if self.clouds:
            yield "cloud", f"signed in to {' and '.join(self.clouds)}"
        yield "key store", "the keyring of this session" if self.keyring else "no keyring works here: a private file"


def look(env: Mapping[str, str], cwd: str) -> Look:
    """Look at the environment, the client and its settings, usual addresses, Vault, cloud logins and the keyring."""
    looks = {
        "client": lambda: _client(env),
        "start": lambda: _start(env, cwd),
        "gateways": detect.local_gateways,
        "keyring": lambda: has_keyring(env),
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
    start = PlainStart(env, cwd, newest(), trusted=is_allowed(env))
    if start.address is None or start.leads_astray:
        return "", "", ""
    file = start.address.winner.origin.file
    state = (
        settings.status(settings.Place("user", file, os.path.realpath(file)), paths.state_dir(env)) if file else None
    )
    return start.address.text.strip(), with_tilde(place(start.address), os.environ), state.profile if state else ""


def has_keyring(env: Mapping[str, str]) -> bool:
    """Whether there is a keyring that answers."""
    return detect.keyring_may_work(env) and _keyring(env)


def _keyring(env: Mapping[str, str]) -> bool:
    from claude_gw_cli import secrets
    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.secrets import keyring

    return keyring.is_usable(secrets.Context(Grant("typed"), env, time.monotonic() + _KEYRING_SECONDS))


def key_places(profile: Profile, env: Mapping[str, str], *, keyring: bool) -> tuple[str, ...]:
    """References under which cgw can store a key here, the best first."""
    file = f"file://{os.path.join(paths.config_dir(env), 'keys', profile.name)}"
    return (f"keyring://cgw/{profile.name}", file) if keyring else (file,)


def name_for(profile: Profile, env: Mapping[str, str]) -> str:
    """A profile's name from its address, or from its provider if that cannot be one."""
    from claude_gw_cli.core.presets import name_of

    name = config.plain_name(name_of(profile.gateway_url), profile.provider)
    try:
        config.profile_path(name, env)
    except CgwError:
        return profile.provider
    return name
