"""``keyring://service/account``: the OS keyring, through a back end that is chosen by name and never guessed.

The library is used in a child process: a Secret Service that waits for a person, or that has stopped, cannot be
interrupted from inside. `PYTHON_KEYRING_BACKEND` and `keyringrc.cfg` can load any code and are not consulted.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.secrets import Context, FetchedSecret
from claude_gw_cli.secrets.command import child_environment
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets.pin import PinnedReference

BACKENDS = {
    "secretservice": "keyring.backends.SecretService.Keyring",
    "kwallet": "keyring.backends.kwallet.DBusKeyring",
    "macos": "keyring.backends.macOS.Keyring",
    "windows": "keyring.backends.Windows.WinVaultKeyring",
}
_PLATFORM = {"darwin": "macos", "win32": "windows"}

WAYS_OUT = (
    "Ways out on a machine without a desktop session:\n"
    "  a private file:      umask 077; mkdir -p ~/.config/cgw; cat > ~/.config/cgw/key   and   --secret file://~/.config/cgw/key\n"
    "  a store's own tool:  --secret pass://path  or  vault://mount/path#field\n"
    "  a session bus:       dbus-run-session -- sh, then gnome-keyring-daemon --unlock"
)

_CHILD = "import sys; sys.path[:0] = sys.argv[1:2]; from claude_gw_cli.secrets.keyring_child import main; main()"


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The stored password."""
    value = _ask("get", reference, context)
    return FetchedSecret(
        context.accept(value, reference.text), facts={"source": "keyring", "backend": backend(reference)}
    )


def store(reference: Reference, value: Secret, context: Context) -> None:
    """Put a key into the keyring; it travels to the child on stdin, never in argv."""
    _ask("set", reference, context, value.reveal())


def delete(reference: Reference, context: Context) -> None:
    """Remove a key from the keyring."""
    _ask("delete", reference, context)


def backend(reference: Reference) -> str:
    """The back end's class by dotted name: the reference's ``?backend=``, else the platform's own store.

    Raises:
        UsageError: neither a known short name nor ``package.module.Class``.
    """
    name = reference.query.get("backend") or _PLATFORM.get(sys.platform, "secretservice")
    dotted = BACKENDS.get(name, name)
    if "." not in dotted:
        raise UsageError(
            f"there is no keyring back end {name!r}",
            hint=f"Use ?backend= with one of: {', '.join(BACKENDS)}, or the dotted name of an installed class.",
        )
    return dotted


def _ask(verb: str, reference: Reference, context: Context, value: str = "") -> str:
    """One request to the child: verb and names in argv, the value on stdin, answer or error kind on stdout."""
    import os

    import claude_gw_cli

    service, _, account = reference.path.rpartition("/")
    source = os.path.dirname(os.path.dirname(os.path.abspath(claude_gw_cli.__file__)))
    present = "1" if context.env.get("DISPLAY") or context.env.get("WAYLAND_DISPLAY") or os.name != "posix" else "0"
    command = [sys.executable, "-I", "-c", _CHILD, source, verb, backend(reference), service, account, present]
    try:
        done = subprocess.run(
            command,
            input=value.encode(),
            capture_output=True,
            env=child_environment(context),
            timeout=context.remaining(),
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            "the OS keyring did not answer in time",
            hint="It may be waiting for its password, or its service has stopped. Unlock it, then try again.",
        ) from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode == 0:
        return text
    kind, _, detail = text.partition("\n")
    raise _error(kind, shown(detail), reference)


def _error(kind: str, detail: str, reference: Reference) -> CgwError:
    store = f"cgw secret set {reference.text}"
    match kind:
        case "missing":
            return UnavailableError(f"the keyring holds nothing under {reference.text}", hint=f"Store it: {store}")
        case "locked":
            return RefusedError(
                "the keyring is locked and nobody is there to unlock it",
                hint="Unlock it in a desktop session (log in, or open its password manager), then try again.\n"
                + WAYS_OUT,
            )
        case "unavailable":
            return UnavailableError(f"there is no usable keyring here: {detail}", hint=WAYS_OUT)
        case "backend":
            return UsageError(
                f"the keyring back end cannot be loaded: {detail}", hint="Check ?backend= in the reference."
            )
        case _:
            return UnavailableError(f"the keyring failed: {detail or 'no answer'}", hint=WAYS_OUT)


def pin(reference: Reference, context: Context) -> PinnedReference:  # noqa: ARG001  # the protocol's shape
    """The back end by its class."""
    from claude_gw_cli.secrets.pin import PinnedReference

    return PinnedReference(f"keyring://{reference.path}?backend={backend(reference)}")
