"""``cgw settings render``: a complete settings file, as JSON or in the form that a fleet's tools take."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import info, write_raw, write_stdout
from claude_gw_cli.cli.settings import Target
from claude_gw_cli.cli.settings_change import SettingsChange, gather, say_where_the_key_is
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import EXIT_OK, UsageError
from claude_gw_cli.core.jsontext import parse
from claude_gw_cli.core.merge import merge
from claude_gw_cli.core.words import counted
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from claude_gw_cli.core.model import SettingsScope
    from claude_gw_cli.emit.fleet import Files


def render(
    *,
    scope: SettingsScope = "user",
    profile: str | None = None,
    out: str | None = None,
    write_secret: bool = False,
    fleet: str | None = None,
    drop_in: bool = False,
) -> int:
    """Print a complete settings file, or write it to ``out``; existing settings are ignored."""
    if fleet is not None:
        _check_fleet(scope, fleet, write_secret=write_secret, drop_in=drop_in)
        return _render_fleet(profile, fleet, out, drop_in=drop_in)
    target = Target(scope, drop_in=drop_in, out=out)
    where = target.place()
    wanted = gather(profile, where, write_secret=write_secret, applying=False)
    text = _text(wanted)
    if out is None:
        write_stdout(text)
    else:
        _write(where.path, text, mode=0o600 if wanted.patch.has_secret else None)
    say_where_the_key_is(wanted, text, where, f"cgw settings render {target.options}")
    if wanted.plan.helper:
        info(f"The helper must be installed too: cgw helper install {wanted.profile.name}")
    return EXIT_OK


def _check_fleet(scope: str, fleet: str, *, write_secret: bool, drop_in: bool) -> None:
    from claude_gw_cli.emit.fleet import TARGETS

    if scope != "managed":
        raise UsageError(f"--for {fleet} is for managed settings", hint=f"Add: --scope managed --for {fleet}")
    if write_secret:
        raise UsageError(
            "a key is not written for a fleet: it would be in the management tool and on every machine",
            hint='Use a helper: auth = "helper" in the profile, and on each machine: cgw helper install --out PATH',
        )
    if drop_in and not TARGETS[fleet].drop_in:
        raise UsageError(
            f"--for {fleet} holds one document; a drop-in is a file",
            hint=f"Drop-ins: {', '.join(name for name, row in TARGETS.items() if row.drop_in)}",
        )


def _render_fleet(profile: str | None, fleet: str, out: str | None, *, drop_in: bool) -> int:
    from claude_gw_cli.emit.fleet import TARGETS, Policy

    row = TARGETS[fleet]
    where = Target("managed", drop_in=drop_in).place()
    wanted = gather(profile, where, write_secret=False, applying=False, platform=row.platform)
    document = parse(_text(wanted)).value
    if not isinstance(document, dict):
        raise TypeError("a profile gives an object")
    name = wanted.profile.name
    file = paths.DROP_IN.replace(os.sep, "/") if drop_in else "managed-settings.json"
    made = row.render(Policy(document, name, file))
    if out is None:
        write_raw(made[0][1])  # printable ASCII and line breaks, which Windows wants as CR LF
    elif len(made) == 1:
        _write(out, made[0][1])
    else:
        _write_all(out, made)
    info(row.deploy.format(file=file.replace("/", "\\") if row.platform == "win32" else file))
    if row.platform != "linux":
        info("Not tried on this system by cgw's tests: try it on one machine; /status lists it as a source.")
    if wanted.plan.helper:
        _say_helper(wanted, name)
    elif wanted.plan.needs_secret:
        info('The key is not in it: every user\'s environment must have it, or use a helper (auth = "helper").')
    return EXIT_OK


def _say_helper(wanted: SettingsChange, name: str) -> None:
    path = wanted.profile.tables.get("managed", {}).get("helper_path")
    if path:
        info(f"The helper must be on every machine: cgw helper install {name} --out {path}")
    else:
        info(
            f"Every user needs a helper: cgw helper install {name}\n"
            "  For one helper for all: [managed] helper_path in the profile, and on each machine: "
            "cgw helper install --out PATH"
        )


def _text(wanted: SettingsChange) -> str:
    return merge("", wanted.patch, None, lambda _: "").text


def _write(path: str, text: str, mode: int | None = None) -> None:
    """Write one file; a new one is made as the umask says. One with a key has a ``mode``."""
    files.check_names_a_file(path)
    place = files.target(os.path.join(paths.working_dir(), path))
    current = files.read_bytes(place)
    files.replace(
        place, text.encode(), expected=current, mode=mode or (None if current is not None else _plain_mode())
    )
    digest = "" if mode else sha256_hex(text.encode())  # a plain digest of a text with a key would let it be guessed
    audit.note(paths.state_dir(os.environ), "settings render", file=place, sha256=digest)
    info(f"Wrote {os.path.join(paths.working_dir(), path)}")


def _write_all(folder: str, made: Files) -> None:
    place = os.path.join(paths.working_dir(), folder)
    if os.path.lexists(place) and not stat.S_ISDIR(os.stat(place).st_mode):
        raise UsageError(f"--out {folder} is not a directory: {counted(len(made), 'file')} to write")
    files.make_dirs(place, 0o755)
    for name, text in made:
        _write(os.path.join(place, name), text)


def _plain_mode() -> int:
    """0644 without what the umask takes. It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o644 & ~mask
