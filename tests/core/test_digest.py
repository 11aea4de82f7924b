"""The digests are those of the standard library, which is too slow to import."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.digest import hmac_sha256_hex, sha256_hex


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_the_digests_are_those_of_the_standard_library(key: bytes, data: bytes) -> None:
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
    assert hmac_sha256_hex(key, data) == hmac.new(key, data, "sha256").hexdigest()
