"""A helper that makes or fetches its key on this machine, nothing in its cache: a signed token, the OS keyring."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator

from floors import imports
from house import GATEWAY, KEY, House
from timing import Row

_SIGNING = "import jwt; print(jwt.encode({'sub': 'me'}, open(%r).read(), 'EdDSA'))"
_STORE = "keyring://cgw/bench"


@contextlib.contextmanager
def rows(*houses: House) -> Iterator[tuple[list[Row], ...]]:
    """The rows of each build; those of the keyring where D-Bus and gnome-keyring are installed."""
    with contextlib.ExitStack() as stack:
        bus = stack.enter_context(_secret_service(houses[0]))
        yield tuple(_rows(house, bus) for house in houses)


def _rows(house: House, bus: str | None) -> list[Row]:
    python = str(house.bin / "python")
    found = [Row("python -c pass", [python, "-c", "pass"], house.env)]
    key = house.home / "signing.pem"
    make = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)]
    subprocess.run(make, check=True, capture_output=True)
    key.chmod(0o600)
    plain = Row("a plain PyJWT script", [python, "-c", _SIGNING % str(key)], house.env)
    table = f'\n[jwt.bench]\nkey = "file://{key}"\nsub = "me"\n'
    why = "PyJWT and cryptography: cgw writes no cryptography"
    found += [imports(house, "jwt"), _cold(house, "token", "jwt://bench", 3.5, {}, plain.name, why, table), plain]
    if bus:
        env = {"DBUS_SESSION_BUS_ADDRESS": bus}
        command = [str(house.bin / "cgw"), "secret", "set", _STORE]
        subprocess.run(command, input=KEY + "\n", text=True, env=house.env | env, check=True, capture_output=True)
        asks = "import keyring; print(keyring.get_password('cgw', 'bench'))"
        plain = Row("a plain keyring script", [python, "-c", asks], house.env | env)
        why = "keyring, which knows the store of each system"
        found += [imports(house, "keyring"), _cold(house, "ring", _STORE, 6, env, plain.name, why), plain]
    return found


def _cold(
    house: House, name: str, secret: str, target: float, env: dict[str, str], floor: str, why: str, tables: str = ""
) -> Row:
    profile = house.home / f".config/cgw/profiles/{name}.toml"
    head = f'provider = "unified"\ngateway_url = "{GATEWAY}"\nauth = "helper"\nsecret = "{secret}"\n'
    profile.write_text(head + tables)
    profile.chmod(0o600)
    house.cgw("helper", "install", name, **env)
    cache = house.home / f".cache/cgw/helper-{name}"

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    asking = house.env | env | {"ANTHROPIC_BASE_URL": GATEWAY}
    kind = secret.partition("://")[0]
    helper = ["/bin/sh", str(house.helper(name))]
    return Row(f"cgw helper, cold, {kind}", helper, asking, before=forget, target=target, floor=floor, why=why)


@contextlib.contextmanager
def _secret_service(house: House) -> Iterator[str | None]:
    """The address of a bus with an unlocked collection; ``None`` where the programs are not installed."""
    if not all(map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon"))):
        print("\nthe keyring is left out: install dbus and gnome-keyring")
        yield None
        return
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    bus = subprocess.Popen(command, env=house.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    daemon = None
    try:
        address = (bus.stdout.readline() if bus.stdout else "").strip()
        env = house.env | {"DBUS_SESSION_BUS_ADDRESS": address}
        unlock = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        quiet = subprocess.DEVNULL
        daemon = subprocess.Popen(unlock, env=env, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, text=True)
        if daemon.stdin:
            daemon.stdin.write("\n")
            daemon.stdin.close()
        yield address
    finally:
        for child in (daemon, bus):
            if child:
                child.terminate()
                child.wait(30)
