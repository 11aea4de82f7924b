"""What the parser of shell texts is given, and that values and places are those of the text itself."""

from __future__ import annotations

import pytest

from claude_gw_cli import readers
from claude_gw_cli.readers.common import NotReadableError
from claude_gw_cli.readers.shelltree import parsable

SHELL = next(reader for reader in readers.READERS if reader.module == "shell")


@pytest.mark.parametrize(
    "text", ["", "a=b", "é ü \u00ff", "世界 = ${X}", "ő\u0100", "😀😀 a", "\udcff b \udc80", "’x’\n–\ufeff"]
)
def test_it_gets_no_character_beyond_latin_1_and_as_many_bytes(text: str) -> None:
    given = parsable(text)
    assert len(given) == len(text.encode("utf-8", "surrogateescape"))
    assert all(ord(char) < 0x100 or "\udc80" <= char <= "\udcff" for char in given.decode("utf-8", "surrogateescape"))
    assert [at for at, byte in enumerate(given) if byte < 0x80 and chr(byte) != "x"] == [
        at for at, byte in enumerate(text.encode("utf-8", "surrogateescape")) if byte < 0x80 and chr(byte) != "x"
    ]


@pytest.mark.parametrize("letters", ["世界", "😀", "ő–’", "é"])
def test_values_names_and_places_are_those_of_the_text(letters: str) -> None:
    text = (
        f'# {letters}\necho {letters}; export ANTHROPIC_MODEL={letters}-1 ANTHROPIC_LOG="{letters} $HOME{letters}"\n'
    )
    text += f"cat <<EOF\n{letters} ANTHROPIC_MODEL=no\nEOF\n{letters}=1\nexport ANTHROPIC_BASE_URL='https://{letters}.example'\n"
    found = [item for start in readers.read(SHELL, text, "/w/.bashrc") for item in start.assignments]
    known = {item.name: (item.value, item.line) for item in found}
    assert known["ANTHROPIC_MODEL"] == ((f"{letters}-1",), 2)
    assert known["ANTHROPIC_BASE_URL"] == ((f"https://{letters}.example",), 7)
    value = known["ANTHROPIC_LOG"][0] or ()
    assert (value[0], value[-1]) == (f"{letters} ", letters)
    assert letters not in known


@pytest.mark.parametrize("part", ['"', "`", "$x", "a=b\n", "é"])
def test_a_script_whose_tree_would_fill_the_memory_is_passed_over(part: str) -> None:
    with pytest.raises(NotReadableError, match="a script of more than 512 KB"):
        readers.read(SHELL, "export ANTHROPIC_MODEL=x\n" + part * (700_000 // len(part)), "/w/.bashrc")
