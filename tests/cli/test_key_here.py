"""A key that is not there, or that nobody may use, is told by each command that writes something for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

URL = "https://llm.example.com"
CASES = {
    "no file": ("file://~/none", "there is no key file", "cgw secret set file://"),
    "empty": ("file://~/empty", "returned an empty key", "cgw secret set file://~/empty"),
    "two words": ("file://~/words", "whitespace at character 2", "cgw secret set file://~/words"),
    "open": ("file://~/open", "is open to other users", "chmod 600"),
    "variable": ("env://LLM_KEY", "the variable LLM_KEY is not set", "export LLM_KEY"),
    "variable with a field": ("env://LLM_KEYS#a", "the variable LLM_KEYS is not set", "export LLM_KEYS"),
    "keyring": ("keyring://cgw/x", "no keyring works here", "cgw profile set w --secret file://"),
}
WRITES = {
    "init": (
        "init",
        "w",
        "--provider",
        "unified",
        "--gateway-url",
        URL,
        "--auth",
        "helper",
        "--yes",
        "--scope",
        "user",
    ),
    "apply": ("settings", "apply", "--profile", "w"),
    "switch": ("switch", "w", "--yes"),
    "helper install": ("helper", "install", "w"),
}


@pytest.fixture
def keys(isolated: Path) -> Path:
    for name, text, mode in (
        ("empty", "\n", 0o600),
        ("words", "a b", 0o600),
        ("open", "k", 0o644),
        ("good", "k", 0o600),
    ):
        file = isolated / name
        file.write_text(text)
        file.chmod(mode)
    return isolated


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize("case", CASES)
def test_a_key_that_cannot_be_used_is_told_with_the_next_step(
    cgw: Callable[..., Any], keys: Path, case: str, command: str
) -> None:
    reference, problem, step = CASES[case]
    result = cgw(*WRITES["init"], "--secret", reference)
    if command != "init":
        result = cgw(*WRITES[command])
    _, found, told = result.err.partition("Claude Code gets no key yet: ")
    assert found
    assert problem in told.splitlines()[0]
    assert step in told


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize("reference", ["file://~/good", "env://LLM_KEY", "exec:cat good"])
def test_a_key_that_is_there_or_that_only_a_program_knows_is_not_missed(
    cgw: Callable[..., Any], keys: Path, monkeypatch: pytest.MonkeyPatch, reference: str, command: str
) -> None:
    monkeypatch.setenv("LLM_KEY", "sk-1234567890")
    result = cgw(*WRITES["init"], "--secret", reference)
    if command != "init":
        result = cgw(*WRITES[command])
    assert "gets no key" not in result.err


def test_init_without_a_scope_says_it_too(cgw: Callable[..., Any], keys: Path) -> None:
    assert "is open to other users" in cgw("init", URL, "--secret", "file://~/open", "--yes").err
    told = cgw("init", URL, "--secret", "file://~/none", "--yes").err
    assert "store the key:    cgw secret set file://~/none" in told
    assert "gets no key" not in told, "one step, once"
