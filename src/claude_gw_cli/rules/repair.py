"""Applies fixes to the texts of a context, in memory, until nothing is left to fix. Pure.

Each round applies at most one fix for each member, so that two fixes never change the same place; the next round
checks the result again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsonedit import Remove
from claude_gw_cli.core.jsontext import edit
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.fix import Chmod, Delete, Edit, Fix, SetValue

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Repaired:
    """A context after its fixes."""

    context: RuleContext
    titles: tuple[str, ...] = ()
    """What was done, as ``CODE title``, in order."""
    modes: dict[str, int] = field(default_factory=dict)
    """File -> its new permission bits."""


def repair(context: RuleContext, codes: Iterable[str] | None = None, *, unsafe: bool = False) -> Repaired:
    """The context with every applicable fix applied, to a fixed point.

    Args:
        context: what was checked.
        codes: only these rules' fixes; ``None`` for all.
        unsafe: also fixes that can change what is sent.
    """
    wanted = None if codes is None else frozenset(codes)
    titles: list[str] = []
    modes: dict[str, int] = {}
    for _ in range(MAX_ROUNDS):
        chosen = list(_chosen(sorted(run(context), key=lambda finding: finding.code), wanted, unsafe=unsafe))
        changed = _applied(context, [item for _, fix in chosen for item in fix.edits], modes)
        if changed is None:
            break
        titles += [f"{finding.code} {fix.title}" for finding, fix in chosen]
        context = changed
    return Repaired(context, tuple(titles), modes)


def _chosen(
    findings: Iterable[Finding], codes: frozenset[str] | None, *, unsafe: bool
) -> Iterable[tuple[Finding, Fix]]:
    taken: set[tuple[str, tuple[str, ...]]] = set()
    for finding in findings:
        fix = finding.fix
        if not isinstance(fix, Fix) or (fix.safety == "unsafe" and not unsafe):
            continue
        if codes is not None and finding.code not in codes:
            continue
        places = {(item.file, () if isinstance(item, Chmod) else item.pointer) for item in fix.edits}
        if not places & taken:
            taken |= places
            yield finding, fix


def _applied(context: RuleContext, edits: list[Edit], modes: dict[str, int]) -> RuleContext | None:
    """The context with the edits made, or ``None`` when they change nothing."""
    files = {source.file: source for source in context.snapshot.files}
    helpers = {item.program: item for item in context.snapshot.helpers if item.program}
    gateway = context.gateway
    before = (dict(files), dict(helpers), gateway)
    changes: dict[str, list[SetValue | Delete]] = {}
    for item in edits:
        if isinstance(item, Chmod):
            source, helper = files.get(item.file), helpers.get(item.file)
            if source and source.mode is not None:
                files[item.file] = replace(source, mode=source.mode & item.keep)
                modes[item.file] = source.mode & item.keep
            elif gateway and gateway.file == item.file and gateway.mode is not None:
                modes[item.file] = gateway.mode & item.keep
                gateway = replace(gateway, mode=modes[item.file])
            elif helper and helper.mode is not None:
                helpers[item.file] = replace(helper, mode=helper.mode & item.keep)
                modes[item.file] = helper.mode & item.keep
        elif item.file in files:
            changes.setdefault(item.file, []).append(item)
    for file, items in changes.items():
        files[file] = _edited(context, files[file], items)
    if (files, helpers, gateway) == before:
        return None
    snapshot = replace(
        context.snapshot,
        files=tuple(files[source.file] for source in context.snapshot.files),
        helpers=tuple(helpers.get(item.program or "", item) for item in context.snapshot.helpers),
    )
    return replace(context, snapshot=snapshot, gateway=gateway)


def _edited(context: RuleContext, source: SettingsFile, items: Sequence[SetValue | Delete]) -> SettingsFile:
    """The file with these edits; without those that are not possible."""
    if source.text is None:
        return source
    changes = [(item.pointer, Remove() if isinstance(item, Delete) else item.value) for item in items]
    try:
        text = edit(source.text, changes)
    except UsageError:  # a container on the path is not an object, or the text is not JSON
        if len(items) == 1:
            return source
        for item in items:
            source = _edited(context, source, [item])
        return source
    read = document(source.scope, source.file, text, context.snapshot.arguments, kind=source.kind, mode=source.mode)
    return replace(read, tracked=source.tracked, unignored=source.unignored)
