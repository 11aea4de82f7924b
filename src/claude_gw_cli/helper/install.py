"""Installing a helper: profile -> spec and script in cgw's configuration directory; listing and removing them.

Writes only cgw's own files; the settings that name the helper are the business of ``cgw settings apply``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from claude_gw_cli import __version__, secrets
from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.facts import modes
from claude_gw_cli.helper import guard, script
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.spec import Spec
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets.pin import pin
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Profile

CACHES = ("file", "keyring", "none")


@dataclass(frozen=True, slots=True)
class InstalledHelper:
    """A helper on disk.

    Attributes:
        name: the profile's name.
        path: the script, absolute.
        command: what ``apiKeyHelper`` must say: the path, quoted for ``/bin/sh -c`` where it needs it.
        ttl_ms: what ``CLAUDE_CODE_API_KEY_HELPER_TTL_MS`` must say, milliseconds.
        reference: the secret reference, for people.
    """

    name: str
    path: str
    command: str
    ttl_ms: int
    reference: str


def install(profile: Profile, env: Mapping[str, str], grant: Grant, *, cache: str | None = None) -> InstalledHelper:
    """Write (or write anew) the helper of a profile. The key itself is not fetched.

    Args:
        profile: the profile; its ``secret`` is pinned, its ``[helper]`` table may say ``cache``, ``hold_seconds``,
            ``ttl_seconds`` and ``pass_env``.
        env: the environment that says where things are now.
        grant: the permission to act for the profile.
        cache: ``file``, ``keyring`` or ``none``, instead of the profile's.

    Raises:
        UsageError: the profile has no secret, or its reference or tables cannot be meant.
        FileError, RefusedError: the files cannot be written.
    """
    compiled = compile_spec(profile, env, grant, cache=cache)
    folder = files.private_dir(helpers_folder(env))
    spec_path, script_path = os.path.join(folder, f"{profile.name}.spec"), _script_path(profile.name, env)
    files.write_private(spec_path, specs.dumps(compiled).encode())
    if os.name == "nt":
        text = script.render_cmd(spec_path, sys.executable, _library_paths())
    else:
        text = script.render(compiled, spec_path, sys.executable, _library_paths(), __version__)
    files.write_private(script_path, text.encode(), mode=0o700)
    return _described(compiled, script_path)


def planned(profile: Profile, env: Mapping[str, str], grant: Grant) -> InstalledHelper:
    """What ``install`` would return, without writing anything; errors as there."""
    return _described(compile_spec(profile, env, grant), _script_path(profile.name, env))


def compile_spec(profile: Profile, env: Mapping[str, str], grant: Grant, *, cache: str | None = None) -> Spec:
    """A profile as a spec, without writing anything; arguments and errors as ``install``."""
    if profile.secret is None:
        raise UsageError(
            f"profile {profile.name!r} does not say where its key is",
            hint="cgw init " + profile.name + " --secret REF",
        )
    context = secrets.Context(grant, env, tables=profile.tables)
    pinned = pin(profile.secret, context)
    table = profile.tables.get("helper", {})
    kind = cache or str(table.get("cache", "file"))
    if kind not in CACHES:
        raise UsageError(f"there is no helper cache {kind!r}", hint=f"It is one of: {', '.join(CACHES)}")
    lifetime = pinned.lifetime
    ttl = _seconds(table, "ttl_seconds") or expiry.fitting_ttl(lifetime)
    mode = modes.find_mode(profile.provider, profile.credentials)
    where, fallback = _cache_folders(profile.name, env)
    compiled = Spec(
        name=profile.name,
        reference=pinned.reference,
        origin=guard.origin(profile.gateway_url),
        variable=mode.base_variable if mode else "ANTHROPIC_BASE_URL",
        ttl=f"{ttl:g}",
        hold=f"{_seconds(table, 'hold_seconds') or expiry.HOLD:g}",
        cache=where if kind != "none" and pinned.cacheable else "",
        keep=pin(f"keyring://cgw-cache/{profile.name}", context).reference if kind == "keyring" else "",
        fallback=fallback,
        tables=json.dumps(pinned.tables, sort_keys=True),
        managed=paths.managed_dir(),
        watch=pinned.watch,
        ambient=pinned.ambient,
        route=tuple(_routes()),
        plugin=tuple(" ".join(pair) for pair in pinned.plugins),
    )
    if any("\n" in value for value in (compiled.reference, compiled.tables, *pinned.watch)):
        raise UsageError("a helper's reference cannot contain a line break")
    return compiled


def installed(env: Mapping[str, str]) -> list[InstalledHelper]:
    """The helpers that are installed, by name."""
    try:
        names = sorted(name for name in os.listdir(helpers_folder(env)) if name.endswith(".spec"))
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        data = files.read_private(os.path.join(helpers_folder(env), name))
        if data is not None:
            compiled = specs.loads(data.decode("utf-8", "replace"), name)
            found.append(_described(compiled, _script_path(compiled.name, env)))
    return found


def find(name: str, env: Mapping[str, str]) -> InstalledHelper:
    """One installed helper.

    Raises:
        UsageError: there is none of that name; the text lists those that exist.
    """
    known = installed(env)
    for item in known:
        if item.name == name:
            return item
    raise UsageError(
        f"there is no helper {name!r} (installed: {', '.join(item.name for item in known) or 'none'})",
        hint=f"Install it: cgw helper install {name}",
    )


def uninstall(name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Remove a helper's script, spec and cache; returns the paths that were removed."""
    from claude_gw_cli.helper.cache import Cache
    from claude_gw_cli.helper.runtime import load, open_cache

    find(name, env)
    compiled = load(name, env)
    if (cache := open_cache(compiled, env)) is not None:
        cache.clear()
    for folder in (compiled.cache, compiled.fallback):
        if folder:
            Cache(folder, compiled.key, "", ()).clear()
    removed = (_script_path(name, env), os.path.join(helpers_folder(env), f"{name}.spec"))
    for path in removed:
        data = files.read_bytes(path)
        if data is not None:
            files.remove(path, expected=data)
    return removed


def _described(compiled: Spec, path: str) -> InstalledHelper:
    return InstalledHelper(
        compiled.name, path, script.command(path), int(float(compiled.ttl) * 1000), compiled.reference
    )


def helpers_folder(env: Mapping[str, str]) -> str:
    """Where scripts and specs are."""
    return os.path.join(paths.config_dir(env), "helpers")


def _script_path(name: str, env: Mapping[str, str]) -> str:
    return os.path.join(helpers_folder(env), name + (".cmd" if os.name == "nt" else ""))


def _cache_folders(name: str, env: Mapping[str, str]) -> tuple[str, str]:
    """The runtime directory (memory, gone after log-out) where there is one, and the cache directory."""
    lasting = os.path.join(paths.cache_dir(env), f"helper-{name}")
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        return os.path.join(runtime, "cgw", f"helper-{name}"), lasting
    return lasting, ""


def _routes() -> list[str]:
    """``FLAG BASE_VARIABLE`` of every provider that a flag switches on."""
    found: dict[str, str] = {}
    for mode in modes.MODES:
        for flag, _ in mode.flags:
            if flag.startswith("CLAUDE_CODE_USE_"):
                found[flag] = mode.base_variable
    return [f"{flag} {variable}" for flag, variable in found.items()]


def _library_paths() -> list[str]:
    """The folders of cgw and of its libraries, as this process found them: the helper will look nowhere else."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(secrets.__file__)))
    return list(
        dict.fromkeys(
            path
            for path in (os.path.dirname(own), *sys.path)
            if os.path.isabs(path)
            and (path == os.path.dirname(own) or path.endswith(("site-packages", "dist-packages")))
        )
    )


def _seconds(table: Mapping[str, object], name: str) -> float | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise UsageError(f"[helper] {name} must be a number of seconds above 0")
    return float(value)
