"""A team's profile: taken from a file, an address or a git repository, and updated; shown before it is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.new_profile import refuse_keys, validated
from claude_gw_cli.cli.next_steps import say_missing
from claude_gw_cli.cli.out import can_ask, info
from claude_gw_cli.cli.profile import described
from claude_gw_cli.cli.profile_change import say_what_follows, shown_member
from claude_gw_cli.cli.progress import Working
from claude_gw_cli.cli.use import own_profiles
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, CgwError, DeclinedError, RefusedError, UsageError
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.resemblance import resemblance
from claude_gw_cli.core.three_way import ABSENT, merge, take
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import config, files, origins, sshsig
from claude_gw_cli.world.download import without_query
from claude_gw_cli.world.origins import Origin
from claude_gw_cli.world.paths import absolute, working_dir
from claude_gw_cli.world.profile_layout import members, rewritten
from claude_gw_cli.world.profile_text import data_of, parse
from claude_gw_cli.world.shared_source import LARGEST, NAMESPACE, Fetched, fetch, is_remote

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.core.three_way import Merged


@dataclass(frozen=True, slots=True)
class Shared:
    """A profile that others wrote, and where it comes from."""

    profile: Profile
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Source:
    """A profile as it is at its source now, with what vouches for it.

    Attributes:
        fetched: its text and name.
        text: the same as text.
        sha256: of it.
        signer: the key that signed it; empty where no signature was asked for.
        own: whether the person alone decides what is in it.
    """

    fetched: Fetched
    text: str
    sha256: str
    signer: str
    own: bool


def shared(
    source: str, *, name: str | None, sha256: str | None, signed_by: str | None, yes: bool, dry_run: bool
) -> Shared:
    """A profile from a source, shown and confirmed. References are kept, nothing is fetched from them.

    Args:
        source: a file, an https address, or ``git+https://…``.
        name: that it gets here; ``None``: the one that its source has.
        sha256: what its content must have, in hexadecimal.
        signed_by: a file with the public keys, or a key, of which one must have signed it; ``None``: those that were
            asked for when it was taken before.
        yes: nothing is asked.
        dry_run: nothing is written.

    Raises:
        RefusedError: it is not what ``sha256`` or the signature says, or others decide what is in it and it was not
            confirmed.
    """
    signers = _keys(signed_by) if signed_by is not None else ()
    place = source if is_remote(source) else absolute(source)
    found = _read(place, without_query(source), sha256, signers)
    own_name = config.plain_name(found.fetched.name, "shared")
    if not signers and (signers := origins.signers(place, name or own_name, os.environ)):
        info("cgw: it was signed when it was taken before, so it is checked against the same keys")
        found = _read(place, without_query(source), sha256, signers)
    profile = parse(found.text, own_name, source)
    signed = [("signed by", sshsig.shown(found.signer))] if found.signer else []
    info(f"{without_query(source)}\n{described(profile, ('sha256', found.sha256), *signed)}")
    _warn_of_its_host(profile)
    if not dry_run:
        _confirm("Use this profile?", source, found, is_pinned=sha256 is not None, yes=yes)
    return Shared(profile, Origin(place, found.text, found.sha256, signers))


def refuse_to_lose(profile: Profile) -> None:
    """Refuse a profile that would replace what the person changed in the team's profile of that name.

    Raises:
        UsageError: it would.
    """
    path = os.path.join(config.profiles_dir(os.environ), f"{profile.name}.toml")
    try:
        origin, old = origins.find(profile.name, os.environ), config.text_of(path)
        if origin is None or old is None:
            return
        before, own = (data_of(parse(text, profile.name, str(path))) for text in (origin.text, old))
    except CgwError:
        return  # what cannot be read cannot be compared; its previous version is kept beside it
    if lost := [".".join(place) for place, _ in merge(before, own, data_of(profile)).kept]:
        raise UsageError(
            f"{path} holds changes of yours that this would replace: {', '.join(lost)}",
            hint=f"Keep them: cgw profile update {profile.name}\nStart again: cgw profile rm {profile.name}",
        )


def update(*, name: str | None = None, sha256: str | None = None, yes: bool = False, dry_run: bool = False) -> int:
    """Take what the team changed in a profile since; what the person changed in it stays.

    Raises:
        UsageError: the profile was not taken from a source.
        RefusedError: what is there now is not signed by the keys of before, or was not confirmed.
    """
    file = config.select(name, os.environ, working_dir())
    own = os.path.dirname(file.path) == config.profiles_dir(os.environ)
    origin = origins.find(file.name, os.environ) if own else None
    if origin is None:
        raise UsageError(
            f"{file.path} was not taken from a team",
            hint=f"Take it from there: cgw init {file.name} --from FILE|URL|git+URL",
        )
    shown = without_query(origin.source)
    found = _read(origin.source, shown, sha256, origin.signers)
    old = config.text_of(file.path) or ""
    # With the default of each member that a text leaves out: `cgw init` writes some of them, which no person chose.
    merged = merge(*(data_of(parse(text, file.name, origin.source)) for text in (origin.text, old, found.text)))
    for line in _lines(merged):
        info(line)
    if found.sha256 == origin.sha256 or not merged.changed:
        info(f"cgw: {file.name} is up to date with {shown}")
        if not dry_run and found.sha256 != origin.sha256:
            _keep(file.name, origin, found)
        return EXIT_OK
    data = members(old, str(file.path))
    take(data, merged)
    new = rewritten(old, data, str(file.path))
    profile = validated(parse(new, file.name, str(file.path)))
    refuse_keys(profile, old)
    _warn_of_its_host(profile)
    if dry_run:
        return EXIT_FINDINGS
    _confirm(f"Update {file.name}?", shown, found, is_pinned=sha256 is not None, yes=yes)
    config.save(file.path, new, before=old)
    _keep(file.name, origin, found)
    info(f"cgw: updated {file.path} (the previous version: {os.path.basename(file.path)}.bak)")
    say_missing(profile, make_plan(profile))
    say_what_follows(file, changed=True)
    return EXIT_OK


def _warn_of_its_host(profile: Profile) -> None:
    if found := resemblance(profile.gateway_url, (item.gateway_url for item in own_profiles())):
        info(f"cgw: warning: {found}: compare them letter by letter")


def _keep(name: str, origin: Origin, found: _Source) -> None:
    origins.keep(name, replace(origin, text=found.text, sha256=found.sha256), os.environ, "profile update")


def _read(place: str, shown: str, sha256: str | None, signers: tuple[str, ...]) -> _Source:
    """What is at a source now, verified as far as the caller can."""
    own = False
    if not is_remote(place):
        if not os.path.isfile(place):
            raise UsageError(
                f"there is no profile file {place}",
                hint="--from takes a file, an https address, or git+https://HOST/REPOSITORY#FILE",
            )
        loaded = config.load(place, os.environ, working_dir())  # refuses what leads out of a repository
        own = loaded.is_usable
        fetched = replace(fetch(place, os.environ, signed=bool(signers)), name=loaded.file.name)
    else:
        with Working("Fetching the profile"):
            fetched = fetch(place, os.environ, signed=bool(signers))
    digest = sha256_hex(fetched.content)
    if sha256 is not None and sha256.lower().strip() != digest:
        raise RefusedError(
            f"{shown} does not match --sha256: its SHA-256 is {digest}",
            hint="It is not what was confirmed. Read it, and ask its authors for the hash that is right now.",
        )
    signer = ""
    if signers:
        if fetched.signature is None:
            raise RefusedError(
                f"{shown} has no signature beside it (the same name with .sig)",
                hint=f"Ask its author to sign it: ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE\n"
                "Or start without signatures: cgw profile rm NAME, then cgw init NAME --from SOURCE",
            )
        signer = sshsig.verified(fetched.content, fetched.signature, signers, NAMESPACE, "profile")
    try:
        text = fetched.content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not UTF-8 text") from None
    return _Source(fetched, text, digest, signer, own)


def _keys(given: str) -> tuple[str, ...]:
    """The public keys in a file, one a line, or the one key that was given itself."""
    if sshsig.is_key(given):
        return (given,)
    data = files.read_bytes(absolute(given))
    if data is None or len(data) > LARGEST:
        raise UsageError(f"--signed-by {given} is neither a file with public keys nor a key")
    found = tuple(line.strip() for line in data.decode("utf-8", "replace").splitlines() if sshsig.is_key(line))
    if not found:
        raise UsageError(
            f"{given} has no Ed25519 key of OpenSSH", hint="As in id_ed25519.pub: ssh-ed25519 AAAA… comment"
        )
    return found


def _confirm(question: str, source: str, found: _Source, *, is_pinned: bool, yes: bool) -> None:
    """Ask; without a terminal, the person's own file, a hash or a signature has to vouch for it."""
    if yes and (found.own or is_pinned or found.signer):
        return
    if not yes and can_ask():
        from claude_gw_cli.cli.typed import confirm

        if confirm(question):
            return
        raise DeclinedError("Nothing was changed.")
    if found.own:
        raise UsageError(
            "nothing was changed: there is no terminal to ask on",
            hint=f"{question.removesuffix('?')} without a question: add --yes",
        )
    raise RefusedError(
        f"{without_query(source)} is controlled by others, and there is no terminal to ask on",
        hint="Read it. If it is what you want, confirm its content: --yes --sha256 HEX\n"
        "Or have it signed: cgw init --from SOURCE --signed-by FILE --yes",
    )


def _lines(merged: Merged) -> list[str]:
    lines = []
    for place, old, new in merged.changed:
        before, after = (shown_member(place[-1], None if value is ABSENT else value) for value in (old, new))
        lines.append(f"  {'.'.join(place)}: {before} -> {after}")
    for place, too in merged.kept:
        lines.append(f"  {'.'.join(place)}: yours stays{' (the team changed it too)' if too else ''}")
    return lines
