"""The table of models equals the catalogs inside the released clients (catalogs.jsonl.gz, read by catalog.py)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.facts.models import (
    CATALOG,
    FAMILIES,
    MEANS,
    find_model,
    is_known,
    name_at,
    region_variable,
    row_for,
    sent_name,
)

HERE = Path(__file__).parent
with gzip.open(HERE / "catalogs.jsonl.gz", "rt", encoding="utf-8") as _lines:
    CATALOGS = [json.loads(line) for line in _lines]
PROVIDERS = {
    "anthropic": "first_party",
    "bedrock": "bedrock",
    "vertex": "vertex",
    "foundry": "foundry",
    "mantle": "mantle",
    "anthropic-aws": "anthropic_aws",
    "google-cloud": "anthropic_google_cloud",
    "gateway": "gateway",
}
# Models that no cloud has and no alias stands for: their names travel as they are.
LEFT_OUT = "mythos"
# The catalog of 2.1.195 did not decide yet what an alias stands for; the recordings do.
TOO_EARLY = "2.1.195"


def ids(row: dict[str, Any]) -> str:
    return str(row["version"])


@pytest.mark.parametrize("row", CATALOGS, ids=ids)
def test_the_client_knows_the_models_of_the_table_and_no_others(row: dict[str, Any]) -> None:
    known = {model.id for model in CATALOG if is_known(model, row["version"])}
    assert known == {name for name, item in row["models"].items() if item["family"] != LEFT_OUT}


@pytest.mark.parametrize("row", CATALOGS, ids=ids)
def test_every_provider_calls_a_model_what_the_table_says(row: dict[str, Any]) -> None:
    for model in CATALOG:
        names = row["models"].get(model.id, {}).get("names", {})
        for provider in ("bedrock", "vertex", "foundry", "mantle"):
            if names:
                assert names.get(provider, "").removeprefix("us.") == name_at(provider, model)
        if names:
            assert names["first_party"] == model.name


@pytest.mark.parametrize("row", CATALOGS, ids=ids)
def test_a_region_variable_is_the_catalogs(row: dict[str, Any]) -> None:
    for item in row["models"].values():
        if item["region"]:
            assert region_variable(item["names"]["vertex"]) == item["region"]


@pytest.mark.parametrize("row", [row for row in CATALOGS if row["version"] != TOO_EARLY], ids=ids)
@pytest.mark.parametrize("family", FAMILIES)
def test_an_alias_stands_for_what_the_catalog_says(row: dict[str, Any], family: str) -> None:
    entry = row["aliases"][family]
    for provider, theirs in PROVIDERS.items():
        if provider == "google-cloud" and "anthropic_google_cloud" not in json.dumps(row["models"]):
            continue
        wanted = (entry.get("per_provider") or {}).get(theirs, entry["default"])
        if provider == "google-cloud" and theirs not in entry.get("per_provider", {}):
            wanted = entry["default"]
        assert find_model(provider, family, row["version"]) == wanted, provider
        assert sent_name(provider, wanted, row["version"])


@pytest.mark.parametrize("row", [row for row in CATALOGS if "best" in row], ids=ids)
def test_the_best_model_is_the_catalogs(row: dict[str, Any]) -> None:
    assert row_for(MEANS["anthropic", "best"], row["version"]) == row["best"]


def test_a_catalog_is_read_from_a_program(tmp_path: Path) -> None:
    from importlib import util

    spec = util.spec_from_file_location("catalog", HERE / "catalog.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    program = tmp_path / "claude"
    program.write_bytes(
        b'\x7fELF\0var a={models:[{id:"claude-x-1",family:"x",context:{native:!0,share:.5},'
        b'provider_ids:{first_party:"claude-x-1-2026",bedrock:"us.anthropic.x",vertex:null}}],'
        b'aliases:{x:{default:"claude-x-1"}},best:"x"};more\0'
    )
    assert module.catalog(program) == {
        "models": {
            "claude-x-1": {
                "family": "x",
                "names": {"first_party": "claude-x-1-2026", "bedrock": "us.anthropic.x"},
                "region": None,
            }
        },
        "aliases": {"x": {"default": "claude-x-1"}},
        "best": "x",
    }
    program.write_bytes(b"no catalog")
    assert module.catalog(program) is None
