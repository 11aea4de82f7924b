"""Installing a helper: profile -> spec and script in cgw's configuration directory.

A helper belongs to one profile file. Its name is the profile's; only where another profile's helper has that name
already, a number is appended. Writes only cgw's own files; ``cgw settings apply`` writes the settings that name it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

from claude_gw_cli import __version__, secrets
from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import CgwError, UsageError, unknown_choice
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.facts.transport import ROOTS, WATCHED
from claude_gw_cli.helper import address, script
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.cache import Cache
from claude_gw_cli.helper.installed import (
    InstalledHelper,
    cache_folders,
    clear_key,
    described,
    helpers_folder,
    installed,
    own_file,
    script_path,
)
from claude_gw_cli.helper.runtime import load
from claude_gw_cli.helper.shared import plain_name
from claude_gw_cli.helper.spec import Spec
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets.pin import merged, pin
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Profile

CACHES = ("file", "keyring", "none")


def install(profile: Profile, env: Mapping[str, str], grant: Grant, *, cache: str | None = None) -> InstalledHelper:
    """Write (or write again) the helper of a profile. The key itself is not fetched.

    Args:
        profile: the profile; its ``secret`` is pinned, its ``[helper]`` table may say ``cache``, ``hold_seconds``,
            ``ttl_seconds`` and ``pass_env``.
        env: the environment that says where things are now.
        grant: the permission to act for the profile; its file tells the helper from those of other profiles.
        cache: ``file``, ``keyring`` or ``none``, instead of the profile's.

    Raises:
        UsageError: the profile has no secret, or its reference or a table is not valid.
        FileError, RefusedError: the files cannot be written.
    """
    compiled = compile_spec(profile, env, grant, cache=cache)
    _forget_old_key(compiled, env)
    compiled.asked = profile.secret or ""
    return _write(compiled, env)


def rename_profile(old: str, new: str, env: Mapping[str, str]) -> InstalledHelper | None:
    """Make the helper of one profile's file that of another, for a profile that is renamed; ``None`` if it has none.

    Name, script and settings stay, so that a client that runs goes on.

    Args:
        old: the file, links resolved.
        new: the file from now on.
        env: the environment.

    Raises:
        FileError, RefusedError: the files cannot be written.
    """
    mine = next((item for item in installed(env) if item.profile == old), None)
    if mine is None:
        return None
    return _write(load(mine.name, env).replaced(profile=new), env)


def _write(compiled: Spec, env: Mapping[str, str]) -> InstalledHelper:
    folder = files.private_dir(helpers_folder(env))
    spec_path, path = os.path.join(folder, f"{compiled.name}.spec"), script_path(compiled.name, env)
    if os.name == "nt":
        text = script.render_cmd(spec_path, sys.executable, _library_paths())
    else:
        text = script.render(compiled, spec_path, sys.executable, _library_paths(), __version__)
    compiled.script, compiled.sum = script.digest(text.encode()), compiled.key
    data = specs.dumps(compiled).encode()
    is_new = not _is_written(spec_path, data)
    files.write_private(spec_path, data)
    files.write_private(path, text.encode(), mode=0o700)
    if is_new:
        note(compiled, path, env)
    return described(compiled, path)


def _is_written(path: str, data: bytes) -> bool:
    try:
        return files.read_private(path) == data
    except CgwError:
        return False


def note(compiled: Spec, path: str, env: Mapping[str, str]) -> None:
    """Record the installation of a helper: which profile's, and for which gateway; never a key."""
    facts = {"source": compiled.profile, "gateway": compiled.origin, "sha256": compiled.script}
    audit.note(paths.state_dir(env), "helper install", file=path, profile=compiled.name, **facts)


def planned(profile: Profile, env: Mapping[str, str], grant: Grant) -> InstalledHelper:
    """What ``install`` would return, without writing anything; errors as there."""
    compiled = compile_spec(profile, env, grant)
    return described(compiled, script_path(compiled.name, env))


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
        raise unknown_choice("helper cache", kind, CACHES)
    origin = address.origin(profile.gateway_url)
    if not origin:
        raise UsageError(
            f"no helper is installed for {profile.gateway_url!r}: its host cannot be compared with certainty",
            hint="Give the gateway's host in ASCII letters (xn--… for other scripts), without user name and %.",
        )
    lifetime = pinned.lifetime
    ttl = _seconds(table, "ttl_seconds") or expiry.fitting_ttl(lifetime)
    mode = modes.find_mode(profile.provider, profile.credentials)
    file = os.path.realpath(grant.file) if grant.file else own_file(profile.name, env)
    name = _name(profile.name, file, env)
    where, fallback = cache_folders(name, env)
    keep = pin(f"keyring://cgw-cache/{name}", context) if kind == "keyring" and pinned.cacheable else None
    tables = merged(keep.tables if keep else {}, pinned.tables)
    return Spec(
        name=name,
        reference=pinned.reference,
        origin=origin,
        variable=mode.base_variable if mode else "ANTHROPIC_BASE_URL",
        ttl=f"{ttl:g}",
        hold=f"{_seconds(table, 'hold_seconds') or expiry.HOLD:g}",
        cache=where if kind != "none" and pinned.cacheable else "",
        keep=keep.reference if keep else "",
        fallback=fallback,
        tables=json.dumps(tables, sort_keys=True),
        managed=paths.managed_dir(),
        profile=file,
        record=os.path.join(fallback or where, "approved"),
        user=paths.claude_dir(env),
        wiring=tuple(_wiring({**env, **profile.env})),
        watch=pinned.watch,
        ambient=pinned.ambient,
        route=tuple(f"{row.flag} {row.base}" for row in TABLE if row.flag and row.modes),
        plugin=tuple(" ".join(pair) for pair in pinned.plugins),
    )


def _name(profile: str, file: str, env: Mapping[str, str]) -> str:
    """The name of the profile's present helper, else the profile's own, else that with the first free number."""
    wanted = plain_name(profile)
    known = {item.name: item for item in installed(env)}
    mine = next((name for name, item in known.items() if item.profile == file), None)
    if mine:
        return mine
    taken = {name for name, item in known.items() if item.profile or file != own_file(name, env)}
    return next(
        name for number in range(1, 10_000) if (name := f"{wanted}-{number}" if number > 1 else wanted) not in taken
    )


def _forget_old_key(compiled: Spec, env: Mapping[str, str]) -> None:
    """A key that the helper kept so far, in a place where it keeps none from now on, is removed."""
    try:
        old = load(compiled.name, env)
    except CgwError:
        old = compiled
    if old.keep and old.keep != compiled.keep:
        with suppress(CgwError):  # out of reach, and it ends there by itself
            clear_key(old, env)
    stale = {old.cache, old.fallback, *cache_folders(compiled.name, env)}
    if compiled.cache and not compiled.keep:
        stale -= {compiled.cache, compiled.fallback}
    for folder in stale - {""}:
        Cache(folder, "", "", ()).clear()


def _wiring(env: Mapping[str, str]) -> list[str]:
    """Proxies and certificates as they are now; what only a place or a repository gives a meaning is left out."""
    found = []
    for name in WATCHED:
        value = address.pinned(name, env.get(name, "").strip())
        if value and "\n" not in value and (name not in ROOTS or os.path.isabs(value)):
            found.append(f"{name} {value}")
    return found


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
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < specs.LONGEST:
        raise UsageError(f"[helper] {name} must be a number of seconds above 0 and below {specs.LONGEST:.0e}")
    return float(value)
