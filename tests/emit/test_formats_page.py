from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("formats_page", Path(__file__).with_name("write_formats_page.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
formats_page = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(formats_page)


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        formats_page.write()
    assert formats_page.PAGE.read_text(encoding="utf-8") == formats_page.page()
