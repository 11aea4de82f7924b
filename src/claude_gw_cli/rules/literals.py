"""Is this text a literal key? Applied to every value in a file; decides by its name, or by its form only.

There are no rules here. When in doubt the answer is no: a placeholder, a reference or a dummy is not a key.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.masking import masked_secret, masked_text, masked_value
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.patterns import IGNORECASE, lazy
from claude_gw_cli.core.reference import FORMS as REFERENCE_FORMS
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.keys import (
    CREDENTIAL_NAME,
    CREDENTIAL_WORDS,
    DUMMIES,
    FORMS,
    KEY_PLACEHOLDER_WORDS,
    KEY_PLACEHOLDERS,
    MARKS,
    PLACEHOLDER_WORDS,
    PLACEHOLDERS,
    PREFIX,
    RANDOM,
    REFERENCES,
    SAID,
    SUSPECT_NAME,
    SUSPECT_WORDS,
    WORDS,
)  # fmt: skip
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.settings_keys import INVENTED as INVENTED_KEYS
from claude_gw_cli.facts.variables import INVENTED, SECRET_NAMES, VARIABLES
from claude_gw_cli.hints import Any, Iterator
from claude_gw_cli.record import dataclass, lru_cache, replace
from claude_gw_cli.rules.context import KEY_HEADERS, url_parts

PLACEHOLDER = lazy("|".join(PLACEHOLDERS), IGNORECASE, needs=PLACEHOLDER_WORDS)
_KEY_PLACEHOLDER = lazy("|".join(KEY_PLACEHOLDERS), IGNORECASE, needs=KEY_PLACEHOLDER_WORDS)
_PREFIX = lazy(PREFIX, IGNORECASE)
_RANDOM = lazy(RANDOM)
_WORDS = lazy("(?:{0})(?:{1}(?:{0}))*".format(*WORDS))
_BETWEEN = lazy(WORDS[1])
_SCHEME = lazy(r"^(?:bearer|basic)\s+", IGNORECASE, needs=("bearer", "basic"))
_FORM = lazy("|".join(FORMS), needs=tuple(mark.lower() for mark in MARKS))
_SUSPECT = lazy(rf"(?:{SUSPECT_NAME})$", IGNORECASE, needs=SUSPECT_WORDS)
EXPANSION = lazy(r"\$\{\{[^}]{0,999}\}\}|\$\{[^}\n]{1,999}\}|\$\w+|\$\([^)]{0,999}\)|^~(/|$)|%\w+%|^`.+`$")
"""What a shell or another program would expand."""
_SHELL = lazy(r"\$\{[^}]{0,999}\}|\$env:\w+|\$\w+|\$\([^)]{0,999}\)|`[^`]*`|%\w+%|\{\{[^}]{0,999}\}\}")
_OF_CREDENTIAL = lazy(rf"(?:{CREDENTIAL_NAME})$", IGNORECASE, needs=CREDENTIAL_WORDS)
_REFERENCE = lazy(rf"(?:{'|'.join(REFERENCE_FORMS)})://|exec:")
_OTHERS = tuple((lazy(pattern), what) for pattern, what in REFERENCES)
_BODY = lazy(r"(?=(?:[^A-Za-z]*[A-Za-z]){3})(?=(?:\D*\d){3})[A-Za-z0-9_+.=~-]{16,}")
_PART = r"""(?:\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|`[^`]{0,999}`|(?!\\n)[^"',;\s}])+"""
_MEMBER = lazy(rf"""(?<![\w-])["']?([\w-]+)["']?\s*[:=]\s*["']?({_PART}(?:[ ]+{_PART})?)""")
_PASSWORD = lazy(r"\b[a-z][a-z0-9+]*://[^/\s:@]*:([^/\s@]+)@")
_ENV_MEMBER = lazy(rf'"({"|".join(sorted(SECRET_NAMES))})"\s*:\s*"([^"\n]+)"')
_ECHO = lazy(r"""^\s*(?:echo|printf)\s+(?:-n\s+|'%s\\?n?'\s+)?(['"]?)([^\s'"$`|;&]{8,})\1\s*$""")


@dataclass(frozen=True, slots=True)
class Literal:
    """One place in a settings file that holds a key. It does not contain the key itself."""

    name: str
    pointer: str | None
    line: int | None = None
    column: int | None = None


def reference_kind(text: str) -> str:
    """What kind of reference to a key a text is; ``""`` if it is not one."""
    text = text.strip()
    if _REFERENCE.match(text):
        return "a cgw secret reference"
    return next((what for pattern, what in _OTHERS if pattern.match(text)), "")


def is_placeholder(text: str) -> bool:
    """Whether a key is one that a person is to replace."""
    return bool(PLACEHOLDER.search(text.strip()) or _KEY_PLACEHOLDER.search(text.strip()))


def has_placeholder(text: str) -> bool:
    """Whether a person is to replace a part of an address or a name; a URL with a query is CGW507's."""
    return bool(PLACEHOLDER.search(text.partition("?")[0]))


def is_local(url: str) -> bool:
    """Whether a server's address is this machine or a private network's, where a made-up word often is the key."""
    from claude_gw_cli.core.endpoint import exposure
    from claude_gw_cli.core.predict.url import parse_url

    found = parse_url(url.strip())
    return found is not None and exposure(found.host.strip("[]")) != "public"


def is_shell(text: str) -> bool:
    """Whether most of a text is what a shell or another program would expand."""
    return len(_SHELL.sub("", text)) * 2 < len(text)


def no_key(text: str, *, local: bool = False) -> bool:
    """True for a text that is not itself a key: empty, a dummy, a placeholder, a reference, shell syntax.

    For a server on this machine or a private network (``local``) also for one that is made of words and numbers.
    """
    bare = _bare(text)
    return (
        not bare
        or bare == PLACEHOLDER_TOKEN
        or is_made_up(bare)
        or is_placeholder(bare)
        or bare.startswith("~/")
        or bool(reference_kind(bare))
        or is_shell(bare)
        or (local and _is_words(bare))
    )


def _is_words(text: str) -> bool:
    return len(text) <= 40 and bool(_WORDS.fullmatch(_rest(text)))


def is_made_up(text: str) -> bool:
    """Whether a text is not a key anywhere: a usual dummy, or words that say so or look issued."""
    parts = _BETWEEN.split(text.lower())
    said = bool(_RANDOM.match(text)) or any(part.rstrip("0123456789") in SAID for part in parts)
    return is_dummy(text) or (said and _is_words(text))


def is_dummy(text: str) -> bool:
    """Whether a text is usual where a program insists on a key that is not checked."""
    return text.lower() in DUMMIES or _rest(text).lower() in DUMMIES


def _rest(text: str) -> str:
    found = _PREFIX.match(text)
    return text[found.end() :] if found else text


def _bare(text: str) -> str:
    """A key without the word that a header has before it."""
    return _SCHEME.sub("", text.strip())


def has_key(text: str) -> bool:
    """True if a text contains something that has the form of a key."""
    return any(
        not no_key(found[0]) and not PLACEHOLDER.search(found[0] + text[found.end() : found.end() + 3])
        for found in _FORM.finditer(text)
    )


def has_password(text: str) -> bool:
    """True if a URL in the text contains a password."""
    return "@" in text and any(not no_key(found[1]) for found in _PASSWORD.finditer(text))


def is_key(name: str, text: str, *, local: bool = False) -> bool:
    """True if a value with this name is a key: by its form, or because name and form agree."""
    if local and no_key(text, local=True):
        return False
    if has_key(text):
        return True
    return _is_suspect(name) and not no_key(text) and bool(_BODY.fullmatch(text.strip()))


def pairs_with_key(text: str, *, local: bool = False) -> bool:
    """True if one of the ``name: value`` pairs of a text (header lines, JSON) carries a credential."""
    pairs = _MEMBER.findall(text)
    if any(is_credential(name, value, local=local) for name, value in pairs):
        return True
    return has_key(text) and not (local and pairs and all(no_key(value, local=True) for _, value in pairs))


def is_credential(name: str, value: str, *, local: bool = False) -> bool:
    """The same as ``is_key`` for a header or a query's parameter, whose names are plainer."""
    bare = _bare(value)
    if name.lower() in KEY_HEADERS or _OF_CREDENTIAL.search(name):
        return len(bare) >= 8 and not no_key(bare, local=local)
    return is_key(name, bare, local=local)


@lru_cache(maxsize=4096)  # one team's ten thousand files repeat the same few names
def _is_suspect(name: str) -> bool:
    return bool(_SUSPECT.search(name))


@lru_cache(maxsize=4096)
def _means_secret(name: str) -> bool:
    """Whether a variable (in upper or lower case, or an invented name for one) holds a key."""
    meant = INVENTED.get(name) or INVENTED_KEYS.get(name, "").removeprefix("env.") or name.upper()
    return meant in SECRET_NAMES


def holds_key(name: str, text: str, *, local: bool = False) -> bool:
    """Whether a variable's value is a literal key, or contains one; ``local`` as in ``no_key``."""
    kind = VARIABLES[name].kind if name in VARIABLES else ""
    if _means_secret(name):
        return not no_key(text, local=local)
    if kind in {"headers", "json"} or name.upper().endswith("_HEADERS"):
        return pairs_with_key(text, local=local)
    if kind == "url":  # a user name or password in it is CGW310's
        parts = url_parts(text) if "?" in text else None
        if not parts:
            return False
        from urllib.parse import parse_qsl

        return any(is_credential(key, value) for key, value in parse_qsl(parts.query))
    if kind and kind != "proxy":
        return has_key(text)
    return is_key(name, text, local=local) or has_password(text)


def literals(source: SettingsFile, *, local: bool = False) -> Iterator[Literal]:
    """Every place in a settings file that holds a literal key; each once. ``local`` as in ``no_key``."""
    text = source.text or ""
    if not source.data:
        yield from in_text(text)
    for key, member in source.data.items():
        if key == "env" and isinstance(member, dict):
            for name, value in member.items():
                if isinstance(value, str) and value and holds_key(name, value, local=local):
                    yield Literal(name, pointer_text(("env", name)))
        elif isinstance(member, str):
            if _member_is_key(key, member):
                yield Literal(key, pointer_text((key,)))
        elif _worth_a_walk(member):
            yield from (
                Literal(name, pointer_text(path))
                for path, name, value in leaves(member, (key,))
                if is_key(name, value)
            )


def _worth_a_walk(member: object) -> bool:
    """A fast check of a part of a document as one text: most contain neither a key nor the name of one."""
    try:
        flat = str(member)
    except RecursionError:
        return True
    lower = flat.lower()
    return any(mark in flat for mark in MARKS) or any(word in lower for word in SUSPECT_WORDS)


def _member_is_key(name: str, text: str) -> bool:
    """The same for a top-level member, where variables and other programs' keys are sometimes set by mistake."""
    if name == "apiKeyHelper":
        return prints_key(text)
    return (_means_secret(name) and not no_key(text)) or is_key(name, text)


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Every text in plain data: its path, the name of the member that it belongs to, and itself."""
    stack = [(path, path[-1] if path else "", value)]
    seen: set[int] = set()  # a YAML alias can repeat a container, even inside itself
    while stack:
        path, name, value = stack.pop()
        if isinstance(value, dict | list):
            if id(value) in seen:
                continue
            seen.add(id(value))
        if isinstance(value, str):
            yield path, name, value
        elif isinstance(value, dict):
            stack += [((*path, str(key)), str(key), item) for key, item in reversed(list(value.items()))]
        elif isinstance(value, list):
            stack += [((*path, str(index)), name, item) for index, item in reversed(list(enumerate(value)))]


def prints_key(command: str) -> bool:
    """True if a shell command contains the key that it prints."""
    if has_key(command):
        return True
    printed = _ECHO.match(command)
    return printed is not None and not no_key(printed[2]) and any(char.isdigit() for char in printed[2])


def keys_in(profile: Profile) -> Iterator[tuple[str, ...]]:
    """The members of a profile that hold a literal key: the path of each in the file."""
    for name in ("secret", "front_auth"):
        reference = getattr(profile, name) or ""
        if prints_key(reference.removeprefix("exec:")) or is_key("secret", reference):
            yield (name,)
    yield from (("headers", name) for name, value in profile.headers.items() if is_credential(name, value))
    yield from (("env", name) for name, value in profile.env.items() if is_key(name, value) or has_password(value))
    for path, name, value in leaves(profile.tables, ()):
        is_literal = is_key(name, value) or has_password(value) or prints_key(value.removeprefix("exec:"))
        if path[0] != "check" and is_literal:
            yield path


def shown_reference(text: str | None) -> str:
    """A secret reference as it may be shown: without a key that its command contains."""
    if text is None or not prints_key(text.removeprefix("exec:")):
        return masked_text(text) if text and text.startswith("exec:") else text or "none"
    if not text.startswith("exec:") and "://" in text:
        return masked_keys(text).replace("…", "...")
    return f"exec:{text.removeprefix('exec:').split()[0]} ... (the command contains a key)"


def masked(profile: Profile) -> Profile:
    """A profile as it may be shown: every literal key in it is masked."""
    keys = set(keys_in(profile))

    def shown(value: object, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {name: shown(item, (*path, str(name))) for name, item in value.items()}
        if isinstance(value, list):
            return [shown(item, (*path, str(index))) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        text = masked_secret(value) if path in keys else masked_value(path[-1], value)
        return text.replace("…", "...")  # a header carries no ellipsis

    models = {name: getattr(profile.models, name) for name in Models.__slots__}
    # The masker leaves a file's path as it is, and not a URL's.
    base_path = profile.base_path and masked_text(f"http://{profile.base_path}").removeprefix("http://")
    key_header = profile.key_header and masked_keys(profile.key_header).replace("…", "...")
    return replace(
        profile,
        gateway_url=masked_keys(profile.gateway_url).replace("…", "..."),
        key_header=key_header,
        secret=shown_reference(profile.secret) if ("secret",) in keys else profile.secret,
        front_auth=shown_reference(profile.front_auth) if ("front_auth",) in keys else profile.front_auth,
        base_path=base_path and base_path.replace("…", "..."),
        models=replace(profile.models, **shown(models, ())),
        env=shown(profile.env, ("env",)),
        headers=shown(profile.headers, ("headers",)),
        tables=shown(profile.tables, ()),
    )


def in_text(text: str) -> Iterator[Literal]:
    """The same for a text that is not JSON, or not YAML, by patterns; one for each line."""
    seen: set[int] = set()
    from claude_gw_cli.readers.common import places

    place = places(text)
    found = [(item.start(), item[0]) for item in _FORM.finditer(text) if has_key(text[item.start() : item.end() + 3])]
    found += [(item.start(), item[1]) for item in _ENV_MEMBER.finditer(text) if not no_key(item[2])]
    for start, _ in sorted(found):
        line, column = place(start)
        if line not in seen:
            seen.add(line)
            yield Literal(f"line {line}", None, line, column)
