"""Vault and OpenBao as they are set up on this machine: what a profile still needs of it, and what to type."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.record import replace
from claude_gw_cli.secrets import http, vault, vault_auth

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Profile


def with_server(profile: Profile) -> Profile:
    """The profile with what only this shell says about its server, so that it works in every other; says so."""
    if not is_used(profile):
        return profile
    found = server_here(profile)
    for key, (name, value) in found.items():
        info(f"cgw: the profile has [vault] {key} = {masked_text(value)}, which {name} says in this shell")
    return with_table(profile, {key: value for key, (_, value) in found.items()})


def server_here(profile: Profile) -> dict[str, tuple[str, str]]:
    """Keys of ``[vault]`` that the profile leaves out -> the variable of this shell that says them, and its value."""
    table = profile.tables.get("vault", {})
    found = {key: (name, os.environ[name]) for key, name in vault.ambient(table, os.environ).items()}
    # An address can hold a password, which a profile never does.
    return {key: pair for key, pair in found.items() if "://" not in pair[1] or "@" not in pair[1]}


def with_table(profile: Profile, more: Mapping[str, str]) -> Profile:
    """The profile with more keys in its table ``[vault]``."""
    return replace(
        profile,
        tables={**profile.tables, "vault": {**profile.tables.get("vault", {}), **more}} if more else profile.tables,
    )


def say_what_it_needs(profile: Profile, helper: str = "") -> None:
    """The command for a server's address, or for a token, that is not here yet; nothing is asked of the server.

    Args:
        profile: any profile.
        helper: the name of its helper that was just written; empty: none was.
    """
    if not is_used(profile):
        return
    table = profile.tables.get("vault", {})
    here = vault.ambient(table, os.environ)
    address = str(table.get("address") or os.environ.get(here.get("address", ""), ""))
    change = f"cgw profile set {profile.name} --vault-address"
    if not address:
        info(f"cgw: warning: the profile does not say where its Vault server is: {change} https://HOST:8200")
        return
    try:
        http.check_address(address)
    except CgwError as error:
        info(f"cgw: warning: {here.get('address', 'address in [vault]')}: {error.message}")
        return
    if "address" not in table:
        keep = f"{change} {masked_text(address)}"
        info(f"cgw: the server's address is only in {here['address']} of this shell; to keep it: {keep}")
    if vault_auth.lacks_token(table, os.environ):
        info(f"cgw: warning: no Vault token is here yet; sign in: {login(address)}")
        if helper:
            info(f"  or set VAULT_TOKEN, and write the helper again: cgw helper install {helper}")


def login(address: str) -> str:
    """The command that signs in, of the program that is installed."""
    program = "bao" if shutil.which("bao") and not shutil.which("vault") else "vault"
    return f"{program} login -address={masked_text(address)}"


def is_used(profile: Profile) -> bool:
    """Whether a reference of the profile, or one in its tables, leads to Vault or OpenBao."""
    return any(map(_leads_there, (profile.secret, profile.front_auth, profile.tables)))


def _leads_there(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "transit" in value or any(map(_leads_there, value.values()))
    return isinstance(value, str) and value.startswith("vault://")
