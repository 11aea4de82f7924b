from __future__ import annotations

import pytest

from claude_gw_cli.core import presets
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.gateways import KINDS, NAMES
from claude_gw_cli.record import replace


def planned(kind: str, url: str) -> dict[str, str]:
    found = presets.preset(presets.chosen(kind), {"gateway_url": url}, named=True)
    plain = Profile("x", "unified", url, secret="env://K", headers=found.headers)
    profile = replace(plain, **found.fields)  # type: ignore[arg-type]
    return {item.name: item.fill("KEY") for item in make_plan(profile).sets}


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("https://gw", True),
        ("HTTP://gw", True),
        ("127.0.0.1:4000", True),
        ("localhost:4000/anthropic", True),
        ("[::1]:4000", True),
        ("gw.example.com/v1", True),
        ("work", False),
        ("gw.example.com", False),
        ("a:b", False),
    ],
)
def test_an_address_is_told_from_a_name(word: str, is_one: bool) -> None:
    assert presets.is_address(word) is is_one


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("localhost:4000", "http://localhost:4000"),
        ("[::1]:4000", "http://[::1]:4000"),
        ("10.1.2.3:4000", "https://10.1.2.3:4000"),
        ("gw.example.com:8443/x", "https://gw.example.com:8443/x"),
        ("http://gw", "http://gw"),
        ("gw", "gw"),
    ],
)
def test_only_this_machine_is_plain_http(typed: str, url: str) -> None:
    assert presets.with_scheme(typed) == url


@pytest.mark.parametrize(
    ("copied", "root", "said"),
    [
        ("http://h:4000/ui", "http://h:4000", "/ui is"),
        ("http://h:4000/ui/?page=api-keys#top", "http://h:4000", "/ui/ is"),
        ("https://h/llm/ui/login", "https://h/llm", "/ui/login is"),
        ("https://h/v1/messages", "https://h", "/v1/messages is"),
        ("https://h/anthropic/v1/messages?beta=true", "https://h/anthropic", "/v1/messages is"),
        ("https://h/v1/chat/completions", "https://h", "/v1/chat/completions is"),
        ("https://h/docs/", "https://h", "/docs/ is"),
        ("https://h/health/liveliness", "https://h", "/health/liveliness is"),
        ("https://h/uix", "https://h/uix", ""),
        ("https://h/guide", "https://h/guide", ""),
        ("https://h/vertex_ai/v1", "https://h/vertex_ai/v1", ""),
        ("https://h?x=1", "https://h?x=1", ""),
        ("https://[::1", "https://[::1", ""),
    ],
)
def test_a_page_that_was_copied_with_the_address_is_left_out(copied: str, root: str, said: str) -> None:
    url, line = presets.without_page(copied)
    assert (url, line[: len(said) or 1]) == (root, said)


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://api.anthropic.com", True),
        ("https://API.Anthropic.com/v1", True),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", True),
        ("https://us-east5-aiplatform.googleapis.com/v1", True),
        ("https://mine.services.ai.azure.com/anthropic", True),
        ("https://api.anthropic.com.example.org", False),
        ("https://x.api.anthropic.com", False),
        ("https://llm.example.com", False),
    ],
)
def test_a_providers_own_api_is_not_a_gateway(url: str, is_own: bool) -> None:
    assert bool(presets.own_api(url)) is is_own


@pytest.mark.parametrize(
    ("kind", "url", "wanted"),
    [
        ("litellm", "https://gw", {"ANTHROPIC_BASE_URL": "https://gw", "ANTHROPIC_AUTH_TOKEN": "KEY"}),
        ("bifrost", "https://gw", {"ANTHROPIC_BASE_URL": "https://gw/anthropic", "ANTHROPIC_AUTH_TOKEN": "KEY"}),
        ("bifrost", "https://gw/anthropic/", {"ANTHROPIC_BASE_URL": "https://gw/anthropic"}),
        ("apim", "https://a.azure-api.net", {"ANTHROPIC_CUSTOM_HEADERS": "ocp-apim-subscription-key: KEY"}),
        (
            "portkey",
            "https://api.portkey.ai",
            {"ANTHROPIC_CUSTOM_HEADERS": "x-portkey-provider: anthropic\nx-portkey-api-key: KEY"},
        ),
        ("kong", "https://k/ai", {"ANTHROPIC_BASE_URL": "https://k/ai", "ANTHROPIC_CUSTOM_HEADERS": "apikey: KEY"}),
        ("envoy", "https://e", {"ANTHROPIC_BASE_URL": "https://e/anthropic", "ANTHROPIC_API_KEY": "KEY"}),
        ("openrouter", "https://openrouter.ai", {"ANTHROPIC_BASE_URL": "https://openrouter.ai/api"}),
        ("mlflow", "http://m:5000", {"ANTHROPIC_BASE_URL": "http://m:5000/gateway/anthropic"}),
        (
            "cloudflare",
            "https://gateway.ai.cloudflare.com/v1/acc/gw",
            {
                "ANTHROPIC_BASE_URL": "https://gateway.ai.cloudflare.com/v1/acc/gw/anthropic",
                "ANTHROPIC_API_KEY": "KEY",
            },
        ),
    ],
)
def test_a_kind_decides_path_header_and_form_of_the_key(kind: str, url: str, wanted: dict[str, str]) -> None:
    assert wanted.items() <= planned(kind, url).items()


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_gives_a_profile_whose_key_reaches_a_header_that_it_reads(kind: str) -> None:
    url = "https://gateway.ai.cloudflare.com/v1/a/b" if kind == "cloudflare" else "https://gw"
    sets = planned(kind, url)
    row = next(row for row in KINDS if row.name == kind)
    read = {item.name: item for item in (*row.hosted, *row.key_headers)}
    if "ANTHROPIC_AUTH_TOKEN" in sets and "KEY" in sets["ANTHROPIC_AUTH_TOKEN"]:
        assert not read or read["authorization"].bearer
    elif "ANTHROPIC_API_KEY" in sets:
        assert not read or read["x-api-key"].bare
    else:
        name, _, value = sets["ANTHROPIC_CUSTOM_HEADERS"].splitlines()[-1].partition(": ")
        assert read[name].bare if value == "KEY" else read[name].bearer


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        presets.chosen("bifrst")
    assert "Did you mean bifrost?" in caught.value.hint


def test_an_address_that_must_name_an_account_is_refused_without() -> None:
    with pytest.raises(UsageError, match="ACCOUNT"):
        presets.preset(
            presets.chosen("cloudflare"), {"gateway_url": "https://gateway.ai.cloudflare.com/v1/a"}, named=True
        )


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://localhost:4000", "litellm"),
        ("http://127.0.0.1:3456", "claude-code-router"),
        ("https://openrouter.ai/api", "openrouter"),
        ("https://x.azure-api.net/ai", "azure-api-management"),
        ("https://azure-api.net.example.com", None),
        ("https://gw.example.com:4000", None),
    ],
)
def test_an_address_is_recognized_only_where_it_tells(url: str, kind: str | None) -> None:
    found = presets.recognized(url)
    assert (found.name if found else None) == kind
