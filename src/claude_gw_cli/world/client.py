"""The user's own `claude`: where it is, which version it is, and one isolated run of it.

Starts it only on request and only with the environment it is given: nothing is inherited.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import FileError, UnavailableError, UsageError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import regular
from claude_gw_cli.world.process import which

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# No updates, no telemetry, no warm-up: what is left are the requests that the model needs.
QUIET: tuple[tuple[str, str], ...] = (("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"), ("DISABLE_AUTOUPDATER", "1"))
_PACKAGE = "@anthropic-ai/claude-code"
_VERSION = lazy(r"\d+\.\d+\.\d+")
# Where the installers put it when it is not on PATH (native installer, `claude migrate-installer`).
_USUAL_PLACES = (".local/bin/claude", ".claude/local/claude")

_MOST_OUTPUT = 4 << 20
"""Bytes that are kept of each stream; a settings file may name any program as its helper."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the client did."""

    exit: int | None
    """``None`` when it was stopped: after the timeout, or because enough was seen."""
    stdout: str
    stderr: str
    seconds: float

    @property
    def reason(self) -> str:
        """The first line of output that says what happened, empty without one; stdout comes before stderr.

        A line that begins with "⚠" is a notice, not the cause: a model's last day, a model that another one
        replaces (measured: 2.1.330, on stderr before the error). It counts where nothing else is.
        """
        lines = [stripped for line in f"{self.stdout}\n{self.stderr}".splitlines() if (stripped := line.strip())]
        return next((line for line in lines if not line.startswith("⚠")), lines[0] if lines else "")


def enclosed(proxy_url: str) -> dict[str, str]:
    """Variables that let a client reach loopback only: other requests go to a proxy that refuses them.

    Args:
        proxy_url: a loopback gateway. Clients that do not know NO_PROXY go through it to itself.
    """
    proxy = dict.fromkeys(PROXIES, proxy_url)
    return {**dict(QUIET), **proxy, **dict.fromkeys(NO_PROXY, "127.0.0.1,localhost")}


def find_client(env: Mapping[str, str], explicit: str | None = None) -> str | None:
    """The client's program: the explicit path, else the first `claude` on PATH, else where installers put it.

    Raises:
        UsageError: the explicit path is not a program.
    """
    if explicit is not None:
        found = which(explicit, env.get("PATH", os.defpath))
        if found is None:
            raise UsageError(f"{explicit} is not a program", hint="Give the path of Claude Code's `claude`.")
        return found
    home = env.get("HOME") or env.get("USERPROFILE")
    places = (os.path.join(home, place) for place in _USUAL_PLACES) if home else ()
    return which("claude", env.get("PATH", os.defpath)) or next(
        (place for place in places if os.access(place, os.X_OK)), None
    )


def client_version(program: str | os.PathLike[str], env: Mapping[str, str], seconds: float = 20) -> str | None:
    """The version as ``2.1.330``, or ``None`` when it cannot be found out.

    Read from the npm package or the native installer's file name where possible: starting the client takes a second.
    """
    return _version_on_disk(program) or _version_it_says(program, env, seconds)


def installed_version(env: Mapping[str, str], seconds: float = 20) -> str | None:
    """The version of the client on this machine; ``None`` without one, or when it cannot be found out."""
    program = find_client(env)
    return client_version(program, env, seconds) if program else None


def checked_version(text: str) -> str:
    """A client version that the user typed.

    Raises:
        UsageError: it is not one.
    """
    try:
        version_key(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a client version", hint="For example: --client-version 2.1.330") from None
    return text


def _version_on_disk(program: str | os.PathLike[str]) -> str | None:
    folder, name = os.path.split(os.path.realpath(program))
    numbers = name.split(".")
    if len(numbers) == 3 and all(map(str.isdecimal, numbers)):
        return name
    for above in ("", os.pardir, os.path.join(os.pardir, os.pardir)):
        try:
            package = from_json(regular.content(os.path.join(folder, above, "package.json"))[0])
        except (FileError, ValueError):
            continue
        if isinstance(package, dict) and package.get("name") == _PACKAGE:
            return str(package.get("version")) if package.get("version") else None
    return None


def _version_it_says(program: str | os.PathLike[str], env: Mapping[str, str], seconds: float) -> str | None:
    kept = {name: env[name] for name in ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE") if name in env}
    try:
        run = run_client(program, {**kept, **dict(QUIET)}, os.sep, ("--version",), timeout=seconds)
    except UnavailableError:
        return None
    match = _VERSION.search(run.stdout)
    return match.group() if match and run.exit == 0 else None


def _text(data: bytearray) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def run_client(
    program: os.PathLike[str] | str,
    env: Mapping[str, str],
    cwd: os.PathLike[str] | str,
    args: Sequence[str] = ("-p", "hi"),
    *,
    timeout: float = 60.0,
    stdin: str = "",
    until: Callable[[], bool] | None = None,
) -> Run:
    """Run the client once, with exactly this environment, and wait for it.

    Args:
        program: the client, from ``find_client``.
        env: its whole environment (`PATH` too, when it is a Node script).
        cwd: the folder in which it looks for project settings.
        args: its arguments.
        timeout: seconds, after which it and everything it started is stopped.
        stdin: its input; never the terminal.
        until: asked ten times a second; once it returns true, the run is stopped.

    Raises:
        UnavailableError: it cannot be started.
    """
    import subprocess  # not for those who only ask where it is
    import threading
    from contextlib import suppress

    from claude_gw_cli.world import children

    started = time.monotonic()
    try:
        process = children.start(
            [str(program), *args],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise UnavailableError(
            f"{program} cannot be started: {error.strerror}", hint=f"Try it by hand: {program} --version"
        ) from error
    readers = [children.Reader(pipe, _MOST_OUTPUT) for pipe in (process.stdout, process.stderr)]
    threading.Thread(
        target=children.feed, args=(process.stdin, stdin.encode("utf-8", "replace")), daemon=True
    ).start()
    exit_code: int | None = None
    try:
        while exit_code is None:
            left = started + timeout - time.monotonic()
            if left <= 0 or (until and until()):
                children.end(process)
                process.wait()
                break
            waiting = next((reader for reader in readers if reader.is_alive()), None)
            if waiting:
                waiting.join(min(left, 0.1))
                continue
            with suppress(subprocess.TimeoutExpired):
                exit_code = process.wait(min(left, 0.1))
    except BaseException:
        children.end(process, asked=True)
        process.wait()
        raise
    children.release(process)
    for reader in readers:
        reader.close()
    stdout, stderr = (_text(reader.data) for reader in readers)
    return Run(exit_code, stdout, stderr, time.monotonic() - started)
