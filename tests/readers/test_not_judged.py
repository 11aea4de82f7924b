"""Files that are passed over: each is named with the reason, and nothing is called well without being read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

TEMPLATES = {
    "chart/templates/deployment.yaml": "{{ if x }}\nkind: Pod\nANTHROPIC_BASE_URL: {{ .Values.url }}\n{{ end }}\n",
    ".bashrc.j2": "{% if x %}\nexport ANTHROPIC_BASE_URL={{ url }}/v1\n{% endif %}\n",
    "dot_zshrc.tmpl": 'export ANTHROPIC_BASE_URL="{{ .url }}/v1"\n',
    ".env.erb": "ANTHROPIC_BASE_URL=<%= url %>/v1\n",
    "compose.yml.j2": "services:\n  a: {environment: {ANTHROPIC_BASE_URL: '{{ url }}/v1'}}\n",
    "cgw.json": '{"ANTHROPIC_MODEL": {{ model }} }\n',
    "settings.json.tmpl": '{"env": {"ANTHROPIC_BASE_URL": "{{ .url }}/v1"}}\n',
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_not_judged(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEMPLATES[name])
    for way in (path, tmp_path):
        assert check(paths=(str(way),), format_="json") == 0
        found = json.loads(capfd.readouterr().out)
        assert (found["checked"], found["findings"]) == ([], [])
        ((file, reason),) = (item.values() for item in found["not_judged"])
        assert file == str(path)
        assert reason.startswith("a template (")
        assert reason.endswith(": another program fills in its values")
        assert check(paths=(str(way),)) == 0
        said = capfd.readouterr().err
        assert "not judged" in said
        assert "All well" not in said


def test_many_files_are_counted_by_kind(isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(12):
        (tmp_path / f"{number}.json").write_text("\n" * number + '{"ANTHROPIC_MODEL": ')
        (tmp_path / f"{number}.yaml").write_text("\n" * number + "kind: Pod\n{{ if x }}\nANTHROPIC_MODEL: {{ x }}\n")
    assert check(paths=(str(tmp_path),)) == 0
    said = " ".join(capfd.readouterr().err.split())
    assert "24 files" in said
    assert "12 not a readable JSON file with variables" in said
    assert "12 a template (Kubernetes manifest)" in said
    assert said.endswith("Nothing was checked.")


UTF_16 = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
LINES = {
    ".env": "ANTHROPIC_BASE_URL=http://gw.example.com\n",
    "a.sh": "export ANTHROPIC_BASE_URL=http://gw.example.com\n",
    "a.json": '{"ANTHROPIC_BASE_URL": "http://gw.example.com"}\n',
    "a.ps1": "$env:ANTHROPIC_BASE_URL = 'http://gw.example.com'\n",
}


@pytest.mark.parametrize("encoding", UTF_16)
@pytest.mark.parametrize("name", LINES)
def test_utf_16_is_read_where_its_program_reads_it_and_named_elsewhere(
    isolated: Path, tmp_path: Path, name: str, encoding: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(UTF_16[encoding] + LINES[name].encode(encoding))
    for way in (path, tmp_path):
        check(paths=(str(way),), format_="json")
        found = json.loads(capfd.readouterr().out)
        if name == "a.ps1":
            assert [(item["code"], item["line"]) for item in found["findings"]] == [("CGW306", 1)]
        else:
            ((file, reason),) = (item.values() for item in found["not_judged"])
            assert (file, reason.partition(": ")[2]) == (str(path), "UTF-16; save it as UTF-8")


def test_another_program_s_utf_16_is_not_named(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe" + "A=1\n".encode("utf-16-le"))
    assert check(paths=(str(tmp_path),), format_="json") == 0
    assert json.loads(capfd.readouterr().out)["not_judged"] == []


@pytest.mark.parametrize("name", LINES)
def test_a_byte_order_mark_is_no_part_of_the_first_name(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + LINES[name].encode())
    for way in (path, tmp_path):
        assert check(paths=(str(way),), format_="json") == 1
        found = json.loads(capfd.readouterr().out)["findings"]
        assert [(item["code"], item["line"]) for item in found] == [("CGW306", 1)]


def test_an_env_file_that_compose_names_is_not_passed_over_in_silence(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compose.yml").write_text("services:\n  a: {image: x, env_file: team.txt}\n")
    (tmp_path / "team.txt").write_bytes(b"ANTHROPIC_MODEL=a\0b\n")
    assert check(paths=(str(tmp_path / "compose.yml"),), format_="json") == 0
    ((_, reason),) = (item.values() for item in json.loads(capfd.readouterr().out)["not_judged"])
    assert reason == "not a readable env file: line 1: not a text"
