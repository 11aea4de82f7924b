"""2xx: whole settings files: not JSON, dropped, not read, writable by others, with a duplicate member."""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.settings_schema import Fault
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import RuleContext, env_of
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import RawFinding, rule
from claude_gw_cli.rules.settings_keys import COMMENT

_UTF8 = "save the file as UTF-8 without a byte order mark"
_PLACE = lazy(r"^line \d+, column \d+: ")
"""What a reason begins with, and a finding says by itself."""
_STRICT = "correct it there; settings are strict JSON"
_REMEDIES = (
    ("comments", "remove the comments; settings are strict JSON"),
    ("trailing comma", "remove the comma; settings are strict JSON"),
    ("plain double quotes", "quote every name and string with plain double quotes"),
    ("not closed", "close the string with a double quote"),
    ("in a string", _STRICT),
    ("the middle of a value", "the end of the file is missing: restore it, or close what is open"),
    ("the end of the file", "a settings file is one JSON object: remove what follows it"),
    ("not an object", "write the settings as one JSON object"),
    ("UTF-16", _UTF8),
    ("control character", _UTF8),
    ("byte", _UTF8),
    ("line ", _STRICT),
    ("", "put a readable file there"),
)
"""Part of a reason -> what to do; the first that matches."""


@rule("CGW201 not-json error")
def not_json(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file is not strict JSON, so the client ignores all of it."""
    for source in ctx.snapshot.files:
        if source.status == "invalid" and not source.data and source.scope != "managed":
            remedy = next(remedy for part, remedy in _REMEDIES if part in source.reason)
            reason = _PLACE.sub("", source.reason)
            yield RawFinding(f"the client drops this whole file: {reason}", Location(source.file), remedy)


@rule("CGW202 file-dropped error")
def file_dropped(ctx: RuleContext) -> Iterator[RawFinding]:
    """A value that the client does not accept makes it ignore the whole file, or its key in managed settings."""
    for source in ctx.snapshot.files:
        what = "this whole file" if source.status == "invalid" else "this key"
        for fault in source.faults:
            if not fault.alone:
                yield RawFinding(
                    f"the client drops {what}: {fault.path}: {fault.text}",
                    _fault_at(source, fault),
                    "give the key a value that the client accepts, or remove it",
                )


@rule("CGW224 value-ignored warning")
def value_ignored(ctx: RuleContext) -> Iterator[RawFinding]:
    """The client ignores a value, and only that, because it does not accept it."""
    for source in ctx.files:
        for fault in source.faults:
            if fault.alone:
                yield RawFinding(
                    f"the client ignores {fault.path}: {fault.text}",
                    _fault_at(source, fault),
                    "give it a value that the client accepts, or remove it",
                )


def _fault_at(source: SettingsFile, fault: Fault) -> Location:
    """Where the value is, or the object that lacks it."""
    pointer = fault.pointer
    value: object = source.data
    for depth, name in enumerate(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and (place := natural(name)) is not None and place < len(value):
            value = value[place]
        else:
            pointer = pointer[: depth or 1]
            break
    return Location(source.file, pointer=pointer_text(pointer))


@rule("CGW214 settings-writable-by-others warning", fix="safe")
def settings_writable_by_others(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file can be written by other accounts."""
    for source in ctx.files:
        if source.mode is not None and source.mode & 0o022:
            yield RawFinding(
                f"other accounts can change this file (mode {source.mode & 0o777:04o})",
                Location(source.file),
                f"chmod go-w {source.file}",
                Fix("remove write permission for others", "safe", (Chmod(source.file, 0o755),)),
            )


@rule("CGW215 file-not-read warning", whole=True)
def file_not_read(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file exists that the client does not read here."""
    for source in ctx.snapshot.files:
        matters = source.data.get("apiKeyHelper") or any(name in VARIABLES for name in env_of(source))
        if source.status == "unread" and matters:
            here = "start the client in that directory, or " if source.scope == "project" else ""
            yield RawFinding(
                source.reason or "the client does not read this file here",
                Location(source.file),
                f"{here}move the settings to where the client reads them",
            )


_FEW = 300
"""Names that are looked for one by one in less time than the text is parsed."""


@rule("CGW222 duplicate-key warning")
def duplicate_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file has two members with the same name in the same place."""
    for source in ctx.files:
        text = source.text or "" if not source.places else ""
        # A fast check first: almost no file has duplicates, and parsing each file again would halve the speed.
        names = (*source.data, *env_of(source))
        if len(names) < _FEW and all(text.count(f'"{name}"') < 2 for name in names):
            continue
        for pointer, line, column in parse(text).duplicates:
            if pointer[-1].startswith(COMMENT):
                continue
            if len(pointer) == 1 or (len(pointer) == 2 and pointer[0] == "env"):
                at = Location(source.file, line, column, pointer_text(pointer))
                yield RawFinding(f"{pointer[-1]} is set a second time; only the last one counts", at, "remove one")
