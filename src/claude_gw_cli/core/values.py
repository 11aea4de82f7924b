"""The values that a profile may hold: what no variable, address, header or script can carry is refused.

Checked once, when a profile is loaded or made. A repository's profile may say less than a user's own, also when it is
trusted: see ``repository_problems``.
"""

from __future__ import annotations

from claude_gw_cli.core import client_options
from claude_gw_cli.core.endpoint import gateway_root, is_path
from claude_gw_cli.core.errors import FaultsError, UsageError, unknown_choice
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.reference import parse as parse_reference
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.variables import REPOSITORY_MAY_SET
from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from claude_gw_cli.core.model import Profile

_HEADER_MARKS = dict.fromkeys(map(ord, "!#$%&'*+.^_`|~-"), "x")
_VARIABLE_NAME = lazy(r"[A-Za-z_][A-Za-z0-9_]*")
_REGION = lazy(r"global|us|eu|[a-z]{2,}(-[a-z]+)+-?\d+")
_WORDS_BEFORE_A_KEY = ("bearer", "basic", "token")
_VERSION = lazy(r"\d+(\.\d+){1,3}([-+][\w.]+)?")
_RESERVED = frozenset({*modes.ROUTING_VARIABLES, *modes.CREDENTIAL_VARIABLES})


def check(profile: Profile, place: Callable[[str], str] = lambda _: "") -> None:
    """Refuse a profile with a value that cannot be used.

    Args:
        profile: the profile.
        place: member of the file -> where it is, as the beginning of the message.

    Raises:
        UsageError: a value that cannot be used.
    """
    if faults := list(problems(profile, place)):
        raise FaultsError(faults)


def problems(profile: Profile, place: Callable[[str], str] = lambda _: "") -> Iterator[UsageError]:
    """Why each value that cannot be used is refused; ``place`` as in ``check``."""
    for member, refuse, *given in _members(profile):
        try:
            refuse(*given)
        except UsageError as error:
            yield UsageError(place(member) + error.message, hint=error.hint, member=member)


def _members(profile: Profile) -> Iterator[tuple[Any, ...]]:
    """Each member of a profile, the function that refuses it, and what that takes."""
    yield "gateway_url", gateway_root, profile.gateway_url
    yield "base_path", _check_path, profile.base_path or ""
    words = {
        "project_id": profile.project_id,
        "region": profile.region,
        "workspace_id": profile.workspace_id,
        "default": profile.models.default,
        "opus": profile.models.opus,
        "sonnet": profile.models.sonnet,
        "haiku": profile.models.haiku,
    }
    yield from ((name, _check_word, name, value) for name, value in words.items() if value is not None)
    if profile.secret is not None:
        yield "secret", parse_reference, profile.secret
    if profile.front_auth is not None:
        yield "front_auth", parse_reference, profile.front_auth, "--front-auth"
    if profile.key_header is not None:
        yield "key_header", check_key_header, profile.key_header
    if profile.front is not None:
        yield "front", _check_front, profile.front
    if profile.min_client_version is not None:
        yield "min_client_version", _check_version, profile.min_client_version
    yield from ((name, _check_variable, name, value) for name, value in profile.env.items())
    yield from ((name, _check_header, name, value) for name, value in profile.headers.items())
    client = profile.tables.get("client", {})
    yield from ((name, client_options.check, name, value, profile.env) for name, value in client.items())
    if managed := profile.tables.get("managed"):
        yield "managed", _check_managed, managed


def _check_managed(table: Mapping[str, object]) -> None:
    from claude_gw_cli.core.managed import check_table

    check_table(table)


def _check_path(text: str) -> None:
    if not is_path(text):
        raise UsageError(f"base_path = {text!r} is not the path of an address")


def _check_word(name: str, text: str) -> None:
    if not text or " " in text or not text.isprintable():
        raise UsageError(f"{name} = {text!r} is not valid", hint="It is one word, without whitespace.")
    if name == "region":
        check_region(text)


def check_region(text: str) -> None:
    """Refuse what is not a cloud's region."""
    if not _REGION.fullmatch(text):
        raise UsageError(
            f"{text!r} is not a region", hint="For example: us-east-1 (AWS), us-east5 or global (Google)."
        )


def check_key_header(name: str) -> None:
    """Refuse a word that is written before a key in place of its header's name."""
    if name.lower() in _WORDS_BEFORE_A_KEY:
        raise UsageError(f"{name!r} is the word before a key, not the name of a header", hint="Usual: authorization")


def _check_version(text: str) -> None:
    if not _VERSION.fullmatch(text):
        raise UsageError(f"min_client_version = {text!r} is not a version", hint="For example: 2.1.227")


def _check_front(name: str) -> None:
    from claude_gw_cli.facts.fronts import NAMES

    if name not in NAMES:
        raise unknown_choice("front", name, NAMES)


def is_header_name(text: str) -> bool:
    """Whether a text is a token of HTTP, as the names of headers are."""
    return text.isascii() and text.translate(_HEADER_MARKS).isalnum()


def _check_header(name: str, value: str) -> None:
    if not is_header_name(name):
        raise UsageError(f"[headers] {name!r} is not a header name")
    if any(char < " " or "\x7f" <= char < "\xa0" or char > "\xff" for char in value):
        raise UsageError(
            f"[headers] {name}: a line break, control character or one beyond Latin-1 cannot be in a header"
        )


def _check_variable(name: str, value: str) -> None:
    if not _VARIABLE_NAME.fullmatch(name):
        raise UsageError(f"[env] {name!r} is not a variable name")
    if name in _RESERVED:
        raise UsageError(
            f"[env] {name} is decided by the profile itself",
            hint="Use provider, gateway_url, secret, key_header or [headers] instead.",
        )
    if "\0" in value:
        raise UsageError(f"[env] {name}: a variable cannot hold a NUL character")


def repository_problems(profile: Profile, data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What a repository's profile says and may not: the member's name, and why.

    Args:
        profile: the profile.
        data: the file as parsed.
    """
    if "name" in data:
        yield "name", "the name of a profile comes from its file"
    yield from client_options.repository_problems(profile.tables.get("client", {}))
    for name, value in profile.env.items():
        if name not in REPOSITORY_MAY_SET:
            yield name, f"a repository's profile may not set {name}; it may set models, timeouts and known switches"
        elif not value.isprintable():
            yield name, f"{name} holds a control character"
