"""``cgw settings status``: how this machine, or each home of a tree, differs from the profiles."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from claude_gw_cli import __version__
from claude_gw_cli.cli.inventory import FileState, deployed, state, states
from claude_gw_cli.cli.out import for_person, info, verbosity, write_lines, write_stdout
from claude_gw_cli.cli.settings import Target, everywhere, recorded_name
from claude_gw_cli.core.drift import KINDS, decides_requests
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, CgwError, UsageError
from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import audit, config, homes, paths
from claude_gw_cli.world.homes import Recorded
from claude_gw_cli.world.ownership import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.drift import Kind
    from claude_gw_cli.core.model import SettingsScope
    from claude_gw_cli.world.homes import Home

_ORDER = ("missing", "changed", "outdated", "ok")
_LONGEST = 3
"""Members that one line of an inventory names."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One home in an inventory."""

    name: str
    files: tuple[FileState, ...]
    unreadable: str = ""

    @property
    def kind(self) -> Kind | None:
        """The most severe of its files'; ``None`` where cgw set up nothing."""
        if self.unreadable:
            return "unreadable"
        return max((file.kind for file in self.files), key=list(KINDS).index, default=None)

    @property
    def drifts(self) -> bool:
        return bool(self.unreadable) or any(file.drifts for file in self.files)


def status(
    *,
    scope: SettingsScope | None = None,
    profile: str | None = None,
    out: str | None = None,
    managed_dir: str | None = None,
    drop_in: bool = False,
    tree: str | None = None,
    format_: str = "human",
) -> int:
    """Print how what cgw set differs from the profiles, here, in one file or in a tree; exit 1 on drift."""
    if tree is not None:
        if scope or out or managed_dir or drop_in:
            raise UsageError("--tree looks at every settings file of each home; leave the file's options out")
        return _tree(tree, profile, format_)
    one = Target(scope or "user", managed_dir, drop_in, out)
    chosen = [one] if scope or out else None
    name = recorded_name(profile)
    found = list(_here(chosen, profile, managed_dir))
    other = [file for _, file in found if name not in {None, file.profile}]
    found = [(options, file) for options, file in found if name in {None, file.profile}]
    line = _Line("", tuple(file for _, file in found))
    if format_ == "json":
        write_stdout(json.dumps(_machine(line), ensure_ascii=False) + "\n")
        return EXIT_FINDINGS if line.drifts else EXIT_OK
    for file in other:
        info(f"{file.file} was written from profile {file.profile}, not {name}.")
    for options, file in found:
        write_lines(for_person(_shown(file), sys.stdout))
        _say_next(file, options)
    if not found and not other:
        what = "cgw" if name is None else f"profile {name}"
        places = one.place().path if chosen else "any settings file"
        info(f"No changes by {what} are recorded for {places}. To make them: cgw settings apply")
    return EXIT_FINDINGS if line.drifts else EXIT_OK


def _here(
    chosen: list[Target] | None, profile: str | None, managed_dir: str | None
) -> Iterator[tuple[str, FileState]]:
    """Each file with the options that select it: those of the scopes here first, then the others with a record."""
    home, env = homes.own(os.environ), os.environ
    seen = set()
    for target in chosen or everywhere(managed_dir):
        place = target.place()
        seen.add(place.target)
        item = Recorded(place.target, place.target, Store(paths.state_dir(env), place.target))
        found = state(home, item, place.scope, place.path)
        if found is None and (chosen or place.scope == "managed"):
            found = deployed(home, profile, place)
        if found is not None:
            yield target.options, found
    if chosen:
        return
    for found in states(home):
        if os.path.realpath(found.file) not in seen:
            yield shlex.join(["--out", found.file]), found


def _tree(tree: str, profile: str | None, format_: str) -> int:
    counts: dict[Kind | None, int] = {}
    drifts, first, seen = False, True, False
    found = homes.below(tree)  # read before anything is printed
    if format_ == "json":
        write_stdout(f'{{"schema_version": 1, "tree": {json.dumps(tree)}, "cgw": "{__version__}", "homes": [')
    for name, home in found:
        line = _line(name, home, profile)
        counts[line.kind] = counts.get(line.kind, 0) + 1
        drifts, seen = drifts or line.drifts, seen or bool(line.files)
        if format_ == "json":
            write_lines(
                ("" if first else ",") + "\n" + json.dumps({"home": name, **_summary(line)}, ensure_ascii=False)
            )
            first = False
        else:
            write_lines(_inventory_line(line))
    if format_ == "json":
        summary = {kind or "none": count for kind, count in counts.items()}
        write_stdout(f'\n], "drift": {json.dumps(drifts)}, "summary": {json.dumps(summary)}}}\n')
    else:
        words = [f"{count} {KINDS[kind] if kind else 'nothing applied'}" for kind, count in counts.items()]
        info(", ".join(sorted(words, reverse=True)) or f"no home directory is in {tree}")
    if profile is not None and not seen:
        info(f"cgw: warning: no home of {tree} has settings of a profile {profile}")
    return EXIT_FINDINGS if drifts else EXIT_OK


def _line(name: str, home: Home, profile: str | None) -> _Line:
    if home.unreadable:
        return _Line(name, (), home.unreadable)
    try:
        return _Line(name, tuple(file for file in states(home) if profile in {None, file.profile}))
    except CgwError as error:
        return _Line(name, (), error.message)


def _inventory_line(line: _Line) -> str:
    kind = line.kind
    words = KINDS[kind] if kind else "nothing applied"
    profiles = ",".join(sorted({file.profile for file in line.files if file.profile}))
    return f"{line.name:<20}  {words:<19}  {profiles:<12}  {_why(line)}".rstrip() + "\n"


def _why(line: _Line) -> str:
    if line.unreadable:
        return line.unreadable
    reasons = [reason for file in line.files for reason in file.reasons]
    drifted = [
        *(member.pointer for file in line.files for member in file.members if member.state != "ok"),
        *(pointer for file in line.files for pointer in file.others),
    ]
    names = [pointer_text(pointer) for pointer in drifted]
    if len(names) > _LONGEST:
        names = [*names[:_LONGEST], f"{len(names) - _LONGEST} more"]
    return "; ".join([*reasons, *([", ".join(names)] if names else [])])


def _machine(line: _Line) -> dict[str, Any]:
    import platform

    about = {"host": platform.node(), "user": audit.who()["user"], "home": paths.home(os.environ), "cgw": __version__}
    return {"schema_version": 1, **about, **_summary(line)}


def _summary(line: _Line) -> dict[str, Any]:
    found = {"state": line.kind or "none", "drift": line.drifts, "files": [_as_json(file) for file in line.files]}
    return {**found, "reason": line.unreadable} if line.unreadable else found


def _as_json(file: FileState) -> dict[str, Any]:
    return {
        "scope": file.scope,
        "file": file.file,
        "profile": file.profile or None,
        "state": file.kind,
        "states": list(file.kinds),
        "drift": file.drifts,
        "reasons": list(file.reasons),
        "members": [
            {"pointer": pointer_text(member.pointer), "state": member.state}
            for member in file.members
            if member.state != "ok"
        ],
        "ok": sum(member.state == "ok" for member in file.members),
        "other_edits": [pointer_text(pointer) for pointer in file.others],
    }


def _shown(file: FileState) -> str:
    """The file's heading, then what drifted; members that are as they should be only as a number, unless -v."""
    members = sorted(file.members, key=lambda member: _ORDER.index(member.state))
    shown = [member for member in members if verbosity.verbose or member.state != "ok"]
    name = f" (profile {file.profile})" if file.profile else ""
    lines = [f"{file.scope}: {file.file}{name}: {', '.join(KINDS[kind] for kind in reversed(file.kinds))}\n"]
    lines += [f"  {reason}\n" for reason in file.reasons]
    undone = file.kind == "undone"
    lines += [f"  {'left' if undone else item.state:<8} {pointer_text(item.pointer)}\n" for item in shown]
    lines += [f"  {'edited':<8} {pointer_text(pointer)}\n" for pointer in file.others]
    return "".join(lines) + (f"  {len(members) - len(shown)} ok\n" if len(members) > len(shown) else "")


def _say_next(file: FileState, options: str) -> None:
    """The command for each kind of drift."""
    profile = _profile_option(file)
    steps: dict[Kind, str] = {
        "undone": f"undo kept what was changed since. To undo that too: cgw settings undo {options} --force",
        "changed-by-user": f"Fix it: cgw settings apply {options}{profile} --force",
        "helper-changed": f"Fix it: cgw helper install{profile}",
        "trust-changed": f"Read it, then: cgw profile trust {shlex.quote(file.source)}",
    }
    if "outdated-profile" in file.kinds and file.scope != "managed":
        del steps["helper-changed"]  # applying writes the helper again
    if "changed-by-user" not in file.kinds:
        steps["outdated-profile"] = f"Fix it: cgw settings apply {options}{profile}"
        if any(map(decides_requests, file.others)):
            steps["foreign-edit"] = f"If the edit is right, record it: cgw settings apply {options}{profile}"
    for kind in reversed(file.kinds):
        if kind in steps:
            info(steps[kind])


def _profile_option(file: FileState) -> str:
    """The option that selects a recorded profile; empty where the record does not say enough."""
    if file.profile in {item.name for item in config.list_profiles(os.environ)}:
        return f" --profile {file.profile}"
    return f" --profile {shlex.quote(file.source)}" if os.path.isfile(file.source) else ""
