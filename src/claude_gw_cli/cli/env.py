"""``cgw env``: the environment of a profile as text for a shell or a file format.

All or nothing: the text is complete before the first byte is written. On the hot path of every new shell, so
nothing heavy is imported here; what needs reading and validating happens in ``cli.prepare``.
"""

from __future__ import annotations

import os
import sys

from claude_gw_cli import emit
from claude_gw_cli.cli.out import error_line, info, write_raw
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.secret import filled
from claude_gw_cli.emit.common import Keyed
from claude_gw_cli.world.paths import working_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.cli.prepare import Prepared
    from claude_gw_cli.core.secret import Secret
    from claude_gw_cli.emit.formats import Format

# Shells remember which names cgw exported, so that switching profiles leaves nothing stale behind.
MARKER = "CGW_EXPORTED"
GITHUB = "GITHUB_ACTIONS"
"""Set in each step of GitHub Actions, whose log hides what it is told to."""


def env(
    *,
    profile: str | None = None,
    shell: str | None = None,
    unset: bool = False,
    resolve: bool = False,
    reveal: bool = False,
) -> int:
    """Print the environment of a profile; returns the exit code."""
    from claude_gw_cli.cli.prepare import prepare

    dialect = emit.canonical(shell) if shell else detected_shell()
    earlier = [name for name in os.environ.get(MARKER, "").split(",") if name]
    if unset and earlier:
        # What this shell exported is known, even if the profile has changed or gone since.
        write_raw(emit.render(dialect, [], [*earlier, MARKER]))
        return 0
    row = emit.file_format(dialect)
    refers = row is not None and row.key != "" and not (resolve and row.resolves)
    prepared = prepare(
        profile, os.environ, working_dir(), resolve=resolve or (refers and row is not None and not row.local)
    )
    if unset:
        write_raw(emit.render(dialect, [], [*(item[0] for item in prepared.sets), MARKER]))
        return 0

    key, basic = (None, None) if refers else (prepared.key(os.environ), prepared.basic(os.environ))
    secret = key.reveal() if key else None
    hidden = secret is not None and sys.stdout.isatty() and not reveal
    shown = _shown(key, hidden=hidden)
    source = ""
    if row and refers:
        source, shown = _referred(prepared, dialect, row)
    sets = _texts(prepared, dialect, shown, source, _shown(basic, hidden=hidden))
    clears = list(prepared.clears)
    if row is None:
        names = [name for name, _ in sets]
        clears += [name for name in earlier if name not in names and name not in clears]
        sets.append((MARKER, ",".join(names)))
    text = emit.render(dialect, sets, clears)
    if row and row.watch and prepared.grant.file:
        from shlex import quote

        text = f"{row.watch} {quote(prepared.grant.file)}\n{text}"
    if secret and (dialect == "github" or os.environ.get(GITHUB)):
        # The runner reads workflow commands from both streams; stdout is redirected to $GITHUB_ENV.
        from claude_gw_cli.emit.ci import masks

        error_line(masks([secret, *([basic.reveal()] if basic else [])]).rstrip("\n"))
    write_raw(text)
    for line in prepared.warnings:
        info(line)
    if hidden:
        info("cgw: the key is masked on a terminal; show it with --reveal")
    if sys.stdout.isatty():
        command = f"cgw env --profile {profile}" if profile else "cgw env"
        info(f"cgw: to use it, run: {emit.usage_hint(dialect).replace('cgw env', command)}")
    if row:
        _explain(
            dialect,
            row,
            written=secret is not None and not hidden,
            instead=shown if source and any(item[2] for item in prepared.sets) else "",
        )
    return 0


def _referred(prepared: Prepared, dialect: str, row: Format) -> tuple[str, str]:
    """The name under which a format's reader finds the key, and its expression for it.

    Raises:
        UsageError: an earlier step of the job gets the key, and no variable has it alone.
    """
    from claude_gw_cli.emit.formats import secret_name

    if row.exported and "ci-token://" in f"{prepared.reference} {prepared.tables}":
        name = next((name for name, before, slot, _ in prepared.sets if slot and not before), "")
        if not name:
            raise UsageError(
                f"{dialect} cannot carry the key: it is within a header, and the job has no secret to refer to",
                hint="Take a key header that a variable fills (authorization, x-api-key), or run the client itself.",
            )
        return name, row.exported.replace("NAME", name)
    source = secret_name(dialect, prepared.reference or "", frozenset(prepared.clears))
    return source, row.key.replace("NAME", source)


def _texts(prepared: Prepared, dialect: str, key: str, source: str, basic: str) -> list[tuple[str, str]]:
    """Names and whole texts.

    Raises:
        UsageError: the text would have to refer to what a front wants, which no reader can put into Base64.
    """
    if source and prepared.front_reference is not None:
        raise UsageError(
            f"{dialect} cannot carry front_auth: its text names secrets, and Basic needs the pair in Base64",
            hint="Start the client with `cgw run` there, or take a format such as --shell github.",
        )
    return [
        (name, Keyed.of(filled(before, "", basic if front else None), key, "", source) if slot else before)
        for name, before, slot, front in prepared.sets
    ]


def _shown(value: Secret | None, *, hidden: bool) -> str:
    if value is None:
        return ""
    return value.masked().replace("…", "...") if hidden else value.reveal()


def _explain(dialect: str, row: Format, *, written: bool, instead: str) -> None:
    """Say where the key is, and what the format's readers do."""
    if written:
        info(f"cgw: warning: this {dialect} text contains the key itself: {row.exposed}")
    if instead:
        info(f"cgw: the key itself is not in this text; its reader takes it from {instead}")
    if row.notes:
        info(f"cgw: note: {row.notes}")


def detected_shell() -> str:
    """The dialect of the shell that runs us.

    Raises:
        UsageError: it is one that cgw has no dialect for.
    """
    from claude_gw_cli.world.process import parent_name

    found = emit.detect(os.environ, parent_name())
    if found is None:
        raise UsageError(
            "could not detect a supported shell",
            hint=f"Specify one: cgw env --shell bash    (one of: {' '.join(emit.DIALECTS)})",
        )
    return found
