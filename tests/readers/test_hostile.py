"""Files made to harm, through every reader of the table: a word about the file; no traceback, hang or big memory."""

from __future__ import annotations

import json
import os
import resource
from contextlib import suppress
from pathlib import Path

import pytest

from claude_gw_cli import readers
from claude_gw_cli.cli.check import check
from claude_gw_cli.core.errors import FileError
from claude_gw_cli.readers.common import NotReadableError

ROWS = {row.module: row for row in (*readers.READERS, *readers._BY_CONTENT)}
LINE = "ANTHROPIC_BASE_URL"
# Begun and never ended, again and again.
UNITS = [
    *"{[(\"'`\\<\t\r", "$(", "${", "{{", "/*", "<<EOF\n", "'''", '"""', "''", "- ", "A=", 'A="\n', "A: {", "A: [",
    "? ", "&a ", "export A='", "if x; then ", "f() { ", 'echo "$(', '@"\n', "<#", "set -gx A ", "<dict>", "a.",
    "[a]\n", "a:\n\tb\n",
    f"{LINE}=", f'{LINE}="', f"{LINE}: ", f'"{LINE}": ', f"- name: {LINE}\n  value: x\n", f'$env:{LINE}="', "then",
    f'set "{LINE}=', f'ENV {LINE}="', 'run: echo "\n', "withEnv([", "environment {", "x: &a [*a]\n", "A=$(cat <<E\n",
    f"export {LINE}=x\n",
]  # fmt: skip
SIZE = 3_000
MOST_MEMORY = 200_000
"""KB in addition to what the tests had before."""


@pytest.mark.parametrize("module", ROWS)
def test_no_reader_is_harmed_by_a_text(module: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for unit in UNITS:
        body = unit * (SIZE // len(unit))
        for text in (body, f"{LINE}=x\n{body}", f"{body}\n{LINE}=x\n"):
            with suppress(NotReadableError):
                readers.read(ROWS[module], text, f"x/{module}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY


@pytest.mark.parametrize("module", ROWS)
@pytest.mark.parametrize("text", [f"{LINE}=x\n\0", f"\n\n{LINE}: \ud800"], ids=["NUL", "half a character"])
def test_what_is_not_text_is_said_with_its_line(module: str, text: str) -> None:
    with pytest.raises(NotReadableError, match=f"line {1 + text.count(chr(10))}: not a text"):
        readers.read(ROWS[module], text, f"x/{module}")


@pytest.mark.parametrize("name", [".env", "a.sh", "Dockerfile", "Makefile", "package.json", "values.yaml", "a.tf"])
def test_what_is_not_a_file_is_not_waited_for(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / name)
    assert check(paths=(str(tmp_path),), format_="json") == 0
    assert json.loads(capfd.readouterr().out)["checked"] == []
    with pytest.raises(FileError, match="not a regular file"):
        check(paths=(str(tmp_path / name),))


@pytest.mark.parametrize("data", [b"\xff\xfe" + f"{LINE}=x".encode("utf-16-le"), b"\xfe\xff\0A", b"\xef\xbb\xbfA=1"])
@pytest.mark.parametrize("module", sorted({row.endings.split()[0] for row in readers.READERS if row.endings}))
def test_an_encoding_is_no_reason_to_stop(
    isolated: Path, tmp_path: Path, module: str, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"a.{module}").write_bytes(data + b"\n" + f"{LINE}=http://x/v1\n".encode() + b"\xe9\xff")
    assert check(paths=(str(tmp_path),), format_="json") in {0, 1}
    assert json.loads(capfd.readouterr().out)["schema_version"] == 1
