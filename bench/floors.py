"""What a command cannot do without, measured by itself: an interpreter, libraries, and modules with nothing in them.

Nobody has to believe a sentence about what is possible here: each row is a command line that anyone can repeat.
"""

from __future__ import annotations

import compileall
import subprocess
from collections.abc import Mapping, Sequence

from house import House
from timing import Row


def imports(house: House, *names: str) -> Row:
    """An interpreter that imports some modules, and does nothing."""
    code = f"import {', '.join(names)}"
    return Row(f"python -c '{code}'", [str(house.bin / "python"), "-c", code], house.env)


def floor(house: House, words: Sequence[str], libraries: str, more: Mapping[str, str] | None = None) -> Row:
    """As many empty modules as cgw imports for a command line, and the libraries that it needs; ends as cgw does.

    Args:
        house: where cgw is installed.
        words: of the command line.
        libraries: names of modules, separated by commas; one that is not there is no error of the command.
        more: variables of the command.
    """
    python = str(house.bin / "python")
    command = [python, "-X", "importtime", str(house.bin / "cgw"), *words]
    done = subprocess.run(
        command, env=house.env | dict(more or {}), cwd=house.work, capture_output=True, text=True, check=False
    )
    count = sum(line.rpartition("|")[2].strip().startswith("claude_gw_cli") for line in done.stderr.splitlines())
    folder = house.folder / "empty"
    folder.mkdir(exist_ok=True)
    names = [f"empty{number}" for number in range(count)]
    for name in names:
        folder.joinpath(f"{name}.py").write_text("from __future__ import annotations\n")
    compileall.compile_dir(folder, quiet=2)
    every = ", ".join([*names, *filter(None, libraries.split(", "))])
    code = f"import gc; gc.set_threshold(20_000); import {every}; import os; os._exit(0)"
    name = f"{count} empty modules" + (f", {libraries}" if libraries else "")
    return Row(name, [python, "-c", code], house.env | {"PYTHONPATH": str(folder)})
