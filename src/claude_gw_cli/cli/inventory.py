"""The state of everything that cgw set up in one home: each settings file against its profile, helper and trust.

Reads only; nothing is resolved, run or sent, so a profile that is not trusted is compared as well.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from claude_gw_cli.core import drift, managed
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.drift import KINDS, Kind, Member
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.jsontext import JsonError, Pointer, decode
from claude_gw_cli.core.jsontext import parse as parse_json
from claude_gw_cli.core.merge import Patch, Record
from claude_gw_cli.core.patch import HELPER_TTL_VARIABLE, settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.helper import address, script
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.installed import altered, helpers_folder, script_path, ttl_ms
from claude_gw_cli.helper.shared import common_command
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import config, homes, trust
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.profile_text import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.merge import Digest
    from claude_gw_cli.core.model import Plan, Profile
    from claude_gw_cli.helper.spec import Spec
    from claude_gw_cli.world.homes import Home, Recorded
    from claude_gw_cli.world.ownership import Ledger
    from claude_gw_cli.world.settings import Place

_NOTHING = Patch(())
_ORDER: tuple[Kind, ...] = tuple(KINDS)
_IN_SYNC: list[Kind] = ["in-sync"]
_HELPER_MEMBERS: frozenset[Pointer] = frozenset({("apiKeyHelper",), ("env", HELPER_TTL_VARIABLE)})
_WHY_NOT_TRUSTED = {
    "changed": "has changed since it was trusted",
    "denied": "was denied",
    "untrusted": "is not trusted any more",
}


@dataclass(frozen=True, slots=True)
class FileState:
    """One settings file that cgw wrote.

    Attributes:
        scope: ``user`` and so on; ``file`` where the record does not say it.
        file: its path.
        profile: the name of its profile; empty where the record cannot be read.
        kinds: everything that is true of it, the most severe last.
        reasons: a sentence for each kind that members alone do not explain.
        members: the state of each member.
        others: members beside cgw's that were changed since.
        source: the profile's file.
    """

    scope: str
    file: str
    profile: str
    kinds: tuple[Kind, ...]
    reasons: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    others: tuple[Pointer, ...] = ()
    source: str = ""

    @property
    def kind(self) -> Kind:
        """The most severe."""
        return self.kinds[-1]

    @property
    def drifts(self) -> bool:
        """Whether something has to be done. A person may edit what does not concern requests."""
        harmless: set[Kind] = {"undone", "in-sync"}
        if not any(map(drift.decides_requests, self.others)):
            harmless.add("foreign-edit")
        return not set(self.kinds) <= harmless


@dataclass(frozen=True, slots=True)
class _Found:
    """What the record's profile says now; without a plan the file is compared with the record only."""

    plan: Plan | None = None
    kind: Kind | None = None
    reason: str = ""
    file: str = ""
    """The profile's file as it was when the record was written."""


def states(home: Home) -> Iterator[FileState]:
    """Each settings file that cgw wrote from this home, in the order of the records."""
    for item in homes.recorded(home):
        if isinstance(item, CgwError):
            yield FileState("file", "", "", ("unreadable",), (item.message,))
        elif (found := state(home, item)) is not None:
            yield found


def state(home: Home, item: Recorded, scope: str = "", path: str = "") -> FileState | None:
    """One settings file; ``None`` where nothing is recorded for it any more.

    Args:
        home: whose.
        item: the file and its record.
        scope: of the file, where it is known from its place.
        path: as a person names it; empty: as it is recorded.
    """
    try:
        data = home.read(item.place)
        text = None if data is None else decode(data)[0]
        ledger = item.store.load(text)
        if ledger is None:
            return None
        compared = _against_profile(home, item, text or "", ledger)
        return compared and replace(compared, scope=scope or compared.scope, file=path or compared.file)
    except CgwError as error:
        reason = error.message
    except JsonError as error:
        reason = f"{item.place}:{error.line}:{error.column}: not valid JSON: {error.reason}"
    except (OSError, RecursionError, ValueError, TypeError, AttributeError, KeyError):
        reason = f"the record of {item.place} is damaged"  # a person can write anything there
    return FileState(scope or "file", path or item.place, "", ("unreadable",), (reason,))


def deployed(home: Home, name: str | None, where: Place) -> FileState | None:
    """A settings file that others deployed, compared with a profile; ``None`` where it has nothing of it.

    Args:
        home: this user's.
        name: the profile; ``None``: the one in use.
        where: the file.
    """
    try:
        loaded = config.load(name, home.env, working_dir())
        plan = make_plan(loaded.profile)
    except CgwError:
        return None
    found = _Found(plan, file=os.path.realpath(loaded.file.path))
    file = FileState(where.scope, where.path, loaded.profile.name, ("in-sync",), source=found.file)
    try:
        data = home.read(where.target)
        if data is None:
            return None
        compared = _compared(home, file, found, decode(data)[0], Record(""), lambda text: text)
    except CgwError as error:
        reason = error.message
    except JsonError as error:
        reason = f"{where.path}:{error.line}:{error.column}: not valid JSON: {error.reason}"
    else:
        return compared if any(member.state == "ok" for member in compared.members) else None
    return replace(file, kinds=("unreadable",), reasons=(reason,))


def _against_profile(home: Home, item: Recorded, text: str, ledger: Ledger) -> FileState | None:
    file = FileState(ledger.source.scope or "file", item.place, ledger.profile, ("undone",))
    record, digest = ledger.record, item.store.digest
    if ledger.is_undone:
        left = [
            member for member in drift.compare(text, record, _NOTHING, frozenset(), digest) if member.state != "ok"
        ]
        return replace(file, members=tuple(left)) if left else None
    return _compared(home, file, _profile(home, ledger, item.then), text, record, digest, item.then)


def _compared(
    home: Home, file: FileState, found: _Found, text: str, record: Record, digest: Digest, then: str = ""
) -> FileState:
    """The file with everything that is true of it; ``then`` as in ``Home.recorded``."""
    kinds: list[Kind] = [found.kind] if found.kind else []
    reasons = [found.reason] if found.reason else []
    if found.plan is None:
        wanted, keys = _NOTHING, frozenset(record.owned)
    else:
        named = parse_json(text).get(("apiKeyHelper",))
        command, ttl, problem = (
            _helper(home, found, file.scope, named, then) if found.plan.helper else (None, None, "")
        )
        wanted = settings_patch(found.plan, helper_command=command, ttl_ms=ttl)
        if file.scope == "managed":
            wanted = managed.completed(wanted, found.plan.profile)
        keys = _without_value(found.plan, wanted)
        if problem:
            kinds.append("helper-changed")
            reasons.append(problem)
    members = drift.compare(text, record, wanted, keys, digest)
    others = drift.others(text, record) if record.owned else ()
    here = {member.state for member in members}
    kinds += ["changed-by-user"] if here & {"changed", "missing"} else []
    kinds += ["outdated-profile"] if "outdated" in here else []
    kinds += ["foreign-edit"] if others else []
    ordered = [kind for kind in _ORDER if kind in kinds] or _IN_SYNC
    return replace(
        file, kinds=tuple(ordered), reasons=tuple(reasons), members=members, others=others, source=found.file
    )


def _without_value(plan: Plan, wanted: Patch) -> frozenset[Pointer]:
    """Members of which the profile does not say the value: they are compared with the record."""
    known = {entry.pointer for entry in wanted.entries}
    keys = {("env", item.name) for item in plan.sets if item.slot}
    return frozenset(keys | (_HELPER_MEMBERS - known if plan.helper else set()))


def _profile(home: Home, ledger: Ledger, then: str) -> _Found:
    name, source = ledger.profile, ledger.source.profile
    if not source:  # a record of an older version: only the user's own profiles can be found by name
        own = str(config.profile_path(name, home.env))
        source = home.recorded(own, then) if home.root else os.path.realpath(own)
    place = home.placed(source, then)
    if place is None:
        return _Found(
            reason=f"its profile {source} is outside of this home; compared with what cgw wrote", file=source
        )
    try:
        content = home.read(place)
        if content is None:
            return _Found(None, "outdated-profile", f"its profile {place} is gone", source)
        found = _Found(_planned(content, name), file=source)
    except CgwError as error:
        said = error.message if place in error.message else f"its profile {place}: {error.message}"
        return _Found(None, "unreadable", said, source)
    if ledger.source.repositorys:
        decisions = home.read_private(str(trust.trust_file(home.env))) or b""
        word = trust.decided(decisions, os.fsencode(source), sha256_hex(content))
        if word in _WHY_NOT_TRUSTED:
            reason = f"the repository's profile {place} {_WHY_NOT_TRUSTED[word]}"
            return replace(found, kind="trust-changed", reason=reason)
    return found


@lru_cache(maxsize=8)
def _planned(content: bytes, name: str) -> Plan:
    """The plan of a profile's text. The homes of a fleet have few different ones."""
    return make_plan(parse(content.decode("utf-8", "replace"), name, f"{name}.toml"))


def _helper(home: Home, found: _Found, scope: str, named: object, then: str) -> tuple[str | None, int | None, str]:
    """What the settings must say of the helper, and what is wrong with it; ``named`` is what they say now."""
    assert found.plan is not None  # noqa: S101 - for the type checker
    profile = found.plan.profile
    if scope == "managed":
        # One path for all machines, or each user's own below the home directory, as `render --for` writes it.
        path = str(profile.tables.get("managed", {}).get("helper_path", ""))
        common = common_command(profile, None if path else sys.platform)
        if path or named == common:
            return common, None, _common(path) if os.path.isabs(path) and not home.root else ""
    folder = helpers_folder(home.env)
    for name in home.names(folder):
        if name.endswith(".spec"):
            try:
                data = home.read_private(os.path.join(folder, name)) or b""
                spec = specs.loads(data.decode("utf-8", "replace"), os.path.join(folder, name))
            except CgwError:
                continue  # one broken helper blocks no other
            if spec.profile == found.file:
                path = script_path(name.removesuffix(".spec"), home.env)
                command = script.quote(home.recorded(path, then))
                return command, ttl_ms(spec), _changed(home, path, spec, profile)
    return None, None, "no helper is installed for its profile"


def _common(path: str) -> str:
    """What is wrong with the one script of all users of this machine."""
    try:
        found = os.stat(path)
    except OSError:
        return f"the helper {path} is not on this machine"
    return f"others may change the helper {path}" if found.st_mode & 0o022 else ""


def _changed(home: Home, path: str, spec: Spec, profile: Profile) -> str:
    """How an installed helper differs from what was installed, or from what its profile says now."""
    if problem := altered(path, home.read(path), spec):
        return problem
    origin = address.origin(profile.gateway_url)
    if spec.origin != origin:
        return f"the helper gives the key to {spec.origin} only; the profile's gateway is {origin}"
    if spec.asked and spec.asked != profile.secret:
        return "the helper fetches another reference than the profile says now"
    return ""
