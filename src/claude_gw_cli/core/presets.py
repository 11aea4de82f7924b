"""An address and a kind of gateway -> what a profile needs for it. Pure: nothing is asked on the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from claude_gw_cli.core.endpoint import exposure, gateway_root
from claude_gw_cli.core.errors import UsageError, guess, unknown_choice
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.gateways import (
    KINDS,
    LITELLM,
    NOT_ROOTS,
    PRESETS,
    KeyHeader,
    Kind,
    kind_at,
    named_kind,
    only_bare,
)
from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A host with a port, or one with a dot and a path: no profile's name has a colon or a slash.
_HOST_AND_MORE = lazy(
    r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*):\d+(/.*)?|[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+/.*"
)
_TEMPLATE = lazy(r"[A-Z]+")
_APIS = tuple(
    lazy(re.sub(r"\\{\w+\\}", "[a-z0-9-]+", re.escape(urlsplit(row.cloud).hostname or "?")))
    for row in TABLE
    if row.cloud
)
_NOT_ROOT = tuple((lazy(f"(.*?){path}/?"), what) for path, what in NOT_ROOTS)


@dataclass(frozen=True, slots=True)
class Preset:
    """What an address and a kind of gateway decide."""

    fields: Mapping[str, str]
    """Fields of a profile."""
    headers: Mapping[str, str]
    """Literal headers that every request to that gateway must have."""
    said: tuple[str, ...]
    """Lines for the person: what was recognized, and what the table does not know."""


def is_address(word: str) -> bool:
    """Whether a word is a gateway's address and not the name of a profile."""
    return "://" in word or _HOST_AND_MORE.fullmatch(word.strip()) is not None


def with_scheme(text: str) -> str:
    """An address with its scheme: ``http`` for this machine, ``https`` for every other host."""
    address = text.strip()
    if "://" in address or not _HOST_AND_MORE.fullmatch(address):
        return address
    host = urlsplit(f"//{address}").hostname or ""
    return f"{'http' if exposure(host) == 'none' else 'https'}://{address}"


def without_page(url: str) -> tuple[str, str]:
    """An address without the page or path of an API that was copied with it, and a line about that, else empty."""
    try:
        parts = urlsplit(url)
    except ValueError:  # what is wrong with it is said where it is checked
        return url, ""
    for pattern, what in _NOT_ROOT:
        if found := pattern.fullmatch(parts.path):
            left = parts.path[len(found[1]) :]
            return parts._replace(path=found[1], query="", fragment="").geturl(), f"{left} is {what}: left out"
    return url, ""


def own_api(url: str) -> str:
    """A sentence about an address that is a provider's own API and not a gateway's; else empty."""
    host = urlsplit(url).hostname or ""
    if not any(pattern.fullmatch(host) for pattern in _APIS):
        return ""
    return f"{host} is a provider's own API, not a gateway: it takes the provider's key, and Claude Code needs no cgw"


def name_of(url: str) -> str:
    """A profile's name from the host of an address."""
    parts = urlsplit(url)
    host = (parts.hostname or "").strip(".").replace(":", "-")
    kind = recognized(url)
    return kind.name if kind and exposure(parts.hostname or "") == "none" else host


def recognized(url: str) -> Kind | None:
    """The kind of gateway that an address belongs to, as far as the address tells."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return kind_at(host, parts.port, is_local=exposure(host) == "none")


def chosen(name: str) -> Kind:
    """The kind of that name.

    Raises:
        UsageError: there is none; names the nearest.
    """
    kind = named_kind(name.strip().lower())
    if kind is None:
        raise UsageError(
            unknown_choice("gateway", name, PRESETS).message,
            hint=f"{guess(name.lower(), PRESETS)}Known: {', '.join(map(_with_aliases, KINDS))}.\n"
            "Any other: --base-path, --key-header and --key-format.",
        )
    return kind


def preset(kind: Kind | None, given: Mapping[str, str], *, named: bool) -> Preset:
    """What a profile for this gateway needs, beside what was given.

    Args:
        kind: of the gateway, where it is known.
        given: the fields that a person decided. They are not in the result.
        named: whether a person said which kind it is; else its address did.

    Raises:
        UsageError: the address of this kind must have more than a host.
    """
    url = given.get("gateway_url") or (_usual_address(kind) if kind else "")
    fields: dict[str, str] = {"gateway_url": url} if url else {}
    fields["provider"] = given.get("provider") or provider_at(url, kind)
    headers: dict[str, str] = {}
    if kind is not None:
        if fields["provider"] == "unified" and kind.base_path:
            fields["base_path"] = _rest(kind, url)
        is_service = named or exposure(urlsplit(url).hostname or "") != "none"
        header = _key_header(kind, fields["provider"], is_service=is_service)
        if header is not None and header.name != "authorization" and "key_header" not in given:
            fields["key_header"] = header.name
        headers = {name: text for name, text in kind.required_headers if " " not in text}
    key_header = given.get("key_header") or fields.get("key_header", "")
    if only_bare(key_header.lower()) and key_header.lower() not in modes.BARE_HEADERS:
        fields["key_format"] = "bare"
    decided = {key: value for key, value in fields.items() if key not in given}
    return Preset(decided, headers, tuple(_said(kind, given, fields["provider"])) if kind else ())


def _with_aliases(kind: Kind) -> str:
    return f"{kind.name} ({', '.join(kind.aliases)})" if kind.aliases else kind.name


def _usual_address(kind: Kind) -> str:
    """Where a gateway of this kind is when nothing else is said; empty where each has its own address."""
    host = next((name for name in kind.hosts if not name.startswith(".")), "")
    if host and not _TEMPLATE.search(kind.base_path):
        return f"https://{host}"
    return f"http://localhost:{kind.port}" if kind.port else ""


def provider_at(url: str, kind: Kind | None) -> str:
    """The provider that the path of an address is for: LiteLLM's paths, as every profile has them."""
    if not url or (kind is not None and kind.name != LITELLM.name):
        return "unified"
    path = urlsplit(gateway_root(url)).path.rstrip("/")
    return next(
        (
            mode.provider
            for mode in modes.MODES
            if mode.base_path and path.endswith((mode.base_path, mode.base_path.removesuffix("/v1")))
        ),
        "unified",
    )


def _rest(kind: Kind, url: str) -> str:
    """The kind's path, without the parts of it that are words to fill in and are in the address already."""
    wanted = [part for part in kind.base_path.split("/") if part]
    if not _TEMPLATE.search(kind.base_path):
        return kind.base_path
    given = [part for part in urlsplit(url).path.split("/") if part]
    count = len(given)
    fits = count <= len(wanted) and all(
        _TEMPLATE.fullmatch(part) or part == mine for part, mine in zip(wanted, given, strict=False)
    )
    rest = wanted[count:]
    if not fits or any(_TEMPLATE.fullmatch(part) for part in rest):
        host = kind.hosts[0] if kind.hosts else "HOST"
        raise UsageError(
            f"the address of {kind.title} must have the path {kind.base_path}",
            hint=f"For example: cgw init --gateway {kind.name} --gateway-url https://{host}{kind.base_path}",
        )
    return "/".join(["", *rest]) if rest else ""


def _key_header(kind: Kind, provider: str, *, is_service: bool) -> KeyHeader | None:
    """The header for the key: one that the client fills by itself, so that a helper works, or else the kind's own."""
    mode = modes.find_mode(provider, "proxy")
    if kind.hosted and is_service:
        return kind.hosted[0]
    if kind.key_sent_on:
        return KeyHeader("x-api-key")
    if not kind.key_headers:
        return None
    own = dict(mode.carriers) if mode else {}
    for item in kind.key_headers:
        if item.name in own and (item.bare if item.name in modes.BARE_HEADERS else item.bearer):
            return item
    return kind.key_headers[0]


def _said(kind: Kind, given: Mapping[str, str], provider: str) -> Iterator[str]:
    if not kind.is_measured:
        yield f"{kind.title}: its path and key header are from its documentation, not measured ({kind.source})"
    elif kind.hosted:
        yield (
            f"{kind.title}: {kind.hosted[0].name} is its service's header, from its documentation; "
            "the self-hosted program does not check keys (measured)"
        )
    if provider != "unified" and kind.name != LITELLM.name and "base_path" not in given:
        yield f"{kind.title}: its path for provider {provider} is not known, LiteLLM's is used (or: --base-path)"
    if kind.key_sent_on and not kind.hosted:
        yield f"{kind.title} sends your key on to the cloud: it must be the cloud's own key"
    for name, text in kind.required_headers:
        if " " in text:
            yield f"{kind.title} reads the header {name}: {text}"
    if kind.model_form:
        yield f"{kind.title} names models by {kind.model_form}: --model, --opus-model, --sonnet-model, --haiku-model"


def unknown_provider(text: str) -> UsageError:
    """The error for a ``--provider`` that is none: a gateway's kind, a cloud's name, or a misspelling."""
    word = text.strip().lower()
    if word in PRESETS and word not in modes.ALSO_CALLED:
        return UsageError(
            f"{chosen(word).title} speaks several formats: it is not a provider",
            hint=f"Usually: --provider unified    Its usual paths and header: --gateway {word}",
        )
    error = unknown_choice("provider", text, modes.PROVIDERS)
    return (
        UsageError(error.message, hint=f"Use: --provider {modes.ALSO_CALLED[word]}")
        if word in modes.ALSO_CALLED
        else error
    )
