"""Who can read a key: literal keys in settings, helper scripts, key files and profiles. Codes of several ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as Choice

from claude_gw_cli.core.model import Location, Profile
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import HelperFile, SettingsFile
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.helpers import helper_file, helper_place
from claude_gw_cli.rules.literals import (
    Literal,
    has_key,
    keys_in,
    literals,
    prints_key,
)
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW, SCRIPT, TOKEN, USER, gateway_env

_STORE = "keep it in a store: cgw init --auth helper --secret keyring://cgw/NAME"
_HELPER = gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}
_PLAIN_NAME = lazy(r"[A-Za-z][\w .-]{0,60}")
_IN_SCRIPT = "#!/bin/sh\necho sk-4f1c9a7e22b0\n"


@rule(
    "CGW123 literal-key info",
    why="""A key in settings.json is plain text at rest, in backups and in screen sharing. In a file that only you
    can read and that git does not track, or in managed settings, this is a choice, not a mistake.""",
    bad=Example(user=USER),
    good=Example(user=_HELPER, helper=SCRIPT),
    evidence="reported: anthropics/claude-code#13106",
)
def literal_key(s: RuleContext) -> Iterator[RawFinding]:
    """A settings file that git does not track holds a literal key."""
    for source in s.snapshot.files:
        if _reach(source) != "private":
            continue
        managed = "managed settings, which every user of the machine reads"
        where = managed if source.scope == "managed" else "a private file"
        for found in literals(source):
            if found.pointer != "/apiKeyHelper":  # CGW406 says why that is worse
                yield RawFinding(f"{_name(found)} holds a literal key in {where}", _at(source, found), _STORE)


@rule(
    "CGW124 exposed-key error",
    why="""A key in a file that git tracks, or that other accounts can read, is known to more people than it is
    meant for. It is looked for in every value, also where the client does not read it: the file shows it all the
    same.""",
    bad=Example(project=USER, tracked=True),
    good=Example(project=gateway_env(), env={"ANTHROPIC_AUTH_TOKEN": TOKEN}),
    evidence="reported: anthropics/claude-code#13106",
    fix="safe",
)
def exposed_key(s: RuleContext) -> Iterator[RawFinding]:
    """A literal key stands in a file that is tracked by git or readable by others."""
    for source in s.snapshot.files:
        if _reach(source) != "others":
            continue
        fix = None
        if source.tracked:
            reason = "git tracks"
        else:
            reason = f"other accounts can open (mode {(source.mode or 0) & 0o777:04o})"
            if source.scope in {"user", "local"}:
                fix = Fix("make the file private (0600)", "safe", (Chmod(source.file, 0o600),))
        for found in literals(source):
            yield RawFinding(
                f"{_name(found)} holds a literal key in a file that {reason}",
                _at(source, found),
                "replace the key at the gateway, then keep the new one in a store: cgw secret set keyring://cgw/NAME",
                fix,
            )


@rule(
    "CGW142 key-not-ignored warning",
    why="""A key in a repository's settings that no ignore rule covers is private only until the next `git add .`;
    after that it is in the history of every clone.""",
    bad=Example(local=USER, ignored=False),
    good=Example(local=USER),
    evidence="reported: anthropics/claude-code#13106",
)
def key_not_ignored(s: RuleContext) -> Iterator[RawFinding]:
    """A literal key stands in a repository's file that git does not ignore."""
    for source in s.snapshot.files:
        if _reach(source) == "next commit":
            for found in literals(source):
                yield RawFinding(
                    f"{_name(found)} holds a literal key in a file that the next `git add .` takes",
                    _at(source, found),
                    f"echo {source.file.rsplit('/', 1)[-1]} >> .gitignore, or keep the key in a store",
                )


@rule(
    "CGW406 literal-key-in-helper warning",
    why="""A helper that echoes a literal keeps the key in plain text like a variable would, but looks as if it did
    not; and while it runs, every account of the machine sees the key in the list of processes. Where others can read
    the settings file too, CGW124 says so.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "echo sk-4f1c9a7e22b0"}),
    good=Example(user=_HELPER, helper=SCRIPT),
    evidence="seen: public configurations",
)
def literal_key_in_helper(s: RuleContext) -> Iterator[RawFinding]:
    """The helper's command line contains the key."""
    if s.helper and _reach(s.helper[0]) != "others" and prints_key(s.helper[1]):
        yield RawFinding(
            "the key stands in the apiKeyHelper command itself",
            helper_place(s),
            "keep it in a store: cgw secret set keyring://cgw/NAME",
        )


@rule(
    "CGW407 literal-key-in-script info",
    why="""A key inside the script is a key in a file: it is copied, backed up and shared with the script. In a script
    that only you can read and that git does not track, this is a choice.""",
    bad=Example(user=_HELPER, helper=_IN_SCRIPT),
    good=Example(user=_HELPER, helper=SCRIPT),
    evidence="seen: public configurations",
)
def literal_key_in_script(s: RuleContext) -> Iterator[RawFinding]:
    """The helper script contains the key."""
    found = _script_with_key(s)
    if found and not _script_reach(found):
        yield RawFinding(
            f"{found.program} contains a key", helper_place(s), "read the key from a store: cgw helper install"
        )


@rule(
    "CGW408 readable-script-with-key error",
    why="""The script contains a key, and other accounts can read it, or git has it in every clone.""",
    bad=Example(user=_HELPER, helper=_IN_SCRIPT, helper_mode=0o755),
    good=Example(user=_HELPER, helper=SCRIPT),
    evidence="seen: public configurations",
    fix="safe",
)
def readable_script_with_key(s: RuleContext) -> Iterator[RawFinding]:
    """The helper script contains the key and can be read by others or is tracked by git."""
    found = _script_with_key(s)
    if found and found.program and (reason := _script_reach(found)):
        fix = Fix("make the script private", "safe", (Chmod(found.program, 0o700),))
        yield RawFinding(
            f"{found.program} contains a key and {reason}",
            helper_place(s),
            "replace the key, then read the new one from a store: cgw helper install",
            None if found.tracked else fix,
        )


@rule(
    "CGW417 readable-key-file error",
    why="""The file that the helper prints is the key, and other accounts can read it. (A file that somebody else
    provides, such as a mounted secret, has the mode that they chose and is left out.)""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "cat ~/.gateway-key"}, helper_mode=0o644),
    good=Example(user=gateway_env() | {"apiKeyHelper": "cat ~/.gateway-key"}, helper_mode=0o600),
    evidence="seen: public configurations",
    fix="safe",
)
def readable_key_file(s: RuleContext) -> Iterator[RawFinding]:
    """The helper prints a file that others can read."""
    found = helper_file(s)
    if found and found.role == "file" and found.program and found.mode is not None and found.mode & 0o077:
        yield RawFinding(
            f"{found.program} is the key, and others can read it (mode {found.mode & 0o777:04o})",
            helper_place(s),
            f"chmod 600 {found.program}, and replace the key if others use this machine",
            Fix("make the key file private (0600)", "safe", (Chmod(found.program, 0o600),)),
        )


@rule(
    "CGW537 key-in-profile error",
    why="""A profile holds references, never secrets: it is handed on, committed and exported. A key in a header, a
    variable or an exec: command of it goes wherever the file goes.""",
    bad=Example(
        profile=Profile(
            "work", "unified", GW, secret="env://GW_KEY", headers={"x-portkey-api-key": "sk-4f1c9a7e22b0"}
        ),
        profile_shared=True,
    ),
    good=Example(profile=Profile("work", "unified", GW, secret="env://GW_KEY", headers={"x-team": "llm"})),
    evidence="documented: README.md, Where the key is",
)
def key_in_profile(s: RuleContext) -> Iterator[RawFinding]:
    """A profile that git tracks or others can read holds a literal key."""
    for profile in s.snapshot.profiles:
        file = s.profile_files.get(profile.name, "")
        if reason := s.shared.get(file):
            for path in keys_in(profile):
                yield RawFinding(
                    f"{path[-1] if _PLAIN_NAME.fullmatch(path[-1]) else path[0]} of profile {profile.name} holds a "
                    f"literal key in a file that {reason}",
                    Location(file, pointer="/" + "/".join(path)),
                    "replace the key, store the new one (cgw secret set keyring://cgw/NAME) and refer to it by "
                    "secret = and key_header =",
                )


def _reach(source: SettingsFile) -> Choice["", "private", "next commit", "others"]:
    """Who can read a settings file; nothing for one that does not count and that nobody else sees."""
    if source.text is None:
        return ""
    # Managed settings have to be readable, or the users' clients stop: a key there is the administrator's choice.
    open_to_others = source.scope != "managed" and source.mode is not None and source.mode & 0o077
    if source.tracked or open_to_others:
        return "others"
    if source.status == "unread":
        return ""
    return "next commit" if source.unignored and source.scope in {"project", "local"} else "private"


def _name(found: Literal) -> str:
    return found.name if _PLAIN_NAME.fullmatch(found.name) else "a value"


def _at(source: SettingsFile, found: Literal) -> Location:
    pointer = found.pointer or ""
    variable = found.name if pointer.startswith("/env/") else None
    return Location(source.file, found.line, found.column, found.pointer, variable)


def _script_with_key(s: RuleContext) -> HelperFile | None:
    found = helper_file(s)
    return found if found and found.text and has_key(found.text) else None


def _script_reach(found: HelperFile) -> str:
    if found.tracked:
        return "git tracks it"
    mode = (found.mode or 0) & 0o777
    return f"others can read it (mode {mode:04o})" if mode & 0o077 else ""
