"""P56: undo where the record is lost, or the file has another path now; and a working directory that is gone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.cli.commands import COMMANDS
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK

SRC = Path(__file__).parent.parent.parent / "src" / "claude_gw_cli"
BEFORE = b'{"model":"opus","env":{"MINE":"1"}}'


@pytest.fixture
def applied(isolated: Path) -> Path:
    """A home in which a profile was applied."""
    settings = isolated / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_bytes(BEFORE)
    line = ("init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:4000", "--secret", "env://K")
    assert run([*line]) == EXIT_OK
    assert run(["settings", "apply", "--scope", "user", "--profile", "work"]) == EXIT_OK
    return isolated


@pytest.mark.parametrize("keeps_profile", [True, False], ids=["profile", "new machine"])
def test_undo_without_a_record_says_what_remains(
    applied: Path, capsys: pytest.CaptureFixture[str], *, keeps_profile: bool
) -> None:
    shutil.rmtree(applied / ".local/state/cgw")
    if not keeps_profile:
        shutil.rmtree(applied / ".config/cgw")
    written = (applied / ".claude/settings.json").read_bytes()
    capsys.readouterr()
    assert run(["settings", "undo"]) == EXIT_FINDINGS
    said = capsys.readouterr().err
    assert "no record" in said
    assert "/env/CLAUDE_CODE_USE_BEDROCK" in said
    assert "/apiKeyHelper" in said
    assert ("/env/ANTHROPIC_BASE_URL" in said) == keeps_profile
    assert "/env/MINE" not in said
    assert (applied / ".claude/settings.json").read_bytes() == written, "nothing is guessed"


@pytest.mark.parametrize("text", [BEFORE, b"", b"{", b'{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:4000"}}'])
def test_what_was_never_cgws_is_not_called_so(isolated: Path, text: bytes) -> None:
    run(["init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:4000", "--secret", "env://K"])
    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_bytes(text)
    assert run(["settings", "undo"]) == EXIT_OK


@pytest.mark.parametrize("edit", [False, True], ids=["as it was", "edited since"])
def test_a_home_that_was_moved_can_be_undone(
    applied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, edit: bool
) -> None:
    moved = tmp_path / "moved"
    applied.rename(moved)
    monkeypatch.setenv("HOME", str(moved))
    settings = moved / ".claude/settings.json"
    if edit:
        document = json.loads(settings.read_text())
        settings.write_text(json.dumps(document | {"theme": "dark"}))
    assert run(["settings", "apply", "--scope", "user", "--profile", "work"]) == EXIT_OK
    assert run(["settings", "undo"]) == EXIT_OK
    expected = json.loads(BEFORE) | ({"theme": "dark"} if edit else {})
    assert json.loads(settings.read_text()) == expected
    assert edit or settings.read_bytes() == BEFORE
    assert run(["settings", "undo"]) == EXIT_OK, "the record is gone with it"


def test_a_copy_of_a_home_is_not_the_home(
    applied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the first file is there, the record is its own."""
    other = tmp_path / "other.json"
    shutil.copy(applied / ".claude/settings.json", other)
    assert run(["settings", "undo", "--out", str(other)]) == EXIT_FINDINGS
    assert "no record" in capsys.readouterr().err


_DAMAGE = {
    **{f"no {name}": name for name in ("file", "profile", "base", "existed", "mode", "before", "written", "owned")},
    **{f"{name} of another type": name for name in ("file", "base", "owned", "written")},
}


@pytest.mark.parametrize("case", _DAMAGE)
@pytest.mark.parametrize("command", ["undo", "apply --scope user --profile work", "status", "diff --profile work"])
def test_a_damaged_record_is_an_error_and_changes_nothing(applied: Path, case: str, command: str) -> None:
    [record] = (applied / ".local/state/cgw/settings").glob("*/record.json")
    document = json.loads(record.read_text())
    if case.startswith("no "):
        del document[_DAMAGE[case]]
    else:
        document[_DAMAGE[case]] = [1]
    record.write_text(json.dumps(document))
    written = (applied / ".claude/settings.json").read_bytes()
    assert run(["settings", *command.split()]) in {1, 2, 74}
    assert (applied / ".claude/settings.json").read_bytes() == written


def test_a_base_is_a_file_of_the_records_own_directory(applied: Path) -> None:
    [record] = (applied / ".local/state/cgw/settings").glob("*/record.json")
    secret = applied / "elsewhere.json"
    secret.write_text('{"model": "stolen"}')
    secret.chmod(0o600)
    record.write_text(json.dumps(json.loads(record.read_text()) | {"base": "../../../../../elsewhere.json"}))
    assert run(["settings", "undo"]) == 74
    assert b"stolen" not in (applied / ".claude/settings.json").read_bytes()


def test_the_working_directory_is_asked_for_in_one_place() -> None:
    found = [path for path in SRC.rglob("*.py") if "getcwd(" in path.read_text() or ".cwd()" in path.read_text()]
    assert [path.name for path in found] == ["paths.py"], "world.paths.working_dir knows what to do where it is gone"


LINES = (
    "status", "profile list", "check", "explain", "env", "settings status", "settings undo", "doctor",
    "gateway snippet", "helper list", "settings diff", "profile show work", "facts show", "uninstall --dry-run",
    "check .", "profile export work --out x.toml",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_working_directory_that_is_gone_is_no_bug(
    line: str, isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert line.split(maxsplit=1)[0] in {name.split()[0] for name in COMMANDS}
    run(["init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--secret", "env://K"])
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("PWD", str(gone))
    gone.rmdir()
    with pytest.raises(OSError, match="directory"):
        os.getcwd()
    capsys.readouterr()
    code = run(line.split())
    assert code in {0, 1, 2, 69, 74, 77}
    assert "internal error" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["work", "work.spec", "work.standalone"])
def test_a_directory_in_a_helpers_place_does_not_stop_the_uninstallation(applied: Path, name: str) -> None:
    assert run(["profile", "set", "work", "auth=helper"]) == EXIT_OK
    for other in ("a", "work", "z"):
        assert run(["profile", "export", "work", "--out", str(applied / f"{other}.toml")]) == EXIT_OK
        if other != "work":
            assert run(["init", other, "--from", str(applied / f"{other}.toml"), "--yes"]) == EXIT_OK
        assert run(["helper", "install", other]) == EXIT_OK
    place = applied / ".config/cgw/helpers" / name
    place.unlink(missing_ok=True)
    (place / "below").mkdir(parents=True)
    assert run(["uninstall", "--yes"]) == EXIT_OK
    assert (applied / ".claude/settings.json").read_bytes() == BEFORE
    assert not (applied / ".config/cgw").exists()
