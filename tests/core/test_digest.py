"""The digest is that of the standard library, which is too slow to import."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.digest import sha256_hex


@given(st.binary(max_size=300))
def test_the_digest_is_that_of_the_standard_library(data: bytes) -> None:
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
