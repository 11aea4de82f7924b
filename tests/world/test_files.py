"""The writer: old bytes or new bytes, links stay links, modes and attributes stay, strangers' changes are seen."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import FileError, RefusedError, TryAgainError
from claude_gw_cli.world import files
from claude_gw_cli.world.atomic import Folder
from claude_gw_cli.world.locks import Lock


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def leftovers(folder: Path) -> list[str]:
    return [item.name for item in folder.rglob("*.cgw-*")]


@pytest.fixture(params=["022", "000", "077"])
def umask(request: pytest.FixtureRequest) -> object:
    before = os.umask(int(request.param, 8))
    yield
    os.umask(before)


@pytest.mark.parametrize("hops", [0, 1, 2, 3])
@pytest.mark.parametrize("relative", [True, False])
def test_links_survive_and_the_final_target_is_written(tmp_path: Path, hops: int, relative: bool) -> None:
    real = tmp_path / "store" / "settings.json"
    real.parent.mkdir()
    real.write_bytes(b"old")
    path = real
    links = []
    for hop in range(hops):
        link = tmp_path / f"d{hop}" / "settings.json"
        link.parent.mkdir()
        link.symlink_to(os.path.relpath(path, link.parent) if relative else path)
        links.append((link, os.readlink(link)))
        path = link
    assert files.replace(str(path), b"new", expected=b"old") == ""
    assert real.read_bytes() == b"new"
    assert not real.is_symlink()
    assert [(link, os.readlink(link)) for link, _ in links] == links
    assert leftovers(tmp_path) == []


def test_a_linked_directory_and_a_dangling_link_lead_to_their_target(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".claude").symlink_to("../dotfiles")
    (tmp_path / "dotfiles" / "settings.json").symlink_to("missing.json")
    path = str(tmp_path / "home" / ".claude" / "settings.json")
    assert files.read_bytes(path) is None
    files.replace(path, b"new", expected=None)
    assert (tmp_path / "dotfiles" / "missing.json").read_bytes() == b"new"
    assert os.readlink(tmp_path / "dotfiles" / "settings.json") == "missing.json"


def test_a_circle_of_links_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(FileError, match="leads back to itself"):
        files.replace(str(tmp_path / "a"), b"", expected=None)


def test_the_mode_of_an_existing_file_is_kept_and_a_new_one_is_private(tmp_path: Path, umask: object) -> None:
    path = tmp_path / "f"
    files.replace(str(path), b"1", expected=None)
    assert mode(path) == 0o600
    for bits in (0o644, 0o666, 0o640):
        path.chmod(bits)
        files.replace(str(path), b"1", expected=b"1")
        assert mode(path) == bits
    files.replace(str(path), b"1", expected=b"1", mode=0o600)
    assert mode(path) == 0o600


def test_private_files_and_directories_are_private_from_the_start(tmp_path: Path, umask: object) -> None:
    folder = tmp_path / "a" / "b"
    files.private_dir(str(folder))
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)
    path = folder / "key"
    path.write_bytes(b"loose")
    path.chmod(0o644)
    inode = path.stat().st_ino
    keep = path.open("rb")  # keeps the old inode's number from being used again
    files.write_private(str(path), b"secret")
    keep.close()
    assert (path.read_bytes(), mode(path)) == (b"secret", 0o600)
    assert path.stat().st_ino != inode


def test_an_open_private_directory_is_tightened(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    files.private_dir(str(tmp_path))
    assert mode(tmp_path) == 0o700


def test_made_directories_have_the_mode_that_was_asked_for(tmp_path: Path, umask: object) -> None:
    files.make_dirs(str(tmp_path / "x" / "y"), 0o755)
    assert mode(tmp_path / "x" / "y") == mode(tmp_path / "x") == 0o755
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError):
        files.make_dirs(str(tmp_path / "file" / "z"), 0o755)


@pytest.mark.parametrize("bits", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_not_read(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"k")
    path.chmod(bits)
    with pytest.raises(RefusedError, match=f"mode {bits:04o}") as caught:
        files.read_private(str(path))
    assert caught.value.hint == f"chmod 600 {path}"
    path.chmod(0o600)
    assert files.read_private(str(path)) == b"k"
    assert files.read_private(str(tmp_path / "none")) is None


def test_what_belongs_to_another_user_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"k")
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(RefusedError, match="belongs to another user"):
        files.read_private(str(path))
    with pytest.raises(RefusedError, match="belongs to another user"):
        files.private_dir(str(tmp_path))


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"1")
    try:
        os.setxattr(path, "user.note", b"mine")
    except (OSError, AttributeError):
        # This file system has none to keep; what must hold then is that the write succeeds all the same.
        files.replace(str(path), b"2", expected=b"1")
        assert path.read_bytes() == b"2"
        return
    files.replace(str(path), b"2", expected=b"1")
    assert os.getxattr(path, "user.note") == b"mine"


@pytest.mark.parametrize(("expected", "there"), [(b"old", b"theirs"), (None, b"theirs"), (b"old", None)])
def test_a_change_by_another_program_is_not_overwritten(
    tmp_path: Path, expected: bytes | None, there: bytes | None
) -> None:
    path = tmp_path / "f"
    if there is not None:
        path.write_bytes(there)
    with pytest.raises(TryAgainError, match="another program"):
        files.replace(str(path), b"new", expected=expected)
    assert files.read_bytes(str(path)) == there
    assert leftovers(tmp_path) == []


def test_the_comparison_comes_after_the_new_bytes_are_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign writer between the read and the rename: as late as can be."""
    path = tmp_path / "f"
    path.write_bytes(b"old")
    check = Folder.check

    def write_first(folder: Folder, expected: tuple[bytes | None]) -> None:
        assert leftovers(tmp_path) != []
        path.write_bytes(b"theirs")
        check(folder, expected)

    monkeypatch.setattr(Folder, "check", write_first)
    with pytest.raises(TryAgainError):
        files.replace(str(path), b"new", expected=b"old")
    assert path.read_bytes() == b"theirs"
    assert leftovers(tmp_path) == []


def test_a_hard_linked_file_is_written_in_place_with_a_copy(tmp_path: Path) -> None:
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_bytes(b"the old content")
    path.chmod(0o644)
    os.link(path, other)
    saved = tmp_path / "saved"

    def save() -> str:
        saved.write_bytes(path.read_bytes())
        return str(saved)

    note = files.replace(str(path), b"new", expected=b"the old content", mode=0o600, backup=save)
    assert "hard link" in note
    assert str(saved) in note
    assert (path.read_bytes(), other.read_bytes(), saved.read_bytes()) == (b"new", b"new", b"the old content")
    assert mode(path) == 0o600
    with pytest.raises(FileError, match="hard link"):
        files.replace(str(path), b"x", expected=b"new")


def test_a_file_is_removed_only_while_it_is_as_expected(tmp_path: Path) -> None:
    path, link = tmp_path / "f", tmp_path / "link"
    path.write_bytes(b"1")
    link.symlink_to("f")
    with pytest.raises(TryAgainError):
        files.remove(str(link), expected=b"2")
    files.remove(str(link), expected=b"1")
    assert not path.exists()
    assert link.is_symlink()


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.mkdir() if kind == "directory" else os.mkfifo(path)
    with pytest.raises(FileError):
        files.read_bytes(str(path))
    with pytest.raises(FileError, match="not a regular file"):
        files.replace(str(path), b"", expected=None)


def test_a_missing_directory_is_an_error_with_the_real_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone/f")
    with pytest.raises(FileError, match="gone/f"):
        files.replace(str(tmp_path / "link"), b"", expected=None)


def test_what_a_killed_run_left_is_swept_after_ten_minutes(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    stale, young, foreign = (
        tmp_path / name for name in ("settings.json.cgw-0011", "settings.json.cgw-2233", "other.json.cgw-4455")
    )
    for item in (stale, young, foreign):
        item.write_bytes(b"secret")
    for item in (stale, foreign):
        os.utime(item, (time.time() - 700, time.time() - 700))
    files.replace(str(path), b"1", expected=None)
    assert [item.exists() for item in (stale, young, foreign)] == [False, True, True]


def test_a_lock_excludes_others_for_a_bounded_time(tmp_path: Path) -> None:
    path = str(tmp_path / "state" / ".lock")
    with Lock(path) as first:
        assert first.held
        with pytest.raises(TryAgainError, match="busy"), Lock(path, timeout=0.1):
            pass
    with Lock(path, timeout=0.1) as again:
        assert again.held
    assert mode(tmp_path / "state") == 0o700


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    path = str(tmp_path / ".lock")
    code = (
        "import sys, time\nfrom claude_gw_cli.world.locks import Lock\n"
        "with Lock(sys.argv[1]):\n print('held', flush=True)\n time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    start = time.monotonic()
    with Lock(path, timeout=5.0):
        assert time.monotonic() - start < 1


def test_twenty_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"")
    code = (
        "import sys\nfrom claude_gw_cli.world import files\nfrom claude_gw_cli.world.locks import Lock\n"
        "with Lock(sys.argv[2], 60):\n old = files.read_bytes(sys.argv[1])\n"
        " files.replace(sys.argv[1], old + sys.argv[3].encode() + b'\\n', expected=old)"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(tmp_path / "s" / ".lock"), str(number)])
        for number in range(20)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 20
    assert sorted(path.read_text().split(), key=int) == [str(number) for number in range(20)]
    assert leftovers(tmp_path) == []


def test_a_racer_that_swaps_links_never_gets_a_write_elsewhere(tmp_path: Path) -> None:
    """P21: the temporary name is unpredictable, and a rename replaces a link instead of following it."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    path = tmp_path / "work" / "f"
    path.parent.mkdir()
    path.write_bytes(b"0")
    racer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "import os, sys\npath, victim = sys.argv[1:]\n"
                "while True:\n"
                " try:\n  os.symlink(victim, path + '.x'); os.replace(path + '.x', path)\n"
                "  open(path + '.y', 'wb').close(); os.replace(path + '.y', path)\n"
                " except OSError: pass"
            ),
            str(path),
            str(victim),
        ]
    )
    outcomes = set()
    deadline = time.monotonic() + 1.5
    try:
        while time.monotonic() < deadline:
            with Folder(str(path)) as folder:
                try:
                    folder.put(b"new", None, expected=(b"",))
                    outcomes.add("written")
                except (TryAgainError, FileError) as error:
                    outcomes.add(type(error).__name__)
            assert victim.read_bytes() == b"untouched"
    finally:
        racer.kill()
        racer.wait()
    assert outcomes


def test_a_file_that_cannot_be_closed_was_read_but_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network file system may report a full disk only then."""
    path = tmp_path / "file"
    files.write_private(str(path), b"old")
    close = os.close

    def fails(handle: int) -> None:
        close(handle)
        raise OSError(28, "No space left on device")

    with Lock(str(tmp_path / "locks" / "lock")):
        monkeypatch.setattr(os, "close", fails)
        assert files.read_private(str(path)) == b"old"
        with pytest.raises(FileError, match="No space left on device"):
            files.write_private(str(path), b"new")
        monkeypatch.setattr(os, "close", close)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["file"]
