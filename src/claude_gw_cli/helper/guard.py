"""The origin guard (P49, P50): the key is printed only for requests that go to the profile's own gateway.

Claude Code runs the user's helper in any working directory and sends its value to whatever address is in effect. A
project's settings can change that address, the proxy and the certificate authorities, without a prompt in print
mode (measured, 2.1.330). So the same prediction as that of `cgw explain` is asked (``verdict``), and what cannot be
read as the client reads it is refused.

A prediction costs three interpreter starts. What was found good is therefore remembered: a digest of every file and
variable that the prediction may look at. This module is on the hot path and makes that comparison only.
"""

from __future__ import annotations

import os
import stat

from claude_gw_cli import __version__
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, RefusedError
from claude_gw_cli.facts.transport import PREFIXES
from claude_gw_cli.world.files import private_dir, read_bytes, read_private, write_private
from claude_gw_cli.world.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.helper.spec import Spec

_LONGEST = 2_000_000
"""Bytes of a settings file; the user's ``.claude.json`` may be longer, as it grows with every session."""
_LONGEST_OWN = 64_000_000
_WAIT = 4.0
"""Seconds to wait for another process that makes the same prediction."""
_KEPT = 64
"""How many good starts are remembered."""
# New with each session, and no prediction needs them.
_FLEETING = (
    "CLAUDE_CODE_MESSAGING_",
    "CLAUDE_CODE_SESSION_",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_CODE_TMPDIR",
    "CLAUDE_PID",
)


def check(spec: Spec, env: Mapping[str, str], cwd: str, asker: int = 0) -> None:
    """Pass, or refuse to print the key.

    Args:
        spec: the helper.
        env: the environment of the helper, which is the client's.
        cwd: the working directory, which is the client's.
        asker: the client's process; 0 where it is not known.

    Raises:
        RefusedError: the key would go, or could go, somewhere else; the text says what is set where.
    """
    env = _relevant(env)
    words = command_line(asker)
    before = _digest(spec, env, cwd, words)
    if _is_approved(spec, before):
        return
    if not before:
        _predict(spec, env, cwd, words, before)
        return
    lock = Lock(f"{spec.record}.lock", _WAIT)  # of many clients that start at once, one pays for the prediction
    try:
        lock.__enter__()
    except CgwError:
        _predict(spec, env, cwd, words, before)
        return
    try:
        if not _is_approved(spec, before):
            _predict(spec, env, cwd, words, before)
    finally:
        lock.__exit__()


def _predict(spec: Spec, env: Mapping[str, str], cwd: str, words: tuple[str, ...] | None, before: str) -> None:
    from claude_gw_cli.helper.verdict import problem

    found = problem(spec, env, cwd, words)
    if found:
        from claude_gw_cli.helper import recorder

        address = recorder.running(spec)
        if address and not problem(spec.replaced(origin=address), env, cwd, words):
            return  # `cgw trace` records this start; it is not remembered
        _refuse(spec, found)
    if before != _digest(spec, env, cwd, words):
        _refuse(spec, "the settings changed while they were read; try again")
    if before:
        _approve(spec, before)


def problem_of(spec: Spec, env: Mapping[str, str], cwd: str, words: tuple[str, ...]) -> str:
    """Why the key would be refused in a start that has not been made; empty if it would not be.

    Args:
        spec: the helper.
        env: the environment that the client would give the helper.
        cwd: the working directory.
        words: the client's command line, the program's name included.
    """
    from claude_gw_cli.helper.verdict import problem

    return problem(spec, _relevant(env), cwd, words)


def command_line(process: int) -> tuple[str, ...] | None:
    """The arguments of a process, from /proc; ``None`` where the system or the process does not show them.

    A client on Node overwrites them with its title (measured: 2.0.45 does, the native 2.1.330 does not).
    """
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            data = file.read()
    except OSError:
        return None
    words = data.removesuffix(b"\0").decode("utf-8", "surrogateescape").split("\0")
    # The rest of an overwritten command line is zeros or spaces.
    return tuple(words) if data.endswith(b"\0") and words[-1].strip() else None


def _digest(spec: Spec, env: Mapping[str, str], cwd: str, words: tuple[str, ...] | None) -> str:
    """A digest of everything that decides where the key goes; empty where a file may not be remembered."""
    try:
        from _blake2 import blake2b  # what hashlib wraps; hashlib itself costs a third of an interpreter start
    except ImportError:  # pragma: no cover  # another Python than CPython
        from hashlib import blake2b
    if not spec.record:
        return ""
    if words is not None and not any(word.startswith(("--set", "--bare", "--restr")) for word in words):
        words = ()
    elif any(word.startswith("--settings") for word in words or ()):
        return ""  # it may name a file, a pipe or anything else: looked at each time
    seen = blake2b(digest_size=32)
    parts = [__version__, spec.key, cwd, "" if words is None else "\0".join(("known", *words))]
    parts += [text for name in sorted(env) for text in (name, env[name])]
    for path in _files(spec, env, cwd):
        parts += [path, _content(spec, path)]
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        seen.update(len(data).to_bytes(8) + data)
    return seen.hexdigest()


def _files(spec: Spec, env: Mapping[str, str], cwd: str) -> Sequence[str]:
    """Every settings document that a client reads here."""
    home = env.get("HOME", "/")
    folder = os.path.join(cwd, env.get("CLAUDE_CONFIG_DIR", os.path.join(home, ".claude")))
    drop_ins = os.path.join(spec.managed, "managed-settings.d")
    try:
        names = sorted(os.listdir(drop_ins))
    except OSError:
        names = []
    return [
        os.path.join(folder if "CLAUDE_CONFIG_DIR" in env else home, ".claude.json"),
        os.path.join(folder, "settings.json"),
        os.path.join(cwd, ".claude", "settings.json"),
        os.path.join(cwd, ".claude", "settings.local.json"),
        os.path.join(spec.managed, "managed-settings.json"),
        *(os.path.join(drop_ins, name) for name in names if name.endswith(".json")),
    ]


def _content(spec: Spec, path: str) -> str:
    own = path.endswith(".claude.json")
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            _refuse(spec, f"{path} is not a regular file")
        if status.st_size > (_LONGEST_OWN if own else _LONGEST):
            _refuse(spec, f"{path} is too large to be checked")
        data = read_bytes(path) or b""
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, CgwError):
        _refuse(spec, f"{path} cannot be read")
    if not own:
        return data.decode("utf-8", "surrogateescape")
    if b'"env"' not in data:
        return ""
    import json  # a third of an interpreter start: only where the file may hold variables

    try:
        return json.dumps(from_json(data)["env"])  # the rest changes with every session
    except KeyError:
        return ""
    except (ValueError, TypeError):
        return data.decode("utf-8", "surrogateescape")


def _relevant(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if _is_relevant(name)}


def _is_relevant(name: str) -> bool:
    if name.startswith(PREFIXES):
        return not name.startswith(_FLEETING)
    return "PROXY" in name.upper()


def _approved(spec: Spec) -> Sequence[str]:
    try:
        return (read_private(spec.record) or b"").decode("ascii", "replace").split("\n") if spec.record else ()
    except CgwError:
        return ()


def _is_approved(spec: Spec, digest: str) -> bool:
    """Whether the start is known to be good; then the record's time tells the script that settings are as checked."""
    if not digest or digest not in _approved(spec):
        return False
    try:
        os.utime(spec.record)
    except OSError:
        pass  # the script asks again, nothing else
    return True


def _approve(spec: Spec, digest: str) -> None:
    if not spec.record:
        return
    known = [line for line in _approved(spec) if line]
    try:
        private_dir(os.path.dirname(spec.record))
        write_private(spec.record, "\n".join([*known[1 - _KEPT :], digest, ""]).encode())
    except (OSError, CgwError):
        pass  # costs time at the next start, nothing else


def _refuse(spec: Spec, why: str) -> None:
    raise RefusedError(
        f"the key of helper {spec.name} is for {spec.origin} only; {why}",
        hint="If a project's settings do this, do not work there before you have read them.\n"
        f"If you changed your own set-up, write the helper again: cgw helper install {spec.name}",
    )
