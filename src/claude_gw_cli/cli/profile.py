"""``cgw profile``: list, show, use, trust, deny, rm, export."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING

from claude_gw_cli.cli.applied import applied
from claude_gw_cli.cli.out import for_person, info, width, write_json, write_lines, write_stdout
from claude_gw_cli.cli.typed import declined
from claude_gw_cli.cli.use import read_profile
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, UsageError
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.model import PROFILE_TABLES
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.three_way import leaves
from claude_gw_cli.core.wrap import table
from claude_gw_cli.rules.literals import keys_in, masked, shown_reference
from claude_gw_cli.rules.profiles import personal
from claude_gw_cli.world import audit, chosen, config, origins, paths, trust
from claude_gw_cli.world.download import without_query
from claude_gw_cli.world.profile_text import data_of, dumps

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan, Profile


_SHOWN_APART = frozenset({"gateway_url", "secret", "front_auth", "models", "env", "headers", *PROFILE_TABLES})
_STATES = {
    "trusted": "trusted",
    "allowed": "trusted for this call",
    "changed": "changed since you trusted it",
    "denied": "denied",
    "untrusted": "not trusted",
}
"""Trust state -> how it is shown."""


def list_profiles(*, format_: str = "human") -> int:
    """Print every profile, one a line; a star marks the one that is used here."""
    rows: list[tuple[bool, config.ProfileFile, str, str, str, str]] = []
    try:
        current = config.select(None, os.environ, paths.working_dir())
    except CgwError:
        current = None
    found = config.list_profiles(os.environ)
    if current and current.origin == "repository":
        found = [current, *found]
    for item in found:
        used = current is not None and current.path == item.path
        try:
            loaded = config.read(item, os.environ)
            rows.append(
                (used, item, loaded.profile.provider, masked_keys(loaded.profile.gateway_url), loaded.trust, "")
            )
        except CgwError as error:
            rows.append((used, item, "?", "", "?", masked_keys(error.message)))
    if format_ == "json":
        keys = ("name", "file", "provider", "gateway_url", "used", "trust", "error")
        values = [(i.name, str(i.path), p, u, used, state, error or None) for used, i, p, u, state, error in rows]
        write_json({"schema_version": 1, "profiles": [dict(zip(keys, v, strict=True)) for v in values]})
        return 0
    if not rows:
        info("There is no profile yet. Create one: cgw init --provider unified --gateway-url URL")
        return 0
    cells = [(f"{'*' if used else ' '} {item.name}", provider, url) for used, item, provider, url, *_ in rows]
    write_stdout(table(("  NAME", "PROVIDER", "GATEWAY"), cells, width(sys.stdout)))
    # Below the table: with its path a row would be wider than a terminal.
    for _, item, _, _, state, problem in rows:
        if problem or state in _STATES:
            write_lines(for_person(f"  {item.name}: {problem or f'{_STATES[state]}: {item.path}'}\n", sys.stdout))
    return 0


def show(*, name: str | None = None) -> int:
    """Print a profile's file and the plan it makes. Nothing secret is in either."""
    loaded = read_profile(name)
    for place, why in loaded.problems:
        info(f"cgw: warning: {place}: {why}")
    shown = masked(loaded.profile)
    origin = None
    try:
        origin = origins.find(loaded.file.name, os.environ) if loaded.trust == "own" else None
    except CgwError as error:
        info(f"cgw: warning: {error.message}")
    taken = (
        f"# taken from {without_query(origin.source)}\n# its changes: cgw profile update {loaded.file.name}\n"
        if origin
        else ""
    )
    write_lines(f"# {loaded.file.path}\n{taken}{dumps(shown)}\n{_plan_text(make_plan(shown))}")
    return 0


def _plan_text(plan: Plan) -> str:
    lines = [f"Base URL   {plan.base_url}", "Sets"]
    for item in plan.sets:
        value = item.fill("{KEY}", "{FRONT_AUTH}")
        lines.append(f"  {item.name}={value!r}" if "\n" in value else f"  {item.name}={value}")
    if plan.helper:
        lines.append("  apiKeyHelper in settings.json (cgw settings apply)")
    lines += [f"  {name}={value} in settings.json (cgw settings apply)" for name, value in plan.settings]
    lines.append("Clears")
    columns = min(width(sys.stdout) or 100, 100)
    lines += textwrap.wrap(" ".join(plan.clears), columns, initial_indent="  ", subsequent_indent="  ")
    lines += [f"Missing    {option}" for option in plan.missing]
    lines += [f"{note.severity.capitalize()}: {note.text}" for note in plan.notes]
    return "\n".join(lines) + "\n"


def use(*, name: str) -> int:
    """Choose the profile for every command without ``--profile``.

    Raises:
        RefusedError: a repository's profile that is not trusted (exit 77).
    """
    loaded = config.load(name, os.environ, paths.working_dir())
    loaded.grant()  # choosing a repository's profile is not consent to it
    file = loaded.file
    own = os.path.dirname(file.path) == config.profiles_dir(os.environ)
    chosen.choose(file.name if own else file.path, os.environ)
    info(f"cgw: {file.name} is now the profile in use")
    for item in applied():
        if item.profile not in {None, file.name} and item.state != "left":
            place = paths.with_tilde(item.path, os.environ)
            info(f"{place} still uses {item.profile}: cgw settings apply {item.options}")
    return 0


def trust_repository(*, name: str | None = None, yes: bool = False) -> int:
    """Record that the user trusts a repository's profile as it is now, after showing what it would do."""
    loaded = config.load(name, os.environ, paths.working_dir())
    if loaded.trust == "own":
        raise UsageError(f"{loaded.file.path} is your own profile; it needs no trust")
    info(f"{loaded.file.path}\n{described(loaded.profile)}")
    _refuse_problems(loaded)
    if declined("Trust this profile?", yes=yes, must="Add --yes to trust it."):
        return 0
    trust.trust(loaded.file.path, loaded.digest, os.environ)
    info(f"cgw: {loaded.file.path} is trusted as it is now; you must trust it again when it changes")
    return 0


def deny(*, name: str | None = None) -> int:
    """Record that a repository's profile is not to be used, whatever it says."""
    file = config.select(name, os.environ, paths.working_dir())
    if not trust.is_repositorys(file.path, os.environ):
        raise UsageError(f"{file.path} is your own profile", hint=f"Remove it: cgw profile rm {file.name}")
    trust.deny(file.path, os.environ)
    info(f"cgw: {file.path} is denied; to allow it again: cgw profile trust {shlex.quote(str(file.path))}")
    for item in applied():
        if item.file and os.path.realpath(item.file) == os.path.realpath(file.path):
            place = paths.with_tilde(item.path, os.environ)
            info(f"cgw: warning: Claude Code still uses what it set in {place}: cgw settings undo {item.options}")
    return 0


def _refuse_problems(loaded: config.LoadedProfile) -> None:
    if loaded.problems:
        raise UsageError("\n".join(f"{place}: {why}" for place, why in loaded.problems))


def described(profile: Profile, *more: tuple[str, str]) -> str:
    """What a profile says, for a person who decides about it, and ``more`` rows; keys are masked."""
    rows = [
        ("gateway", masked_keys(profile.gateway_url)),
        ("key", shown_reference(profile.secret)),
        *([("front_auth", shown_reference(profile.front_auth))] if profile.front_auth else []),
        *((name, str(value)) for name, value in data_of(profile).items() if name not in _SHOWN_APART),
        *((f"[models] {name}", str(value)) for name, value in asdict(profile.models).items() if value),
        *((f"[env] {name}", value) for name, value in masked(profile).env.items()),
        *((f"[headers] {name}", value) for name, value in masked(profile).headers.items()),
        *((f"[{path[0]}] {'.'.join(path[1:])}", str(value)) for path, value in leaves(masked(profile).tables)),
        *more,
    ]
    width = max(12, *(len(title) for title, _ in rows))
    return "\n".join(f"  {title:<{width}} {text}" for title, text in rows)


def rm(*, name: str, yes: bool = False) -> int:
    """Remove a profile; asks on a terminal."""
    path = config.profile_path(name, os.environ)
    if not os.path.isfile(path):
        config.select(name, os.environ, paths.working_dir())
    if declined(f"Remove profile {name!r}?", yes=yes):
        return 0
    try:
        os.unlink(path)
    except OSError as error:
        raise FileError(f"cannot remove {path}: {error.strerror}") from None
    audit.note(paths.state_dir(os.environ), "profile rm", profile=name, file=str(path))
    origins.forget(name, os.environ)
    if chosen.name(os.environ) == name:
        chosen.forget(os.environ)
    info(f"cgw: removed {path}; settings that were applied from it stay (cgw settings undo)")
    return 0


def export(*, name: str | None = None, profile: str | None = None, out: str | None = None) -> int:
    """Print the profile for a team, or write it to a file. It holds references only.

    Raises:
        RefusedError: it holds a literal key; nothing is printed.
    """
    loaded = read_profile(name or profile).profile
    if found := [".".join(path) for path in keys_in(loaded)]:
        raise RefusedError(
            f"profile {loaded.name!r} holds a literal key ({', '.join(found)}) and is not exported",
            hint="Put the key in a store and name it there: cgw secret set keyring://cgw/NAME",
        )
    for _, problem, advice in personal(loaded):
        info(f"cgw: warning: {problem}\n  {advice}")
    for secret in filter(None, (loaded.secret, loaded.front_auth)):
        if secret.startswith(("keyring:", "file://~/")):
            info(f"cgw: each person stores the key: cgw secret set {secret}")
    text = dumps(loaded)
    if out is None:
        write_stdout(text)
        return 0
    file = os.path.join(paths.working_dir(), out)
    config.write_shared(text, file)
    digest = sha256_hex(text.encode()) if masked_keys(text) == text else ""  # of a key it would let it be guessed
    audit.note(paths.state_dir(os.environ), "profile export", profile=loaded.name, file=file, sha256=digest)
    info(f"cgw: wrote {out}; as cgw.toml in a repository it is the team's profile")
    info("  or others take it: cgw init NAME --from FILE|URL")
    return 0
