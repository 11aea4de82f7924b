"""The shell dialects without the shells: what the text may contain, and that it reads back. tests/real runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError

HOSTILE = json.loads((Path(__file__).parent.parent / "vectors" / "hostile.json").read_text())
SPLIT_PROOF = ("bash", "zsh", "sh", "ksh", "tcsh")
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
nasty = st.text(st.sampled_from(" \n\t\r'\"\\$`*?[]=~!;%-.é😀0a"))


def one(dialect: str, value: str) -> str:
    return emit.render(dialect, [("X", value)], [])


@pytest.mark.parametrize("dialect", SPLIT_PROOF)
@given(value=values | nasty)
def test_splitting_and_joining_by_one_space_changes_nothing(dialect: str, value: str) -> None:
    statement = one(dialect, value).removesuffix("\n")
    assert " ".join(re.split(r"[ \t\n]+", statement)) == statement
    assert statement.endswith(";")
    assert not set(statement) & set("*?[]~\r\t\n")


@pytest.mark.parametrize("dialect", ["bash", "sh", "fish", "nu", "powershell"])
@given(value=values.filter(bool))
def test_the_text_is_ascii_with_lf_only(dialect: str, value: str) -> None:
    text = one(dialect, value)
    assert text.isascii()
    assert "\r" not in text
    assert text.count("\n") == 1


def octal(text: str, escape: str) -> str:
    raw = re.sub(rf"\\n|\\{escape}([0-7]{{3}})", lambda m: "\n" if m[0] == r"\n" else chr(int(m[1], 8)), text)
    return raw.encode("latin-1").decode()


@given(value=values | nasty)
def test_bash_text_reads_back(value: str) -> None:
    quoted = re.fullmatch(r"export X=(?:\$?'(.*)'|(.*));\n", one("bash", value))
    assert quoted
    assert octal(quoted[2] or quoted[1] or "", "") == value


@given(value=values | nasty)
def test_posix_text_reads_back(value: str) -> None:
    text = one("sh", value)
    quoted = re.fullmatch(
        r"""export X="\$\(printf %b\. '(.*)'\)"; X="\$\{X%\.\}";\n|export X=(?:'(.*)'|(.*));\n""", text
    )
    assert quoted
    assert octal(next((group for group in quoted.groups() if group is not None), ""), "0") == value


@given(value=values | nasty)
def test_nushell_text_reads_back(value: str) -> None:
    quoted = one("nu", value).removeprefix("$env.X = ").removesuffix(";\n")
    assert re.fullmatch(r'"([^"\\]|\\.)*"', quoted)
    surrogates = re.sub(r"\\u\{(\w+)\}", lambda m: json.dumps(chr(int(m[1], 16)))[1:-1], quoted)
    assert json.loads(surrogates) == value


@given(value=values | nasty)
def test_fish_text_reads_back(value: str) -> None:
    text = one("fish", value).removeprefix("set -gx X ").removesuffix(";\n")
    if text.startswith("'"):
        raw, quoted, rest = b"", False, text
        while rest:
            token = re.match(r"\\X[0-9a-f]{2}|\\n|\\['\\]|'|[ -~]", rest)
            assert token
            rest = rest[token.end() :]
            if token[0] == "'":
                quoted = not quoted
            elif quoted:
                raw += token[0].removeprefix("\\").encode() if token[0] != "\\" else b"\\"
            else:
                raw += b"\n" if token[0] == r"\n" else bytes.fromhex(token[0][2:])
        assert not quoted
        text = raw.decode()
    assert text == value


@given(value=(values | nasty).filter(bool))
def test_powershell_text_reads_back(value: str) -> None:
    expression = one("powershell", value).removeprefix("$env:X = ").removesuffix(";\n")
    tokens = re.findall(r"'((?:[^']|'')*)'(?: \+ |$)|\[char\]0x([0-9a-f]{4}) \+ ", expression)
    assert (
        "".join(f"'{literal}' + " if not unit else f"[char]0x{unit} + " for literal, unit in tokens)
        == f"{expression} + "
    )
    units = [literal.replace("''", "'").encode("utf-16-be") + bytes.fromhex(unit) for literal, unit in tokens]
    assert b"".join(units).decode("utf-16-be") == value


@pytest.mark.parametrize("quote", "'\u2018\u2019\u201a\u201b")
def test_no_single_quote_that_powershell_knows_ends_the_string(quote: str) -> None:
    escaped = "''" if quote == "'" else f"' + [char]0x{ord(quote):04x} + '"
    assert one("powershell", f"a{quote}b") == f"$env:X = 'a{escaped}b';\n"


@pytest.mark.parametrize("value", ["a%b", "a!b", 'a"b', "a\nb", "a\tb", "é", "x" * 8190, ""])
def test_cmd_refuses_what_it_cannot_quote(value: str) -> None:
    with pytest.raises(UsageError, match=r"^cmd cannot carry X: "):
        one("cmd", value)


def test_cmd_keeps_its_metacharacters_between_quotes() -> None:
    assert one("cmd", "a & b | c > d ^ e") == 'set "X=a & b | c > d ^ e"\n'


def test_powershell_refuses_an_empty_value() -> None:
    with pytest.raises(UsageError, match=r"^powershell cannot carry X: "):
        one("powershell", "")


@pytest.mark.parametrize("form", ['eval "$(cat text)"', "eval $(cat text)", ". ./text"])
@pytest.mark.parametrize("options", ["set -eu", "set -euf"])
def test_every_hostile_value_survives_this_machine_s_sh(tmp_path: Path, options: str, form: str) -> None:
    sets = [(f"CGW_T{index:02}", value) for index, value in enumerate(HOSTILE.values())]
    (tmp_path / "text").write_bytes(emit.render("sh", sets, ["CGW_GONE", "CGW_NEVER"]).encode())
    (tmp_path / "opus1").touch()
    dump = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(k + b'=' + v for k, v in os.environb.items()))"
    done = subprocess.run(
        ["/bin/sh", "-c", f'{options}; {form}; exec "$@"', "sh", sys.executable, "-ISc", dump],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "CGW_GONE": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    pairs = (pair.partition(b"=") for pair in done.stdout.split(b"\0"))
    arrived = {name.decode(): value.decode() for name, _, value in pairs if name.startswith(b"CGW_")}
    assert arrived == dict(sets)
