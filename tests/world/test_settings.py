"""Settings files on disk: apply, undo and status with real files, records and backups."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_gw_cli.core.errors import FileError, TryAgainError, UsageError
from claude_gw_cli.core.merge import Entry, Patch
from claude_gw_cli.world import files, ownership
from claude_gw_cli.world import settings as world
from claude_gw_cli.world.ownership import Store
from claude_gw_cli.world.settings import Place

CANARY = "cgw-canary-4711"
PLAIN = Patch((Entry(("env", "URL"), "http://gw"), Entry(("env", "USE"), ""), Entry(("apiKeyHelper",), "")))
SECRET = Patch((Entry(("env", "URL"), "http://gw"), Entry(("env", "TOKEN"), CANARY, secret=True)))

CORPUS: dict[str, bytes] = {
    "two spaces": b'{\n  "theme": "dark",\n  "env": {\n    "URL": "mine"\n  }\n}\n',
    "four spaces": b'{\n    "env": {\n        "A": "b"\n    }\n}\n',
    "tabs": b'{\n\t"env": {\n\t\t"A": "b"\n\t}\n}\n',
    "CRLF": b'{\r\n  "env": {\r\n    "URL": "mine"\r\n  }\r\n}\r\n',
    "BOM": b'\xef\xbb\xbf{"env": {"URL": 1}}',
    "UTF-16": '\ufeff{"env": {"A": "\u00e9"}}\n'.encode("utf-16-le"),
    "stray bytes": b'{"note": "\xff\xfe caf\xe9", "env": {"USE": "\xc3"}}',
    "no final newline": b'{\n  "a": 1\n}',
    "minified": b'{"a":[1,2,{"b":null}],"env":{"A":"b"}}',
    "odd layout": b' {"a" :1\n,"env"\t:{ "URL":"x" , "Z" : 2 } , "b":[ ] }\n\n',
    "numbers": b'{"a": 1.0, "b": 1e5, "c": -0, "d": 123456789012345678901234567890, "e": 1E+2}',
    "escapes": b'{"\\u0061": "\\u00e9\\/\\ud83d\\ude00\\ud800", "env": {"URL": "\\u006d"}}',
    "duplicates": b'{"env": {"URL": "one", "URL": "two"}, "a": 1, "a": 2, "env": {"URL": "three", "B": "4"}}',
    "empty object": b"{}",
    "spaced object": b"{ \n }\n",
    "empty file": b"",
    "blank file": b" \n",
    "unknown keys": b'{"zz": {"deep": [[[{"x": {}}]]]}, "permissions": {"allow": ["Bash(ls:*)"]}}\n',
    "deep": b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "five megabytes": b'{\n  "list": [\n'
    + b",\n".join([b'    {"k": "some text", "n": 1.50}'] * 150_000)
    + b"\n  ]\n}\n",
}


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def user_file(tmp_path: Path, data: bytes | None = None) -> Place:
    path = tmp_path / "claude" / "settings.json"
    if data is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return Place("user", str(path), files.target(str(path)))


def content(where: Place) -> bytes:
    return Path(where.path).read_bytes()


def edit(where: Place, **env: str) -> None:
    data = json.loads(content(where))
    data["env"].update(env)
    Path(where.path).write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("name", "patch"),
    [(name, PLAIN) for name in CORPUS] + [(name, SECRET) for name in CORPUS if name != "five megabytes"],
)
def test_undo_gives_back_every_byte_and_the_mode(tmp_path: Path, state: str, name: str, patch: Patch) -> None:
    where = user_file(tmp_path, CORPUS[name])
    Path(where.path).chmod(0o644)
    assert world.apply(where, patch, "p", state).written
    assert content(where) != CORPUS[name]
    assert stat.S_IMODE(os.stat(where.path).st_mode) == (0o600 if patch is SECRET else 0o644)
    undone = world.undo(where, state)
    assert undone is not None
    assert undone.written
    assert content(where) == CORPUS[name]
    assert stat.S_IMODE(os.stat(where.path).st_mode) == 0o644


@given(
    st.dictionaries(st.sampled_from(["env", "a", "URL"]), st.dictionaries(st.text(max_size=3), st.text(max_size=3))),
    st.sampled_from([None, 2, "\t"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_undo_gives_back_any_document(
    tmp_path: Path, value: dict[str, object], indent: int | str | None, mark: bytes
) -> None:
    data = mark + json.dumps(value, indent=indent).encode()
    where = user_file(tmp_path, data)
    state = str(tmp_path / "state")
    world.apply(where, PLAIN, "p", state)
    world.apply(where, SECRET, "q", state)
    world.undo(where, state)
    assert content(where) == data


def test_applying_twice_does_not_touch_the_disk(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, CORPUS["CRLF"])
    world.apply(where, SECRET, "p", state)

    def stamps() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file()
        }

    before = stamps()
    time.sleep(0.02)
    again = world.apply(where, SECRET, "p", state)
    assert (again.written, again.merged.changes) == (False, ())
    assert stamps() == before


def test_a_file_that_cgw_created_goes_with_undo(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path)
    world.apply(where, PLAIN, "p", state)
    assert stat.S_IMODE(os.stat(where.path).st_mode) == 0o600
    assert world.undo(where, state) is not None
    assert not Path(where.path).exists()
    assert world.undo(where, state) is None


def test_a_file_that_cgw_created_stays_when_somebody_uses_it(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path)
    world.apply(where, PLAIN, "p", state)
    edit(where, THEIRS="1")
    world.undo(where, state)
    assert json.loads(content(where)) == {"env": {"THEIRS": "1"}}


def test_folders_that_cgw_made_go_with_undo_while_they_are_empty(tmp_path: Path, state: str) -> None:
    path = str(tmp_path / "there" / "a" / "b" / "settings.json")
    (tmp_path / "there").mkdir()
    where = Place("managed", path, path)
    world.apply(where, PLAIN, "p", state)
    world.apply(where, SECRET, "p", state)
    world.undo(where, state)
    assert list((tmp_path / "there").iterdir()) == []
    world.apply(where, PLAIN, "p", state)
    (tmp_path / "there" / "a" / "theirs").touch()
    world.undo(where, state)
    assert [item.name for item in (tmp_path / "there").rglob("*")] == ["a", "theirs"]


def test_a_folder_that_was_there_before_stays(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path)
    os.mkdir(os.path.dirname(where.path))
    world.apply(where, PLAIN, "p", state)
    world.undo(where, state)
    assert os.path.isdir(os.path.dirname(where.path))


def partly_undone(tmp_path: Path, state: str) -> Place:
    """Somebody changed URL, and undo left it."""
    where = user_file(tmp_path, b'{"env": {"URL": "mine", "B": "1"}}')
    world.apply(where, PLAIN, "p", state)
    edit(where, URL="theirs", NEW="n")
    undone = world.undo(where, state)
    assert undone is not None
    assert undone.merged.conflicts == (("env", "URL"),)
    assert json.loads(content(where)) == {"env": {"URL": "theirs", "B": "1", "NEW": "n"}}
    return where


def test_what_undo_left_can_still_be_taken_back_by_force(tmp_path: Path, state: str) -> None:
    where = partly_undone(tmp_path, state)
    assert world.status(where, state) == world.Status("p", ((("env", "URL"), "left"),))
    again = world.undo(where, state)
    assert again is not None
    assert (again.written, again.merged.conflicts) == (False, (("env", "URL"),))
    assert world.undo(where, state, force=True) is not None
    assert json.loads(content(where)) == {"env": {"URL": "mine", "B": "1", "NEW": "n"}}
    assert world.undo(where, state, force=True) is None


def test_after_an_undo_that_left_something_apply_begins_anew(tmp_path: Path, state: str) -> None:
    where = partly_undone(tmp_path, state)
    left = content(where)
    assert world.apply(where, PLAIN, "q", state).merged.conflicts == ()
    assert {kind for _, kind in world.status(where, state).members} == {"ok"}  # type: ignore[union-attr]
    world.undo(where, state)
    assert content(where) == left


def test_what_undo_left_and_somebody_deleted_is_forgotten(tmp_path: Path, state: str) -> None:
    where = partly_undone(tmp_path, state)
    Path(where.path).write_bytes(b"{}")
    assert world.status(where, state) is None
    world.undo(where, state)
    assert content(where) == b"{}"
    assert world.undo(where, state) is None


def test_undo_of_another_profile_is_refused(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b"{}")
    world.apply(where, PLAIN, "p", state)
    before = content(where)
    with pytest.raises(UsageError, match="was written from profile 'p', not 'q'"):
        world.undo(where, state, profile="q")
    assert content(where) == before
    assert world.undo(where, state, profile="p") is not None


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\n  []", ":2:3: the top level of a settings file must be an object, not an array"),
        (b'"x"', ":1:1: the top level of a settings file must be an object, not a plain value"),
        (b'{"a": 1,\n "env": []}', ":2:9: /env must be an object, not an array"),
        (b'{"env": null}', ":1:9: /env must be an object, not a plain value"),
    ],
)
def test_what_is_no_object_is_named_with_its_place(tmp_path: Path, state: str, data: bytes, place: str) -> None:
    where = user_file(tmp_path, data)
    with pytest.raises(UsageError) as applied:
        world.apply(where, PLAIN, "p", state)
    with pytest.raises(UsageError) as previewed:
        world.preview(where, PLAIN, state)
    assert applied.value.message == previewed.value.message == where.path + place
    assert content(where) == data


def test_undo_names_what_took_the_place_of_the_object(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b"{}")
    world.apply(where, PLAIN, "p", state)
    Path(where.path).write_bytes(b'"x"')
    with pytest.raises(UsageError, match=":1:1: the top level of a settings file must be an object"):
        world.undo(where, state)


def test_an_edit_of_our_member_stops_apply_and_shows_in_status(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b"{}")
    assert world.status(where, state) is None
    world.apply(where, PLAIN, "p", state)
    assert {kind for _, kind in world.status(where, state).members} == {"ok"}  # type: ignore[union-attr]
    edit(where, URL="theirs")
    found = world.status(where, state)
    assert found is not None
    assert (found.profile, found.members[0]) == ("p", (("env", "URL"), "changed"))
    other = Patch((Entry(("env", "URL"), "http://other"),))
    before = content(where)
    outcome = world.apply(where, other, "q", state)
    assert (outcome.written, outcome.merged.conflicts) == (False, (("env", "URL"),))
    assert content(where) == before
    assert world.apply(where, other, "q", state, force=True).written
    assert json.loads(content(where))["env"] == {"URL": "http://other"}


def test_a_change_while_we_write_is_merged_and_not_lost(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign writer between our read and our replace, once."""
    where = user_file(tmp_path, b'{"a": 1}')
    replace, calls = files.replace, []

    def late(path: str, data: bytes, **options: object) -> str:
        calls.append(path)
        if len(calls) == 1:
            Path(path).write_bytes(b'{"a": 1, "theirs": true}')
        return replace(path, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "replace", late)
    assert world.apply(where, PLAIN, "p", state).written
    assert json.loads(content(where))["theirs"] is True
    assert json.loads(content(where))["env"]["URL"] == "http://gw"
    world.undo(where, state)
    assert content(where) == b'{"a": 1, "theirs": true}'


def test_a_file_that_never_stands_still_is_left_to_the_other_program(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = user_file(tmp_path, b"{}")
    replace, counter = files.replace, iter(range(100))

    def late(path: str, data: bytes, **options: object) -> str:
        Path(path).write_bytes(b'{"n": %d}' % next(counter))
        return replace(path, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "replace", late)
    with pytest.raises(TryAgainError):
        world.apply(where, PLAIN, "p", state)
    assert content(where) == b'{"n": 4}'
    assert world.status(where, state) is None


@pytest.mark.parametrize("data", [b'{"a": 1,}', b"// x\n{}", b"[1]", b'{"env": "x"}', b"null"])
def test_what_cannot_be_merged_is_refused_and_left_alone(tmp_path: Path, state: str, data: bytes) -> None:
    where = user_file(tmp_path, data)
    with pytest.raises(UsageError) as caught:
        world.apply(where, PLAIN, "p", state)
    assert where.path in caught.value.message
    assert content(where) == data
    assert not list(Path(tmp_path).rglob("record.json"))


def test_a_record_holds_no_value_and_everything_of_ours_is_private(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b'{"env": {"TOKEN": "users-own-key"}}')
    world.apply(where, SECRET, "p", state)
    world.apply(where, Patch((*SECRET.entries, *PLAIN.entries[1:])), "p", state)
    for path in Path(state).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        if path.is_file():
            data = path.read_bytes()
            assert CANARY.encode() not in data, path
            assert b"users-own-key" not in data or path.name[:1].isdigit(), path
    assert oct(os.stat(state).st_mode)[-3:] == "700"


def test_equal_files_of_two_people_have_unequal_records(tmp_path: Path) -> None:
    """P10: digests are keyed, so that a weak key cannot be found by trying."""
    where = user_file(tmp_path, b"{}")
    marks = set()
    for state in (str(tmp_path / "s1"), str(tmp_path / "s2")):
        marks.add(Store(state, where.target).digest(CANARY))
        assert Store(state, where.target).digest("") not in marks
    assert len(marks) == 2


def test_every_content_that_was_not_ours_is_backed_up_once(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b'{"a": 1}')
    world.apply(where, PLAIN, "p", state)
    world.undo(where, state)
    world.apply(where, PLAIN, "p", state)
    edit(where, THEIRS="1")
    edited = content(where)
    world.apply(where, SECRET, "p", state)
    backups = {path.read_bytes() for path in Path(state).rglob("2*.json")}
    assert {b'{"a": 1}', edited} <= backups
    assert len([path for path in Path(state).rglob("2*.json") if path.read_bytes() == b'{"a": 1}']) == 1


def test_old_backups_are_dropped_but_never_the_one_that_undo_needs(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "_KEPT_BACKUPS", 3)
    where = user_file(tmp_path, b'{"first": true}')
    for number in range(8):
        world.apply(where, Patch((Entry(("env", "URL"), str(number)),)), "p", state)
        store = Store(state, where.target)
        store.keep(b"copy %d" % number)
    world.apply(where, Patch((Entry(("env", "URL"), "last"),)), "p", state)
    assert len(list(Path(state).rglob("2*.json"))) <= 4
    world.undo(where, state)
    assert content(where) == b'{"first": true}'


@pytest.mark.parametrize("moment", ["before the write", "after the write"])
@pytest.mark.parametrize("then", ["undo", "apply", "edit and undo"])
def test_a_run_that_was_killed_is_understood_by_the_next(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch, moment: str, then: str
) -> None:
    original = b'{\n  "env": {"URL": "mine"}\n}'
    where = user_file(tmp_path, original)
    world.apply(where, Patch((Entry(("env", "OLD"), "1"),)), "old", state)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> str:
        raise Killed

    with monkeypatch.context() as patched:
        if moment == "before the write":
            patched.setattr(files, "replace", die)
            patched.setattr(Store, "withdraw", lambda _: None)
        else:
            patched.setattr(Store, "confirm", die)
        with pytest.raises(Killed):
            world.apply(where, PLAIN, "new", state)

    found = world.status(where, state)
    assert found is not None
    assert found.profile == ("old" if moment == "before the write" else "new")
    assert {kind for _, kind in found.members} == {"ok"}
    if then == "apply":
        world.apply(where, PLAIN, "new", state)
        assert json.loads(content(where))["env"] == {"URL": "http://gw", "USE": ""}
    if then == "edit and undo":
        edit(where, THEIRS="1")
        world.undo(where, state)
        assert json.loads(content(where)) == {"env": {"URL": "mine", "THEIRS": "1"}}
        return
    world.undo(where, state)
    assert content(where) == original


def test_an_undo_that_was_killed_before_it_forgot_is_no_conflict(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = user_file(tmp_path, b'{"env": {"URL": "mine"}}')
    world.apply(where, PLAIN, "p", state)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "forget", lambda _: None)
        world.undo(where, state)
    again = world.undo(where, state)
    assert again is not None
    assert (again.written, again.merged.conflicts) == (False, ())
    assert content(where) == b'{"env": {"URL": "mine"}}'


def test_a_missing_backup_is_said_and_nothing_is_guessed(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b'{"env": {"URL": "mine"}}')
    world.apply(where, PLAIN, "p", state)
    for path in Path(state).rglob("2*.json"):
        path.unlink()
    before = content(where)
    with pytest.raises(FileError, match="is missing, so the changes"):
        world.undo(where, state)
    assert content(where) == before


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("damaged", [b"", b"{", b"{}", b'{"env": {"URL": "other"}}', b"\xff\xfe\0", b"[" * 100_000])
def test_a_backup_that_is_not_what_was_saved_is_named_and_not_used(
    damaged: bytes, edited: bool, tmp_path: Path, state: str
) -> None:
    where = user_file(tmp_path, b'{"env": {"URL": "mine"}}')
    world.apply(where, PLAIN, "p", state)
    if edited:
        Path(where.path).write_bytes(content(where).replace(b"{", b'{"theme": "dark",', 1))
    for path in Path(state).rglob("2*.json"):
        path.write_bytes(damaged)
    before = content(where)
    with pytest.raises(FileError, match=r"backup .* is not what cgw saved"):
        world.undo(where, state, force=True)
    with pytest.raises(FileError, match=r"backup .* is not what cgw saved"):
        world.apply(where, PLAIN, "q", state)
    assert content(where) == before


def test_a_backup_that_is_damaged_is_not_taken_for_the_next_one(tmp_path: Path, state: str) -> None:
    before = b'{"env": {"URL": "mine"}}'
    where = user_file(tmp_path, before)
    world.apply(where, PLAIN, "p", state)
    world.undo(where, state)
    for path in Path(state).rglob("2*.json"):
        path.write_bytes(b"{}")
    world.apply(where, PLAIN, "p", state)
    assert world.undo(where, state) is not None
    assert content(where) == before


@pytest.mark.parametrize("kind", ["pipe", "directory", "loop", "endless"])
def test_another_backup_that_is_no_file_does_not_stop_an_undo(kind: str, tmp_path: Path, state: str) -> None:
    before = b'{"env": {"URL": "mine"}}'
    where = user_file(tmp_path, before)
    world.apply(where, PLAIN, "p", state)
    other = next(Path(state).rglob("2*.json")).with_name("20200101T000000Z-0000000000000000.json")
    if kind == "pipe":
        os.mkfifo(other)
    elif kind == "directory":
        other.mkdir()
    else:
        other.symlink_to(other.name if kind == "loop" else "/dev/zero")
    world.undo(where, state)
    assert content(where) == before
    assert world.status(where, state) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 99}'])
def test_an_unreadable_record_is_said(tmp_path: Path, state: str, text: str) -> None:
    where = user_file(tmp_path, b"{}")
    world.apply(where, PLAIN, "p", state)
    next(Path(state).rglob("record.json")).write_text(text)
    with pytest.raises(FileError, match="not a record"):
        world.status(where, state)


def test_the_same_file_through_another_link_has_the_same_record(tmp_path: Path, state: str) -> None:
    where = user_file(tmp_path, b"{}")
    world.apply(where, PLAIN, "p", state)
    link = tmp_path / "link.json"
    link.symlink_to(where.path)
    assert world.undo(Place("user", str(link), files.target(str(link))), state) is not None
    assert content(where) == b"{}"
    assert link.is_symlink()


def test_after_undo_no_copy_of_an_old_key_is_left(tmp_path: Path, state: str) -> None:
    data = b'{"env": {"ANTHROPIC_AUTH_TOKEN": "sk-old-canary-0123456789"}}'
    where = user_file(tmp_path, data)
    world.apply(where, PLAIN, "p", state, force=True)
    assert any(b"sk-old-canary" in path.read_bytes() for path in Path(state).rglob("*") if path.is_file())
    world.undo(where, state)
    assert content(where) == data
    assert not any(b"sk-old-canary" in path.read_bytes() for path in Path(state).rglob("*") if path.is_file())
