"""What a file does not say of a value is unknown, at exactly its place."""

from __future__ import annotations

import pytest

from claude_gw_cli.readers import dotenv, editors, mise
from claude_gw_cli.readers.common import Text, Unknown

CASES: dict[str, tuple[str, Text]] = {
    "behind an escaped quote": (r"A='it\'s ${NAME} here'", ("it's ", Unknown("${NAME}"), " here")),
    "behind two of them": (r"A='\'a\' ${B}${C}'", ("'a' ", Unknown("${B}"), Unknown("${C}"))),
    "alone": ("A='${NAME}'", (Unknown("${NAME}"),)),
    "in double quotes": (r'A="\"x\" $NAME"', ('"x" ', Unknown("$NAME"))),
    "bare": ("A=a$(b)c # d", ("a", Unknown("$(b)"), "c")),
}


@pytest.mark.parametrize("name", CASES)
def test_in_an_env_file(name: str) -> None:
    text, value = CASES[name]
    assert [item.value for item in dotenv.assignments(text)] == [value]


def test_in_an_editors_settings_and_in_mise() -> None:
    settings = '{"remoteEnv": {"A": "x${localEnv:B}y"}}'
    assert [item.value for start in editors.read(settings) for item in start.assignments] == [
        ("x", Unknown("${localEnv:B}"), "y")
    ]
    found = [item.value for start in mise.read('[env]\nA = "x{{ env.B }}$$y$C"\n') for item in start.assignments]
    assert found == [("x", Unknown("{{ env.B }}"), "$y", Unknown("$C"))]
