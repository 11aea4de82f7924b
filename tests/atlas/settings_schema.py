"""Measure the client's settings schema: ask a running client about every row of the table, and print what differs.

    .venv/bin/python tests/atlas/settings_schema.py 2.1.332

The client re-reads its settings files on the control request ``get_settings`` and answers with what each one still
says and what it dropped, so one start answers thousands of questions. Three things are compared:

* every path of ``facts/settings_schema.py`` x every JSON type, words, bounds: is the file dropped, or the member?
* every name that the package contains, at the top level: does the client know it, and does the table?
* with ``--starts N``: for N of the cells, does the request of a fresh start reach the gateway that the same file
  names? That is what a dropped file costs, and it proves that ``get_settings`` tells the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).parent))

from laboratory import client, run

from claude_gw_cli.core.settings_schema import _row, faults
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.settings_schema import MARKS, NEEDED, Kind, rows_of
from claude_gw_cli.world.client import QUIET

SHAPES: tuple[Any, ...] = (
    "zz-text",
    "",
    "true",
    7,
    -1,
    0,
    0.5,
    1,
    1.5,
    39,
    2**53,
    True,
    False,
    None,
    [],
    {},
    ["zz"],
    [7],
    [{}],
)
DEFAULTS = {"string": "zz", "boolean": True, "integer": 50, "number": 1, "array": [], "object": {}, "null": None}
FITTING = ("zz", "22:00", "https://example.com")
"""Texts of which one fits every pattern."""


class Client:
    """A running client that tells what its user settings file says."""

    def __init__(self, version: str, root: Path) -> None:
        """Start it."""
        self.file = root / "home" / ".claude" / "settings.json"
        self.file.parent.mkdir(parents=True)
        (root / "work").mkdir()
        self.file.write_text("{}")
        env = {**dict(QUIET), "PATH": os.environ["PATH"], "HOME": str(root / "home"), "ANTHROPIC_API_KEY": "x"}
        env["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
        command = ["nice", str(client(version)), "-p", "--verbose"]
        command += ["--input-format", "stream-json", "--output-format", "stream-json"]
        self.process = subprocess.Popen(
            command, cwd=root / "work", env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.asked = 0

    def ask(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the client keeps of a settings file; ``None`` when it drops the file."""
        assert self.process.stdin
        assert self.process.stdout
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"env": {"CGW_MARK": "1"}, **document}))
        new.replace(self.file)
        self.asked += 1
        request = {"type": "control_request", "request_id": str(self.asked), "request": {"subtype": "get_settings"}}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            response = json.loads(line).get("response") or {}
            if response.get("request_id") == str(self.asked):
                sources = response.get("response", {}).get("sources", [])
                return next((item["settings"] for item in sources if item["source"] == "userSettings"), None)
        raise SystemExit(f"the client ended after {self.asked} questions")

    def close(self) -> None:
        """End it."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(20)


def fitting(path: str, kind: Kind) -> Any:
    """A value that the row accepts."""
    if kind.words:
        return kind.words[0]
    if kind.pattern and "string" in kind.types:
        text = next(text for text in FITTING if re.fullmatch(kind.pattern.partition("\n")[0], text))
        return "zy" if path.endswith("secretAccessKeyVar") else text  # the three must have different names
    return DEFAULTS[kind.types[0]]


def documents(version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path that a release knows, with each value that is worth a question, in the smallest document."""
    for path in sorted(MARKS):
        row = _row(path, version)
        if row is None or (path.startswith("@") and "=" in path and _row(path.partition("=")[0], version) is None):
            continue
        kind = row.kind
        values = [*SHAPES, *kind.words, *(word.upper() for word in kind.words)]
        values += [bound + step for bound in (kind.low, kind.high) if bound is not None for step in (-1, 0, 1)]
        for place in _places(path):
            yield from ((path, _document(place, value, version)) for value in values)


def _places(path: str) -> tuple[str, ...]:
    """Where in a document a path is: a shared structure is tried at every member that has it."""
    if not path.startswith("@"):
        return (path,)
    name = re.split(r"[.=\[]", path)[0]
    rest = path[len(name) :]
    users = [
        user
        for user, rows in ((path, rows_of(path)) for path in MARKS)
        for row in rows
        if row.kind.shared == name and not user.startswith("hooks")
    ]
    if name == "@hooks":
        users = ["hooks.PreToolUse", "hooks.PermissionRequest", "hooks.PostToolUse"]
    return tuple(place + rest for user in users for place in (_places(user) if user.startswith("@") else (user,)))


def _document(place: str, value: Any, version: str) -> dict[str, Any]:
    """The smallest document with a value at a place, with the members that the objects on the way must have."""
    words: list[str] = []
    variants: dict[int, str] = {}
    for part in place.replace("[]", ".[]").split("."):
        word, _, variant = part.partition("=")
        words.append(word)
        if variant:
            variants[len(words)] = variant
    document: dict[str, Any] = {}
    node: Any = document
    path = ""
    for index, word in enumerate(words):
        path = path + "[]" if word == "[]" else f"{path}.{word}" if path else word
        last = index == len(words) - 1
        inner: Any = value if last else [] if words[index + 1] == "[]" else {}
        name = "zzName" if word == "*" else word
        if isinstance(node, list):
            node.append(inner)
        else:
            node[name] = inner
        node = inner
        row = _row(path, version) or _row(f"{path.rpartition('.')[0]}.*", version)
        if row and row.kind.shared:
            path = row.kind.shared
        if not last and isinstance(inner, dict):
            row = _row(path, version)
            variant = variants.get(index + 1, "")
            by = row.kind.by if row else ""
            if by:
                inner[by] = variant or {"source": "skills-dir", "type": "command"}[by]
                variant = inner[by]
            for parent in (path, f"{path}={variant}"):
                for needed in NEEDED.get(parent, ()):
                    found = _row(f"{parent}.{needed}", version)
                    if found and needed not in inner and found.needed:
                        inner[needed] = fitting(f"{parent}.{needed}", _resolved(found.kind, version))
            if variant:
                path = f"{path}={variant}" if any(item.startswith(f"{path}={variant}.") for item in MARKS) else path
    return document


def _resolved(kind: Kind, version: str) -> Kind:
    row = _row(kind.shared, version) if kind.shared else None
    return row.kind if row else kind


def compare(version: str) -> int:
    """Print every cell on which the table and the client differ; return how many."""
    wrong = cells = 0
    dropped: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="schema-", ignore_cleanup_errors=True) as name:
        running = Client(version, Path(name))
        for path, document in documents(version):
            ((key, member),) = document.items()
            found = list(faults(key, member, version))
            ours = "file" if any(not fault.alone for fault in found) else "member" if found else "kept"
            kept = running.ask(document)
            same = kept is not None and key in kept and kept[key] == member
            theirs = "file" if kept is None else "kept" if same else "member"
            cells += 1
            if (ours == "file") != (theirs == "file") or (ours == "member" and theirs == "kept"):
                wrong += 1
                print(f"{version} {path}: {json.dumps(document)[:140]}: client {theirs}, table {ours}", flush=True)
            if theirs == "file":
                dropped.append(document)
        wrong += names(version, running)
        running.close()
    print(f"{version}: {cells} cells of {len(MARKS)} paths, {len(dropped)} drop the file, {wrong} differ")
    return wrong


def names(version: str, running: Client) -> int:
    """Print every top-level name that the client knows and the table of known keys does not."""
    package = client(version).parents[1] / "@anthropic-ai"
    places = (package / "claude-code-linux-x64" / "claude", package / "claude-code" / "cli.js")
    data = next(place for place in places if place.exists()).read_bytes()
    words = {word.decode() for word in re.findall(rb'[,{;"(]([a-z][A-Za-z]{2,44})"?:', data)}
    unknown = sorted(words - KNOWN - {"env"})
    found: set[str] = set()
    values: tuple[Any, ...] = ("zz-text", 7, True, None, [], {})
    for value in values:
        for start in range(0, len(unknown), 500):
            found |= _known(running, dict.fromkeys(unknown[start : start + 500], value))
    for name in sorted(found):
        print(f"{version} {name}: the client knows this key, the table does not")
    return len(found)


def _known(running: Client, part: dict[str, Any]) -> set[str]:
    """The members of a document that the client does not pass on unchanged; halves a document that it drops."""
    kept = running.ask(part)
    if kept is not None:
        return {name for name, value in part.items() if name not in kept or kept[name] != value}
    if len(part) == 1:
        return set(part)
    items = list(part.items())
    half = len(items) // 2
    return _known(running, dict(items[:half])) | _known(running, dict(items[half:]))


def starts(version: str, number: int) -> int:
    """Start the client afresh with some of the cells; return how many requests arrive, or not, against the table."""
    wrong = 0
    gateway = {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": "sk-fake-7e1f"}
    cells = random.Random(version).sample(list(documents(version)), number)
    for path, document in cells:
        document.pop("env", None)
        ours = any(not fault.alone for key, member in document.items() for fault in faults(key, member, version))
        seen = run(version, {"user": {"env": gateway, **document}})
        if ours == bool(seen["requests"]):
            wrong += 1
            print(f"{version} {path}: {json.dumps(document)[:140]}: {seen['requests']} requests, table drops: {ours}")
    print(f"{version}: {number} starts, {wrong} differ")
    return wrong


def main() -> int:
    """Compare one or several releases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="+")
    parser.add_argument("--starts", type=int, default=0, metavar="N")
    options = parser.parse_args()
    return 1 if sum(compare(item) + starts(item, options.starts) for item in options.version) else 0


if __name__ == "__main__":
    sys.exit(main())
