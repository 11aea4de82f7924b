"""Keys from a program: ``exec:COMMAND ARG...``, and the one way in which every source starts a program.

argv arrays only, never a shell; the program is looked up on a PATH without relative entries; it sees an allow-listed
environment; its whole process group is killed at the deadline. Its output never appears in an error text.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from typing import TYPE_CHECKING

from claude_gw_cli.core.errors import RefusedError, UnavailableError, UsageError
from claude_gw_cli.secrets import Context, FetchedSecret
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets.pin import PinnedReference

_MAX_OUTPUT = 1_000_000
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
# What a store's tool needs to find its own configuration and agents. No credential variable is among them: a program
# named by a profile must not receive the keys of other services (property P3).
_PASSED = frozenset(
    (
        *("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM"),
        *("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"),
        *("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SSH_AUTH_SOCK"),
        *("GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("SYSTEMROOT", "APPDATA", "LOCALAPPDATA", "USERPROFILE"),
    )
)


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The standard output of a command."""
    value = run(argv(reference), context, reference.text)
    return FetchedSecret(
        context.accept(value, "the command"), facts={"source": "exec", "command": shlex.split(reference.path)[0]}
    )


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The program by its absolute path."""
    from claude_gw_cli.secrets.pin import PinnedReference

    first, *rest = argv(reference)
    command = shlex.join([find_program(first, context.env), *rest])
    names = passed(context)
    return PinnedReference(f"exec:{command}", tables={"helper": {"pass_env": names}}, ambient=tuple(names))


def passed(context: Context) -> list[str]:
    """The further variables that a program may see by ``[helper] pass_env``; its answer depends on them.

    Raises:
        UsageError: it is not a list of variable names.
    """
    names = context.tables.get("helper", {}).get("pass_env", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and _is_name(name) for name in names):
        raise UsageError("[helper] pass_env must be a list of variable names", hint='pass_env = ["AWS_ROLE_ARN"]')
    return names


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier()


def argv(reference: Reference) -> list[str]:
    """The words of an ``exec:`` reference, by shell quoting rules but without any expansion."""
    try:
        return shlex.split(reference.path)
    except ValueError as error:
        raise UsageError(f"the exec reference has unbalanced quotes: {str(error).lower()}") from None


def run(command: Sequence[str], context: Context, title: str, extra: Sequence[str] = ()) -> str:
    """Run a program and return its standard output.

    Args:
        command: argv; the first word is looked up on the safe PATH.
        context: budget, environment; ``[helper] pass_env`` names further variables for the program.
        title: how to name the program in errors.
        extra: further variables that this tool is known to need.

    Raises:
        UnavailableError: not found, failed or too slow; its stderr is quoted, clipped and without controls.
    """
    program = find_program(command[0], context.env)
    try:
        process = subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(context, extra),
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )
    except OSError as error:
        raise UnavailableError(f"{command[0]} cannot be started: {error.strerror}") from None
    try:
        output, complaint = process.communicate(timeout=context.remaining())
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"{title}: {command[0]} did not answer in time",
            hint="It may be waiting for a person: unlock the store or sign in first, then try again.",
        ) from None
    finally:
        _end_group(process)
    if process.returncode != 0:
        how = (
            f"exited {process.returncode}"
            if process.returncode > 0
            else f"was killed by signal {-process.returncode}"
        )
        said = shown(_without(complaint, output).decode("utf-8", "replace"))
        raise UnavailableError(
            f"{title}: {os.path.basename(program)} {how}" + (f": {said}" if said else ""),
            hint="Run the command yourself to see what it needs (sign in, unlock, permission).",
        )
    if len(output) > _MAX_OUTPUT:
        raise UsageError(f"{title}: the command printed {len(output)} bytes; a key has at most 16384")
    return output.decode("utf-8", "replace")


def _without(complaint: bytes, output: bytes) -> bytes:
    """What a program complains about, without the words that it printed as its product."""
    for word in output[:20_000].split()[:20]:
        complaint = complaint.replace(word, b"...") if len(word) >= 8 else complaint
    return complaint


def find_program(name: str, env: Mapping[str, str]) -> str:
    """The absolute path of a program. Relative entries of PATH are passed over: a project must not choose it.

    Raises:
        UsageError: the name is a relative path.
        UnavailableError: it is not installed.
        RefusedError: the file may be replaced by anybody.
    """
    if os.sep in name:
        if not os.path.isabs(name):
            raise UsageError(
                f"{name!r} is a relative path", hint="Give the command's absolute path, or its bare name."
            )
        candidates = [name]
    else:
        folders = env.get("PATH", _DEFAULT_PATH).split(os.pathsep)
        candidates = [os.path.join(folder, name) for folder in folders if os.path.isabs(folder)]
    for candidate in candidates:
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            if os.name == "posix" and os.stat(candidate).st_mode & 0o002:
                raise RefusedError(
                    f"{candidate} is writable by everybody and is not run", hint=f"chmod o-w {candidate}"
                )
            return candidate
    raise UnavailableError(
        f"the program {name!r} is not installed (or not on PATH)",
        hint="Install it, or give its absolute path in the reference.",
    )


def child_environment(context: Context, extra: Sequence[str] = ()) -> dict[str, str]:
    """The allow-listed variables, with a PATH that has no relative entry."""
    names = _PASSED.union(extra, passed(context))
    env = {name: value for name, value in context.env.items() if name in names}
    folders = [item for item in context.env.get("PATH", _DEFAULT_PATH).split(os.pathsep) if os.path.isabs(item)]
    env["PATH"] = os.pathsep.join(folders) or _DEFAULT_PATH
    return env


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the program's process group: a forgotten child would hold the client's pipes."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError, AttributeError):
        process.kill()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    process.wait()
