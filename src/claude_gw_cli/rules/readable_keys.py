"""Who can read a key: literal keys in settings, helper scripts, key files and profiles. Codes of several ranges."""

from __future__ import annotations

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import HelperFile, SettingsFile
from claude_gw_cli.hints import Iterator
from claude_gw_cli.hints import Literal as Choice
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.literals import Literal, has_key, is_local, keys_in, literals, prints_key
from claude_gw_cli.rules.rule import RawFinding, rule

_SET = "cgw secret set keyring://cgw/NAME"
_NOT_COMMITTED = frozenset({"compose", "kubernetes", "maps"})
"""Of the formats whose process starts elsewhere those that a repository need not hold."""
_PLAIN_NAME = lazy(r"[A-Za-z][\w .-]{0,60}")


@rule("CGW123 literal-key info")
def literal_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file that git does not track holds a literal key."""
    for source, found in _literals(ctx, "private"):
        managed = "managed settings, which every user of the machine can read"
        where = managed if source.scope == "managed" else "a private file"
        if found.pointer != "/apiKeyHelper":  # CGW406 says why that is worse
            message = f"{_name(found)} holds a literal key in {where}"
            advice = _stored(ctx) or "keep it in a store: cgw init --auth helper --secret keyring://cgw/NAME"
            yield RawFinding(message, _at(source, found), advice)


@rule("CGW124 exposed-key error", fix="safe")
def exposed_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A file that git tracks or that others can read holds a literal key."""
    for source, found in _literals(ctx, "others"):
        reason, fix = f"other accounts can open (mode {(source.mode or 0) & 0o777:04o})", None
        if source.tracked:
            reason = "git tracks"
        elif _is_committed(ctx):
            reason = "is meant to be committed"
        elif source.scope in {"user", "local"}:
            fix = Fix("make the file private (0600)", "safe", (Chmod(source.file, 0o600),))
        message = f"{_name(found)} holds a literal key in a file that {reason}"
        advice = f"replace the key at the gateway, then {_stored(ctx) or f'keep the new one in a store: {_SET}'}"
        yield RawFinding(message, _at(source, found), advice, fix)


@rule("CGW153 key-in-image warning")
def key_in_image(ctx: RuleContext) -> Iterator[RawFinding]:
    """A key that is given to the build of an image stays in the image."""
    for name, why in ctx.seen.items():
        advice = (
            f"pass it when the container starts: docker run -e {name}; a step of the build reads it with "
            f"RUN --mount=type=secret,id=KEY,env={name}"
        )
        yield ctx.values[name][-1].finding(f"{name}: {why}, where everyone who has the image can read it", advice)


@rule("CGW142 key-not-ignored warning")
def key_not_ignored(ctx: RuleContext) -> Iterator[RawFinding]:
    """A repository's file that git does not ignore holds a literal key."""
    for source, found in _literals(ctx, "next commit"):
        message = f"{_name(found)} holds a literal key in a file that the next `git add .` adds"
        ignored = f"echo {source.file.rsplit('/', 1)[-1]} >> .gitignore, or keep the key in a store"
        advice = _stored(ctx) or ignored
        yield RawFinding(message, _at(source, found), advice)


@rule("CGW406 literal-key-in-helper warning")
def literal_key_in_helper(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper's command line contains the key."""
    if ctx.helper and _reach(ctx.helper[0]) != "others" and prints_key(ctx.helper[1]):
        yield ctx.helper_finding("the apiKeyHelper command itself contains the key", f"keep it in a store: {_SET}")


@rule("CGW407 literal-key-in-script info")
def literal_key_in_script(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper script contains the key."""
    found = _script_with_key(ctx)
    if found and not _script_reach(found):
        yield ctx.helper_finding(f"{found.program} contains a key", "read the key from a store: cgw helper install")


@rule("CGW408 readable-script-with-key error", fix="safe")
def readable_script_with_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper script contains the key and can be read by others or is tracked by git."""
    found = _script_with_key(ctx)
    if found and found.program and (reason := _script_reach(found)):
        fix = Fix("make the script private", "safe", (Chmod(found.program, 0o700),))
        yield ctx.helper_finding(
            f"{found.program} contains a key and {reason}",
            "replace the key, then read the new one from a store: cgw helper install",
            None if found.tracked else fix,
        )


@rule("CGW417 readable-key-file error", fix="safe")
def readable_key_file(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper prints a file that others can read."""
    found = ctx.helper_file
    if found and found.role == "file" and found.program and found.mode is not None and found.mode & 0o077:
        yield ctx.helper_finding(
            f"{found.program} is the key, and others can read it (mode {found.mode & 0o777:04o})",
            f"chmod 600 {found.program}, and replace the key if others use this machine",
            Fix("make the key file private (0600)", "safe", (Chmod(found.program, 0o600),)),
        )


@rule("CGW537 key-in-profile error")
def key_in_profile(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile holds a literal key; an error where git tracks it or others can read it."""
    for item in ctx.snapshot.profiles:
        file = ctx.profile_files.get(item.name, "")
        reason = ctx.shared.get(file)
        for path in keys_in(item):
            name = path[-1] if _PLAIN_NAME.fullmatch(path[-1]) else path[0]
            yield RawFinding(
                f"{name} of profile {item.name} holds a literal key"
                + (f" in a file that {reason}" if reason else ""),
                Location(file, pointer="/" + "/".join(path)),
                f"{'replace the key, store the new one' if reason else 'store the key'} ({_SET}) "
                "and refer to it by secret = and key_header =",
                severity=None if reason else "warning",
            )


_Reach = Choice["", "private", "next commit", "others"]


def _reach(source: SettingsFile) -> _Reach:
    """Who can read a settings file; empty for one that the client does not read and no other account can read."""
    if source.text is None:
        return ""
    # Managed settings must be readable, or the users' clients stop: a key there is the administrator's choice.
    open_to_others = source.scope != "managed" and source.mode is not None and source.mode & 0o077
    if source.tracked or open_to_others:
        return "others"
    if source.status == "unread":
        return ""
    return "next commit" if source.unignored and source.scope in {"process", "project", "local"} else "private"


def _literals(ctx: RuleContext, reach: _Reach) -> Iterator[tuple[SettingsFile, Literal]]:
    for source in ctx.snapshot.files:
        actual = "others" if _is_committed(ctx) and source.text is not None else _reach(source)
        if actual != reach or not (found := tuple(literals(source))):
            continue
        if ctx.base and is_local(ctx.base.value):
            found = tuple(literals(source, local=True))
        yield from ((source, item) for item in found)


def _stored(ctx: RuleContext) -> str:
    """Where the key belongs whose process starts on another machine; empty for one that starts here."""
    if not ctx.format:
        return ""
    from claude_gw_cli.readers import ELSEWHERE, FILLED_IN

    return FILLED_IN[ctx.format] if ctx.format in ELSEWHERE else ""


def _is_committed(ctx: RuleContext) -> bool:
    """Whether a repository holds files of the format: the mode of one copy does not keep a key in it from others."""
    if not ctx.format:
        return False
    from claude_gw_cli.readers import ELSEWHERE

    return ctx.format in ELSEWHERE - _NOT_COMMITTED


def _name(found: Literal) -> str:
    return found.name if _PLAIN_NAME.fullmatch(found.name) else "a value"


def _at(source: SettingsFile, found: Literal) -> Location:
    variable = found.name if (found.pointer or "").startswith("/env/") else None
    return Location(source.file, found.line, found.column, found.pointer, variable)


def _script_with_key(ctx: RuleContext) -> HelperFile | None:
    found = ctx.helper_file
    return found if found and found.text and has_key(found.text) else None


def _script_reach(found: HelperFile) -> str:
    if found.tracked:
        return "git tracks it"
    mode = (found.mode or 0) & 0o777
    return f"others can read it (mode {mode:04o})" if mode & 0o077 else ""
