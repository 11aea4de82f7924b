"""Secret references: where a key is, never the key. Text -> Reference, or an error that says what to type instead.

On the hot path of `cgw env` and of the helper: imports nothing at module level but the errors. Pure: whether the
thing referred to exists is the business of the room `secrets`.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.model import Profile

# Scheme -> the form a person types. The order is the order of the lists that people see.
FORMS = {
    "env": "env://NAME",
    "file": "file:///path/to/key",
    "keyring": "keyring://service/account",
    "vault": "vault://mount/path#field",
    "jwt": "jwt://NAME",
    "oauth": "oauth://NAME",
    "ci-token": "ci-token://audience",
    "exec": "exec:COMMAND ARG...",
    "op": "op://vault/item/field",
    "pass": "pass://path/to/entry",
    "gopass": "gopass://path/to/entry",
    "secret-tool": "secret-tool://attribute/value",
    "security": "security://service/account",
    "aws-sm": "aws-sm://secret-id#json-field",
    "aws-ssm": "aws-ssm:///path/of/parameter",
    "gcloud-secret": "gcloud-secret://project/secret",
    "gcloud-identity": "gcloud-identity://audience",
    "az-keyvault": "az-keyvault://vault/secret",
    "az-token": "az-token://resource",
    "bw": "bw://item",
    "sops": "sops:///path/to/file#field",
    "age": "age:///path/to/key.age?identity=/path/to/identity.txt",
    "keepassxc": "keepassxc:///path/to/file.kdbx?entry=Group/Name&key_file=/path/to/file.keyx",
    "infisical": "infisical://project-id/environment/NAME",
    "doppler": "doppler://project/config/NAME",
    "akeyless": "akeyless:///path/name",
    "lite": "lite://",
}

# Stores whose names, or files, may begin with a slash that counts.
_ROOTED = frozenset(
    ("sops", "age", "keepassxc", "aws-sm", "aws-ssm", "akeyless", "keyring", "security", "bw", "ci-token")
)

# What they give is a token, never an object with fields.
_WHOLE = frozenset(("jwt", "oauth", "ci-token", "gcloud-identity", "az-token", "lite"))

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-+.")
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_PLAIN = _NAME | frozenset("@%+=:,./~#-")  # what no shell reads as anything else, inside a reference
# How the keys of well-known issuers begin. A pasted key must never be echoed, so it is recognised first.
_KEY_STARTS = (
    "sk-", "sk_", "eyJ", "hvs.", "hvb.", "s.", "ghp_", "gho_", "AKIA", "ya29.", "xox", "Bearer ", "bearer ",
)  # fmt: skip


def looks_like_key(text: str) -> bool:
    """Whether a text begins as the keys of well-known issuers do, and is long enough for one."""
    return len(text) >= 16 and text.strip().startswith(_KEY_STARTS)


class Reference:
    """A parsed reference.

    Attributes:
        text: as it was written; safe to show.
        scheme: lower case, a key of ``FORMS`` or the scheme of an installed plug-in.
        path: the part between ``scheme://`` and ``?`` or ``#`` (for ``exec:`` and ``file://`` all of it).
        query: the ``?name=value`` pairs.
        fragment: the part after ``#``; empty if there is none.
    """

    __slots__ = ("fragment", "path", "query", "scheme", "text")

    def __init__(self, text: str, scheme: str, path: str, query: dict[str, str], fragment: str) -> None:
        self.text = text
        self.scheme = scheme
        self.path = path
        self.query = query
        self.fragment = fragment

    def __repr__(self) -> str:
        return f"Reference({self.text!r})"


def parse(text: str, option: str = "--secret") -> Reference:
    """The reference that a text means.

    An unknown but well-formed scheme passes: a plug-in may own it (see ``unknown_scheme``). ``option`` is the one
    that takes the reference, for the errors.

    Raises:
        UsageError: no reference. A text that may be a literal key is refused without being shown.
    """
    text = text.strip()
    head, colon, rest = text.partition(":")
    if not colon or not head or not set(head) <= _LOWER or text.startswith(_KEY_STARTS):
        raise _not_a_reference(text, option)
    if any(char < " " or char == "\x7f" for char in text):
        raise UsageError(f"the {head} reference contains a line break or control character")
    if head == "exec":
        return Reference(text, head, _required(head, rest.strip()), {}, "")
    if not rest.startswith("//"):
        if head in FORMS:
            raise UsageError(f"a {head} reference has the form {FORMS[head]}")
        raise _not_a_reference(text, option)
    rest = rest[2:]
    if head == "file":
        return Reference(text, head, _file_path(rest), {}, "")
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    reference = Reference(text, head, rest if head in _ROOTED else rest.strip("/"), _pairs(head, query), fragment)
    _check_shape(reference)
    return reference


def unknown_scheme(reference: Reference) -> UsageError:
    """The error for a scheme that neither cgw nor an installed plug-in knows: the nearest first, then all."""
    near = nearest(reference.scheme, FORMS)
    meant = f"Did you mean {FORMS[near]} ?\n" if near else ""
    return UsageError(
        f"no secret source is called {reference.scheme!r}", hint=f"{meant}Known sources: {', '.join(FORMS)}"
    )


def _not_a_reference(text: str, option: str) -> UsageError:
    if not text:
        return UsageError("the secret reference is empty", hint="Known forms: " + ", ".join(FORMS.values()))
    if text.startswith(("/", "~/", "./")):
        return UsageError(
            f"{text!r} is a path, not a secret reference",
            hint=f"Write it as file://{text if text[0] == '/' else '/…'}",
        )
    what = "that looks like the key itself" if looks_like_key(text) else "the secret is not a reference"
    return UsageError(
        f"{what}; a profile only says where the key is",
        hint="Store the key (it is asked for, or read from stdin): cgw secret set keyring://cgw/NAME\n"
        f"  then: {option} keyring://cgw/NAME\n"
        f"In a variable: {option} env://NAME    in a private file: {option} file:///PATH\n"
        "All sources: " + ", ".join(FORMS),
    )


def _required(scheme: str, value: str) -> str:
    if not value:
        raise UsageError(f"the {scheme} reference is incomplete: it has the form {FORMS[scheme]}")
    return value


def _file_path(path: str) -> str:
    if path.startswith("localhost/"):
        path = path.removeprefix("localhost")
    if not path.startswith(("/", "~/")) and path[1:3] not in {":/", ":\\"}:
        raise UsageError(
            "a file reference needs an absolute path",
            hint="Write file:///absolute/path (three slashes) or file://~/path",
        )
    return path


def _pairs(scheme: str, query: str) -> dict[str, str]:
    pairs = {}
    for item in query.split("&") if query else ():
        name, equals, value = item.partition("=")
        if not (name and equals and value):
            raise UsageError(f"the {scheme} reference has an option without a value: ?{name or '…'}=VALUE")
        pairs[name] = value
    return pairs


_OPTIONS = {
    "keyring": {"backend"},
    "vault": {"version"},
    "op": {"account"},
    "aws-sm": {"region", "profile", "version", "stage"},
    "aws-ssm": {"region", "profile"},
    "gcloud-secret": {"account"},
    "gcloud-identity": {"account"},
    "az-keyvault": {"subscription"},
    "az-token": {"subscription"},
    "age": {"identity"},
    "keepassxc": {"entry", "key_file"},
    "akeyless": {"profile"},
}


def _check_shape(reference: Reference) -> None:
    scheme, path = reference.scheme, reference.path
    if scheme not in FORMS:
        return
    if scheme != "lite":
        _required(scheme, path)
    if scheme in {"env", "jwt", "oauth"} and not (
        set(path) <= (_NAME if scheme == "env" else _NAME | {"-"}) and not path[0].isdigit()
    ):
        raise UsageError(f"the {scheme} reference does not hold a name: it has the form {FORMS[scheme]}")
    if scheme in {"keyring", "vault", "secret-tool", "security", "gcloud-secret", "az-keyvault"} and "/" not in path:
        _required(scheme, "")
    if scheme in _WHOLE and reference.fragment:
        raise UsageError(
            f"the {scheme} reference has no fields: #{reference.fragment}", hint=f"It has the form {FORMS[scheme]}"
        )
    if scheme in {"vault", "sops"} and not reference.fragment:
        raise UsageError(f"the {scheme} reference names no field", hint=f"Add it behind a #: {FORMS[scheme]}")
    for name in reference.query:
        if name not in _OPTIONS.get(scheme, ()):
            allowed = ", ".join(sorted(_OPTIONS.get(scheme, ()))) or "none"
            raise UsageError(f"the {scheme} reference has no option {name!r} (options: {allowed})")


def quoted(text: str) -> str:
    """A reference as a shell takes it."""
    if not set(text) - _PLAIN:
        return text
    import shlex

    return shlex.quote(text)


def words_of_a_trial(text: str, profile: Profile) -> str:
    """What ``cgw secret test`` takes for a reference of a profile, whose table it may need."""
    return quoted(text) + (f" --profile {profile.name}" if text.partition("://")[0] in profile.tables else "")
