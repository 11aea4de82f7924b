"""``cgw init``: create a profile, from flags, from a shared profile, or with a wizard on a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from claude_gw_cli.cli import vault_here
from claude_gw_cli.cli.key_store import file_place, is_keyring, key_place, keyring_works, told
from claude_gw_cli.cli.member_values import given_members, value_of
from claude_gw_cli.cli.new_profile import choose_one_of_several, refuse_keys, save, validated, with_tables
from claude_gw_cli.cli.next_steps import offer_doctor, offer_store, say_missing, say_next
from claude_gw_cli.cli.out import can_ask, info, write_stdout
from claude_gw_cli.cli.wanted import Wanted, with_preset
from claude_gw_cli.core import presets
from claude_gw_cli.core.errors import DeclinedError, UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import can_use_helper, make_plan
from claude_gw_cli.facts import modes
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import masked
from claude_gw_cli.world import config, origins, paths, settings
from claude_gw_cli.world.profile_layout import text_for
from claude_gw_cli.world.profile_text import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.cli.adopt import Current
    from claude_gw_cli.core.model import Plan, SettingsScope
    from claude_gw_cli.world.origins import Origin


def init(
    *,
    name: str | None = None,
    source: str | None = None,
    scope: SettingsScope | Literal["none"] = "none",
    yes: bool = False,
    dry_run: bool = False,
    sha256: str | None = None,
    gateway: str | None = None,
    from_current: bool = False,
    signed_by: str | None = None,
    store_key: bool = False,
    **fields: str | None,
) -> int:
    """Create the profile and, with ``scope``, apply it. Returns the exit code."""
    values: dict[str, str | None] = {}
    models: dict[str, str | None] = {}
    tables: dict[str, dict[str, object]] = {}
    for member, text in given_members(fields):
        if member.table:
            tables.setdefault(member.table, {})[member.name] = value_of(member, text)
        else:
            (models if member.path.startswith("models.") else values)[member.name] = text
    return _create(
        Wanted(
            name, values, models, tables, source, scope, yes, dry_run, sha256, gateway, from_current, signed_by,
            store_key
        )
    )  # fmt: skip


def _create(wanted: Wanted) -> int:
    interactive = not wanted.yes and can_ask()
    wanted = with_preset(wanted)
    base, decided, origin = _start(wanted)
    if interactive and base.secret and not wanted.dry_run:
        from claude_gw_cli.cli.secret import offer_to_store

        base = replace(base, secret=offer_to_store(base.secret, base.name or base.provider))
    base = replace(base, secret=_without_keyring(base.secret, base.name or base.provider, may_ask=interactive))
    only_key = wanted.by_address and interactive and not wanted.values.get("secret")
    if interactive and (not decided or only_key):
        answer = _ask(base, wanted)
        if isinstance(answer, int):
            return answer
        base = answer
    elif not decided:
        url = wanted.values.get("gateway_url")
        provider = presets.provider_at(url, presets.recognized(url)) if url else "unified"
        address = url or (f"https://{base.name}" if "." in base.name else "URL")
        raise UsageError(
            "--provider is required when cgw cannot ask questions (no terminal, or --yes)",
            hint=f"With an address alone: cgw init {address} --yes\n"
            f"One of: {', '.join(modes.PROVIDERS)}. For example: "
            f"cgw init {f'{wanted.name} ' if wanted.name else ''}--provider {provider} --gateway-url {url or 'URL'}",
        )
    if wanted.by_address and base.secret and not wanted.values.get("auth") and can_use_helper(base):
        base = replace(base, auth="helper")
    # A team's profile stays as the team wrote it.
    profile = validated(base if wanted.source else vault_here.with_server(base))
    plan = make_plan(profile)
    if wanted.dry_run:
        write_stdout(dumps(masked(profile)))
        say_missing(profile, plan)
        return 0
    if wanted.scope != "none":  # before anything is written
        settings.check(settings.place(wanted.scope, os.environ, paths.working_dir()), paths.state_dir(os.environ))
    refuse_keys(profile, config.text_of(config.profile_path(profile.name, os.environ)))
    _check_replaces(profile, yes=wanted.yes, interactive=interactive)
    write_stdout(f"{save(profile)}\n")
    if origin is not None:
        origins.keep(profile.name, origin, os.environ, "profile adopt")
        info(f"cgw: to take what its authors change later: cgw profile update {profile.name}")
    say_missing(profile, plan)
    for note in plan.notes:
        info(f"cgw: {note.severity}: {note.text}")
    if wanted.scope != "none":
        return _apply(profile, plan, wanted.scope)
    vault_here.say_what_it_needs(profile)
    stored = interactive and not plan.missing and offer_store(profile)
    say_next(profile, plan, stored=stored)
    key_may_exist = stored or (profile.secret is not None and not profile.secret.startswith("keyring:"))
    if interactive and not plan.missing and key_may_exist:
        offer_doctor(profile)
    return 0


def _ask(base: Profile, wanted: Wanted) -> Profile | int:
    """The wizard: the profile under ``--dry-run``, else its exit code."""
    from claude_gw_cli.cli.wizard.wizard import wizard

    given = {key for key, value in (*wanted.values.items(), *wanted.models.items()) if value is not None}
    if wanted.name is not None or wanted.by_address:
        given.add("name")
    if wanted.by_address:
        given |= {"provider", "credentials", "key_header", "auth-by-itself"}
    return wizard(base, frozenset(given), None if wanted.scope == "none" else wanted.scope, writes=not wanted.dry_run)


def _start(wanted: Wanted) -> tuple[Profile, bool, Origin | None]:
    """The profile so far as options, a source or an existing one say; whether its provider is known; its origin."""
    given = {key: value for key, value in wanted.values.items() if value is not None}
    models = {key: value for key, value in wanted.models.items() if value is not None}
    if wanted.from_current:
        return _adopted(wanted, given, models), True, None
    origin = None
    if wanted.source:
        from claude_gw_cli.cli.team import shared

        found = shared(
            wanted.source,
            name=wanted.name,
            sha256=wanted.sha256,
            signed_by=wanted.signed_by,
            yes=wanted.yes,
            dry_run=wanted.dry_run,
        )
        start, origin = found.profile, found.origin
        name = wanted.name or start.name
    else:
        start = Profile(name="", provider="unified")
        name = wanted.name or given.get("provider", "")
    old = _existing(name, wanted)
    if old is not None and wanted.source is None:
        same = given.get("provider", old.provider) == old.provider
        start = old if same else replace(start, gateway_url=old.gateway_url, secret=old.secret)
    changes: dict[str, Any] = {**given, "name": name, "models": replace(start.models, **models)}
    changes["headers"] = {**start.headers, **wanted.headers}
    decided = "provider" in given or old is not None or wanted.source is not None
    profile = with_tables(replace(start, **changes), wanted.tables)
    if wanted.source:
        from claude_gw_cli.cli.team import refuse_to_lose

        refuse_to_lose(profile)
    return profile, decided, origin


def _adopted(wanted: Wanted, given: Mapping[str, Any], models: Mapping[str, Any]) -> Profile:
    """The profile for what is here, with the options that were given; says what a client would send with it.

    Raises:
        UsageError: its key is written out somewhere, and no reference was given.
    """
    from claude_gw_cli.cli.adopt import current

    if wanted.source:
        raise UsageError("--from and --from-current exclude each other")
    found = current(wanted.name, wanted.values.get("secret"))
    profile = replace(found.profile, **given, models=replace(found.profile.models, **models))
    profile = with_tables(profile, wanted.tables)
    if not wanted.dry_run and (ref := _place_for_the_key(found, profile, wanted)):
        profile = found.stored(profile, ref)
    elif found.literal is not None and not wanted.dry_run:
        raise found.need_reference(profile.name)
    info(f"cgw: now:  {found.sent()}")
    if not (changed := found.differences(profile)):
        info("cgw: explain says the same with this profile applied in user scope")
    for note in changed:
        info(f"cgw: {note.severity}: with this profile it would not be the same: {note.text}")
    return profile


def _place_for_the_key(found: Current, profile: Profile, wanted: Wanted) -> str | None:
    """Where a key that is written out here is to be stored, as far as the person consents to that."""
    if wanted.store_key:
        return profile.secret or key_place(profile.name)
    if found.literal is None or found.key is None or wanted.yes or not can_ask():
        return None
    from claude_gw_cli.cli.typed import confirm

    ref = key_place(profile.name)
    return ref if confirm(f"Store the key that is written out in {found.literal.place} under {ref}?") else None


def _without_keyring(secret: str | None, name: str, *, may_ask: bool) -> str | None:
    """A reference to a keyring, or to a private file instead where no keyring works here and the person agrees."""
    if not is_keyring(secret) or keyring_works():
        return secret
    file = file_place(name)
    if may_ask:
        from claude_gw_cli.cli.typed import confirm

        if confirm(f"No keyring works here. Keep the key in {told(file)} instead?", default=True):
            return file
    info(f"cgw: warning: no keyring works here; a private file does: --secret {file}")
    return secret


def _existing(name: str, wanted: Wanted) -> Profile | None:
    """The profile that ``cgw init NAME`` completes, if it is there and readable."""
    if not name or wanted.name is None:
        return None
    path = config.profile_path(name, os.environ)
    return config.read(config.ProfileFile(name, path, "option"), os.environ).profile if os.path.isfile(path) else None


def _check_replaces(profile: Profile, *, yes: bool, interactive: bool) -> None:
    """Ask, or refuse, before another profile of this name is replaced."""
    path = config.profile_path(profile.name, os.environ)
    if yes or not os.path.isfile(path):
        return
    old = config.text_of(path)
    if old == text_for(profile, old, str(path)):
        return
    if interactive:
        from claude_gw_cli.cli.typed import confirm

        if not confirm(f"Replace the existing profile {profile.name!r}?"):
            raise DeclinedError("Nothing was changed.")
        return
    raise UsageError(
        f"profile {profile.name!r} exists and would change",
        hint=f"See it: cgw profile show {profile.name}\nReplace it: add --yes (the old one is kept)",
    )


def _apply(profile: Profile, plan: Plan, scope: SettingsScope) -> int:
    from claude_gw_cli.cli.settings import apply

    if plan.missing:
        raise UsageError(
            f"profile {profile.name!r} was created but not applied: {', '.join(plan.missing)} is missing",
            hint=f"Fill it in, then: cgw settings apply --scope {scope} --profile {profile.name}",
        )
    code = apply(scope=scope, profile=profile.name)
    if code == 0:
        choose_one_of_several(profile.name)
    return code
