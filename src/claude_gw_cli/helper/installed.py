"""The helpers that are installed, each with its spec and script in cgw's configuration directory."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError
from claude_gw_cli.core.reference import quoted
from claude_gw_cli.helper import script
from claude_gw_cli.helper.cache import Cache
from claude_gw_cli.helper.runtime import load, open_cache
from claude_gw_cli.helper.spec import Spec
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.grant import Grant


@dataclass(frozen=True, slots=True)
class InstalledHelper:
    """A helper on disk.

    Attributes:
        name: the profile's name, with a number where another profile's helper has that name.
        path: the script, absolute.
        ttl_ms: what ``CLAUDE_CODE_API_KEY_HELPER_TTL_MS`` must say, milliseconds.
        reference: the secret reference, for people.
        profile: the profile's file; empty in helpers of older versions.
        origin: the gateway.
        problem: why it cannot be used; empty when it can.
    """

    name: str
    path: str
    ttl_ms: int
    reference: str
    profile: str = ""
    origin: str = ""
    problem: str = ""

    @property
    def command(self) -> str:
        """What ``apiKeyHelper`` must say: the path, quoted for ``/bin/sh -c`` where it needs it."""
        return script.quote(self.path)


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
            found.append(described(load(name, env), path))
        except CgwError as error:
            found.append(InstalledHelper(name, path, 0, "", problem=error.message))
    return found


def find(name: str, env: Mapping[str, str]) -> InstalledHelper:
    """One installed helper, by its own name or that of its profile.

    Raises:
        UsageError: there is none of that name; the text lists those that exist.
    """
    known = installed(env)
    own = own_file(name, env)
    for item in (*(item for item in known if item.name == name), *(item for item in known if item.profile == own)):
        return item
    raise UsageError(
        f"there is no helper {name!r} (installed: {', '.join(item.name for item in known) or 'none'})",
        hint=f"Install it: cgw helper install {name}" if os.path.exists(own) else "List them: cgw helper list",
    )


def find_for(name: str, grant: Grant, env: Mapping[str, str]) -> InstalledHelper:
    """The helper of a profile, which may have another name than the profile.

    Raises:
        UsageError: it has none; a helper of its name that belongs to another profile does not count.
    """
    file = os.path.realpath(grant.file)
    mine = next((item for item in installed(env) if item.profile == file), None) or find(name, env)
    if mine.profile not in {file, ""}:
        import shlex

        raise UsageError(
            f"no helper is installed for {grant.file}: {mine.name} is the helper of {mine.profile}",
            hint=f"Install it: cgw helper install {shlex.quote(grant.file)}",
        )
    return mine


def uninstall(name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Remove a helper's script, spec, cache and record, also where the spec is broken; returns what was removed.

    Raises:
        UnavailableError: all that is gone, but not the key in a keyring that is out of reach.
        FileError: a file cannot be removed.
    """
    own = find(name, env).path
    folders = set(cache_folders(name, env))
    remains: CgwError | None = None
    try:
        compiled = load(name, env)
    except CgwError:
        pass
    else:
        folders |= {compiled.cache, compiled.fallback}
        try:
            clear_key(compiled, env)
        except CgwError as error:
            remains = UnavailableError(
                f"helper {name} is removed, but its cached key is still in the keyring: {error.message}",
                hint=f"When the keyring is open: cgw secret rm {quoted(compiled.keep)}",
            )
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
    if remains:
        raise remains
    return tuple(removed)


def altered(path: str, data: bytes | None, spec: Spec) -> str:
    """How an installed helper differs from what was installed; empty where it does not.

    Args:
        path: the script.
        data: what the script's file holds; ``None``: there is no file.
        spec: the helper as it was compiled.
    """
    if data is None:
        return f"the helper {path} is gone"
    if spec.script and script.digest(data) != spec.script:
        return f"the helper {path} was changed since it was installed"
    if spec.sum and spec.sum != spec.key:
        return f"what the helper {path} fetches was changed since it was installed"
    return f"others may change the helper {path}" if os.stat(path).st_mode & 0o022 else ""


def own_file(name: str, env: Mapping[str, str]) -> str:
    """The user's own profile of a name."""
    return os.path.realpath(os.path.join(paths.config_dir(env), "profiles", f"{name}.toml"))


def clear_key(compiled: Spec, env: Mapping[str, str]) -> None:
    """Remove the key that a helper keeps."""
    cache = open_cache(compiled, env)
    if cache is not None:
        cache.clear()


def described(compiled: Spec, path: str) -> InstalledHelper:
    """A compiled helper with its script's path."""
    reference, profile, origin = compiled.reference, compiled.profile, compiled.origin
    return InstalledHelper(compiled.name, path, ttl_ms(compiled), reference, profile, origin)


def ttl_ms(compiled: Spec) -> int:
    """What the settings must say about how long the client may keep a key, in milliseconds."""
    return int(float(compiled.ttl) * 1000)


def helpers_folder(env: Mapping[str, str]) -> str:
    """Where scripts and specs are."""
    return os.path.join(paths.config_dir(env), "helpers")


def script_path(name: str, env: Mapping[str, str]) -> str:
    """Where the script of a helper is."""
    return os.path.join(helpers_folder(env), name + (".cmd" if os.name == "nt" else ""))


def cache_folders(name: str, env: Mapping[str, str]) -> tuple[str, str]:
    """The runtime directory (memory, gone after log-out) where there is one, and the cache directory."""
    lasting = os.path.join(paths.cache_dir(env), f"helper-{name}")
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        return os.path.join(runtime, "cgw", f"helper-{name}"), lasting
    return lasting, ""
