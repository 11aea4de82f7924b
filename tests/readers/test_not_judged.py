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
