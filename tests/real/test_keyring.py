"""A real Secret Service: gnome-keyring on a session bus of its own; unlocked, locked, stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.real
REF = "keyring://cgw/work"
UNLOCK = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "


@pytest.fixture
def session(
    tmp_path: Path, cgw: Path, program: Callable[[str], str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a shell text under a bus of its own; $CGW is the command, $CANARY the key."""
    for name in ("gnome-keyring-daemon", "secret-tool"):
        program(name)
    bus = program("dbus-run-session")
    (tmp_path / ".cache").mkdir()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CGW": str(cgw),
        "CANARY": "cgw-canary-9b2e01",
        "LC_ALL": "C.UTF-8",
    }

    def run(text: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [bus, "--", "/bin/sh", "-c", text]
        return subprocess.run(command, capture_output=True, text=True, env=env | more, timeout=180, check=False)

    return run


def test_a_key_is_stored_tried_used_and_removed(session: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    text = (
        UNLOCK
        + f"""
set -e
printf '%s\\n' "$CANARY" | $CGW secret set {REF}
$CGW secret test {REF}
secret-tool lookup service cgw username work
$CGW init work --provider unified --auth helper --secret {REF} --yes >/dev/null
script=$($CGW helper install work)
"$script"; "$script"
$CGW secret rm {REF}
$CGW secret test {REF} || echo "exit $?"
"""
    )
    done = session(text)
    assert done.stdout.count("cgw-canary-9b2e01") == 3, done.stderr  # secret-tool and the helper twice
    assert "length     17 characters" in done.stdout
    assert "exit 69" in done.stdout
    assert "cgw-canary" not in done.stderr


def test_a_helper_shows_no_key_to_other_processes(
    session: Callable[..., subprocess.CompletedProcess[str]], program: Callable[[str], str]
) -> None:
    """The key goes to the child that asks the keyring, and comes back, by pipes."""
    text = (
        UNLOCK
        + f"""
set -e
printf '%s\n' "$CANARY" > "$HOME/typed"; unset CANARY
cat > "$HOME/all.sh" <<'END'
$CGW secret set {REF} < "$HOME/typed"
$CGW init work --provider unified --auth helper --secret {REF} --yes >/dev/null
"$($CGW helper install work --cache none)"
END
{program("strace")} -f -qq -v -s 9999 -e trace=execve --seccomp-bpf -o "$HOME/trace" sh "$HOME/all.sh"
grep -c execve "$HOME/trace"
grep cgw-canary "$HOME/trace" || echo "no key in it"
"""
    )
    done = session(text)
    *_, key, count, found = done.stdout.splitlines()
    assert (key, found) == ("cgw-canary-9b2e01", "no key in it"), done.stderr
    assert int(count) >= 4


def test_a_helpers_cache_can_live_in_the_keyring(session: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    text = (
        UNLOCK
        + """
set -e
printf '#!/bin/sh\\necho x >> %s/calls\\necho %s\\n' "$HOME" "$CANARY" > "$HOME/source"; chmod 700 "$HOME/source"
$CGW init work --provider unified --auth helper --secret "exec:$HOME/source" --yes >/dev/null
script=$($CGW helper install work --cache keyring)
/usr/bin/env sh -c "$script; :"; "$script"
wc -l < "$HOME/calls"
grep -rl "$CANARY" "$HOME/.cache" "$HOME/.config/cgw" || echo "no file has it"
$CGW helper install work --cache none >/dev/null
secret-tool lookup service cgw-cache username work || echo "gone with the cache"
$CGW helper uninstall work
secret-tool lookup service cgw-cache username work || echo "gone"
"""
    )
    done = session(text)
    assert done.stdout.split("\n")[:2] == ["cgw-canary-9b2e01"] * 2, done.stderr
    assert "no file has it" in done.stdout
    assert "gone with the cache\n" in done.stdout
    assert "gone\n" in done.stdout


def test_a_service_that_was_never_unlocked_ends_in_time_with_a_remedy(
    session: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    start = time.monotonic()
    text = f"""
gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
$CGW init work --provider unified --auth helper --secret {REF} --yes >/dev/null
script=$($CGW helper install work)
"$script"; echo "exit $?"
"""
    done = session(text)
    assert time.monotonic() - start < 60
    assert done.stdout.strip().endswith(("exit 69", "exit 77")), done.stdout
    assert "keyring" in done.stderr


def test_a_locked_collection_is_told_apart(session: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    lock = "import secretstorage; bus = secretstorage.dbus_init(); secretstorage.get_default_collection(bus).lock()"
    text = (
        UNLOCK
        + f"""
printf '%s\\n' "$CANARY" | $CGW secret set {REF}
{sys.executable} -c '{lock}'
$CGW secret test {REF}; echo "exit $?"
"""
    )
    done = session(text)
    assert "exit 77" in done.stdout, done.stderr
    assert "is locked" in done.stderr


def test_a_stopped_service_does_not_hang_the_helper(session: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    text = (
        UNLOCK
        + f"""
printf '%s\\n' "$CANARY" | $CGW secret set {REF}
$CGW init work --provider unified --auth helper --secret {REF} --yes >/dev/null
script=$($CGW helper install work)
pid=$(busctl --user --no-pager status org.freedesktop.secrets 2>/dev/null | sed -n 's/^PID=//p')
[ -n "$pid" ] || pid=$(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | awk '{{print $2}}')
kill -STOP "$pid"
before=$(date +%s)
"$script"; echo "exit $? after $(($(date +%s) - before)) s"
kill -CONT "$pid"
"""
    )
    done = session(text)
    assert "exit 69" in done.stdout, done.stdout + done.stderr
    seconds = int(done.stdout.split("after ")[1].split()[0])
    assert seconds <= 11


def test_each_situation_of_a_secret_service_has_its_answer(
    session: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = session(f"exec {sys.executable} {Path(__file__).with_name('secret_service.py')}", DISPLAY=":9")
    printed = [line for line in done.stdout.splitlines() if line.startswith("{")]  # the daemon prints its own lines
    assert len(printed) == 1, done.stdout + done.stderr
    found = json.loads(printed[0])
    key = "sk-service-0123456789"
    assert found["present"] == found["hostile"] == [key, key]
    assert found["text"][0] == key
    assert found["field"] == ["sk-field-0123456789"] * 2
    assert found["slash"] == [key, key]
    assert found["ambiguous"][1] == "sk-two-0123456789"
    errors = {name: [item[0] for item in found[name] if isinstance(item, list)] for name in found}
    assert errors == {
        "no default collection": [69, 69],
        "missing": [69, 69],
        "present": [],
        "hostile": [],
        "binary": [2, 2],
        "text": [2, 2],
        "field": [],
        "not a field": [2, 2],
        "lines": [2, 2],
        "slash": [],
        "not text": [2, 2],
        "ambiguous": [2],
        "odd": [2],
        "locked": [77, 77],
    }, found


WORKS = (
    "import os, time; from claude_gw_cli.core.grant import Grant; "
    "from claude_gw_cli.secrets import Context, keyring; "
    "print(keyring.is_usable(Context(Grant('typed'), os.environ, time.monotonic() + 20)))"
)


def test_a_keyring_works_only_unlocked(session: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """What the wizard asks before it proposes the keyring: no question may be needed."""
    ask = f'"$PYTHON" -c "{WORKS}"'
    assert session(UNLOCK + ask, PYTHON=sys.executable).stdout.split()[-1] == "True"
    assert session(ask, PYTHON=sys.executable).stdout.split()[-1] == "False"
