"""The child process that talks to the keyring library (see ``keyring``): one verb, then the end.

stdout is the answer: the value, or an error kind and a line about it with exit code 1. Nothing else may be printed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


def main() -> None:
    """``argv``: source folder, verb, back end class, service, account, and 1 if a person may be asked."""
    _, _source, verb, dotted, service, account, present = sys.argv
    keyring = _load(dotted)
    if dotted.endswith("SecretService.Keyring"):
        _check_secret_service(may_ask=present == "1")
    from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

    try:
        if verb == "set":
            keyring.set_password(service, account, sys.stdin.read())
        elif verb == "delete":
            keyring.delete_password(service, account)
        else:
            value = keyring.get_password(service, account)
            if value is None:
                _fail("missing")
            sys.stdout.write(value)
    except PasswordDeleteError:
        _fail("missing")
    except KeyringLocked:
        _fail("locked")
    except InitError as error:
        _fail("unavailable", str(error))
    except Exception as error:  # noqa: BLE001  # a back end may raise anything; its words are for the parent to clip
        _fail("failed", f"{type(error).__name__}: {error}" if verb != "set" else type(error).__name__)


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
        _fail("unavailable", str(error))


def _check_secret_service(*, may_ask: bool) -> None:
    """Tell a missing bus, a missing service and a locked collection apart, before anything can prompt."""
    import secretstorage
    from secretstorage.exceptions import SecretStorageException

    try:
        bus = secretstorage.dbus_init()
        if not secretstorage.check_service_availability(bus):
            _fail("unavailable", "the session bus has no Secret Service")
        if not may_ask and secretstorage.get_default_collection(bus).is_locked():
            _fail("locked")
    except (SecretStorageException, OSError) as error:
        _fail("unavailable", str(error))


def _fail(kind: str, detail: str = "") -> NoReturn:
    sys.stdout.write(f"{kind}\n{detail}")
    sys.stdout.flush()
    sys.exit(1)


if __name__ == "__main__":
    main()
