"""Installing a helper: profile -> spec and script in cgw's configuration directory; listing and removing them.

A helper belongs to one profile file. Its name is the profile's; only where another profile's helper has that name
already, a number is appended. Writes only cgw's own files; ``cgw settings apply`` writes the settings that name it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import sys

from claude_gw_cli import __version__, secrets
from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import CgwError, UsageError, unknown_choice
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.facts.transport import ROOTS, WATCHED
from claude_gw_cli.helper import address, script
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.cache import Cache
from claude_gw_cli.helper.spec import Spec
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets.pin import merged, pin
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Profile

CACHES = ("file", "keyring", "none")


@dataclass(frozen=True, slots=True)
class InstalledHelper:
    """A helper on disk.

    Attributes:
        name: the profile's name, with a number where another profile's helper has that name.
        path: the script, absolute.
        command: what ``apiKeyHelper`` must say: the path, quoted for ``/bin/sh -c`` where it needs it.
        ttl_ms: what ``CLAUDE_CODE_API_KEY_HELPER_TTL_MS`` must say, milliseconds.
        reference: the secret reference, for people.
        profile: the profile's file; empty in helpers of older versions.
        origin: the gateway.
        problem: why it cannot be used; empty when it can.
    """

    name: str
    path: str
    command: str
    ttl_ms: int
    reference: str
    profile: str = ""
    origin: str = ""
    problem: str = ""


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
    return _write(_load(mine.name, env).replaced(profile=new), env)


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
    return _described(compiled, path)


def _is_written(path: str, data: bytes) -> bool:
    try:
        return files.read_private(path) == data
    except CgwError:
        return False


def note(compiled: Spec, path: str, env: Mapping[str, str]) -> None:
    """Record the installation of a helper: which profile's, and for which gateway; never a key."""
    facts = {"source": compiled.profile, "gateway": compiled.origin, "sha256": compiled.script}
    audit.note(paths.state_dir(env), "helper install", file=path, profile=compiled.name, **facts)


def share(helper: InstalledHelper, out: str, env: Mapping[str, str]) -> None:
    """Write the script for one absolute path on all machines: it runs the helper of that name of each user.

    Raises:
        FileError, RefusedError: it cannot be written.
    """
    text = script.render_shared(helper.name)
    write_shared(out, text)
    digest = script.digest(text.encode())
    audit.note(paths.state_dir(env), "helper install", file=out, profile=helper.name, sha256=digest)


def check_shared(out: str, env: Mapping[str, str], *, anywhere: bool = False) -> None:
    """Refuse a path at which other users could not run a script.

    Args:
        out: the path.
        env: the environment, for the home directory.
        anywhere: a path in a home directory will do.

    Raises:
        UsageError: the path is not absolute, or in a user's home directory.
    """
    if not os.path.isabs(out):
        raise UsageError(f"--out {out} is not an absolute path", hint="The client runs it from any directory.")
    place = os.path.realpath(out) + os.sep
    homes = (os.path.realpath(paths.home(env)), "/home", "/Users", "/root")
    if not anywhere and any(place.startswith(home.rstrip(os.sep) + os.sep) for home in homes if home != os.sep):
        raise UsageError(
            f"--out {out} is in a user's home directory, which other users may not enter",
            hint="Choose a path for all, such as /usr/local/lib/cgw/NAME, or add --force.",
        )


def open_to_change(out: str) -> str:
    """Why users without rights could change a script that all run; empty when only the administrator can."""
    path = os.path.realpath(out)
    while True:
        found = os.lstat(path)
        if found.st_uid != 0:
            return f"{path} belongs to user {found.st_uid}, not to root"
        if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            return f"others may write to {path}"
        if path == os.path.dirname(path):
            return ""
        path = os.path.dirname(path)


def write_shared(out: str, text: str) -> None:
    """Write a script that others run; errors as ``share``."""
    files.make_dirs(os.path.dirname(out), 0o755)
    files.replace(out, text.encode(), expected=files.read_bytes(out), mode=0o755)


def common_command(profile: Profile, platform: str | None) -> str | None:
    """What ``apiKeyHelper`` must say on machines of others; ``None`` where nothing says that they are meant.

    Args:
        profile: its ``[managed] helper_path`` is one path for all; without it each user's own helper is meant, with
            the home directory as a variable.
        platform: that of the machines, as ``sys.platform``; ``None``: this one, and only for a ``helper_path``.
    """
    path = str(profile.tables.get("managed", {}).get("helper_path", ""))
    if not path and platform is None:
        return None
    if platform == "win32" or (platform is None and os.name == "nt"):
        own = paths.config_dir({"APPDATA": "%APPDATA%"}, "win32") + f"/helpers/{_plain(profile.name)}.cmd"
        return f'"{path}"' if path else '"' + own.replace("/", "\\") + '"'
    path = path or f"{paths.config_dir({'HOME': '$HOME'}, platform or '')}/helpers/{_plain(profile.name)}"
    for home in ("$HOME/", "~/"):
        if path.startswith(home):
            return f'"$HOME"/{script.quote(path.removeprefix(home))}'
    return script.command(path)


def planned(profile: Profile, env: Mapping[str, str], grant: Grant) -> InstalledHelper:
    """What ``install`` would return, without writing anything; errors as there."""
    compiled = compile_spec(profile, env, grant)
    return _described(compiled, script_path(compiled.name, env))


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
    file = os.path.realpath(grant.file) if grant.file else _own_file(profile.name, env)
    name = _name(profile.name, file, env)
    where, fallback = _cache_folders(name, env)
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


def installed(env: Mapping[str, str]) -> list[InstalledHelper]:
    """The helpers that are installed, by name; also those that cannot be used, with the reason."""
    try:
        names = sorted(name[:-5] for name in os.listdir(helpers_folder(env)) if name.endswith(".spec"))
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        path = script_path(name, env)
        try:
            found.append(_described(_load(name, env), path))
        except CgwError as error:
            found.append(InstalledHelper(name, path, script.command(path), 0, "", problem=error.message))
    return found


def find(name: str, env: Mapping[str, str]) -> InstalledHelper:
    """One installed helper, by its own name or that of its profile.

    Raises:
        UsageError: there is none of that name; the text lists those that exist.
    """
    known = installed(env)
    own = _own_file(name, env)
    for item in (*(item for item in known if item.name == name), *(item for item in known if item.profile == own)):
        return item
    raise UsageError(
        f"there is no helper {name!r} (installed: {', '.join(item.name for item in known) or 'none'})",
        hint=f"Install it: cgw helper install {name}",
    )


def find_for(name: str, grant: Grant, env: Mapping[str, str]) -> InstalledHelper:
    """The helper of a profile, which may have another name than the profile.

    Raises:
        UsageError: it has none; a helper of its name that belongs to another profile does not count.
    """
    file = os.path.realpath(grant.file)
    mine = next((item for item in installed(env) if item.profile == file), None) or find(name, env)
    if mine.profile not in {file, ""}:
        raise UsageError(
            f"no helper is installed for {grant.file}: {mine.name} is the helper of {mine.profile}",
            hint=f"Install it: cgw helper install {shlex.quote(grant.file)}",
        )
    return mine


def uninstall(name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Remove a helper's script, spec, cache and record, also where the spec is broken; returns what was removed."""
    own = find(name, env).path
    folders = set(_cache_folders(name, env))
    try:
        compiled = _load(name, env)
    except CgwError:
        pass
    else:
        folders |= {compiled.cache, compiled.fallback}
        _clear_key(compiled, env)
    for folder in folders - {""}:
        Cache(folder, "", "", ()).clear()
    removed = []
    for path in (own, f"{own}.standalone", os.path.join(helpers_folder(env), f"{name}.spec")):
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise files.failure("remove", path, error) from None
        removed.append(path)
    files.remove_dirs(helpers_folder(env), 1)
    audit.note(paths.state_dir(env), "helper uninstall", file=own, profile=name)
    return tuple(removed)


def _load(name: str, env: Mapping[str, str]) -> Spec:
    path = os.path.join(helpers_folder(env), f"{name}.spec")
    return specs.loads((files.read_private(path) or b"").decode("utf-8", "replace"), path)


def _name(profile: str, file: str, env: Mapping[str, str]) -> str:
    """The name of the profile's present helper, else the profile's own, else that with the first free number."""
    wanted = _plain(profile)
    known = {item.name: item for item in installed(env)}
    mine = next((name for name, item in known.items() if item.profile == file), None)
    if mine:
        return mine
    taken = {name for name, item in known.items() if item.profile or file != _own_file(name, env)}
    return next(
        name for number in range(1, 10_000) if (name := f"{wanted}-{number}" if number > 1 else wanted) not in taken
    )


def _plain(profile: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", profile).strip(".-") or "helper"


def _own_file(name: str, env: Mapping[str, str]) -> str:
    """The user's own profile of a name."""
    return os.path.realpath(os.path.join(paths.config_dir(env), "profiles", f"{name}.toml"))


def _forget_old_key(compiled: Spec, env: Mapping[str, str]) -> None:
    """A key that the helper kept so far, in a place where it keeps none from now on, is removed."""
    try:
        old = _load(compiled.name, env)
    except CgwError:
        old = compiled
    if old.keep and old.keep != compiled.keep:
        _clear_key(old, env)
    stale = {old.cache, old.fallback, *_cache_folders(compiled.name, env)}
    if compiled.cache and not compiled.keep:
        stale -= {compiled.cache, compiled.fallback}
    for folder in stale - {""}:
        Cache(folder, "", "", ()).clear()


def _clear_key(compiled: Spec, env: Mapping[str, str]) -> None:
    from claude_gw_cli.helper.runtime import open_cache

    cache = open_cache(compiled, env)
    if cache is not None:
        cache.clear()


def _wiring(env: Mapping[str, str]) -> list[str]:
    """Proxies and certificates as they are now; what only a place or a repository gives a meaning is left out."""
    found = []
    for name in WATCHED:
        value = address.without_user(env.get(name, "").strip())
        if value and "\n" not in value and (name not in ROOTS or os.path.isabs(value)):
            found.append(f"{name} {value}")
    return found


def command(path: str) -> str:
    """What ``apiKeyHelper`` must say for a script."""
    return script.command(path)


def _described(compiled: Spec, path: str) -> InstalledHelper:
    return InstalledHelper(
        compiled.name,
        path,
        script.command(path),
        ttl_ms(compiled),
        compiled.reference,
        compiled.profile,
        compiled.origin,
    )


def ttl_ms(compiled: Spec) -> int:
    """What the settings must say about how long the client may keep a key, in milliseconds."""
    return int(float(compiled.ttl) * 1000)


def helpers_folder(env: Mapping[str, str]) -> str:
    """Where scripts and specs are."""
    return os.path.join(paths.config_dir(env), "helpers")


def script_path(name: str, env: Mapping[str, str]) -> str:
    """Where the script of a helper is."""
    return os.path.join(helpers_folder(env), name + (".cmd" if os.name == "nt" else ""))


def _cache_folders(name: str, env: Mapping[str, str]) -> tuple[str, str]:
    """The runtime directory (memory, gone after log-out) where there is one, and the cache directory."""
    lasting = os.path.join(paths.cache_dir(env), f"helper-{name}")
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        return os.path.join(runtime, "cgw", f"helper-{name}"), lasting
    return lasting, ""


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
