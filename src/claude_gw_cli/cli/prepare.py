"""Profile selection -> everything ``cgw env`` and ``cgw run`` need, before any secret is fetched.

The answer is kept in a compiled plan (``world.planfile``) while nothing that was looked at has changed. So this
file imports the rooms that read and validate only when there is no such answer.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.grant import Grant
from claude_gw_cli.world import paths, planfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.layers import Effective
    from claude_gw_cli.core.model import Plan
    from claude_gw_cli.core.secret import Secret

_SECONDS = 30.0
"""How long a secret source may take for a person who waits at a prompt."""
_CHEAP_SCHEMES = ("env", "file")
"""References that need nothing but themselves; the others read their tables from the profile anyway."""


def _is_cheap(reference: str) -> bool:
    return reference.split(":", 1)[0] in _CHEAP_SCHEMES


class Prepared:
    """A plan in the plainest types, so that it can be kept in a file.

    Attributes:
        profile: its name.
        grant: the permission to act for it. A kept plan gives it as it was given: what is trusted is one of the
            things that a kept plan depends on.
        sets: (name, before, carries the key, carries the front's credential too).
        clears: names that must not be there.
        reference: where the key is, or ``None``.
        front_reference: where the front's user name and password are, or ``None``.
        tables: the profile's tables for secret sources.
        warnings: lines for stderr.
        literal: whether the profile's file holds a key, so that no other file gets it.
    """

    __slots__ = (
        "clears",
        "front_reference",
        "grant",
        "literal",
        "profile",
        "reference",
        "sets",
        "tables",
        "warnings",
    )

    def __init__(
        self,
        profile: str,
        grant: Grant,
        sets: tuple[tuple[str, str, bool, bool], ...],
        clears: tuple[str, ...],
        reference: str | None,
        front_reference: str | None,
        tables: Mapping[str, Mapping[str, object]],
        warnings: tuple[str, ...],
        *,
        literal: bool = False,
    ) -> None:
        self.profile = profile
        self.grant = grant
        self.sets = sets
        self.clears = clears
        self.reference = reference
        self.front_reference = front_reference
        self.tables = tables
        self.warnings = warnings
        self.literal = literal

    def key(self, env: Mapping[str, str]) -> Secret | None:
        """Fetch the key, if a variable carries it."""
        if self.reference is None or not any(item[2] for item in self.sets):
            return None
        from claude_gw_cli import secrets

        context = secrets.Context.make(self.grant, env, _SECONDS, self.tables)
        if _is_cheap(self.reference):
            return secrets.resolve(self.reference, context).value
        from claude_gw_cli.cli.progress import Working

        with Working("Fetching the key", may_ask=True):
            return secrets.resolve(self.reference, context).value

    def basic(self, env: Mapping[str, str]) -> Secret | None:
        """Fetch what a front wants, in Base64, if a variable carries it."""
        if self.front_reference is None or not any(item[3] for item in self.sets):
            return None
        from claude_gw_cli import secrets

        context = secrets.Context.make(self.grant, env, _SECONDS, self.tables)
        return secrets.resolve_basic(self.front_reference, context)


def prepare(
    name: str | None, env: Mapping[str, str], cwd: str, *, resolve: bool = False, for_run: bool = False
) -> Prepared:
    """Select, read and plan a profile.

    Args:
        name: profile name or file; ``None`` selects.
        env: the ambient environment.
        cwd: the working directory.
        resolve: put the key into a variable even where the profile uses a helper.
        for_run: as ``resolve``, but only where no helper is installed that could answer.

    Raises:
        UsageError: no profile, an invalid one, or one that is not complete.
        RefusedError: a repository's profile that is not trusted.
    """
    folder = paths.cache_dir(env)
    asked = planfile.question(name, env, cwd, str(resolve), str(for_run))
    if (rows := planfile.load(folder, asked)) is not None:
        return _from_rows(rows)
    prepared, looked_at = _fresh(name, env, cwd, resolve=resolve, for_run=for_run)
    references = (prepared.reference, prepared.front_reference)
    if not prepared.literal and all(item is None or _is_cheap(item) for item in references):
        # Which paths count is known only now; so the answer that is kept is computed after their signatures were
        # taken. A file that changed in between then does not match its signature.
        before, started = planfile.signatures(looked_at), planfile.now()
        prepared, again = _fresh(name, env, cwd, resolve=resolve, for_run=for_run)
        if before.keys() == {*again}:
            planfile.store(folder, asked, _to_rows(prepared), before, started)
    return prepared


def _fresh(
    name: str | None, env: Mapping[str, str], cwd: str, *, resolve: bool, for_run: bool
) -> tuple[Prepared, list[str]]:
    """The answer, computed, and every path that was looked at."""
    from claude_gw_cli.cli.use import announcement, check_complete
    from claude_gw_cli.core.key_forms import masked_keys
    from claude_gw_cli.core.layers import effective
    from claude_gw_cli.core.plan import make_plan
    from claude_gw_cli.record import replace
    from claude_gw_cli.rules.literals import keys_in
    from claude_gw_cli.world import config, snapshot

    depends: list[str] = []
    loaded = config.load(name, env, cwd, depends)
    grant, file, profile = loaded.grant(), loaded.file, loaded.profile
    warnings = [line] if (line := announcement(loaded, env)) else []
    world = snapshot.take(env, cwd)
    depends += [item.file for item in world.files]
    depends.append(os.path.dirname(paths.settings_path("managed", env, cwd, drop_in=True)))
    if world.claude_json_file:
        depends.append(world.claude_json_file)
    layers = effective(world)
    if profile.auth == "helper" and not resolve and layers.helper is None:
        if for_run:
            resolve = True
            warnings.append("cgw: no apiKeyHelper is installed in settings.json, so the key was fetched for this run")
        else:
            warnings.append(
                f"cgw: profile {file.name} gets its key from a helper, and no settings file sets apiKeyHelper yet\n"
                f"  Install it: cgw settings apply --scope user --profile {file.name}\n"
                f"  Or export the current key itself: add --resolve"
            )
    plan = make_plan(replace(profile, auth="static") if resolve and profile.auth == "helper" else profile)
    check_complete(plan, key_needed=plan.needs_secret)
    warnings += [
        f"cgw: warning: Claude Code does not read {item.file}: {item.reason}"
        for item in world.files
        if item.status == "invalid"
    ]
    # Settings of this very profile empty the variable of the key, and its helper gives the same one.
    has_own_helper = resolve and layers.helper is not None and _is_of(file.path, layers.helper.text)
    own_file = os.path.realpath(paths.settings_path("user", env, cwd))
    warnings += _overrides(plan, layers, own_file, has_own_helper=has_own_helper)
    applied = [item.data for item in world.files]
    if left := [name for name, value in plan.settings if not any(data.get(name) == value for data in applied)]:
        command = f"cgw settings apply --scope user --profile {file.name}"
        warnings.append(f"cgw: note: {', '.join(left)} can only be said in settings.json: {command}")
    prepared = Prepared(
        profile=file.name,
        grant=grant,
        sets=tuple((item.name, item.before, item.slot, item.front) for item in plan.sets),
        clears=plan.clears,
        reference=profile.secret if plan.needs_secret else None,
        front_reference=profile.front_auth if plan.needs_secret else None,
        tables=profile.tables,
        warnings=tuple(warnings),
        literal=any(keys_in(profile)) or any(masked_keys(item.before) != item.before for item in plan.sets),
    )
    return prepared, depends


def _is_of(profile: str, command: str) -> bool:
    """Whether an ``apiKeyHelper`` is the helper of a profile's file."""
    from claude_gw_cli.cli.applied import helper_of

    helper = helper_of(profile)
    return helper is not None and helper.command == command


def _overrides(plan: Plan, layers: Effective, own_file: str, *, has_own_helper: bool) -> list[str]:
    """Warnings for exported variables that a settings file overrides (recorded in every version)."""
    keys = {item.name for item in plan.sets if item.slot} if has_own_helper else frozenset()
    wanted = {item.name: None if item.slot else item.before for item in plan.sets} | dict.fromkeys(plan.clears, "")
    by_file: dict[tuple[str, str], list[str]] = {}
    for name, text in wanted.items():
        found = layers.variables.get(name)
        if found and found.winner.origin.file and found.text != text and not (name in keys and not found.text):
            origin = found.winner.origin
            # In the home directory the project's file is the user's own.
            scope = "user" if os.path.realpath(origin.file or "") == own_file else origin.scope
            by_file.setdefault((origin.file or "", scope), []).append(name)
    return [
        f"cgw: warning: {file} sets {', '.join(names)}; Claude Code uses that, not what is exported here\n"
        f"  See which value wins: cgw explain    Make the file agree: cgw settings apply --scope {scope}"
        for (file, scope), names in by_file.items()
    ]


def _to_rows(prepared: Prepared) -> list[tuple[str, list[str]]]:
    return [
        (
            "profile",
            [
                prepared.profile,
                prepared.reference or "",
                prepared.front_reference or "",
                prepared.grant.basis,
                prepared.grant.file,
            ],
        ),
        *(
            ("set", [name, before, "1" if slot else "", "1" if front else ""])
            for name, before, slot, front in prepared.sets
        ),
        ("clear", list(prepared.clears)),
        *(("warn", [line]) for line in prepared.warnings),
    ]


def _from_rows(rows: Mapping[str, list[list[str]]]) -> Prepared:
    name, reference, front_reference, basis, file = rows["profile"][0]
    return Prepared(
        profile=name,
        grant=Grant(basis, file),  # type: ignore[arg-type]  # it is one of ours
        sets=tuple((item[0], item[1], bool(item[2]), bool(item[3])) for item in rows.get("set", [])),
        clears=tuple(rows["clear"][0]),
        reference=reference or None,
        front_reference=front_reference or None,
        tables={},
        warnings=tuple(row[0] for row in rows.get("warn", [])),
    )
