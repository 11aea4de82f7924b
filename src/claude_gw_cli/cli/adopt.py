"""``cgw init --from-current``: the set-up that is in force here as a profile. Only reads."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from claude_gw_cli.cli.key_store import key_place
from claude_gw_cli.cli.out import info
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.cli.secret import STORED, store
from claude_gw_cli.core import presets
from claude_gw_cli.core.client_options import serves_every_tier
from claude_gw_cli.core.endpoint import base_url
from claude_gw_cli.core.errors import RefusedError, UsageError
from claude_gw_cli.core.layers import Layered, document, truthy
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.merge import merge
from claude_gw_cli.core.model import Models, Note, Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import (
    LOGIN_KEY_HEADER,
    MODEL_VARIABLES,
    can_use_helper,
    key_header,
    make_plan,
    natural_format,
)
from claude_gw_cli.core.predict.custom import parse_custom_headers
from claude_gw_cli.core.predict.model import HelperRun, Prediction
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.reference import parse as parse_reference
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.gateways import KINDS
from claude_gw_cli.facts.modes import find_mode
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.rules.literals import is_credential
from claude_gw_cli.world.client import installed_version
from claude_gw_cli.world.config import plain_name
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.trust import is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.model import Auth
    from claude_gw_cli.core.predict.model import HeaderPrediction

_CUSTOM = "ANTHROPIC_CUSTOM_HEADERS"
_KEY_HEADERS = frozenset(item.name for kind in KINDS for item in (*kind.hosted, *kind.key_headers)) | {
    "proxy-authorization",
    LOGIN_KEY_HEADER,
}


@dataclass(frozen=True, slots=True)
class _Key:
    """How the gateway's key travels in the set-up that is here."""

    header: str
    bare: bool
    source: Layered
    secret: str | None
    """A reference to it, where it has one."""
    auth: Auth
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Current:
    """The set-up that is here, as a profile."""

    profile: Profile
    literal: Layered | None
    """The value that holds the key itself, where no reference can name it."""
    start: PlainStart
    key: Secret | None = None
    """The key that is written out there."""

    def need_reference(self, name: str) -> UsageError:
        """The error for a key that has to be stored before a profile can name it. It is never copied unasked."""
        where = self.literal.place if self.literal else "no credential is set"
        ref = key_place(name)
        return UsageError(
            f"the key is written out in {where}, and a profile only says where a key is",
            hint=f"Store it: cgw init {name} --from-current --store-key --secret {ref} --yes\n"
            f"By hand:  cgw secret set {ref}\n"
            f"   then:  cgw init {name} --from-current --secret {ref}",
        )

    def stored(self, profile: Profile, ref: str) -> Profile:
        """The profile with the key's reference, after the key was stored under it; with a helper if it can have one.

        The settings file is not touched: applying the profile clears the key there, and undo gives it back.

        Raises:
            UsageError: no key is written out here, or none can be stored under the reference.
        """
        if self.key is None:
            raise UsageError("no key is written out in the settings here, so there is nothing to store")
        parsed = parse_reference(ref)
        if parsed.scheme not in STORED:
            raise UsageError(
                f"cgw cannot store a key under {parsed.scheme}:",
                hint=f"It can store it here: {key_place(profile.name)}",
            )
        store(parsed, self.key)
        with_helper = replace(profile, secret=ref, auth="helper")
        usable = profile.auth == "static" and can_use_helper(with_helper)
        info(f"cgw: stored the key under {ref}")
        if usable:
            info("cgw: with a helper, so that settings no longer hold it: cgw settings apply clears it there")
        return with_helper if usable else replace(profile, secret=ref)

    def differences(self, profile: Profile) -> tuple[Note, ...]:
        """What ``claude`` would send otherwise after `cgw settings apply --scope user`; none if all is the same."""
        before = self.start.prediction
        after = _applied(self.start, profile)
        return tuple(_differences(before, after))

    def sent(self) -> str:
        """What it sends, in one line."""
        prediction = self.start.prediction
        if prediction.request is None:
            return f"refused: {prediction.reason}"
        carried = [
            f"{name} from {found.source.name}"
            for name, found in prediction.headers.items()
            if found.present and found.source
        ]
        address = masked_text(prediction.request.url).partition("?")[0]
        return f"{prediction.request.method} {address}, {', '.join(carried) or 'no credential'}"


def current(name: str | None, secret: str | None) -> Current:
    """Read what is in force here: settings files, environment, helper.

    Args:
        name: of the profile; ``None``: from the gateway's host.
        secret: a reference to the key, if the person gave one.

    Raises:
        UsageError: no gateway is set here, or a profile cannot say what is.
        RefusedError: a repository's files set the address or the helper, and they are not trusted.
    """
    version = installed_version(os.environ) or newest()
    start = PlainStart(os.environ, working_dir(), version, trusted=is_allowed(os.environ))
    if start.address is None:
        raise UsageError(
            "no gateway is set in the environment or the settings here",
            hint="Name one: cgw init URL    (or: cgw init)",
        )
    if start.leads_astray or start.is_helper_foreign:
        found = start.address if start.leads_astray else start.helper
        raise RefusedError(
            f"{found.place if found else 'a file'} belongs to this repository, which you have not trusted",
            hint="Read it. If it is what you want: add --trust-repository",
        )
    profile = _destination(start, name)
    key = _key(start)
    if key is None:
        return Current(replace(profile, secret=secret), None, start)
    profile = replace(profile, auth=key.auth, secret=secret or key.secret, headers=_other_headers(start, key.header))
    if key.header != key_header(profile):
        profile = replace(profile, key_header=key.header)
    if key.bare != (natural_format(key.header) == "bare"):
        profile = replace(profile, key_format="bare" if key.bare else "bearer")
    written = Secret(key.value) if key.source.winner.origin.file and key.auth != "helper" and key.value else None
    return Current(profile, None if profile.secret else key.source, start, written)


def _destination(start: PlainStart, name: str | None) -> Profile:
    """The profile as far as it says where requests go, in which form, for which models."""
    provider = BY_NAME[start.prediction.provider]
    seen = start.prediction.effective
    base = (start.address.text if start.address else "").strip().rstrip("/")
    skips = provider.skip is not None and truthy(seen.text(provider.skip))
    # The longest path first: the root fits every address.
    candidates = sorted(provider.modes, key=lambda mode: -len(mode.base_path))
    name_of_mode = next((mode.provider for mode in candidates if base.endswith(mode.base_path)), None)
    name_of_mode = name_of_mode or next((mode.provider for mode in candidates), None)
    if name_of_mode is None:
        raise UsageError(f"a profile cannot have the provider of this set-up ({provider.label})")
    holder = "proxy" if skips or provider.skip is None else "client"
    mode = find_mode(name_of_mode, holder) or find_mode(name_of_mode, "proxy") or find_mode(name_of_mode, "client")
    if mode is None:
        raise UsageError(f"a profile cannot have the provider of this set-up ({provider.label})")
    fields = {field: text for field, variable, _ in mode.fields if (text := seen.text(variable))}
    profile = Profile(
        name or plain_name(presets.name_of(base), "current"),
        mode.provider,
        base.removesuffix(mode.base_path) if mode.base_path else base,
        credentials=mode.credentials,
        models=Models(**{key: seen.text(variable) or None for key, variable in MODEL_VARIABLES}),
        **fields,  # type: ignore[arg-type]  # fields of the profile, by name
    )
    if serves_every_tier(profile) and None in (profile.models.opus, profile.models.sonnet, profile.models.haiku):
        profile = replace(profile, tables={"client": {"tiers": False}})
    return profile if base_url(profile, mode) == base else replace(profile, gateway_url=base, base_path="")


def _key(start: PlainStart) -> _Key | None:
    """The gateway's key: in a custom header line, in a header that the client fills, or from a helper."""
    headers = start.prediction.headers
    own = headers["authorization"]
    # Lines are read from the variable: a start that the client refuses sends none of them.
    lines = _lines(start)
    if _kind(own) in ("env", "helper"):
        lines.pop("authorization", None)
    # Any header may have been configured for the key: it is then the line that looks like a key.
    found = [name for name in lines if name in _KEY_HEADERS]
    found += [name for name in lines if name not in _KEY_HEADERS and is_credential(name, lines[name])]
    for header in found[:1]:
        is_login = _kind(own) == "login" or bool(own.source and own.source.name == "CLAUDE_CODE_OAUTH_TOKEN")
        bare = not lines[header].lower().startswith("bearer ")
        value = lines[header] if bare else lines[header][len("bearer ") :].strip()
        return _Key(header, bare, start.prediction.variables[_CUSTOM], None, "login" if is_login else "static", value)
    for header in ("authorization", "x-api-key"):
        sent = headers[header]
        layered = _layered(start, sent)
        if layered is None or _kind(sent) not in ("env", "helper"):
            continue
        bare = header in modes.BARE_HEADERS
        if _kind(sent) == "helper":
            return _Key(header, bare, layered, _helper_reference(layered.text), "helper")
        origin = layered.winner.origin
        return _Key(header, bare, layered, None if origin.file else f"env://{origin.name}", "static", layered.text)
    return None


def _lines(start: PlainStart) -> dict[str, str]:
    """The lines of ANTHROPIC_CUSTOM_HEADERS, by lower-case name."""
    text = start.prediction.effective.text(_CUSTOM)
    lines = parse_custom_headers(text, start.snapshot.client_version).lines
    return {name: line.value for name, line in lines.items()}


def _helper_reference(command: str) -> str:
    """What a helper's command fetches: the reference of a helper of cgw, or the command itself."""
    from claude_gw_cli.helper.installed import installed

    own = next((helper for helper in installed(os.environ) if helper.command == command), None)
    return own.reference if own else f"exec:sh -c {shlex.quote(command)}"


def _kind(found: HeaderPrediction) -> str:
    return found.source_kind or "" if found.present else ""


def _layered(start: PlainStart, found: HeaderPrediction) -> Layered | None:
    if found.source is None:
        return None
    if found.source.kind == "helper":
        return start.prediction.effective.helper
    name = _CUSTOM if found.source.kind == "custom-header" else found.source.name
    return start.prediction.variables.get(name)


def _other_headers(start: PlainStart, own: str) -> dict[str, str]:
    """The header lines beside the key's. A profile does not hold further secrets: those lines are left out."""
    plain = {name: value for name, value in _lines(start).items() if name not in (own, "authorization")}
    return {name: value for name, value in plain.items() if not is_credential(name, value)}


def _applied(start: PlainStart, profile: Profile) -> Prediction:
    """The prediction for the settings as `cgw settings apply --scope user` would write them, with the same key."""
    plan = make_plan(profile)
    header = start.prediction.headers.get(key_header(profile))
    key = None if header is None or header.value is None else header.value.reveal()
    if key is not None:
        key = key.removeprefix("Bearer ")
    helper = start.prediction.effective.helper
    # A helper that is not installed yet gives the key that is sent now.
    run = HelperRun(key) if plan.helper and helper is None and key is not None else None
    command = helper.text if helper else "the-helper" if run else None
    patch = settings_patch(plan, key=key, helper_command=command)
    user = next(file for file in start.snapshot.files if file.scope == "user")
    text = merge(user.text or "", patch, None, str, force=True).text
    written = document("user", user.file, text, start.snapshot.arguments, version=start.snapshot.client_version)
    files = tuple(written if file is user else file for file in start.snapshot.files)
    return predict(replace(start.snapshot, files=files), helper_run=run)


def _differences(before: Prediction, after: Prediction) -> Iterator[Note]:
    if before.provider != after.provider:
        yield Note("warning", f"provider {before.provider} → {after.provider}")
    if (before.request is None) != (after.request is None):
        yield Note("warning", f"{before.reason or 'a request'} → {after.reason or 'a request'}")
    if before.request and after.request:
        if before.request.url != after.request.url:
            yield Note("warning", f"{masked_text(before.request.url)} → {masked_text(after.request.url)}")
        if before.request.model != after.request.model:
            yield Note("warning", f"model {before.request.model} → {after.request.model}")
    keys = {_key_of(found) for found in before.headers.values()} - {None}
    for name in dict.fromkeys([*before.headers, *after.headers]):
        old, new = _sent(before.headers, name), _sent(after.headers, name)
        if old != new:
            if new is not None and old is None and _key_of(after.headers[name]) in keys:
                yield Note("info", f"the key is also sent in {name}, as the value of every helper is")
                continue
            change = "is no longer sent" if new is None else "changes" if old else "is added"
            yield Note("warning", f"the header {name} {change}")


def _key_of(found: HeaderPrediction) -> str | None:
    """The key in a header that is sent, without ``Bearer``."""
    return found.value.reveal().removeprefix("Bearer ") if found.present and found.value is not None else None


def _sent(headers: Mapping[str, HeaderPrediction], name: str) -> tuple[str, str | None] | None:
    found = headers.get(name)
    if found is None or not found.present:
        return None
    return ("", found.text()) if found.value is not None else (_kind(found), None)
