"""Every test runs isolated: no inherited credential, a new HOME, no colour, the usual umask, no cgw state."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from claude_gw_cli.rules import names

# A busy machine is not a slow function: the suite bounds time where time is the property.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

_CASES = pytest.StashKey[Counter[str]]()
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "CGW_PARTS_DIR", "VIRTUAL_ENV", "CI")


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Replace the inherited environment, HOME and umask; yields the fresh HOME."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name not in KEPT and not name.startswith("PYTEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    inherited = os.umask(0o022)  # a test may set another one; the next test must not get it
    yield home
    os.umask(inherited)
    names._compared.clear()  # one process checks one tree; here one test's thousands of names are not the next one's


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update`` (`make update`) writes golden files and generated pages instead of comparing them."""
    parser.addoption("--update", action="store_true", help="write golden files and generated pages again")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count the cases of each test, those included that the run leaves out (``-m``, ``-k``)."""
    config.stash[_CASES] = Counter(item.nodeid.partition("[")[0] for item in items)


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> Counter[str]:
    """Test -> its number of cases, of everything that was collected."""
    return request.config.stash[_CASES]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, or write the file under ``--update``."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, "if the new text is right, run: make update"

    return compare
