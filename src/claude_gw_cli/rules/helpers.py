"""4xx: apiKeyHelper: whether it can run, what it prints, and how often it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.words import counted
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import RawFinding, rule

_TTL = "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"
_STARTS = {"program": "starts", "script": "runs", "file": "prints"}
_HOME_WITH_SPACE = lazy(r"/(?:Users|home)/[^/ ]+ [^/ ]+/|/Library/Application Support/")
_LOGIN_SHELL = lazy(r"\b(?:bash|zsh|sh|ksh|fish)\s+(?:-[a-z]*[li][a-z]*|--login|--interactive)(?=\s)")
_START_FILE = lazy(
    r"""(?:^|[;&|'"(]\s*)(?:\.|source)\s+["']?(?:~|\$HOME|\$\{HOME\}|/(?:home|Users)/[\w.-]+|/root)/"""
    r"""\.(?:bash_profile|bash_login|bashrc|profile|zprofile|zshrc)\b["']?\s*(?:[;&]|$)"""
)
_READS = lazy(r"^\s*(?:IFS=\S*\s+)?read\b(?=[^\n|<]*\s-\w*[ps])[^\n|<]*$", re.MULTILINE)
_PRINTS_BEARER = lazy(r"""(?:echo|printf|print)\b[^\n]*?['"]?Bearer\s""")
_PRINTS_VARIABLE = lazy(
    r"""\s*(?:printenv\s+|(?:echo|printf)\s+(?:-n\s+|['"]?%s['"]?\s+)?['"]?\$\{?)"""
    r"""ANTHROPIC_(?:AUTH_TOKEN|API_KEY)\}?['"]?\s*"""
)
_READER = r"(?:cat|source|\.|(?:ba|da|z|k)?sh|python[\d.]*|node|bun|deno|ruby|perl)\s+"
_RELATIVE = lazy(rf"\s*(?:exec\s+)?(?:(?:{_READER})?['\"]?(?:\.{{1,2}}/|\w[\w.-]*/)|{_READER}['\"]?\.?[\w-]+\.\w)")
"""A command that runs or reads a file of the directory where the client starts."""


def _texts(ctx: RuleContext) -> tuple[str, ...]:
    """The helper's command line and the text of its script, as far as there are any."""
    found = ctx.helper_file
    return tuple(text for text in (ctx.helper and ctx.helper[1], found and found.text) if text)


@rule("CGW401 helper-not-found error", whole=True)
def helper_not_found(ctx: RuleContext) -> Iterator[RawFinding]:
    """The program, the script or the key file that apiKeyHelper names does not exist."""
    found = ctx.helper_file
    if found and found.program and not found.exists and not _split_path(found.command):
        why = f": {found.problem}" if found.problem else ""
        message = f"apiKeyHelper {_STARTS[found.role]} {found.program}, which does not exist{why}"
        yield ctx.helper_finding(message, "correct the path, or: cgw helper install")


@rule("CGW402 helper-not-executable error", whole=True)
def helper_not_executable(ctx: RuleContext) -> Iterator[RawFinding]:
    """The apiKeyHelper script exists but cannot run: it is not executable, empty, or has no interpreter."""
    found = ctx.helper_file
    if found and found.exists and found.problem:
        yield ctx.helper_finding(f"{found.program} {found.problem}", "write it again: cgw helper install")
    elif found and found.exists and not found.executable:
        yield ctx.helper_finding(f"{found.program} is not executable", f"chmod u+x {found.program}")


@rule("CGW403 helper-path-unquoted error", needs=("apiKeyHelper",))
def helper_path_unquoted(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper's path has a space and no quotes."""
    found = ctx.helper_file
    path = _split_path(ctx.helper[1]) if ctx.helper else None
    if path and (_HOME_WITH_SPACE.match(path) or (found and not found.exists)):
        message = f"the shell runs only the part of {path!r} before the first space"
        yield ctx.helper_finding(message, f'quote it: "apiKeyHelper": "\'{path}\'"')


@rule("CGW404 helper-login-shell warning", needs=("apiKeyHelper",))
def helper_login_shell(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper runs the person's startup files, in a login or interactive shell or by sourcing them."""
    if ctx.helper and (_LOGIN_SHELL.search(ctx.helper[1]) or _START_FILE.search(ctx.helper[1])):
        message = "apiKeyHelper runs your shell's startup files, whose output can become part of the key"
        yield ctx.helper_finding(message, "call the program itself, with its full path")


@rule("CGW405 helper-prints-bearer error", needs=("apiKeyHelper",))
def helper_prints_bearer(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper prints "Bearer " before the key."""
    if any(_PRINTS_BEARER.search(text) for text in _texts(ctx)):
        yield ctx.helper_finding('the helper prints "Bearer ", which the client refuses', "print only the key")


@rule("CGW409 script-writable-by-others error", fix="safe", needs=("apiKeyHelper",))
def script_writable_by_others(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper script can be changed or replaced by other accounts."""
    found = ctx.helper_file
    if not found or not found.program or found.role == "file":
        return
    if found.mode is not None and found.mode & 0o022:
        yield ctx.helper_finding(
            f"others can change {found.program} (mode {found.mode & 0o777:04o})",
            f"chmod go-w {found.program}",
            Fix("remove write permission for others", "safe", (Chmod(found.program, 0o755),)),
        )
    # In a directory with the sticky bit users can replace only their own files; a group often has one member.
    elif found.folder_mode is not None and found.folder_mode & 0o1002 == 0o002:
        message = (
            f"others can replace {found.program}: they can write its directory ({found.folder_mode & 0o777:04o})"
        )
        yield ctx.helper_finding(message, f"chmod o-w {found.program.rpartition('/')[0]}")


@rule("CGW410 helper-relative-path warning", needs=("apiKeyHelper",))
def helper_relative_path(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper's path is relative."""
    if ctx.helper and ctx.helper[0].scope not in {"project", "local"} and _RELATIVE.match(ctx.helper[1]):
        message = "apiKeyHelper names a relative path, which is resolved where the client starts"
        yield ctx.helper_finding(message, "write the full path")


@rule("CGW411 helper-blank error", needs=("apiKeyHelper",))
def helper_is_whitespace(ctx: RuleContext) -> Iterator[RawFinding]:
    """The apiKeyHelper is only whitespace."""
    if ctx.helper and not ctx.helper[1].strip():
        message = "apiKeyHelper is only whitespace: the client sends an empty key"
        yield ctx.helper_finding(message, 'write "" to remove an inherited helper')


@rule("CGW412 ttl-not-a-number warning", needs=(_TTL,))
def ttl_not_a_number(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper's TTL is not a number of milliseconds."""
    value = ctx.text(_TTL)
    if value and not re.fullmatch(r"\+?\d+(\.\d*)?(e\d+)?", value, re.IGNORECASE):
        leading = re.match(r"\d+(\.\d+)?", value)
        effect = f"the client reads {leading[0]} ms" if leading else "the client ignores it"
        message = f"{_TTL} is not a plain number: {effect}"
        yield ctx.finding(_TTL, message, "write milliseconds, for example 300000")


@rule("CGW413 ttl-tiny warning", needs=("apiKeyHelper",))
def ttl_tiny(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper's TTL is so short that every request starts it, or was written in seconds."""
    value = ctx.text(_TTL) if ctx.helper else ""
    if re.fullmatch(r"\d{4}", value) and not int(value) % 60 and int(value) % 1000:
        # Whole minutes if read as seconds, and not a round number of milliseconds.
        message = f"{_TTL}={value} is {counted(int(value) / 1000, 'second')}; the number is in milliseconds"
        yield ctx.finding(_TTL, message, f"write {value}000 for {counted(int(value) // 60, 'minute')}")
    elif re.fullmatch(r"\d{1,3}", value):
        message = f"{_TTL}={value} starts the helper for every request"
        yield ctx.finding(_TTL, message, "the number is in milliseconds; 300000 is five minutes")


@rule("CGW414 ttl-without-helper info", whole=True)
def ttl_without_helper(ctx: RuleContext) -> Iterator[RawFinding]:
    """A TTL is set, but there is no helper."""
    if ctx.text(_TTL) and not ctx.helper:
        yield ctx.finding(_TTL, f"{_TTL} has no effect without apiKeyHelper", "remove it")


@rule("CGW415 helper-echoes-variable warning", needs=("apiKeyHelper",))
def helper_echoes_variable(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper prints a variable that the client reads anyway."""
    if ctx.helper and _PRINTS_VARIABLE.fullmatch(ctx.helper[1]):
        message = "apiKeyHelper prints a variable that the client itself reads"
        yield ctx.helper_finding(message, "remove the helper, or let it read a store")


@rule("CGW418 helper-asks warning", needs=("apiKeyHelper",))
def helper_asks(ctx: RuleContext) -> Iterator[RawFinding]:
    """The helper asks a person for input."""
    # With /dev/tty as its input, or a check for a terminal, the script works as intended.
    asks = (text for text in _texts(ctx) if "/dev/tty" not in text and "-t 0" not in text)
    if any(_READS.search(text) for text in asks):
        yield ctx.helper_finding(
            "the helper asks for input, but it has no terminal: it waits until it is stopped",
            "sign in beforehand, and let the helper read a store: cgw helper install",
        )


def _split_path(command: str) -> str | None:
    """The whole command if it looks like one path that a space splits in two, else ``None``."""
    text = command.strip()
    head, space, tail = text.partition(" ")
    whole = space and head.startswith(("/", "~/")) and re.fullmatch(r"[^\s'\"\\|;&<>$:=-]+/[^'\"\\|;&<>$:=]*", tail)
    return text if whole else None
