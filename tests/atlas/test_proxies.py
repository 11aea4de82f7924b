"""cgw's reading of the proxy variables and of NO_PROXY against every recorded start of the real client."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.proxies import Way, choose_way, reason
from claude_gw_cli.core.snapshot import Snapshot

sys.path.insert(0, str(Path(__file__).parent))
import proxies

SOURCE = Path(__file__).parents[2] / "src" / "claude_gw_cli"
NAMING = {
    "core/proxies.py": "reads them",
    "facts/proxies.py": "says which release reads which",
    "facts/variables.py": "the table of variables",
    "world/client.py": "gives them to a client that it starts",
    "world/isolated_start.py": "a comment",
    "world/probe/connection.py": "a comment",
    "world/download.py": "advice for people",
    "world/shared_source.py": "names that git inherits, from facts",
    "core/drift.py": "names from facts, which settings may hold",
    "rules/network.py": "advice and examples",
    "rules/settings_env.py": "an example",
    "report/explain.py": "a sentence",
    "helper/standalone.py": "shell text, which takes only exact names",
    "helper/verdict.py": "a comment",
    "secrets/stores.py": "names that a command of a store inherits",
    "facts/transport.py": "a comment",
    "world/laboratory.py": "a comment",
}
"""File -> why the name NO_PROXY is in it; only the first reads the variable."""


def test_every_recorded_start_is_predicted() -> None:
    wrong = [
        f"{proxies.described(row)}: predicted {proxies.predicted(row)}, did {row['way']}"
        for row in proxies.rows()
        if proxies.predicted(row) != row["way"]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_recordings_cover_the_ways() -> None:
    rows = proxies.rows()
    assert {"A", "B", "C", "D", "direct"} <= {row["way"] for row in rows}
    assert len({str((row["url"], row["env"], row.get("settings"))) for row in rows}) >= 200
    for version in ("2.0.45", "2.1.112", "2.1.113", "2.1.278", "2.1.280", "2.1.330"):
        assert {"A", "direct"} <= {row["way"] for row in rows if row["version"] == version}, version


def test_one_file_reads_no_proxy() -> None:
    texts = {str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}
    naming = {name for name, text in texts.items() if re.search("no_proxy", text, re.IGNORECASE)}
    assert naming <= set(NAMING)
    # Elsewhere the name stands in sentences, examples and tables; nothing looks the variable up.
    lookup = re.compile(r"""(?:text|get|site|variables|env|environ)[\[(]\s*["']no_proxy""", re.IGNORECASE)
    assert [name for name in naming if lookup.search(texts[name])] == []


@pytest.mark.parametrize(
    ("variables", "way", "why"),
    [
        ({}, Way("direct"), "no proxy is set"),
        (
            {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x"},
            Way("proxy", "HTTPS_PROXY", "http://p:1", ignored="NO_PROXY"),
            "HTTPS_PROXY is set, and NO_PROXY does not exempt gw.example.com",
        ),
        (
            {"HTTPS_PROXY": "http://p:1", "no_proxy": "a *.example.com"},
            Way("direct", "no_proxy", entry="*.example.com"),
            "no_proxy exempts gw.example.com with the entry *.example.com",
        ),
        (
            {"ANTHROPIC_UNIX_SOCKET": "/s", "HTTPS_PROXY": "http://p:1"},
            Way("socket", "ANTHROPIC_UNIX_SOCKET", "/s"),
            "ANTHROPIC_UNIX_SOCKET names a socket",
        ),
        (
            {"ALL_PROXY": "socks5://p:1"},
            Way("direct", "ALL_PROXY", ignored="ALL_PROXY"),
            "ALL_PROXY is ignored, because it does not name an http or https proxy",
        ),
    ],
)
def test_a_way_says_what_decides(variables: dict[str, str], way: Way, why: str) -> None:
    url = "https://gw.example.com/v1"
    assert choose_way(url, variables, "2.1.330") == way
    assert reason(way, url) == why


@pytest.mark.parametrize(
    ("variables", "version", "sent"),
    [
        ({"HTTPS_PROXY": "socks5://p:1"}, "2.1.332", False),
        ({"http_proxy": "ftp://p:1"}, "2.1.228", False),
        ({"HTTPS_PROXY": "socks5://p:1", "NO_PROXY": "*"}, "2.1.332", True),
        ({"HTTPS_PROXY": "socks5://p:1", "NO_PROXY": "127.0.0.1"}, "2.1.101", False),
        ({"ALL_PROXY": "socks5h://p:1"}, "2.1.332", True),
        ({"HTTPS_PROXY": "https://p:1"}, "2.1.332", True),
        ({"HTTPS_PROXY": "p:1"}, "2.1.332", True),
    ],
)
@pytest.mark.parametrize("url", ["http://127.0.0.1:4000", "https://127.0.0.1:4000"])
def test_a_proxy_of_another_scheme_carries_nothing(
    variables: dict[str, str], version: str, sent: bool, url: str
) -> None:
    env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": "t", **variables}
    found = predict(Snapshot(env, (), "/w", "/h", "/h/.claude", version))
    assert (found.request is not None) is sent
    assert sent or "UnsupportedProxyProtocol" in (found.reason or "")


@pytest.mark.parametrize("url", ["https://[", "https://h:99999", "nonsense", "https://\udcff.example"])
def test_an_address_that_is_none_is_exempted_by_nothing(url: str) -> None:
    found = choose_way(url, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x"}, "2.1.330")
    assert found.kind == "proxy"
    assert reason(found, url).startswith("HTTPS_PROXY is set")


@pytest.mark.parametrize(
    ("password", "sent"), [("50%off", None), ("%", None), ("50%25off", b"u%:50%off"), ("%ff", b"u%:\xff")]
)
def test_a_bare_percent_sign_keeps_user_name_and_password_back(password: str, sent: bytes | None) -> None:
    """Measured with 2.1.332 before a recorder: as a proxy's credential and as the base URL's."""
    expected = sent and f"Basic {b64encode(sent).decode()}"
    proxy = {"ANTHROPIC_BASE_URL": "http://gw.example", "HTTP_PROXY": f"http://u%25:{password}@127.0.0.1:3128"}
    base = {"ANTHROPIC_BASE_URL": f"http://u%25:{password}@127.0.0.1:4000"}
    for variables, header in ((proxy, "proxy-authorization"), (base, "authorization")):
        env = {"ANTHROPIC_API_KEY": "sk-ant-fake", **variables}
        found = predict(Snapshot(env, (), "/w", "/h", "/h/.claude", "2.1.332"))
        assert found.headers[header].text() == expected
