"""Read a client's own table of models from its program: python tests/atlas/catalog.py PROGRAM.

From 2.1.195 on the client carries a catalog: each model with its name at every provider, and which model an alias
stands for there. ``catalogs.jsonl.gz`` has what a release says where it differs from the one before;
``test_catalog.py`` compares ``facts/models.txt`` with it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_BEGINNING = re.compile(rb'models:\[\{id:"claude-')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|![01]|[A-Za-z_]\w*(?=:)|[{}\[\],:]|[^{}\[\],:"!]+')
_WANTED = ("aliases", "best", "latest_per_family")
_WINDOW = 200_000


def catalog(program: Path) -> dict[str, Any] | None:
    """The program's catalog, cut down to what decides about a model's name; ``None`` where it has none."""
    data = program.read_bytes()
    for found in _BEGINNING.finditer(data):
        text = data[found.start() : found.start() + _WINDOW].decode("utf-8", "replace")
        whole = _parsed("{" + text)
        if whole and "aliases" in whole:
            models = {
                item["id"]: {
                    "family": item["family"],
                    "names": {key: name for key, name in item["provider_ids"].items() if name},
                    "region": item.get("vertex_region_env_var"),
                }
                for item in whole["models"]
            }
            return {"models": models, **{key: whole[key] for key in _WANTED if key in whole}}
    return None


def _parsed(text: str) -> Any:
    """The JavaScript object literal at the beginning of the text, or ``None`` where there is none."""
    depth = 0
    written: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        depth += (token in "{[") - (token in "}]") if len(token) == 1 else 0
        if token in ("!0", "!1"):
            token = "true" if token == "!0" else "false"
        elif re.fullmatch(r"[A-Za-z_]\w*", token) and text[match.end() : match.end() + 1] == ":":
            token = f'"{token}"'
        elif re.fullmatch(r"\.\d+", token):
            token = f"0{token}"
        written.append(token)
        if depth == 0:
            break
    try:
        return json.loads("".join(written))
    except ValueError:
        return None


if __name__ == "__main__":
    print(json.dumps(catalog(Path(sys.argv[1])), indent=1))
