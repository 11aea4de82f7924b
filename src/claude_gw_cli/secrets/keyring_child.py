"""The child process that talks to the keyring library (see ``keyring``): one verb, then the end.

stdout is the answer: the value, or an error kind and a line about it with exit code 1. Nothing else may be printed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


def main() -> None:
    """``argv``: source folder, verb, 1 if a question may be asked, back end class, then names (or attributes)."""
    _, _source, verb, asking, dotted, *words = sys.argv
    may_ask = asking == "1"
    try:
        value = _search(words, may_ask=may_ask) if verb == "search" else _use(verb, dotted, *words, may_ask=may_ask)
    except UnicodeDecodeError:
        _fail("binary")
    except EOFError:  # a back end that asks for its own password reads our closed input
        _fail("locked", "it asks for a password")
    sys.stdout.buffer.write(value.encode())


def _use(verb: str, dotted: str, service: str, account: str, *, may_ask: bool) -> str:
    keyring = _load(dotted)
    if dotted.endswith("SecretService.Keyring"):
        _check_secret_service(may_ask=may_ask)
    elif dotted.endswith("kwallet.DBusKeyring") and not may_ask:
        _check_kwallet(keyring)
    from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

    try:
        if verb == "set":
            keyring.set_password(service, account, sys.stdin.buffer.read().decode())
            return ""
        if verb == "delete":
            keyring.delete_password(service, account)
            return ""
        value = keyring.get_password(service, account)
    except PasswordDeleteError:
        _fail("missing")
    except KeyringLocked:
        _fail("locked")
    except InitError as error:
        _fail("unavailable", str(error))
    except (UnicodeDecodeError, EOFError):
        raise
    except Exception as error:  # noqa: BLE001  # a back end may raise anything; its words are for the parent to clip
        if type(error).__name__ == "LockedException":  # of SecretStorage, which is imported for its service only
            _fail("question")
        _fail("failed", f"{type(error).__name__}: {error}" if verb != "set" else type(error).__name__)
    if value is None:
        _fail("missing")
    return value


def _load(dotted: str) -> KeyringBackend:
    module, _, name = dotted.rpartition(".")
    try:
        from keyring.backend import KeyringBackend

        kind = getattr(import_module(module), name)
        if not (isinstance(kind, type) and issubclass(kind, KeyringBackend)):
            _fail("backend", f"{dotted} is not a keyring back end")
        if dotted.startswith(("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer")):
            _fail("backend", f"{dotted} keeps nothing")
        kind.priority  # noqa: B018  # a property that raises with the reason why the back end cannot work here
        return kind()
    except (ImportError, AttributeError) as error:
        _fail("backend", str(error))
    except (RuntimeError, OSError) as error:  # OSError: the bus does not answer
        _fail("backend" if "not installed" in str(error) else "unavailable", str(error))


def _search(words: list[str], *, may_ask: bool) -> str:
    """The secret of the item with all of these attributes, in any collection."""
    import secretstorage
    from secretstorage.exceptions import LockedException, SecretStorageException

    bus = _secret_service(may_ask=may_ask)
    try:
        collections = list(secretstorage.get_all_collections(bus))
        if not may_ask and all(part.is_locked() for part in collections):
            # KeePassXC would show its unlock dialog before it searches (measured, 2.7.4)
            _fail("locked" if collections else "empty")
        items = list(secretstorage.search_items(bus, dict(zip(words[::2], words[1::2], strict=True))))
        for item in items:
            if item.is_locked() and item.unlock():
                _fail("locked")
        values = {item.get_secret() for item in items}
        locked = not items and any(part.is_locked() for part in collections)
    except LockedException:
        _fail("locked")
    except (SecretStorageException, OSError) as error:
        _fail("unavailable", str(error))
    if not values:
        _fail("locked", "what it holds cannot be seen") if locked else _fail("missing")
    if len(values) > 1:
        _fail("ambiguous", f"{len(items)} items with different secrets")
    return values.pop().decode()


def _check_secret_service(*, may_ask: bool) -> None:
    """Tell a missing default collection and a locked one apart, before anything can prompt."""
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException, SecretStorageException

    bus = _secret_service(may_ask=may_ask)
    if may_ask:
        return
    try:
        # get_default_collection() would create one, which is a prompt
        if secretstorage.Collection(bus).is_locked():
            _fail("locked")
    except ItemNotFoundException:
        _fail("empty")
    except (SecretStorageException, OSError) as error:
        _fail("unavailable", str(error))


def _secret_service(*, may_ask: bool) -> Any:
    import secretstorage
    from secretstorage.exceptions import SecretStorageException
    from secretstorage.util import DBusAddressWrapper

    if not may_ask:
        _refuse_questions(DBusAddressWrapper)
    try:
        bus = secretstorage.dbus_init()
        if not secretstorage.check_service_availability(bus):
            _fail("unavailable", "the session bus has no Secret Service")
    except (SecretStorageException, OSError) as error:
        _fail("unavailable", str(error))
    return bus


def _refuse_questions(wrapper: Any) -> None:
    """End where the service wants to ask: its question is an object on the bus that is silent until it is called."""
    call = wrapper.call

    def unasked(target: Any, method: str, *words: Any) -> Any:
        if method == "Prompt":
            call(target, "Dismiss", "")
            _fail("question")
        return call(target, method, *words)

    wrapper.call = unasked


def _check_kwallet(keyring: Any) -> None:
    """A closed wallet would be opened with a prompt, for which the library waits."""
    dbus: Any = import_module("dbus")  # not a library of cgw; the back end could not be loaded without it
    try:
        remote = dbus.SessionBus().get_object(keyring.bus_name, keyring.object_path)
        wallets = dbus.Interface(remote, "org.kde.KWallet")
        if not wallets.isOpen(str(wallets.networkWallet())):
            _fail("locked", "the wallet is closed")
    except dbus.DBusException as error:
        _fail("unavailable", str(error))


def _fail(kind: str, detail: str = "") -> NoReturn:
    sys.stdout.buffer.write(f"{kind}\n{detail}".encode())
    sys.stdout.flush()
    sys.exit(1)


if __name__ == "__main__":
    main()
