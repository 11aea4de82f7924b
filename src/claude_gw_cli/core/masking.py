"""Texts as they may be shown: what could be a key is masked, by its member's name and by its own form. Pure.

Errs on the side of masking. Names, hosts, paths, models, numbers and URLs without secrets stay readable, and so does
the layout. Used by every report, diff and message that quotes a value.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json, quoted
from claude_gw_cli.core.patterns import DOTALL, IGNORECASE, lazy
from claude_gw_cli.core.reference import FORMS as REFERENCES
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.keys import BEGINNING_MARKS, BEGINNINGS
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*"'
# A string that a colon follows is a member's name; strings without one are matched too, so that the search never
# starts inside a text.
_MEMBER = lazy(rf"({_STRING})([ \t\r\n]*+:[ \t\r\n]*+)({_STRING})|({_STRING})([ \t\r\n]*+:)?", DOTALL)
_QUOTED = lazy(r""""((?:[^"\\]|\\.)*)("|\\?$)|'([^']*)('|$)""", needs=('"', "'"))
_PAIR = lazy(r"^(\s*(?:- +|export +)?)([\w.-]+)(\s*[:=]\s*)([^\s\"'#{\[][^#]*?)(\s*(?:#.*)?)$")

# The name before a quoted text, read backwards: a search for what ends there would start again at each character.
_IS_NAME = lazy(r"\s*[:=]")
_NAMED_BEFORE = lazy(r"\s*(?:\[\s*)?[:=]\s*([\w.-]+)")

_SUSPECT = ("key", "token", "secret", "passw", "passphrase", "credential", "authorization", "cookie")
# Names that sound like secrets, of commands, numbers, identifiers and files.
_HARMLESS = ("helper", "keyheader", "key_header", "keyformat", "key_format", "max_", "$schema")
_HARMLESS_ENDS = ("_ms", "_id", "_file", "tokens", "url")
_PUBLIC_KINDS = frozenset({"url", "flag", "presence", "millis", "path", "model", "text", "proxy", "location"})
_PUBLIC_TEXT = lazy(
    r"|null|true|false|none|-?\d{1,8}|os\.environ/\w+|\$\{?\w+\}?|exec:.*"
    rf"|(?:{'|'.join(REFERENCES)})://\S*",
    IGNORECASE | DOTALL,
)
_SCHEME = lazy(r"(?:bearer|basic)\s+", IGNORECASE, needs=("bearer", "basic"))

_PEM = lazy(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", DOTALL, needs=("private key---",)
)
_USERINFO = lazy(r"(://)[^/@\s\"']+@", needs=("@",))
_NAMED = lazy(
    r"((?:[?&;][\w.~-]{0,40}(?:key|token|secret|passw(?:or)?d|pwd|sig|signature|auth|code)="  # a parameter of a URL
    r"|--?[\w-]{0,40}(?:key|token|secret|password|passphrase)[= ]\s*"  # an option of a command
    r"|\b[\w-]{0,40}(?:key|token|secret|password|passphrase)="  # a variable of a command
    r"|\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+(?=[^\s\"',]))?"
    r"|\b(?:[\w-]{0,40}api-?key|cookie)[\"']?\s*:\s*[\"']?"
    r"|\b(?:bearer|basic)\s+)[\"']?)"
    r"([^\s\"'&#;$/<{(,)…-][^\s\"'&;,…]{3,}|-[^\s\"'&;,…-][^\s\"'&;,…]{6,})",
    IGNORECASE,
    needs=(*_SUSPECT, "pwd=", "sig=", "signature=", "auth=", "code=", "bearer", "basic"),
)
_PRINTED = lazy(
    r"(\b(?:echo|printf)\s+(?:-n\s+)?(?:['\"]?%s[^\s'\"]*['\"]?\s+)?['\"]?)((?=[^\s'\"]*\d)[^\s'\"$`|;&…]{8,})",
    needs=("echo", "printf"),
)
_KEY = lazy(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(BEGINNINGS)})", needs=BEGINNING_MARKS)
# What no secret is in is passed over, so that its parts are not seen as words: ARNs (also percent-encoded), hosts,
# ids of Anthropic's API, ids of a trace (W3C's and AWS's), the account in Cloudflare's addresses, and paths.
_WORD = lazy(
    r"(?P<path>(?<!\w)arn(?::|%3[Aa])aws[\w-]*(?::|%3[Aa])[\w.:/@%-]*"
    r"|(?<=://)(?:[^/@\s\"']*@)?[\w.-]+(?:/v1/[0-9a-f]{32}(?<=gateway\.ai\.cloudflare\.com/v1/.{32}))?"
    r"|(?<![\w.-])(?:[a-z0-9-]+\.){2,}[a-z]{2,12}(?![\w.-])"
    r"|(?<!\w)(?:req|msg|toolu|wrkspc)_[A-Za-z0-9]{20,32}(?!\w)"
    r"|(?<![\w-])(?:00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|1-[0-9a-f]{8}-[0-9a-f]{24})(?![\w-])"
    r"|(?<![\w:/+=])(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w.@-]+[/\\][^\s\"']*)"
    r"|(?<![\w/.:~+=-])(?=[a-z0-9+/_-]*[A-Z])(?=[A-Z0-9+/_-]*[a-z])(?=[A-Za-z+/_-]*\d)[A-Za-z0-9+/_-]{40,}={0,2}"
    r"|[A-Za-z0-9_~+-]{16,}={0,2}"
)
# What no word of the last pattern has: between these marks a text is looked at piece by piece.
_BREAKS = {code: " " for code in range(0x80) if not (chr(code).isalnum() or chr(code) in "_~+/-")}
_FAMILIES = ("anthropic", "claude", "haiku", "opus", "sonnet")
"""How words of names for models begin: a name with one of them may have more numbers."""
_MODEL = lazy(rf"[\w./@-]*(?:{'|'.join(_FAMILIES)})[a-zA-Z0-9._@-]{{0,40}}(?::\d+)?", IGNORECASE)
"""A name for a model that gateways write in base64."""
_LONG, _LONG_WITH_SLASHES = 16, 40
_SHORT_MIX = 7
_LONGEST_NUMBER = 8
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_JOINTS = dict.fromkeys(map(ord, "-_/~+="), " ")


def masked_text(text: str) -> str:
    """Any text without the keys that it contains, as far as their form or the word before them says that they are."""
    if len(text) < 4:
        return text
    text = _PEM.sub(lambda found: mask(found[0]), text)
    text = _USERINFO.sub(r"\1…@", text)
    text = _NAMED.sub(lambda found: found[1] + mask(found[2]), text)
    text = _PRINTED.sub(lambda found: found[1] + mask(found[2]), text)
    text = _KEY.sub(lambda found: mask(found[0]), text)
    if not _has_long_word(text):
        return text
    return _WORD.sub(lambda found: found[0] if found["path"] or _is_readable(found[0]) else mask(found[0]), text)


def _has_long_word(text: str) -> bool:
    """Whether ``_WORD`` may find a key: a long word with digits. A quick look before the pattern."""
    for word in text.translate(_BREAKS).split():
        if not any(map(str.isdigit, word)):
            continue
        # With slashes inside, a word is a key only where upper and lower case are mixed; others are paths.
        if len(word) >= _LONG_WITH_SLASHES and word != word.lower() and word != word.upper():
            return True
        if any(len(part) >= _LONG and any(map(str.isdigit, part)) for part in word.split("/")):
            return True
    return False


def _is_readable(word: str) -> bool:
    """Whether a long word is a name, as of a model or a host: letters, short numbers, at most half of it mixed."""
    if not (any(map(str.isdigit, word)) and any(map(str.isalpha, word))):
        return True
    if len(word) == 40 and "/" in word and not word.strip(_BASE64):  # as AWS's secret keys
        return False
    if _MODEL.fullmatch(decoded(word)):
        return True
    parts = word.translate(_JOINTS).split()
    named = [part for part in parts if part.lower().startswith(_FAMILIES)]
    mixed = [part for part in parts if not part.isalpha() and not part.isdigit() and part not in named]
    return (
        all(len(part) <= _SHORT_MIX for part in mixed)
        and all(len(part) <= _LONGEST_NUMBER for part in parts if part.isdigit())
        and (bool(named) or 2 * len(mixed) <= len(parts))
    )


def decoded(word: str) -> str:
    """The text that a word is in base64; empty if it is none."""
    from base64 import b64decode
    from contextlib import suppress

    with suppress(ValueError):
        return b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii")
    return ""


def is_suspect(name: str) -> bool:
    """True when a value under this name may be a secret."""
    low = name.casefold()
    suspect = any(word in low for word in _SUSPECT)
    return suspect and not (low.endswith(_HARMLESS_ENDS) or any(word in low for word in _HARMLESS))


def masked_value(name: str | None, value: str) -> str:
    """A value as it may be shown beside the name of its member or variable, if it has one."""
    known = VARIABLES.get(name) if name else None
    if name is None or name in KNOWN or (known and known.kind in _PUBLIC_KINDS):
        return masked_text(value)
    if name.upper().endswith("_HEADERS"):
        return "\n".join(_masked_header(line) for line in value.split("\n"))
    if (is_suspect(name) or (known and known.kind == "secret")) and not _PUBLIC_TEXT.fullmatch(value):
        return masked_secret(value)
    return masked_text(value)


def masked_secret(value: str) -> str:
    """A secret as it may be shown: ``Bearer sk-a…``."""
    scheme = _SCHEME.match(value)
    head = scheme[0] if scheme else ""
    return head + mask(value[len(head) :])


def _masked_header(line: str) -> str:
    name, colon, value = line.partition(":")
    return name + colon + " " * value.startswith(" ") + masked_secret(value.strip()) if colon else mask(line)


def masked_json(text: str) -> str:
    """A JSON document with its whitespace and names kept and its values masked."""
    before = ""

    def masked(found: re.Match[str]) -> str:
        nonlocal before
        name, colon, value, alone, is_name = found.groups()
        if is_name:
            return masked_text(found[0])
        if name is not None:
            before = ""
            return masked_text(name) + colon + _masked_string(from_json(name), value)
        option, before = before, from_json(alone)
        return _masked_string(option if option.startswith("-") else None, alone)

    return _MEMBER.sub(masked, text)


def _masked_string(name: str | None, literal: str) -> str:
    plain = from_json(literal)
    shown = masked_value(name, plain)
    return literal if shown == plain else quoted(shown)


def masked_line(line: str) -> str:
    """One line of a settings file, profile or gateway configuration (JSON, TOML, YAML), or a part of one."""
    pieces: list[str] = []
    end = 0
    name: str | None = None
    for found in _QUOTED.finditer(line):
        pieces.append(masked_text(line[end : found.start()]))
        bare = _NAMED_BEFORE.match(line[end : found.start()][::-1])
        name = bare[1][::-1] if bare else name
        end = found.end()
        quote, close = (found[0][0], found[2] if found[0][0] == '"' else found[4])
        text = found[1] if quote == '"' else found[3]
        if _IS_NAME.match(line, end):
            name = text
            pieces.append(f"{quote}{masked_text(text)}{close}")
        else:
            pieces.append(f"{quote}{_masked_part(name, text)}{close}")
    if not pieces and (pair := _PAIR.match(line)):
        return f"{pair[1]}{masked_text(pair[2])}{pair[3]}{masked_value(pair[2], pair[4])}{pair[5]}"
    pieces.append(masked_text(line[end:]))
    return "".join(pieces)


def _masked_part(name: str | None, raw: str) -> str:
    """The inside of a string as it is written; one that hides a key with escapes is masked too."""
    try:
        plain = from_json(f'"{raw}"')
    except ValueError:
        plain = raw
    shown = masked_value(name, plain)
    return raw if shown == plain else quoted(shown)[1:-1]
