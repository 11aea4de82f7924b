"""A profile's text is changed member by member: what is not about a change stays as it was written."""

from __future__ import annotations

import contextlib

import pytest

from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.world.profile_layout import rewritten

FULL = """# A cgw profile.
provider = "unified"  # the API
gateway_url = 'https://gw.example'
models = { opus = "o", haiku = "h" } # inline

# of mine
[env]
"A.B" = "1" # quoted
words = [ "a", # one
  "b" ]

# the server
[vault]
address = "https://v"
# end
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ({"provider": "bedrock"}, '"unified"  # the API', '"bedrock"  # the API'),
        ({"region": "us-east-1"}, "# inline\n", '# inline\nregion = "us-east-1"\n'),
        ({"models": {"opus": "o", "haiku": "x"}}, '"h" }', '"x" }'),
        ({"env": {"A.B": "2", "words": ["a", "b"]}}, '"1" # quoted', '"2" # quoted'),
        ({"vault": {"address": "https://v", "auth": "jwt"}}, 'v"\n', 'v"\nauth = "jwt"\n'),
        ({"env": None}, FULL[FULL.index("\n# of mine") : FULL.index("\n# the server")], ""),
    ],
)
def test_a_change_leaves_comments_order_and_layout(
    change: dict[str, object], old: str, new: str, newline: str
) -> None:
    data = {key: value for key, value in (from_toml(FULL) | change).items() if value is not None}
    text = rewritten(FULL.replace("\n", newline), data, "work.toml")
    assert text == FULL.replace(old, new).replace("\n", newline)
    assert from_toml(text) == data


@pytest.mark.parametrize("text", ["[[a]]\nx = 1\n[[a]]\nx = 2\n", "a = [{x = 1}, {x = 2}]\n"])
def test_what_cannot_be_changed_is_refused_and_never_written_otherwise(text: str) -> None:
    changes: tuple[dict[str, object], ...] = ({"a": [{"x": 1}]}, {"a": {}}, {"a": {"x": 1}}, {"a": [1]}, {})
    for data in changes:
        with contextlib.suppress(UsageError):
            assert from_toml(rewritten(text, data, "work.toml")) == data
