"""Run inside a session bus of its own: prints what each situation of a Secret Service gives, as one JSON object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import secretstorage

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

KEY = "sk-service-0123456789"
RING, TOOL = "keyring://cgw/work", "secret-tool://service/cgw/username/work"


def ask(reference: str, **hostile: str) -> object:
    start = time.monotonic()
    try:
        pinned = pin(reference, Context(Grant("typed"), os.environ))
        found: object = resolve(
            pinned.reference, Context(Grant("typed"), {**os.environ, **hostile}, tables=pinned.tables)
        ).value.reveal()
    except CgwError as error:
        found = [error.exit_code if error.hint else 0, error.message]
    assert time.monotonic() - start < 20, f"{reference} took {time.monotonic() - start:.0f} s"
    return found


def store(label: str, value: str, *attributes: str) -> None:
    words = ["secret-tool", "store", "--label", label, *attributes]
    subprocess.run(words, input=value, text=True, check=True)


def main() -> None:
    found: dict[str, object] = {}
    subprocess.run(["gnome-keyring-daemon", "--start", "--components=secrets"], capture_output=True, check=False)
    found["no default collection"] = [ask(RING), ask(TOOL)]
    unlock = ["gnome-keyring-daemon", "--unlock", "--replace", "--components=secrets"]
    subprocess.run(unlock, input="\n", text=True, capture_output=True, check=False)
    bus = secretstorage.dbus_init()
    collection = secretstorage.get_default_collection(bus)
    found["missing"] = [ask(RING), ask(TOOL)]
    store("a", KEY, "service", "cgw", "username", "work")
    found["present"] = [ask(RING), ask(TOOL)]
    found["hostile"] = [
        ask(text, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere", XDG_RUNTIME_DIR="/nowhere", DISPLAY=":9")
        for text in (RING, TOOL)
    ]
    collection.create_item("b", {"service": "binary", "username": "x"}, b"\x00\xff\xfe")
    found["binary"] = [ask("keyring://binary/x"), ask("secret-tool://service/binary")]
    store("c", KEY + "\n", "service", "line")
    store("d", "null", "service", "null")
    store("e", '{"key": "x"}', "service", "json")
    found["text"] = [ask(f"secret-tool://service/{name}") for name in ("line", "null", "json")]
    store(
        "h", '{"key": "sk-field-0123456789", "n": 1}', "service", "fields", "username", "me", "url", "https://x/y?a#b"
    )
    found["field"] = [
        ask(text) for text in ("keyring://fields/me#key", "secret-tool://url/https:%2F%2Fx%2Fy%3Fa%23b#key")
    ]
    found["not a field"] = [ask("keyring://fields/me#n"), ask("secret-tool://service/fields#nope")]
    store("i", f"{KEY}\nsecond", "service", "lines", "username", "me")
    found["lines"] = [ask("keyring://lines/me"), ask("secret-tool://service/lines")]
    store("j", KEY, "service", "/led", "username", "me")
    store("k", "sk-other-0123456789", "service", "led", "username", "me")
    found["slash"] = [ask("keyring:///led/me"), ask("secret-tool://service/%2Fled/username/me")]
    found["not text"] = [ask(text) for text in ("keyring://fields/me#n", "secret-tool://service/fields#n")]
    store("f", "sk-one-0123456789", "app", "llm", "user", "me")
    store("g", "sk-two-0123456789", "app", "llm", "user", "you")
    found["ambiguous"] = [ask("secret-tool://app/llm"), ask("secret-tool://app/llm/user/you")]
    found["odd"] = [ask("secret-tool://app/llm/user")]
    collection.lock()
    found["locked"] = [ask(RING), ask(TOOL)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
