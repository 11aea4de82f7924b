"""Coverage-guided fuzzing of one target: python tests/fuzz/fuzz.py TARGET [RUNS]

Needs atheris: pip install atheris. It ends when the target was run RUNS times with this code (100,000); stopped with
Ctrl-C, it continues there the next time.

New inputs are kept in build/fuzz/TARGET; what breaks a promise is written to build/fuzz/crash-*, and its minimised
form belongs into tests/fuzz/seeds/TARGET.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import atheris

TOP = Path(__file__).parent.parent.parent
sys.path.insert(0, str(TOP))
with atheris.instrument_imports(include=["claude_gw_cli"]):
    import claude_gw_cli

    for room in ("core", "readers", "rules", "secrets", "report"):  # they are imported on demand otherwise
        for module in pkgutil.walk_packages([f"{claude_gw_cli.__path__[0]}/{room}"], f"claude_gw_cli.{room}."):
            if not module.name.endswith("keyring_child"):
                importlib.import_module(module.name)
    from tests.fuzz.targets import TARGETS
    from tests.soak import executions, keep_executions

    from claude_gw_cli.facts.settings_keys import KNOWN
    from claude_gw_cli.facts.variables import VARIABLES

name, runs = sys.argv[1], int([*sys.argv, "100000"][2])
corpus, seeds = TOP / "build" / "fuzz" / name, TOP / "tests" / "fuzz" / "seeds" / name
corpus.mkdir(parents=True, exist_ok=True)
words = corpus.parent / "words"  # what mutation would hardly find: the client's names, YAML's tags
tags = ("!!bool ", "!!int ", "!!float ", "!!binary ", "!!timestamp ", "!!omap ", "!!pairs ", "!!set ", "!!null ")
known = sorted(word for word in {*VARIABLES, *KNOWN} if word.isidentifier())
words.write_text("".join(f'"{word}"\n' for word in (*known, *tags)))
count = executions(name)
limits = [
    f"-runs={runs - count}", "-timeout=5", "-rss_limit_mb=300", "-max_len=8192", f"-dict={words}",
    "-print_final_stats=1",
]  # fmt: skip


def counted(data: bytes) -> None:
    global count  # noqa: PLW0603  # the fuzzer ends the process; nothing is returned to
    TARGETS[name](data)
    count += 1
    if count % 10_000 == 0 or count == runs:
        keep_executions(name, count)


if count < runs:
    atheris.Setup(
        [sys.argv[0], str(corpus), str(seeds), *limits, f"-artifact_prefix={corpus.parent}/crash-{name}-"], counted
    )
    atheris.Fuzz()
