"""`cgw check` of profiles: every fault at its place and once, directories of profiles; and the managed directory."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check
from claude_gw_cli.core.errors import UsageError

FAULTY = """provider = "unifid"
gateway_url = "http:/gw.example.com"
secret = "gw-4f1c9a7e22b0"
[models]
opos = "opus"
[headers]
"a b" = "c"
"""
SPOILT = [  # text of a profile -> line and column of each fault, and what is said first
    (FAULTY, [(1, 1), (2, 1), (3, 1), (5, 1), (7, 1)], "unknown provider 'unifid'"),
    ('provider = "unified\n', [(1, 20)], "this file is not valid TOML: invalid basic string"),
    ('gateway_url = "https://gw.example.com"\nprovidr = "unified"\n', [(2, 1)], "unknown key 'providr'"),
    ('\nprovider = "bedrock"\ncredentials = "client"\nkey_header = "authorization"\n', [(4, 1)], "profile team: the"),
    ('gateway_url = "https://gw.example.com"\nsecret = "env://K"\n', [(None, None)], "provider is missing"),
]


@pytest.mark.parametrize(("text", "places", "said"), SPOILT)
def test_every_fault_of_a_profile_is_named_once_at_its_place(
    isolated: Path,
    tmp_path: Path,
    text: str,
    places: list[tuple[int | None, int | None]],
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "profiles" / "team.toml"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    for way in (path, path.parent):
        assert check(paths=(str(way),), format_="json") == 1
        found = json.loads(capfd.readouterr().out)
        seen = [item for item in found["findings"] if item["code"] == "CGW530"]
        assert [(item["line"], item["column"]) for item in seen] == places
        assert seen[0]["message"].startswith(said)
        assert not [item["message"] for item in seen if "team.toml" in item["message"] or "line" in item["message"]]
        assert found["checked"] == [str(path)]
    check(paths=(str(path),))
    lines = capfd.readouterr().out.splitlines()
    shown = [(lines[at - 1], line) for at, line in enumerate(lines) if line.endswith("^")]
    assert len(shown) == sum(line is not None for line, _ in places)
    for above, below in shown:
        assert above[below.index("^") - 1 :].strip(), "the caret is under the line or right behind its end"


def test_a_directory_of_profiles_is_searched_for_them_alone(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = 'provider = "unified"\nsecret = "env://K"\n'
    for name, text in {
        "team.toml": good,
        "sub/other.toml": 'gateway_url = "https://gw.example.com"\n' + good,
        "profiles/one.toml": 'provider = "unified"\n',
        "settings.toml": 'provider = "postgres"\n[secret]\nsecret = "x"\n',
        "pyproject.toml": '[project]\nname = "x"\n[tool.x]\nprovider = "a"\nsecret = "b"\n',
        "broken.toml": "name = \n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    check(paths=(str(tmp_path),), format_="json")
    found = json.loads(capfd.readouterr().out)["checked"]
    assert sorted(os.path.relpath(name, tmp_path) for name in found) == [
        "profiles/one.toml",
        "sub/other.toml",
        "team.toml",
    ]


def test_every_fault_of_a_repositorys_profile_is_named(
    isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    text = 'provider = "unified"\nname = "x"\n[env]\nPATH = "/x"\nNODE_OPTIONS = "--x"\n'
    (tmp_path / "cgw.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    for paths in ((), ("cgw.toml",)):
        check(paths=paths, format_="json", managed_dir=str(tmp_path))
        found = json.loads(capfd.readouterr().out)["findings"]
        assert [item["line"] for item in found if item["code"] == "CGW530"] == [2, 4, 5]


def test_a_managed_directory_that_is_a_file_or_missing(
    isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "managed-settings.json").write_text("{}")
    with pytest.raises(UsageError, match="is a file"):
        check(managed_dir="managed-settings.json")
    assert check(managed_dir="none") == 0
    assert "none does not exist, so no managed settings are checked" in capfd.readouterr().err
    check(managed_dir=str(tmp_path))
    assert "does not exist" not in capfd.readouterr().err
