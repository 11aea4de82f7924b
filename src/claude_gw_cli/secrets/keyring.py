"""``keyring://service/account`` and ``secret-tool://attribute/value``: the OS keyring, never guessed, never asked.

The back end is chosen by name. The library is used in a child process: a Secret Service that waits for a person, or
that has stopped, cannot be interrupted from inside. `PYTHON_KEYRING_BACKEND` and `keyringrc.cfg` can load any code
and are not consulted. A lookup by attributes is the one of libsecret's `secret-tool lookup`, by the service's own
protocol: the tool itself prompts, and does not say whether a secret is missing or locked (measured, 0.20.5).
"""

from __future__ import annotations

import os
import sys
from urllib.parse import unquote

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.reference import quoted
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import Context, FetchedSecret, answers, process
from claude_gw_cli.secrets.command import child_environment
from claude_gw_cli.secrets.pin import PinnedReference, passed, places
from claude_gw_cli.secrets.text import json_field, shown
from claude_gw_cli.world import paths

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.core.secret import Secret

BACKENDS = {
    "secretservice": "keyring.backends.SecretService.Keyring",
    "kwallet": "keyring.backends.kwallet.DBusKeyring",
    "macos": "keyring.backends.macOS.Keyring",
    "windows": "keyring.backends.Windows.WinVaultKeyring",
}
_PLATFORM = {"darwin": "macos", "win32": "windows"}

_CHILD = "import sys; sys.path[:0] = sys.argv[1:2]; from claude_gw_cli.secrets.keyring_child import main; main()"


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The stored password."""
    if reference.scheme == "secret-tool":
        value = _ask("search", reference, context)
        facts = {"source": "secret-tool"}
    else:
        value = _ask("get", reference, context)
        facts = {"source": "keyring", "backend": backend(reference)}
    if reference.fragment:
        value = json_field(value, reference.fragment, reference.text)
    return FetchedSecret(context.accept(value, reference.text), facts=facts)


def store(reference: Reference, value: Secret, context: Context) -> None:
    """Put a key into the keyring; it travels to the child on stdin, never in argv."""
    _refuse_field(reference)
    _ask("set", reference, context, value.reveal())


def delete(reference: Reference, context: Context) -> None:
    """Remove a key from the keyring."""
    _refuse_field(reference)
    _ask("delete", reference, context)


def forget(reference: Reference, context: Context) -> None:
    """Remove a key that may not be there; fails only where the keyring is out of reach."""
    kind, detail = _answer("delete", reference, context)
    if kind not in {"", "missing"}:
        raise _error(kind, shown(detail), reference, context)


def require(reference: Reference, context: Context) -> None:
    """Refuse a keyring that is not there, before a key is asked for.

    Raises:
        UnavailableError: there is none, with what to do instead.
    """
    kind, detail = _answer("get", reference, context)
    if kind in {"unavailable", "backend"}:
        raise _error(kind, shown(detail), reference, context)


def is_usable(context: Context) -> bool:
    """Whether a key can be stored here: the keyring answers, and is open where no question may be asked."""
    from claude_gw_cli.core.reference import parse

    try:
        return _answer("get", parse("keyring://cgw/is-there-a-keyring"), context)[0] in {"", "missing"}
    except CgwError:
        return False


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The back end by its class, and the session bus and directories that it uses."""
    ambient = tuple(passed(context))
    if reference.scheme == "secret-tool":
        _attributes(reference)
        return PinnedReference(reference.text, places(context, ()), ambient=ambient)
    text = f"keyring://{reference.path}?backend={backend(reference)}"
    text += f"#{reference.fragment}" if reference.fragment else ""
    return PinnedReference(text, places(context, ()), ambient=ambient)


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


def _refuse_field(reference: Reference) -> None:
    """Storing or removing one field would lose the others."""
    if reference.fragment:
        raise UsageError(
            f"{reference.text}: cgw reads a field, it does not store or remove one", hint="Leave the # part out."
        )


def _attributes(reference: Reference) -> list[str]:
    """The names and values of a lookup, in turn; a slash within one is written ``%2F``."""
    parts = [unquote(part) for part in reference.path.split("/")]
    if len(parts) % 2 or not all(parts):
        raise UsageError(
            f"{reference.text}: the path is not pairs of attribute and value",
            hint="Write it as secret-tool://service/llm/user/me, and a slash, ? or # within a part as %2F, %3F "
            "or %23",
        )
    return parts


def _ask(verb: str, reference: Reference, context: Context, value: str = "") -> str:
    """One request to the child; raises the error that it names."""
    kind, text = _answer(verb, reference, context, value)
    if kind:
        raise _error(kind, shown(text), reference, context)
    return text


def _answer(verb: str, reference: Reference, context: Context, value: str = "") -> tuple[str, str]:
    """One request to the child: verb and names in argv, the value on stdin.

    Returns:
        The kind of the error (empty without one), and the value or a line about the error.
    """
    import claude_gw_cli

    if verb == "search":
        words = [BACKENDS["secretservice"], *_attributes(reference)]
    else:
        service, _, account = reference.path.rpartition("/")
        words = [backend(reference), service, account]
    source = os.path.dirname(os.path.dirname(os.path.abspath(claude_gw_cli.__file__)))
    may_ask = "1" if context.may_ask else "0"
    command = [sys.executable, "-I", "-c", _CHILD, source, verb, may_ask, *words]
    done = process.run(command, child_environment(context), context.remaining(), value.encode())
    if done.code is None:
        raise UnavailableError(
            "the OS keyring did not answer in time",
            hint="It may be waiting for its password, or its service has stopped. Unlock it, then try again.",
        )
    text = done.output.decode("utf-8", "replace")
    kind, _, detail = text.partition("\n")
    return ("", text) if done.code == 0 else (kind or "failed", detail)


def _error(kind: str, detail: str, reference: Reference, context: Context) -> CgwError:
    file = paths.key_file_for(reference.path.rpartition("/")[2], context.env)
    # The name under which cgw proposes to store the key of a profile is the profile's.
    name = reference.path.removeprefix("cgw/") if reference.path.startswith("cgw/") else "NAME"
    ways_out = (
        f"Store the key in a private file: cgw secret set {file}\n"
        f"  and name it in the profile: cgw profile set {name} --secret {file}\n"
        "Or use another store: --secret pass://path, vault://mount/path#field\n"
        "Or start a keyring: dbus-run-session -- sh, then gnome-keyring-daemon --unlock"
    )
    match kind:
        case "missing" if reference.scheme == "keyring":
            return UnavailableError(
                f"the keyring holds nothing under {reference.text}", hint=f"Store it: cgw secret set {reference.text}"
            )
        case "missing" | "binary" | "ambiguous":
            return answers.error(kind, reference.text, detail)
        case "locked":
            return RefusedError(
                f"{reference.text}: the keyring is locked" + (f" ({detail})" if detail else ""),
                hint="Unlock it in a desktop session (log in, or open its password manager), then try again.\n"
                f"In a terminal: cgw secret test {quoted(reference.text)}\n" + ways_out,
            )
        case "question":
            return RefusedError(
                f"{reference.text}: the Secret Service wants to ask the user, and that cannot be done here",
                hint="Use a terminal of the desktop session: cgw secret set, test or rm. For a helper in KeePassXC:\n"
                "Settings > Secret Service Integration > Confirm when passwords are retrieved by clients: off",
            )
        case "empty":
            return UnavailableError(
                "the Secret Service has no default keyring, and creating one needs a question",
                hint="Create one in a terminal of a desktop session: cgw secret set keyring://cgw/NAME\n"
                "In KeePassXC open the database and choose a group: Database Settings > Secret Service Integration\n"
                + ways_out,
            )
        case "unavailable":
            return UnavailableError(f"there is no usable keyring here: {detail}", hint=ways_out)
        case "backend":
            return UsageError(
                f"the keyring back end cannot be loaded: {detail}",
                hint="Check ?backend= in the reference. kwallet needs the package dbus-python beside cgw;\n"
                "where KWallet offers the Secret Service (since 5.97) leave ?backend= out.",
            )
        case _:
            return UnavailableError(f"the keyring failed: {detail or 'no answer'}", hint=ways_out)
