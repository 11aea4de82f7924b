"""Whether the key may be printed in one client start: the prediction of `cgw explain`, held against the profile.

Pure decisions over a snapshot of the client start, except that paths of certificate files are resolved. Imported only
where ``guard`` does not remember the start: this room's imports cost three interpreter starts.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.layers import Effective, Layered, effective
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.custom import parse_custom_headers
from claude_gw_cli.core.predict.providers import choose_route
from claude_gw_cli.core.predict.proxy import way_of
from claude_gw_cli.core.predict.target import request_target
from claude_gw_cli.facts import transport
from claude_gw_cli.facts.providers import PROVIDERS
from claude_gw_cli.facts.variables import FALSY
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.helper.address import origin, pinned
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import snapshot as world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.snapshot import SettingsFile, Snapshot
    from claude_gw_cli.helper.spec import Spec

_BASES = {provider.flag or "": provider.base for provider in PROVIDERS}
"""Switch -> base URL variable; ``""`` for no switch."""
_REPOSITORY = frozenset({"project", "local", "flag"})
"""Scopes that a repository can supply; a file named with ``--settings`` may lie in it."""
_OWN = frozenset({"user", "managed"})
_MENTION = lazy(transport.MENTION)
_MAY_NOT = lazy(transport.REPOSITORY_MAY_NOT)
_HARMLESS_OPTION = lazy(transport.HARMLESS_NODE_OPTION)
_VERSION = lazy(r"claude-code_(\d+)-(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Start:
    """One client start.

    Attributes:
        spec: the helper that is asked.
        snapshot: what the client sees.
        layers: its variables.
        is_client: False when a person runs the helper by hand.
    """

    spec: Spec
    snapshot: Snapshot
    layers: Effective
    is_client: bool


def problem(spec: Spec, env: Mapping[str, str], cwd: str, words: tuple[str, ...] | None) -> str:
    """Why the key must not be printed; empty when it may.

    Args:
        spec: the helper.
        env: the client's environment.
        cwd: its working directory.
        words: its command line, the program's name included; ``None`` where that cannot be read.
    """
    if not spec.origin:
        return "the helper was installed without a gateway; write it again"
    version = ".".join(found.groups()) if (found := _VERSION.match(env.get("AI_AGENT", ""))) else NEWEST
    arguments, _ = parse_arguments((words or ())[1:], version)
    seen = world.take(env, cwd, client_version=version, arguments=arguments, managed_dir=spec.managed)
    for file in seen.files:
        if doubt := _doubt(file):
            return doubt
    is_client = "CLAUDE_CODE_ENTRYPOINT" in env
    start = Start(spec, seen, effective(seen), is_client)
    found_problem = next(_problems(start), "")
    if words is None and not found_problem and _BASES[""] in env:
        # `--settings` beats the files, and a client puts its values into the environment of the helper: with those
        # over the files the requests must reach the gateway too. (2.0.45 hides its command line and exports some of
        # its settings only, no provider's base URL: there `--settings` is not seen.)
        process = {name: found.text for name, found in effective(seen).variables.items()} | dict(env)
        alone = replace(seen, files=(), claude_json={}, process=process)
        found_problem = next(_destinations(Start(spec, alone, effective(alone), is_client)), "")
    return found_problem


def _doubt(file: SettingsFile) -> str:
    """Why a document may be something else for the client than for us, where that could matter."""
    if file.status != "invalid":
        return ""
    if file.text is None:
        return f"{file.file} cannot be read ({file.reason})"
    # What the client drops is harmless, but that it drops exactly what we cannot read is not certain.
    if _MENTION.search(file.text.replace("\0", "")):
        return f"{file.file} cannot be read with certainty ({file.reason}), and it names variables of the client"
    return ""


def _problems(start: Start) -> Iterator[str]:
    yield from _destinations(start)
    for name, found in start.layers.variables.items():
        if not found.text.strip():
            continue
        if name in (*transport.PROXIES, *transport.ALL_PROXY):
            accepted = _accepts_proxy(start, name, found)
        elif name in transport.ROOTS:
            accepted = _is_settled(start, name, found) or _accepts_roots(start, found)
        elif name in transport.TRUST:
            accepted = _is_settled(start, name, found) or _checks_certificates(name, found)
        elif name in transport.DETOURS:
            accepted = _is_pinned(start, name, found.text) or (
                name == "NODE_OPTIONS" and all(map(_HARMLESS_OPTION.fullmatch, found.text.split()))
            )
        else:
            suspect = _is_repositorys(found) and name not in _BASES.values() and _MAY_NOT.fullmatch(name)
            accepted = not suspect or origin(found.text) == start.spec.origin
        if not accepted:
            from claude_gw_cli.core.masking import masked_value  # only where the key is refused

            # the client shows this text as it is; a passphrase or a password in a URL must not be in it
            yield f"{name} = {masked_value(name, found.text)[:80]!r} ({_place(found)}) changes how requests travel"
    for name in start.spec.ambient:
        credential = start.layers.variables.get(name)
        if credential and _is_repositorys(credential) and not _is_settled(start, name, credential):
            yield f"{name} ({_place(credential)}) changes the credential that the key is fetched with"
    custom = start.layers.variables.get("ANTHROPIC_CUSTOM_HEADERS")
    if custom and _is_repositorys(custom):
        lines = parse_custom_headers(custom.text, start.snapshot.client_version).lines
        if "host" in lines:
            yield f"ANTHROPIC_CUSTOM_HEADERS ({_place(custom)}) sets another Host"


def _destinations(start: Start) -> Iterator[str]:
    """Every address that requests may go to, in any release: each provider that is switched on in some way."""
    spec, layers = start.spec, start.layers
    flags = [
        name
        for name, found in layers.variables.items()
        if name.startswith("CLAUDE_CODE_USE_")
        and name not in transport.IDLE_FLAGS
        and found.text.strip().lower() not in FALSY
    ]
    for flag in flags or [""]:
        if flag not in _BASES:
            yield f"{flag} ({_place(layers.variables[flag])}) may choose another provider"
            continue
        base = layers.variables.get(_BASES[flag])
        if base is None or not base.text.strip():
            if base is None and not flag and not start.is_client:
                return  # nothing is configured and no client is asking: a person tries the helper by hand
            where = _place(base or layers.variables.get(flag))
            yield f"{_BASES[flag]} is not set ({where}): the client would use the provider's own address"
        elif origin(base.text) != spec.origin:
            leads = origin(base.text) or "an address that is not a plain URL"
            yield f"{_BASES[flag]} leads to {leads} ({_place(base)})"
    url, _, _ = request_target(choose_route(start.snapshot, layers), start.snapshot, layers, None)
    if url and origin(url) != spec.origin:
        yield f"the client's requests would go to {origin(url)}"


def _accepts_proxy(start: Start, name: str, found: Layered) -> bool:
    """A proxy that the user chose; for plain http, which it can read, one that was known at install."""
    spec = start.spec
    if origin(found.text) == spec.origin or _is_settled(start, name, found):
        return True
    exempt = way_of(spec.origin, start.layers, start.snapshot.client_version).kind == "direct"
    if exempt and "AI_AGENT" in start.snapshot.process:
        return True  # clients that tell their version also know NO_PROXY
    return found.winner.origin.scope == "process" and (exempt or spec.origin.startswith("https:"))


def _accepts_roots(start: Start, found: Layered) -> bool:
    """Certificate files of the user's, at an absolute path outside of the repository."""
    if found.winner.origin.scope != "process":
        return False
    return all(_is_outside(path, start.snapshot) for path in found.text.split(os.pathsep))


def _checks_certificates(name: str, found: Layered) -> bool:
    if name == "CLAUDE_CODE_CERT_STORE":
        return not _is_repositorys(found)
    return found.text.strip() != "0"


def _is_settled(start: Start, name: str, found: Layered) -> bool:
    """Set by the user's own or the administrator's settings, or the same as when the helper was installed."""
    if name in transport.ROOTS and not all(
        _is_outside(path, start.snapshot) for path in found.text.split(os.pathsep)
    ):
        return False
    values = [value for value in (found.winner, *found.shadowed) if value.origin.scope in _OWN]
    return any(value.text == found.text for value in values) or _is_pinned(start, name, found.text)


def _is_pinned(start: Start, name: str, text: str) -> bool:
    known = dict(pair.partition(" ")[::2] for pair in start.spec.wiring)
    return name in known and known[name] == pinned(name, text)


def _is_outside(path: str, snapshot: Snapshot) -> bool:
    """Whether a file is at an absolute path that no repository around the working directory supplies."""
    if not os.path.isabs(path):
        return False
    folder = os.path.realpath(snapshot.cwd)
    above = folder
    while os.path.dirname(above) != above:
        if os.path.lexists(os.path.join(above, ".git")):
            folder = above
            break
        above = os.path.dirname(above)
    home = os.path.realpath(snapshot.home)
    if home == folder or home.startswith(os.path.join(folder, "")):
        return True  # the home directory is not a repository
    return not any(
        f"{found}/".startswith(os.path.join(folder, "")) for found in (os.path.realpath(path), os.path.normpath(path))
    )


def _is_repositorys(found: Layered) -> bool:
    return found.winner.origin.scope in _REPOSITORY


def _place(found: Layered | None) -> str:
    return (found.winner.origin.file if found else None) or "the environment"
