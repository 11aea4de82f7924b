"""Where a shared profile comes from: a file, an https address, or a file in a git repository. Only fetches.

A signature is beside the profile, under its name with ``.sig``, as ``ssh-keygen -Y sign`` writes it.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time

from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import children, files
from claude_gw_cli.world.download import download
from claude_gw_cli.world.process import which

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 64 << 10
NAMESPACE = "cgw-profile"
"""What the signer of a profile says that the signature is for."""
_GIT_SECONDS = 30.0
_GIT = re.compile(r"git\+((?:https|ssh|file)://[^#]*?)(?:@([^@/#]+))?(?:#(.+))?")
# git asks no question, runs nothing that a repository configures, and uses the person's own ways to sign in.
_KEPT = (
    "HOME", "XDG_CONFIG_HOME", "LANG", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_ASKPASS", "GIT_SSL_CAINFO",
    "SSL_CERT_FILE", *PROXIES, *NO_PROXY, "USERPROFILE", "SYSTEMROOT",
)  # fmt: skip
_FIXED = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A profile's text as it was found, and its signature, where one was asked for and there is one."""

    content: bytes
    signature: bytes | None
    name: str
    """What the profile may be called: the last part of the source."""


def is_remote(source: str) -> bool:
    """Whether the source is an address and not a file."""
    return source.lower().startswith(("http://", "https://", "git+"))


def fetch(source: str, env: Mapping[str, str], *, signed: bool) -> Fetched:
    """The profile behind a source; ``signed`` also looks for a signature.

    Raises:
        UsageError: the source is not one, is too large, or there is no such file.
        UnavailableError: it cannot be reached.
    """
    if source.startswith("git+"):
        return _from_git(source, env, signed=signed)
    if is_remote(source):
        content = download(source, limit=LARGEST)
        address, mark, query = source.partition("?")
        signature = _downloaded(f"{address}.sig{mark}{query}") if signed else None
        return Fetched(content, signature, _name(address))
    found = files.read_bytes(source)
    if found is None:
        raise UsageError(f"there is no file {source}")
    return Fetched(found, files.read_bytes(f"{source}.sig") if signed else None, _name(source))


def _downloaded(address: str) -> bytes | None:
    try:
        return download(address, limit=LARGEST)
    except CgwError:
        return None


def _name(source: str) -> str:
    return source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".toml")


def _from_git(source: str, env: Mapping[str, str], *, signed: bool) -> Fetched:
    """``git+https://HOST/REPOSITORY[@REF][#PATH]``; the path is ``cgw.toml`` where it is left out."""
    match = _GIT.fullmatch(source)
    if match is None:
        raise UsageError(
            f"{source} is not a file in a git repository",
            hint="As in: git+https://git.example.com/platform/cgw.git@v1#team.toml    (also git+ssh://)",
        )
    address, ref, path = match[1], match[2] or "HEAD", match[3] or "cgw.toml"
    # Over https the part before @ is a credential also without a colon: git hosts take a token as the user name.
    if password := re.match(r"https://([^/@]+)@|\w+://[^/@:]*:([^/@]+)@", address):
        raise UsageError(
            f"the address holds a password ({mask(password[1] or password[2])})",
            hint="Sign in to git there: git credential, or SSH.",
        )
    if ref.startswith("-") or address.partition("://")[2].startswith("-"):
        raise UsageError(f"{source} is not a file in a git repository")
    deadline = time.monotonic() + _GIT_SECONDS
    with tempfile.TemporaryDirectory(prefix="cgw-git-") as folder:
        _git(env, deadline, "init", "--quiet", "--bare", folder)
        _git(env, deadline, "-C", folder, "fetch", "--quiet", "--depth=1", "--no-tags", address, ref)
        content = _blob(env, deadline, folder, path)
        if content is None:
            raise UsageError(f"{address} has no file {path} at {ref}")
        signature = _blob(env, deadline, folder, f"{path}.sig") if signed else None
    repository = address.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    return Fetched(content, signature, repository if path == "cgw.toml" else _name(path))


def _blob(env: Mapping[str, str], deadline: float, folder: str, path: str) -> bytes | None:
    place = f"FETCH_HEAD:{path}"
    try:
        size = int(_git(env, deadline, "-C", folder, "cat-file", "-s", place))
    except (UnavailableError, ValueError):
        return None
    if size > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST} bytes; a profile is not")
    return _git(env, deadline, "-C", folder, "cat-file", "blob", place)


def _git(env: Mapping[str, str], deadline: float, *words: str) -> bytes:
    search = os.pathsep.join(part for part in env.get("PATH", "").split(os.pathsep) if os.path.isabs(part))
    program = which("git", search)
    if program is None:
        raise UnavailableError(
            "git is not installed", hint="Install it, or name the profile's file or https address."
        )
    kept = {name: env[name] for name in _KEPT if name in env}
    process = children.start(
        [program, "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", *words],
        env=kept | _FIXED | {"PATH": search},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, said = process.communicate(timeout=max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"git did not answer within {_GIT_SECONDS:.0f} seconds") from None
    finally:
        children.end(process)
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"]
        raise UnavailableError(f"git: {lines[0][:200]}")
    return bytes(out)
