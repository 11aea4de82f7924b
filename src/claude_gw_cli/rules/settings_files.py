"""2xx: settings files as a whole: not JSON, dropped, not read, open to others, with a member twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.model import Location
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW, TOKEN, USER, gateway_env
from claude_gw_cli.rules.settings_places import is_for_the_client

_UTF8 = "save the file as UTF-8 without a byte order mark"
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
    ("", "put a file there that you can read"),
)
"""What a reason says -> what to do; the first that fits."""


@rule(
    "CGW201 not-json error",
    why="""Settings are one strict JSON object in UTF-8. One comment, trailing comma or single quote, and the client
    drops the whole file: credentials, permissions and all.""",
    bad=Example(user='{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://llm.example.com", // team gateway\n  }\n}\n'),
    good=Example(user=USER),
    evidence="2.1.330: l4.invalid.json l4.invalid.comments",
)
def not_json(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file is not strict JSON, so the client ignores all of it."""
    for source in s.snapshot.files:
        if source.status == "invalid" and not source.data and source.scope != "managed":
            remedy = next((remedy for said, remedy in _REMEDIES if said in source.reason), _STRICT)
            yield RawFinding(f"the client drops this whole file: {source.reason}", Location(source.file), remedy)


@rule(
    "CGW202 file-dropped error",
    why="""One value of the wrong type in a key that the client knows, and it drops the whole file, not the key. Of a
    managed file it drops the key, whatever was to be enforced with it.""",
    bad=Example(user={**USER, "permissions": "bad"}),
    good=Example(user={**USER, "permissions": {"allow": ["Bash(ls)"]}}),
    evidence="2.1.330: l4.invalid.other-field claim.managed.wrongtype",
)
def file_dropped(s: RuleContext) -> Iterator[RawFinding]:
    """A value of the wrong type makes the client ignore the whole file, or its key in managed settings."""
    for source in s.snapshot.files:
        whole = source.status == "invalid" and source.data and source.scope != "managed"
        if whole or (source.status == "loaded" and source.reason):
            yield RawFinding(
                f"the client drops {'this whole file' if whole else 'this key'}: {source.reason}",
                Location(source.file, pointer=pointer_text((source.reason.split(":", 1)[0],))),
                "give the key a value of the right type, or remove it",
            )


@rule(
    "CGW214 settings-writable-by-others warning",
    why="""Who can write this file can send your key to another address, or run a program as you.""",
    bad=Example(user=gateway_env(), env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, mode=0o666),
    good=Example(user=USER, mode=0o600),
    evidence="2.1.330: claim.mode.666",
    fix="safe",
)
def settings_writable_by_others(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file can be written by other accounts."""
    for source in s.files:
        if source.mode is not None and source.mode & 0o022:
            yield RawFinding(
                f"other accounts can change this file (mode {source.mode & 0o777:04o})",
                Location(source.file),
                f"chmod go-w {source.file}",
                Fix("take write permission from others", "safe", (Chmod(source.file, 0o755),)),
            )


@rule(
    "CGW215 file-not-read warning",
    why="""Project settings are read only from .claude in the directory where the client starts, not from its parents
    or the repository's root; there is no local settings file for the user scope; and no other name than
    settings.json, for an administrator managed-settings.json, is looked at.""",
    bad=Example(user=USER, parent={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    good=Example(user=USER, project={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    evidence="""2.1.330: l4.user.local-settings claim.parent claim.user.othername claim.managed.othername
    2.1.330: claim.configdir.empty""",
    whole=True,
)
def file_not_read(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file exists that the client does not read here."""
    for source in s.snapshot.files:
        if source.status == "unread" and is_for_the_client(source):
            here = "start the client in that directory, or " if source.scope == "project" else ""
            yield RawFinding(
                source.reason or "the client does not read this file here",
                Location(source.file),
                f"{here}move the settings to where the client reads them",
            )


@rule(
    "CGW222 duplicate-key warning",
    why="""Of two members with one name the client takes the last. Whoever edits the first one sees no effect.""",
    bad=Example(
        user='{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://old.example.com",\n'
        f'    "ANTHROPIC_BASE_URL": "{GW}",\n    "ANTHROPIC_AUTH_TOKEN": "{TOKEN}"\n  }}\n}}\n'
    ),
    good=Example(user=USER),
    evidence="2.1.330: claim.duplicate",
)
def duplicate_key(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file has two members with one name in the same place."""
    for source in s.files:
        text = source.text or ""
        env = source.data.get("env")
        names = (*source.data, *(env if isinstance(env, Mapping) else ()))
        # A cheap look first: almost no file has any, and parsing each once more would halve the speed.
        if all(text.count(f'"{name}"') < 2 for name in names):
            continue
        for pointer, line, column in parse(text).duplicates:
            if len(pointer) == 1 or (len(pointer) == 2 and pointer[0] == "env"):
                at = Location(source.file, line, column, pointer_text(pointer))
                yield RawFinding(
                    f"{pointer[-1]} stands here a second time; only the last one counts", at, "remove one of them"
                )
