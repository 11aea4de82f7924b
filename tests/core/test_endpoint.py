from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core import endpoint
from claude_gw_cli.core.endpoint import exposure, gateway_root
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan

BASES = {
    "https://gw": ("https://gw", "https://gw/anthropic", "https://gw/bedrock", "https://gw/vertex_ai/v1"),
    "https://gw/": ("https://gw", "https://gw/anthropic", "https://gw/bedrock", "https://gw/vertex_ai/v1"),
    "https://gw/v1": ("https://gw", "https://gw/anthropic", "https://gw/bedrock", "https://gw/vertex_ai/v1"),
    " https://gw/v1/messages ": (
        "https://gw",
        "https://gw/anthropic",
        "https://gw/bedrock",
        "https://gw/vertex_ai/v1",
    ),
    "https://gw:8443/llm": (
        "https://gw:8443/llm",
        "https://gw:8443/llm/anthropic",
        "https://gw:8443/llm/bedrock",
        "https://gw:8443/llm/vertex_ai/v1",
    ),
    "http://[::1]:4000": (
        "http://[::1]:4000",
        "http://[::1]:4000/anthropic",
        "http://[::1]:4000/bedrock",
        "http://[::1]:4000/vertex_ai/v1",
    ),
}


@pytest.mark.parametrize("typed", BASES)
def test_base_url_gets_what_the_provider_needs_and_no_version_twice(typed: str) -> None:
    found = tuple(
        make_plan(Profile("p", provider, gateway_url=typed)).base_url
        for provider in ("unified", "anthropic", "bedrock", "vertex")
    )
    assert found == BASES[typed]


@pytest.mark.parametrize(
    ("provider", "typed", "wanted"),
    [
        ("anthropic", "https://gw/anthropic", "https://gw/anthropic"),
        ("anthropic", "https://gw/anthropic/v1", "https://gw/anthropic"),
        ("bedrock", "https://gw/x/bedrock/", "https://gw/x/bedrock"),
        ("vertex", "https://gw/vertex_ai", "https://gw/vertex_ai/v1"),
        ("vertex", "https://gw/vertex_ai/v1/", "https://gw/vertex_ai/v1"),
    ],
)
def test_a_path_that_is_already_there_is_not_appended_again(provider: str, typed: str, wanted: str) -> None:
    assert make_plan(Profile("p", provider, gateway_url=typed)).base_url == wanted


@pytest.mark.parametrize(
    ("provider", "path", "wanted"),
    [
        ("vertex", "/gcp/v1", "https://gw/api/gcp/v1"),
        ("bedrock", "", "https://gw/api"),
        ("unified", "/llm/v1", "https://gw/api/llm"),
        ("unified", "/api", "https://gw/api"),
    ],
)
def test_base_path_replaces_the_providers_own(provider: str, path: str, wanted: str) -> None:
    profile = Profile("p", provider, gateway_url="https://gw/api", base_path=path)
    assert make_plan(profile).base_url == wanted


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("gw.example.com", "not an http(s) address"),
        ("ftp://gw", "not an http(s) address"),
        ("https://", "not an http(s) address"),
        ("https://gw?x=1", "query or fragment"),
        ("https://gw/#a", "query or fragment"),
        ("https://gw/a b", "whitespace"),
        ("https://gw:port", "port"),
        ("", "not an http(s) address"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_with_the_reason(typed: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        gateway_root(typed)
    assert word in caught.value.message.lower()


@pytest.mark.parametrize(
    "typed",
    ["https://user:{}@gw", "ftp://user:{}@gw", "https://gw/?key={}", "https://gw/v1?a=1&sig={}", "https://gw/#{}",
     "https://gw#t={}?x", "https://user:{}@[::bad", "https://user:{}@gw:port", "user:{}@gw", "https://gw:{}/",
     "https://us\u2100er:{}@gw\u2100", "https://gw/a b?key={}", "https://{}@gw/?x"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["sk-very-secret-Zq9xW2aB4417", "hunter2-4417-aB9xZqW2Lm"])
def test_credentials_in_the_address_are_refused_without_repeating_them(typed: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        gateway_root(typed.format(key))
    assert key not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("host", "readers"),
    [
        ("localhost", "none"),
        ("127.0.0.1", "none"),
        ("127.8.9.1", "none"),
        ("::1", "none"),
        ("0.0.0.0", "none"),
        ("litellm", "inside"),
        ("10.0.0.7", "inside"),
        ("100.64.1.2", "inside"),
        ("ai.tail1234.ts.net", "inside"),
        ("llm.home.arpa", "inside"),
        ("gw.corp", "inside"),
        ("gw.svc", "inside"),
        ("fd00::7", "inside"),
        ("llm.example.com", "public"),
        ("127.0.0.1.example.com", "public"),
        ("8.8.8.8", "public"),
    ],
)
def test_who_could_read_plain_http_to_a_host(host: str, readers: str) -> None:
    assert exposure(host) == readers


PARTS = st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "http:/", "", "https://u:p@"]),
    st.text(alphabet="aZ0.-_%[]:é", max_size=9),
    st.sampled_from(["", ":", ":0", ":4000", ":65535", ":65536", ":٣", ":-1", ":" + "9" * 5000]),
    st.text(alphabet="aZ0/._~-%?#\\ 'é", max_size=9),
)


@given(PARTS)
def test_an_address_without_anything_unusual_is_taken_as_the_whole_check_takes_it(parts: tuple[str, ...]) -> None:
    url = "".join(parts)
    if not endpoint._is_plain(url):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "_is_plain", lambda _: False)
        whole = endpoint.gateway_root(url)
    assert endpoint.gateway_root(url) == whole


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:4000", "https://llm.example.com", "https://gw-1.corp:443/a/b_c/v1.0/", "http://localhost"],
)
def test_usual_addresses_have_nothing_unusual(url: str) -> None:
    assert endpoint._is_plain(url)
    assert endpoint.gateway_root(url) == url.rstrip("/")


@given(
    st.tuples(
        st.sampled_from(["http", "https", "HTTP", "ftp", ""]),
        st.text("ab1-._~:@[]%é", min_size=0, max_size=8),
        st.sampled_from(["", ":", ":1", ":0", ":65536", ":99999999999", ":x", ":1:2"]),
        st.text("ab1/-._~ %?#'\\é", max_size=6),
    )
)
def test_the_quick_look_at_an_address_accepts_only_what_the_whole_check_accepts(parts: tuple[str, ...]) -> None:
    scheme, host, port, path = parts
    url = f"{scheme}://{host}{port}/{path}"
    if endpoint._is_plain(url):
        assert endpoint._checked(url) == gateway_root(url) == url.rstrip("/")


@pytest.mark.parametrize("host", ["a~b", "-a", "a-", "a_b", "a@b", "ä.example", ""])
def test_the_quick_look_leaves_unusual_hosts_to_the_whole_check(host: str) -> None:
    assert not endpoint._is_plain(f"https://{host}/x")


@pytest.mark.parametrize("url", ["https://llm.example.com", "http://127.0.0.1:4000/a-b/v1/", "https://gw:8443"])
def test_the_quick_look_is_enough_for_usual_addresses(url: str) -> None:
    assert endpoint._is_plain(url)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1")),
        *(
            (host, False)
            for host in ("", "127.example.com", "localhost.evil.com", "10.0.0.1", "::2", "0.0.0.0", "::x")
        ),
    ],
)
def test_one_place_says_which_host_is_this_machine(host: str, *, here: bool) -> None:
    assert endpoint.is_this_machine(host) is here
    assert not here or exposure(host) == "none"
