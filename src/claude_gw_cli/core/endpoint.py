"""Gateway URLs: what a person types -> the base URL that the client needs. Pure."""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.facts.providers import Mode


# Names that only a private network resolves: RFC 6762, 8375, ICANN's list of names never delegated, Kubernetes,
# and Tailscale's, whose traffic is encrypted below HTTP.
_INSIDE = (
    ".local", ".internal", ".home.arpa", ".corp", ".home", ".mail", ".lan", ".intranet", ".private", ".svc",
    ".localhost", ".test", ".ts.net",
)  # fmt: skip

_HOST_MARKS, _PATH_MARKS = dict.fromkeys(map(ord, "-.")), dict.fromkeys(map(ord, "-._~/"))
# Anything else (quotes, ``%``, an encoded dot) one program reads as another host than the next. An IPv6 address comes
# without its brackets.
_HOST = lazy(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+")


def is_path(text: str) -> bool:
    """True for the path of an address that needs no quotes anywhere."""
    return text.isprintable() and not any(char in " \"'`\\<>?#" for char in text)


def gateway_root(text: str) -> str:
    """A gateway URL, checked, without trailing slashes.

    Raises:
        UsageError: no scheme, no host, a bad port, credentials, a query or a fragment.
    """
    url = text.strip()
    return url.rstrip("/") if _is_plain(url) else _checked(url)


def _checked(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:  # its text may quote a password
        raise UsageError(
            f"gateway URL {_shown(url)!r}: its host or port cannot be read",
            hint="Give scheme, host and port, for example: --gateway-url https://llm.example.com:8443",
        ) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(
            f"gateway URL {_shown(url)!r} is not an http(s) address",
            hint="Give scheme and host, for example: --gateway-url https://llm.example.com",
        )
    if any(char.isspace() or not char.isprintable() for char in url):
        raise UsageError(f"gateway URL {_shown(url)!r} contains whitespace or a control character")
    if parts.username or parts.password:
        raise UsageError(
            "the gateway URL contains a user name or password",
            hint="Remove it from the URL and store the key with: cgw secret set keyring://cgw/NAME",
        )
    if not (_HOST.fullmatch(host) and is_path(parts.path)):
        raise UsageError(
            f"gateway URL {_shown(url)!r} is not an address that every part of the way reads alike",
            hint="The host has letters, digits, dots and dashes; the path has no quotes and no backslash.",
        )
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise UsageError(
            f"gateway URL {_shown(url)!r} has a query or fragment; the client would put its path behind it",
            hint="Give the address up to the path; send fixed values as [headers] of the profile.",
        )
    return url.rstrip("/")


def _is_plain(url: str) -> bool:
    """Whether ``_checked`` surely accepts an address; the import of ``urllib.parse`` takes an interpreter's start."""
    scheme, _, rest = url.partition("://")
    address, _, path = rest.partition("/")
    host, colon, port = address.partition(":")
    number = natural(port) if colon else 0
    return (
        scheme in {"http", "https"}
        and number is not None
        and number < 1 << 16
        and url.isascii()
        and (host[:1] + host[-1:] + host.translate(_HOST_MARKS)).isalnum()
        and (not path or path.translate(_PATH_MARKS).isalnum())
    )


def base_url(profile: Profile, mode: Mode) -> str:
    """The base URL for a mode: root plus the mode's path, never doubled.

    ``https://gw``, ``https://gw/``, ``https://gw/v1`` and ``https://gw/vertex_ai/v1/`` all give the same Vertex
    base. A trailing ``/v1`` is what OpenAI-style clients need; Claude Code appends ``/v1/messages`` itself.
    """
    root = gateway_root(profile.gateway_url)
    path = mode.base_path if profile.base_path is None else profile.base_path.strip("/")
    wanted = [part for part in path.split("/") if part]
    head, _, tail = root.partition("://")
    host, *given = tail.split("/")
    if given[-2:] == ["v1", "messages"]:
        given = given[:-2]
    elif given[-1:] == ["v1"] and profile.base_path is None and given[-len(wanted) :] != wanted:
        given = given[:-1]
    for length in range(len(wanted), 0, -1):
        if given[-length:] == wanted[:length]:
            wanted = wanted[length:]
            break
    whole = [*given, *wanted]
    if mode.placeholder and whole[-1:] == ["v1"]:
        whole.pop()
    return "/".join([f"{head}://{host}", *whole])


def is_this_machine(host: str) -> bool:
    """Whether a host, in lower case and without brackets, is this machine's loopback by its name or address."""
    if host in {"localhost", "::1"} or (host.startswith("127.") and host.replace(".", "").isdecimal()):
        return True
    if ":" not in host:
        return False
    import ipaddress  # not needed by most commands

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def exposure_of(url: str) -> Literal["none", "inside", "public"]:
    """``exposure`` of the host of an address that ``gateway_root`` has taken."""
    address = url.partition("://")[2].partition("/")[0]
    return exposure(address[1:].partition("]")[0] if address.startswith("[") else address.partition(":")[0].lower())


def exposure(host: str) -> Literal["none", "inside", "public"]:
    """Who could read plain http to a host: no one (it is this machine), its own network, or the public network."""
    host = host.rstrip(".")  # the root of all names
    if is_this_machine(host) or host == "0.0.0.0":  # noqa: S104 - an address to compare with, not to bind
        return "none"
    if not (":" in host or host.rpartition(".")[2].isdecimal()):  # a name
        return "inside" if "." not in host or host.endswith(_INSIDE) else "public"
    import ipaddress  # not needed by most commands

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "inside" if "." not in host or host.endswith(_INSIDE) else "public"
    return "public" if address.is_global else "inside"


def _shown(url: str) -> str:
    """The URL for error texts: without user information, and without what may be a key behind its path or host."""
    from claude_gw_cli.core.masking import masked_text

    head, at, tail = url.rpartition("@")
    shown = f"{head.split('://')[0]}://…@{tail}" if at else url
    end = min(shown.find(mark) % (len(shown) + 1) for mark in "?#")
    return masked_text(shown[: end + 1]) + "…" * (end < len(shown))
