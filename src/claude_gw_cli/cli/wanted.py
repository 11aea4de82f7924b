"""The command line of ``cgw init``, and what an address in place of the name decides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from claude_gw_cli.cli.out import info
from claude_gw_cli.core import presets
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.world import config
from claude_gw_cli.world.profile_text import ascii_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import SettingsScope


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line of ``cgw init``; ``None`` where an option was not given."""

    name: str | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    models: Mapping[str, str | None] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    source: str | None = None
    scope: SettingsScope | Literal["none"] = "none"
    yes: bool = False
    dry_run: bool = False
    sha256: str | None = None
    gateway: str | None = None
    from_current: bool = False
    signed_by: str | None = None
    store_key: bool = False
    by_address: bool = False
    """The address was given in place of the name: nothing is asked but the key."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Literal headers that the kind of gateway needs."""


def with_preset(wanted: Wanted) -> Wanted:
    """The command line with what an address in place of the name, and ``--gateway``, decide.

    Raises:
        UsageError: two addresses, or a kind of gateway that is not known.
    """
    given = {key: value for key, value in wanted.values.items() if value is not None}
    name = wanted.name
    by_address = name is not None and presets.is_address(name)
    if by_address and name is not None:
        if "gateway_url" in given or wanted.source:
            other = "--gateway-url" if "gateway_url" in given else "--from"
            raise UsageError(f"{name!r} is an address, and {other} is another one", hint="Give one of them.")
        given["gateway_url"], name = name, None
    if "gateway_url" in given:
        typed = given["gateway_url"]
        url, left_out = presets.without_page(presets.with_scheme(typed))
        given["gateway_url"] = ascii_host(url)
        if left_out or ("://" not in typed and "://" in url):
            info(f"cgw: the address is taken as {given['gateway_url']}{f' ({left_out})' if left_out else ''}")
        if problem := presets.own_api(url):
            info(f"cgw: warning: {problem}")
    if by_address:
        gateway_root(given["gateway_url"])
        name = _named_by(given["gateway_url"])
    kind = presets.chosen(wanted.gateway) if wanted.gateway is not None else None
    if by_address and kind is None and (kind := presets.recognized(given["gateway_url"])) is not None:
        info(f"cgw: by its address this is {kind.title} (another kind: --gateway KIND)")
    if wanted.gateway and kind and name is None and "provider" not in given and not wanted.source:
        name = kind.name
    headers: Mapping[str, str] = {}
    if by_address or kind or "key_header" in given:
        found = presets.preset(kind, given, named=wanted.gateway is not None)
        wholly = by_address or kind is not None
        given |= {key: text for key, text in found.fields.items() if wholly or key == "key_format"}
        headers = found.headers
        for line in found.said:
            info(f"cgw: {line}")
    return replace(wanted, name=name, values=given, headers=headers, by_address=by_address)


def _named_by(url: str) -> str:
    """The name of a profile for an address.

    Raises:
        UsageError: a profile for another gateway on that host has it.
    """
    name = config.plain_name(presets.name_of(url), "gateway")
    path = config.profile_path(name, os.environ)
    try:
        if not os.path.isfile(path):
            return name
        old = config.read(config.ProfileFile(name, path, "option"), os.environ).profile
        if gateway_root(old.gateway_url) == gateway_root(url):
            return name
    except CgwError:
        return name
    raise UsageError(
        f"the profile {name} is for {old.gateway_url}",
        hint="Give this one a name: "
        f"cgw init NAME --gateway-url {url} --provider {presets.provider_at(url, presets.recognized(url))}\n"
        f"Or change the one that is here: cgw init {name} --gateway-url {url}",
    )
