"""``keyring://`` through its child process: pinned back ends, typed errors, no hang. Real stores: tests/real."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.reference import parse
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.secrets import Context, keyring, resolve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")


def test_without_a_session_bus_the_error_is_immediate_and_names_three_ways_out() -> None:
    start = time.monotonic()
    with pytest.raises(UnavailableError) as caught:
        resolve("keyring://cgw/work", Context(Grant("typed"), {"PATH": os.environ["PATH"]}))
    assert time.monotonic() - start < 8
    assert "no usable keyring" in caught.value.message
    assert all(way in caught.value.hint for way in ("file://", "vault://", "dbus-run-session"))


@pytest.mark.parametrize(
    "dotted", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "os.PathLike", "no.Such"]
)
def test_a_back_end_that_keeps_nothing_or_is_none_is_refused(dotted: str) -> None:
    with pytest.raises(CgwError, match="back end cannot be loaded"):
        resolve(f"keyring://cgw/work?backend={dotted}", Context(Grant("typed"), {"PATH": os.environ["PATH"]}))


def test_an_unknown_short_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        keyring.backend(parse("keyring://cgw/work?backend=gnome"))
    assert "secretservice" in caught.value.hint


def test_the_environment_cannot_choose_a_back_end() -> None:
    env = {"PATH": os.environ["PATH"], "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    with pytest.raises(UnavailableError, match="no usable keyring"):
        keyring.store(parse("keyring://cgw/work"), Secret("sk-canary-01234"), Context(Grant("typed"), env))


def test_a_bus_that_does_not_answer_ends_at_the_deadline(tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        start = time.monotonic()
        context = Context(
            Grant("typed"),
            {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/bus"},
            start + 2,
        )
        with pytest.raises(UnavailableError, match=r"no usable keyring|in time"):
            resolve("keyring://cgw/work", context)
        assert time.monotonic() - start < 6


def test_attributes_may_hold_a_slash_and_other_marks() -> None:
    words = keyring._attributes(parse("secret-tool://url/https:%2F%2Fx%2Fy%3Fa%23b/n/100%25"))
    assert words == ["url", "https://x/y?a#b", "n", "100%"]


@pytest.mark.parametrize("act", ["store", "delete"])
def test_a_field_cannot_be_stored_or_removed(act: str) -> None:
    context = Context(Grant("typed"), {"PATH": os.environ["PATH"]})
    reference = parse("keyring://cgw/work#key")
    with pytest.raises(UsageError, match="does not store or remove"):
        keyring.store(reference, Secret("x"), context) if act == "store" else keyring.delete(reference, context)
