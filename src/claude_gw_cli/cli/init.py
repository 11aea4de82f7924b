"""``cgw init``: create a profile, from flags, from a shared profile, or with a wizard on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

from claude_gw_cli.cli.out import info, report_error, write_stdout
from claude_gw_cli.core import presets, reference
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import CgwError, RefusedError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL, Profile
from claude_gw_cli.core.plan import can_use_helper, key_header, make_plan
from claude_gw_cli.facts import modes
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.rules.literals import masked
from claude_gw_cli.world import config
from claude_gw_cli.world.profile_text import ascii_host, dumps, parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from claude_gw_cli.core.model import Plan, SettingsScope

_MODELS = {"model": "default", "opus_model": "opus", "sonnet_model": "sonnet", "haiku_model": "haiku"}
"""Option -> which of the profile's models it gives."""
_SECONDS = 10.0
_MAX_DOWNLOAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line of ``cgw init``; ``None`` where an option was not given."""

    name: str | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    models: Mapping[str, str | None] = field(default_factory=dict)
    source: str | None = None
    scope: SettingsScope | Literal["none"] = "none"
    yes: bool = False
    dry_run: bool = False
    sha256: str | None = None
    gateway: str | None = None
    from_current: bool = False
    by_address: bool = False
    """The address was given in place of the name: nothing is asked but the key."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Literal headers that the kind of gateway needs."""


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
    **fields: str | None,
) -> int:
    """Create the profile and, with ``scope``, apply it. Returns the exit code.

    Args:
        name: of the profile; ``None``: its provider's.
        source: a profile's file or URL to start from.
        scope: the scope whose settings it is applied to; ``none``: no file is written.
        yes: ask nothing, and replace an existing profile.
        dry_run: print the profile instead, literal keys masked.
        sha256: what the content of ``source`` must have, in hexadecimal.
        gateway: kind of gateway, a row of ``facts.gateways``.
        from_current: start from the set-up that is in force here.
        **fields: the profile's fields and, as ``opus_model``, its models; ``None`` where an option was not given.
    """
    models = {key: fields.pop(option, None) for option, key in _MODELS.items()}
    return _create(Wanted(name, fields, models, source, scope, yes, dry_run, sha256, gateway, from_current))


def _create(wanted: Wanted) -> int:
    interactive = not wanted.yes and sys.stdin.isatty() and sys.stderr.isatty()
    wanted = _with_preset(wanted)
    by_address = wanted.by_address
    base, decided = _start(wanted)
    only_key = by_address and interactive and not wanted.values.get("secret")
    if (not decided or only_key) and interactive:
        from claude_gw_cli.cli.wizard import ask

        base = ask(base, wanted)
    elif not decided:
        raise UsageError(
            "--provider is required when cgw cannot ask questions (no terminal, or --yes)",
            hint=f"One of: {', '.join(modes.PROVIDERS)}. For example: cgw init --provider unified --gateway-url URL\n"
            f"With an address alone: cgw init {f'https://{base.name}' if '.' in base.name else 'URL'} --yes",
        )
    if by_address and base.secret and not wanted.values.get("auth") and can_use_helper(base):
        base = replace(base, auth="helper")
    profile = _checked(base)
    plan = make_plan(profile)
    if wanted.dry_run:
        write_stdout(dumps(masked(profile)))
        _say_missing(profile, plan)
        return 0
    path = config.profile_path(profile.name, os.environ)
    _save(profile, path, wanted, interactive=interactive)
    write_stdout(f"{path}\n")
    _say_missing(profile, plan)
    for note in plan.notes:
        info(f"{note.severity}: {note.text}")
    if wanted.scope != "none":
        return _apply(profile, plan, wanted.scope)
    stored = interactive and not plan.missing and _offer_store(profile)
    _say_next(profile, plan, stored=stored)
    key_may_exist = stored or (profile.secret is not None and not profile.secret.startswith("keyring:"))
    if interactive and not plan.missing and key_may_exist:
        _offer_doctor(profile)
    return 0


def _with_preset(wanted: Wanted) -> Wanted:
    """The command line with what an address in place of the name, and ``--gateway``, decide.

    Raises:
        UsageError: two addresses, or a kind of gateway that is not known.
    """
    given = {key: value for key, value in wanted.values.items() if value is not None}
    name = wanted.name
    by_address = name is not None and presets.is_address(name)
    if by_address and name is not None:
        if "gateway_url" in given or wanted.source:
            other = "--gateway-url" if "gateway_url" in given else "--from"
            raise UsageError(f"{name!r} is an address, and {other} is another one", hint="Give one of them.")
        given["gateway_url"], name = name, None
    if "gateway_url" in given:
        typed = given["gateway_url"]
        given["gateway_url"] = ascii_host(presets.with_scheme(typed))
        if "://" not in typed and "://" in given["gateway_url"]:
            info(f"cgw: the address is taken as {given['gateway_url']}")
    if by_address:
        gateway_root(given["gateway_url"])
        name = config.plain_name(presets.name_of(given["gateway_url"]), "gateway")
    kind = presets.chosen(wanted.gateway) if wanted.gateway is not None else None
    if by_address and kind is None and (kind := presets.recognized(given["gateway_url"])) is not None:
        info(f"cgw: by its address this is {kind.title} (another kind: --gateway KIND)")
    if wanted.gateway and kind and name is None and "provider" not in given and not wanted.source:
        name = kind.name
    headers: Mapping[str, str] = {}
    if by_address or kind or "key_header" in given:
        found = presets.preset(kind, given, named=wanted.gateway is not None)
        wholly = by_address or kind is not None
        given |= {key: text for key, text in found.fields.items() if wholly or key == "key_format"}
        headers = found.headers
        for line in found.said:
            info(f"cgw: {line}")
    return replace(wanted, name=name, values=given, headers=headers, by_address=by_address)


def _start(wanted: Wanted) -> tuple[Profile, bool]:
    """The profile as far as flags, ``--from`` and an existing profile decide it, and whether its provider is."""
    given = {key: value for key, value in wanted.values.items() if value is not None}
    models = {key: value for key, value in wanted.models.items() if value is not None}
    if wanted.from_current:
        return _adopted(wanted, given, models), True
    if wanted.source:
        start = _shared(wanted.source, wanted)
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
    return replace(start, **changes), decided


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
    if found.literal is not None and not wanted.dry_run:
        raise found.need_reference(profile.name)
    info(f"cgw: now:  {found.sent()}")
    if not (changed := found.differences(profile)):
        info("cgw: explain says the same with this profile applied in user scope")
    for line in changed:
        info(f"cgw: warning: with this profile it would not be the same: {line}")
    return profile


def _existing(name: str, wanted: Wanted) -> Profile | None:
    """The profile that ``cgw init NAME`` completes, if it is there and readable."""
    if not name or wanted.name is None:
        return None
    path = config.profile_path(name, os.environ)
    return config.read(config.ProfileFile(name, path, "option"), os.environ).profile if path.is_file() else None


def _shared(source: str, wanted: Wanted) -> Profile:
    """A profile from a file or a URL, shown and confirmed. References are kept, nothing is fetched from them.

    Raises:
        RefusedError: it is not what ``--sha256`` says, or others decide what is in it and it was not confirmed.
    """
    if source.lower().startswith(("http://", "https://")):
        import hashlib

        from claude_gw_cli.world.download import download

        content = download(source, limit=_MAX_DOWNLOAD)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise UsageError(f"{source} is not UTF-8 text") from None
        name = source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".toml")
        profile = parse(text, config.plain_name(name, "shared"), source)
        digest, own = hashlib.sha256(content).hexdigest(), False
    else:
        loaded = config.load(os.path.abspath(source), os.environ, os.getcwd())
        profile, digest = loaded.profile, loaded.digest
        own = loaded.is_usable
    _confirm_shared(profile, source, digest, wanted, own=own)
    return profile


def _confirm_shared(profile: Profile, source: str, digest: str, wanted: Wanted, *, own: bool) -> None:
    """Show what a shared profile does; refuse it unless the user or the hash confirms it."""
    from claude_gw_cli.cli.profile import described

    if wanted.sha256 is not None and wanted.sha256.lower().strip() != digest:
        raise RefusedError(f"{source} does not match --sha256: its SHA-256 is {digest}")
    info(f"{source}\n{described(profile)}\n  {'sha256':<12} {digest}")
    if wanted.dry_run or (wanted.yes and (own or wanted.sha256)):
        return
    if not wanted.yes and sys.stdin.isatty() and sys.stderr.isatty():
        from claude_gw_cli.cli.wizard import confirm

        if confirm("Use this profile?"):
            return
        raise UsageError("nothing was changed")
    if own:
        raise UsageError("nothing was changed: there is no terminal to ask on", hint="Add --yes to use this profile.")
    raise RefusedError(
        f"{source} is controlled by others, and there is no terminal to ask on",
        hint="Read it. If it is what you want, confirm its content: --yes --sha256 HEX",
    )


def _checked(profile: Profile) -> Profile:
    """The profile with its defaults, every value validated.

    The text form is parsed again, so that what is written is what can be read.
    """
    profile = replace(profile, gateway_url=gateway_root(ascii_host(profile.gateway_url or DEFAULT_GATEWAY_URL)))
    if profile.key_header is not None:
        profile = replace(profile, key_header=profile.key_header.strip().lower())
    profile = parse(dumps(profile), profile.name, f"profile {profile.name}")
    for text in filter(None, (profile.secret, profile.front_auth)):
        _check_reference(profile, text)
    key_header(profile)
    return profile


def _check_reference(profile: Profile, text: str) -> None:
    """Whether the reference names a source that exists; nothing is fetched."""
    from claude_gw_cli import secrets

    parsed = reference.parse(text)
    secrets.source(parsed.scheme, parsed, secrets.Context.make(Grant("typed"), os.environ, _SECONDS, profile.tables))
    if parsed.scheme == "exec":
        from claude_gw_cli.secrets.command import argv

        argv(parsed)


def _save(profile: Profile, path: Path, wanted: Wanted, *, interactive: bool) -> None:
    text = dumps(profile)
    if path.is_file() and (old := path.read_text(encoding="utf-8")) != text:
        if interactive and not wanted.yes:
            from claude_gw_cli.cli.wizard import confirm

            if not confirm(f"Replace the existing profile {profile.name!r}?"):
                raise UsageError("nothing was changed")
        elif not wanted.yes:
            raise UsageError(
                f"profile {profile.name!r} exists and would change",
                hint=f"See it: cgw profile show {profile.name}\nReplace it: add --yes (the old one is kept)",
            )
        config.keep_backup(path, old)
        info(f"cgw: the previous version is in {path}.bak")
    config.save(profile, path)


def _say_missing(profile: Profile, plan: Plan) -> None:
    words = {
        "--secret": "where the gateway key is: a reference, for example keyring://cgw/" + profile.name,
        "--project-id": "the Google Cloud project",
        "--workspace-id": "the workspace of Claude Platform on AWS",
    }
    if profile.gateway_url == DEFAULT_GATEWAY_URL:
        info(f"still to check:   --gateway-url   it is {DEFAULT_GATEWAY_URL}, LiteLLM's default address")
    for option in plan.missing:
        info(f"still to fill in: {option}   {words.get(option, '')}".rstrip())
    if plan.missing:
        options = " ".join(f"{option} …" for option in plan.missing)
        info(f"then run:         cgw init {profile.name} --provider {profile.provider} {options} --yes")


def _say_next(profile: Profile, plan: Plan, *, stored: bool = False) -> None:
    if plan.missing:
        return
    if profile.secret and (profile.secret.startswith("keyring:") or _is_to_be_written(profile.secret)) and not stored:
        info(f"store the key:    cgw secret set {profile.secret}")
    if profile.front_auth and profile.front_auth.startswith("keyring:"):
        info(f"USER:PASSWORD:    cgw secret set {profile.front_auth}")
    resolve = " --resolve" if profile.auth == "helper" else ""
    info(
        f'use it here:      eval "$(cgw env --profile {profile.name}{resolve})"\n'
        f"                  or: cgw run --profile {profile.name} -- claude"
    )
    if profile.auth == "static" and can_use_helper(profile):
        # Settings without the key would leave the client logged out: a static key is only written on request.
        info(f"use it always:    cgw init {profile.name} --auth helper --scope user --yes")
        info("                  (Claude Code then gets the key from a helper; settings.json does not contain it)")
    elif profile.auth != "helper":
        info(f"use it always:    cgw settings apply --scope user --profile {profile.name} --write-secret")
        info("                  (writes the key into your settings.json; without it the key must be exported)")
    else:
        info(f"use it always:    cgw settings apply --scope user --profile {profile.name}")
    info(f"see what it does: cgw explain --profile {profile.name}")


def _offer_store(profile: Profile) -> bool:
    """On a terminal: offer to put the key into its place now, because nothing works without it."""
    if not profile.secret or not (profile.secret.startswith("keyring:") or _is_to_be_written(profile.secret)):
        return False
    from claude_gw_cli.cli.wizard import confirm

    if not confirm(f"Store the key in {profile.secret.partition(':')[0]} now?", default=True):
        return False
    from claude_gw_cli.cli import secret

    try:
        return secret.set_key(ref=profile.secret) == 0
    except CgwError as error:
        report_error(error)
        return False


def _is_to_be_written(secret: str) -> bool:
    return secret.startswith("file://") and not os.path.exists(secret.removeprefix("file://"))


def _apply(profile: Profile, plan: Plan, scope: SettingsScope) -> int:
    from claude_gw_cli.cli import settings

    if plan.missing:
        raise UsageError(
            f"profile {profile.name!r} was created but not applied: {', '.join(plan.missing)} is missing",
            hint=f"Fill it in, then: cgw settings apply --scope {scope} --profile {profile.name}",
        )
    return settings.apply(scope=scope, profile=profile.name)


def _offer_doctor(profile: Profile) -> None:
    from claude_gw_cli.cli.wizard import confirm

    if confirm("Check the live set-up now (cgw doctor)?", default=True):
        from claude_gw_cli.cli import doctor

        doctor.doctor(profile=profile.name)
