"""Run the tests under coverage, child processes included: ``make coverage``. The floor is in pyproject.toml.

Tests clear the environment of the processes that they start, so a variable would not reach them. A ``.pth`` file in
the virtual environment does: it starts the measurement in every Python that starts there while this runs.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

TOP = Path(__file__).parent.parent
PLACE = TOP / "build" / "coverage"
CONFIG = PLACE / "coverage.toml"
HOOK = Path(sysconfig.get_path("purelib")) / "zz_measure_coverage.pth"

# What these tests hold is that nothing heavy is imported at start, and the measurement itself is heavy.
LEFT_OUT = ("tests/test_hot_paths.py", "tests/emit/test_render.py::test_the_room_is_light_enough_for_the_hot_path")


def main() -> int:
    """Measure, print the table, and return the exit code: that of the tests, else 2 below the floor."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for path in PLACE.iterdir():
        path.unlink()
    # Children run in other folders, so the places are absolute. `patch` keeps what exec and _exit would lose.
    CONFIG.write_text(
        "[tool.coverage.run]\n"
        f'data_file = "{PLACE}/data"\n'
        f'source_dirs = ["{TOP}/src/claude_gw_cli"]\n'
        'parallel = true\npatch = ["execv", "_exit"]\nsigterm = true\ndisable_warnings = ["no-data-collected"]\n'
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the hook is removed in that case, too
    start = f"import os, coverage; os.environ['COVERAGE_PROCESS_START'] = {str(CONFIG)!r}"
    HOOK.write_text(f"{start}; coverage.process_startup(); del os.environ['COVERAGE_PROCESS_START']\n")
    deselected = [f"--deselect={name}" for name in LEFT_OUT]
    try:
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *deselected, *sys.argv[1:]], cwd=TOP, check=False
        )
    finally:
        HOOK.unlink()
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "combine", "--quiet", f"--rcfile={CONFIG}"], cwd=PLACE, check=True)
    report = [*coverage, "report", f"--data-file={PLACE / 'data'}", f"--rcfile={TOP / 'pyproject.toml'}"]
    floor = subprocess.run(report, cwd=TOP, check=False)
    return tests.returncode or floor.returncode


if __name__ == "__main__":
    sys.exit(main())
