"""``cgw status``: the set-up on one screen, from this machine's files alone, and the one next step."""

from __future__ import annotations

import os
import sys
import time

from claude_gw_cli.cli import applied as places
from claude_gw_cli.cli.completion import edition
from claude_gw_cli.cli.key_store import completing
from claude_gw_cli.cli.out import for_person, write_json, write_lines
from claude_gw_cli.core.errors import EXIT_OK, CgwError
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.words import counted
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world import chosen, client, config, health
from claude_gw_cli.world.paths import with_tilde, working_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.cli.applied import Applied
    from claude_gw_cli.helper.installed import InstalledHelper

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def status(*, format_: str = "human") -> int:
    """Print the profile in use, where it is applied, helper, client, gateway, last known health and the next step."""
    seen = _gathered()
    if format_ == "json":
        write_json({"schema_version": 1, **seen})
    else:
        write_lines("".join(f"{title:<9} {with_tilde(text, os.environ)}\n" for title, text in _rows(seen)))
    return EXIT_OK


def _gathered() -> dict[str, Any]:
    loaded: config.LoadedProfile | None = None
    problem = next_step = ""
    nothing = several = False
    try:
        loaded = config.load(None, os.environ, working_dir())
    except CgwError as error:
        problem = masked_keys(error.message)
        next_step = _first_command(error.hint)
        if isinstance(error, config.NoneSelectedError):
            several = bool(config.list_profiles(os.environ))
            nothing = not several
    here = None
    recorded = list(places.applied())
    if several and (name := next((item.profile for item in recorded if item.profile), None)):
        next_step = f"cgw profile use {name}"  # the one that the client uses already
    if nothing:
        here = _here()
        next_step = "cgw init --from-current" if here else "cgw init"
        if recorded:  # of a profile that was removed
            next_step = f"cgw settings undo {recorded[0].options}"
    applied = [_as_dict(item) for item in recorded]
    helper = places.helper_of(loaded.file.path) if loaded else None
    program = client.find_client(os.environ)
    found: dict[str, Any] = {
        "profile": _profile(loaded) if loaded else None,
        "problem": problem or None,
        "gateway": here,
        "applied": applied,
        "helper": _key(helper) if helper else None,
        "client": {"path": str(program), "version": client.client_version(program, os.environ)} if program else None,
        "health": _health(loaded.profile.gateway_url) if loaded else None,
    }
    found["outdated_completion"] = edition.outdated()
    return {**found, "next": next_step or _next(loaded, applied, helper, found)}


def _here() -> dict[str, Any] | None:
    """The gateway that Claude Code uses here without cgw, and where it is set; ``None`` without one."""
    from claude_gw_cli.cli.plain_start import set_up_here
    from claude_gw_cli.core.masking import masked_text

    address = set_up_here(os.environ, working_dir())
    return {"url": masked_text(address.text.strip()), "place": address.place} if address else None


def _profile(loaded: config.LoadedProfile) -> dict[str, Any]:
    profile = loaded.profile
    return {
        "name": profile.name,
        "file": str(loaded.file.path),
        "provider": profile.provider,
        "gateway_url": masked_keys(profile.gateway_url),
        "auth": profile.auth,
        "trust": loaded.trust,
        "missing": list(make_plan(profile).missing),
    }


def _as_dict(found: Applied) -> dict[str, Any]:
    why = {"why": found.why} if found.why else {}
    return {"scope": found.scope, "file": found.path, "profile": found.profile, "state": found.state, **why}


def _key(helper: InstalledHelper) -> dict[str, Any]:
    """A helper and the age of the key that it keeps; never the key."""
    from claude_gw_cli.helper.cache import now
    from claude_gw_cli.helper.runtime import load, open_cache

    age = fresh = None
    try:
        cache = open_cache(load(helper.name, os.environ), os.environ)
        entry = cache.load() if cache else None
        if cache and entry:
            fresh = max(entry.fresh - now(), 0)
            age = max(int(time.time() - os.stat(os.path.join(cache.folder, "value")).st_mtime), 0)
    except (CgwError, OSError):
        pass
    found = {"name": helper.name, "script": helper.path, "key_age_seconds": age, "renewed_in_seconds": fresh}
    return {**found, "problem": places.problem_of(helper) or None}


def _health(gateway_url: str) -> dict[str, Any] | None:
    seen = health.last(gateway_url, os.environ)
    if seen is None:
        return None
    return {"verdict": seen.verdict, "seconds_ago": max(int(time.time()) - seen.at, 0), "cause": seen.cause or None}


def _first_command(hint: str) -> str:
    """The command of cgw that a hint names first."""
    _, found, rest = hint.partition("cgw ")
    if found:
        return f"cgw {rest.splitlines()[0].partition('    ')[0]}"
    return "unset CGW_PROFILE" if os.environ.get("CGW_PROFILE") else "cgw check"


def _next(
    loaded: config.LoadedProfile | None,
    applied: list[dict[str, Any]],
    helper: InstalledHelper | None,
    found: dict[str, Any],
) -> str:
    """The one command that brings the set-up forward."""
    if loaded is None:
        return "cgw init"
    name = loaded.profile.name
    own = [item for item in applied if item["profile"] == name]
    outdated = next((item["scope"] for item in own if item["state"] == "outdated"), None)
    missing = found["profile"]["missing"]
    steps = (
        (loaded.trust == "denied" and bool(own), f"cgw settings undo --scope {own[0]['scope'] if own else ''}"),
        (loaded.trust == "denied", _own_instead()),
        (not loaded.is_trusted, "cgw profile trust"),
        (bool(missing), completing(name, missing)),
        (helper is not None and bool(found["helper"]["problem"]), f"cgw helper install {name}"),
        (found["client"] is None, "npm install -g @anthropic-ai/claude-code"),
        (any(item["state"] == "unreadable" for item in applied), "cgw check"),
        (any(item["state"] == "changed" for item in own), "cgw settings status"),
        (outdated is not None, f"cgw settings apply --scope {outdated} --profile {name}"),
        (loaded.profile.auth == "helper" and (helper is None or not own), f"cgw switch {name}"),
        (not own and loaded.profile.auth != "helper", f"cgw run --profile {name} -- claude"),
        (found["health"] is None or found["health"]["verdict"] != "ok", "cgw doctor"),
    )
    return next((command for wanted, command in steps if wanted), "claude")


def _own_instead() -> str:
    """The command that takes a profile of the user's own into use where the repository's is denied."""
    name = chosen.name(os.environ) or next((item.name for item in config.list_profiles(os.environ)), None)
    return f"export CGW_PROFILE={name}" if name else "cgw init"


def _rows(seen: dict[str, Any]) -> Iterator[tuple[str, str]]:
    profile, helper, found = seen["profile"], seen["helper"], seen["client"]
    if profile:
        trust = "" if profile["trust"] == "own" else f", {profile['trust']}"
        yield "profile", f"{profile['name']} ({profile['provider']}{trust}) {profile['file']}"
        yield "gateway", profile["gateway_url"]
    else:
        yield "profile", f"none: {seen['problem']}"
        if here := seen["gateway"]:
            yield "gateway", f"{here['url']}, by {here['place']}{'' if seen['applied'] else ', without cgw'}"
    words = {
        "ok": "",
        "changed": ", changed since",
        "outdated": ", outdated",
        "left": ", undone except what was changed since",
    }
    for item in seen["applied"]:
        state = words.get(item["state"], f", {item.get('why')}")
        yield "applied", f"{item['scope']}: {item['file']} (profile {item['profile']}{state})"
        if item["state"] in words and "why" in item and (helper is None or item["why"] != helper["problem"]):
            yield "", item["why"]
    if profile and not seen["applied"]:
        yield "applied", "nowhere: only a shell with cgw env, or cgw run, uses it"
    if helper:
        age = helper["key_age_seconds"]
        kept = "no key kept" if helper["renewed_in_seconds"] is None else "a key kept in the OS keyring"
        yield "helper", f"{helper['name']}, {kept if age is None else f'key fetched {_ago(age)} ago'}"
        if helper["problem"]:
            yield "", helper["problem"]
    yield (
        "client",
        f"{found['version'] or 'unknown version'} {found['path']}" if found else "Claude Code is not installed",
    )
    state = seen["health"]
    if state:
        cause = f": {state['cause']}" if state["cause"] else ""
        yield "health", f"{state['verdict']} {_ago(state['seconds_ago'])} ago (cgw doctor){cause}"
    elif profile:
        yield "health", "not tested yet"
    for shell in seen["outdated_completion"]:
        yield "shell", f"completion for {shell} is not of this cgw: cgw --install-completion {shell}"
    yield "next", for_person(seen["next"], sys.stdout)


def _ago(seconds: int) -> str:
    for size, name in _UNITS:
        if seconds >= size:
            return counted(seconds // size, name)
    return counted(seconds, "second")
