"""KeePassXC as the Secret Service: open, locked, nothing shown to others, and one that confirms each access.

It draws its dialogs off screen here, where nobody answers them: a question would be a hang. That none is asked is
seen on the bus too: the service shows a question when a client calls ``Prompt``.
"""

from __future__ import annotations

import base64
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.reference import parse
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.helper.install import install
from claude_gw_cli.secrets import Context, keyring, resolve
from claude_gw_cli.secrets.pin import pin

pytestmark = pytest.mark.real
KEY = "sk-keepassxc-0123456789"
ENTRIES = (
    {"Title": "llm", "Password": KEY, "service": "cgw", "username": "work"},
    {"Title": "odd", "Password": KEY, "service": "a b/c", "username": "me@example.com:8080"},
    {"Title": "one", "Password": "sk-one-0123456789", "app": "llm"},
    {"Title": "two", "Password": "sk-two-0123456789", "app": "llm"},
    {"Title": "null", "Password": "null"},
    {"Title": "json", "Password": '{"key": "x"}'},
    {"Title": "lines", "Password": f"{KEY}\nuser: me"},
    {"Title": "empty", "Password": ""},
)
# A bus on which no other Secret Service is started when its name is asked for.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
SETTINGS = """[General]
ConfigVersion=2
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ConfirmAccessItem={confirm}
"""


def database(*, shown: bool) -> str:
    """A database as KeePassXC exports it; ``shown``: its group is offered to other programs."""
    group = uuid.uuid4()

    def identity(value: uuid.UUID) -> str:
        return f"<UUID>{base64.b64encode(value.bytes).decode()}</UUID>"

    entries = "".join(
        f"<Entry>{identity(uuid.uuid4())}"
        + "".join(f"<String><Key>{key}</Key><Value>{escape(text)}</Value></String>" for key, text in entry.items())
        + "</Entry>"
        for entry in ENTRIES
    )
    mark = f"<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{{{group}}}</Value></Item>" if shown else ""
    return (
        f"<KeePassFile><Meta><CustomData>{mark}</CustomData></Meta><Root><Group>{identity(uuid.uuid4())}"
        f"<Name>Root</Name><Group>{identity(group)}<Name>keys</Name>{entries}</Group></Group></Root></KeePassFile>"
    )


@contextmanager
def service(
    home: Path, program: Callable[[str], str], *, unlocked: bool = True, shown: bool = True, confirm: bool = False
) -> Iterator[dict[str, str]]:
    """A running KeePassXC; yields the environment of its session. Fails where a question was asked meanwhile."""
    (home / "run").mkdir(mode=0o700)
    (home / ".config" / "keepassxc").mkdir(parents=True)
    (home / ".config" / "keepassxc" / "keepassxc.ini").write_text(SETTINGS.format(confirm=str(confirm).lower()))
    (home / "a.xml").write_text(database(shown=shown))
    (home / "bus.conf").write_text(BUS)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    offscreen = {**env, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(
        [program("keepassxc-cli"), "import", "-p", home / "a.xml", home / "a.kdbx"],
        input="pw\npw\n", text=True, capture_output=True, env=offscreen, check=True,
    )  # fmt: skip
    words = [program("dbus-daemon"), f"--config-file={home}/bus.conf", "--nofork", "--print-address=1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env) as bus:
        assert bus.stdout
        env["DBUS_SESSION_BUS_ADDRESS"] = offscreen["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        log, seen = (home / "log").open("wb"), home / "seen"
        application = subprocess.Popen(
            [program("keepassxc"), *(["--pw-stdin"] if unlocked else []), home / "a.kdbx"],
            stdin=subprocess.PIPE, stdout=log, stderr=log, env=offscreen,
        )  # fmt: skip
        assert application.stdin
        application.stdin.write(b"pw\n")
        application.stdin.close()
        with seen.open("wb") as file:
            monitor = subprocess.Popen([program("dbus-monitor"), "member=Prompt"], stdout=file, env=env)
        try:
            _wait(env, application)
            yield env
            time.sleep(0.3)
        finally:
            for process in (application, monitor, bus):
                process.terminate()
                process.wait(timeout=30)
            log.close()
    assert "NameAcquired" in seen.read_text(), "the monitor did not listen"
    assert "member=Prompt" not in seen.read_text()


def _wait(env: dict[str, str], application: subprocess.Popen[bytes]) -> None:
    words = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"]
    words += ["org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Service", "string:Collections"]
    for _ in range(300):
        if subprocess.run(words, env=env, capture_output=True, check=False).returncode == 0:
            time.sleep(1)  # the database opens after the service
            return
        assert application.poll() is None
        time.sleep(0.1)
    raise AssertionError("KeePassXC did not start its Secret Service")


def ask(reference: str, env: dict[str, str]) -> object:
    """What a helper gives: the value, or exit code and words."""
    start = time.monotonic()
    try:
        pinned = pin(reference, Context(Grant("typed"), env))
        hostile = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "HOME": "/nowhere", "DISPLAY": ":9"}
        found: object = resolve(
            pinned.reference, Context(Grant("helper"), hostile, tables=pinned.tables)
        ).value.reveal()
    except CgwError as error:
        found = error.exit_code if error.hint else 0, error.message
    assert time.monotonic() - start < 9, reference
    return found


def check(cells: dict[str, object], env: dict[str, str]) -> None:
    for reference, expected in cells.items():
        found = ask(reference, env)
        if isinstance(expected, str):
            assert found == expected, reference
        else:
            assert isinstance(found, tuple), reference
            assert isinstance(expected, tuple)
            assert found[0] == expected[0], (reference, found)
            assert expected[1] in found[1], (reference, found)


def test_an_open_database(tmp_path: Path, program: Callable[[str], str]) -> None:
    with service(tmp_path, program) as env:
        check(
            {
                "keyring://cgw/work": KEY,
                "keyring://a b/c/me@example.com:8080": KEY,
                "secret-tool://Title/llm": KEY,
                "secret-tool://service/cgw/username/work": KEY,
                "secret-tool://Title/two": "sk-two-0123456789",
                "secret-tool://app/llm": (2, "2 items with different secrets"),
                "secret-tool://Title/null": (2, "the word 'null'"),
                "secret-tool://Title/json": (2, "JSON object with the fields: key"),
                "secret-tool://Title/lines": (2, "line break"),
                "secret-tool://Title/empty": (2, "empty key"),
                "secret-tool://Title/nope": (69, "no such secret"),
                "keyring://cgw/nope": (69, "nothing under"),
            },
            env,
        )
        with pytest.raises(CgwError, match="wants to ask"):  # KeePassXC saves by a prompt; only a terminal may
            keyring.store(parse("keyring://cgw/new"), Secret("sk-new-0123456789"), Context(Grant("typed"), env))
        profile = Profile(
            name="k", provider="unified", gateway_url="http://127.0.0.1:4000", secret="secret-tool://Title/llm"
        )
        script = install(profile, env, Grant("own")).path
        done = subprocess.run([script], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == KEY, done.stderr


def test_an_application_that_confirms_each_access(tmp_path: Path, program: Callable[[str], str]) -> None:
    """KeePassXC's default: without the question, its entries are locked one by one."""
    with service(tmp_path, program, confirm=True) as env:
        asks = (77, "wants to ask the user")
        check(
            {"keyring://cgw/work": asks, "secret-tool://Title/llm": asks, "secret-tool://Title/nope": (69, "no")}, env
        )
        with pytest.raises(CgwError, match="wants to ask"):
            keyring.delete(parse("keyring://cgw/work"), Context(Grant("typed"), env))


def test_a_locked_database_is_not_asked_for_its_password(tmp_path: Path, program: Callable[[str], str]) -> None:
    """It would show its dialog for a search, without any call of ``Prompt`` (measured, 2.7.4)."""
    with service(tmp_path, program, unlocked=False) as env:
        locked = (77, "is locked")
        check(
            {"keyring://cgw/work": locked, "secret-tool://Title/llm": locked, "secret-tool://Title/nope": locked}, env
        )


def test_a_database_that_shows_nothing_to_other_programs(tmp_path: Path, program: Callable[[str], str]) -> None:
    with service(tmp_path, program, shown=False) as env:
        nothing = (69, "no default keyring")
        check({"keyring://cgw/work": nothing, "secret-tool://Title/llm": nothing}, env)
