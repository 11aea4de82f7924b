"""4xx: apiKeyHelper - whether it can run, what it would print, and how often."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import HelperFile
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import SCRIPT, gateway_env, working

_TTL = "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"
_HELPER = gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}
_GOOD = Example(user=_HELPER, helper=SCRIPT)
_DOES = {"program": "starts", "script": "runs", "file": "prints"}
_HOME_WITH_SPACE = lazy(r"/(?:Users|home)/[^/ ]+ [^/ ]+/|/Library/Application Support/")
_LOGIN_SHELL = lazy(r"\b(?:bash|zsh|sh|ksh|fish)\s+(?:-[a-z]*[li][a-z]*|--login|--interactive)(?=\s)")
_START_FILE = lazy(
    r"""(?:^|[;&|'"(]\s*)(?:\.|source)\s+["']?(?:~|\$HOME|\$\{HOME\}|/(?:home|Users)/[\w.-]+|/root)/"""
    r"""\.(?:bash_profile|bash_login|bashrc|profile|zprofile|zshrc)\b["']?\s*(?:[;&]|$)"""
)
_READS = lazy(r"^\s*(?:IFS=\S*\s+)?read\b(?=[^\n|<]*\s-\w*[ps])[^\n|<]*$", re.MULTILINE)


def helper_place(s: RuleContext) -> Location:
    """Where the helper in effect stands."""
    return Location(s.helper[0].file, pointer="/apiKeyHelper") if s.helper else Location()


def helper_file(s: RuleContext) -> HelperFile | None:
    """What is known of the helper's program; ``None`` when nobody looked."""
    if s.helper:
        for item in s.snapshot.helpers:
            if item.command == s.helper[1]:
                return item
    return None


@rule(
    "CGW401 helper-not-found error",
    why="""A helper that fails does not stop the request: it goes out with an empty Authorization, and the gateway's
    401 hides the real cause.""",
    bad=Example(user=_HELPER),
    good=_GOOD,
    evidence="""2.1.330: claim.helper.missing claim.helper.noprogram claim.helper.interpreter.missing
    2.1.330: claim.helper.cat.missing claim.helper.backslash claim.helper.tilde.quoted claim.helper.home.single
    2.1.330: claim.helper.home.double claim.helper.interpreter""",
    whole=True,
)
def helper_not_found(s: RuleContext) -> Iterator[RawFinding]:
    """The program, the script or the key file that apiKeyHelper names does not exist."""
    found = helper_file(s)
    if found and found.program and not found.exists and not _split_path(found.command):
        why = f": {found.problem}" if found.problem else ""
        yield RawFinding(
            f"apiKeyHelper {_DOES[found.role]} {found.program}, which does not exist{why}",
            helper_place(s),
            "correct the path, or: cgw helper install",
        )


@rule(
    "CGW402 helper-not-executable error",
    why="""The shell answers "permission denied" or "not found", or runs nothing at all, and the request goes out with
    an empty key.""",
    bad=Example(user=_HELPER, helper=SCRIPT, helper_mode=0o600),
    good=_GOOD,
    evidence="""2.1.330: claim.helper.noexec claim.helper.directory claim.helper.empty claim.helper.crlf
    2.1.330: claim.helper.shebang""",
    whole=True,
)
def helper_not_executable(s: RuleContext) -> Iterator[RawFinding]:
    """The apiKeyHelper script is there and cannot be run: not executable, empty, or without its interpreter."""
    found = helper_file(s)
    if found and found.exists and found.problem:
        yield RawFinding(f"{found.program} {found.problem}", helper_place(s), "write it anew: cgw helper install")
    elif found and found.exists and not found.executable:
        yield RawFinding(f"{found.program} is not executable", helper_place(s), f"chmod u+x {found.program}")


@rule(
    "CGW403 helper-path-unquoted error",
    why="""The string is run by /bin/sh: a path with a space in it falls apart at the space.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "/opt/our tools/key.sh"}),
    good=Example(user=gateway_env() | {"apiKeyHelper": "'/opt/our tools/key.sh'"}),
    evidence="2.1.330: claim.helper.space claim.helper.space.quoted",
)
def helper_path_unquoted(s: RuleContext) -> Iterator[RawFinding]:
    """The helper's path has a space and no quotes."""
    found = helper_file(s)
    path = _split_path(s.helper[1]) if s.helper else None
    if path and (_HOME_WITH_SPACE.match(path) or (found and not found.exists)):
        yield RawFinding(
            f"the shell runs only the part of {path!r} before the first space",
            helper_place(s),
            f'quote it: "apiKeyHelper": "\'{path}\'"',
        )


@rule(
    "CGW404 helper-login-shell warning",
    why="""A login or interactive shell runs the person's start-up files, and so does a command that reads them in;
    one line that they print becomes part of the key, and the client refuses it.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "bash -lc 'vault kv get -field=key secret/llm'"}),
    good=_GOOD,
    evidence="""2.1.330: claim.helper.login claim.helper.rc
    seen: public configurations""",
)
def helper_login_shell(s: RuleContext) -> Iterator[RawFinding]:
    """The helper runs the person's start-up files, in a login or interactive shell or by itself."""
    if s.helper and (_LOGIN_SHELL.search(s.helper[1]) or _START_FILE.search(s.helper[1])):
        yield RawFinding(
            "apiKeyHelper runs your shell's start-up files, which can print into the key",
            helper_place(s),
            "call the program itself, with its whole path",
        )


@rule(
    "CGW405 helper-prints-bearer error",
    why="""The client adds "Bearer " itself. Output with a blank in it is refused, and the request goes out with an
    empty key.""",
    bad=Example(user=_HELPER, helper='#!/bin/sh\necho "Bearer $(vault kv get -field=key secret/llm)"\n'),
    good=_GOOD,
    evidence="2.1.330: help.bearer-prefix",
)
def helper_prints_bearer(s: RuleContext) -> Iterator[RawFinding]:
    """The helper prints "Bearer " in front of the key."""
    found = helper_file(s)
    for text in (s.helper[1] if s.helper else "", found.text if found and found.text else ""):
        if re.search(r"""(?:echo|printf|print)\b[^\n]*?['"]?Bearer\s""", text):
            yield RawFinding(
                'the helper prints "Bearer ", which the client refuses', helper_place(s), "print the key alone"
            )
            return


@rule(
    "CGW409 script-writable-by-others error",
    why="""Who can write the script runs programs as you, with all the client's credentials in the environment.""",
    bad=Example(user=_HELPER, helper=SCRIPT, helper_mode=0o777),
    good=_GOOD,
    evidence="2.1.330: help.env-seen",
    fix="safe",
)
def script_writable_by_others(s: RuleContext) -> Iterator[RawFinding]:
    """The helper script can be changed or replaced by other accounts."""
    found = helper_file(s)
    if not found or not found.program or found.role == "file":
        return
    folder = found.program.rpartition("/")[0]
    if found.mode is not None and found.mode & 0o022:
        yield RawFinding(
            f"others can change {found.program} (mode {found.mode & 0o777:04o})",
            helper_place(s),
            f"chmod go-w {found.program}",
            Fix("take write permission from others", "safe", (Chmod(found.program, 0o755),)),
        )
    # In a directory with the sticky bit nobody can replace another's file; a group is often its owner's own.
    elif found.folder_mode is not None and found.folder_mode & 0o1002 == 0o002:
        yield RawFinding(
            f"others can replace {found.program}: they can write its directory ({found.folder_mode & 0o777:04o})",
            helper_place(s),
            f"chmod o-w {folder}",
        )


@rule(
    "CGW410 helper-relative-path warning",
    why="""A relative path is looked up in the directory where the client starts: the helper works in one project and
    fails in the next, or another file of that name runs.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "./bin/key.sh"}),
    good=_GOOD,
    evidence="2.1.330: claim.helper.relative",
)
def helper_relative_path(s: RuleContext) -> Iterator[RawFinding]:
    """The helper's path is relative."""
    if (
        s.helper
        and s.helper[0].scope not in {"project", "local"}
        and re.match(r"\s*['\"]?(\.{1,2}/|\w[\w.-]*/)", s.helper[1])
    ):
        yield RawFinding(
            "apiKeyHelper is a relative path, looked up where the client starts",
            helper_place(s),
            "write the whole path",
        )


@rule(
    "CGW411 helper-blank error",
    why="""Blanks are not "unset": the client runs them, gets no value and sends an empty key. Only "" removes an
    inherited helper.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "   "}),
    good=_GOOD,
    evidence="2.1.330: claim.helper.blank",
)
def helper_blank(s: RuleContext) -> Iterator[RawFinding]:
    """The apiKeyHelper consists of blanks."""
    if s.helper and not s.helper[1].strip():
        yield RawFinding(
            "apiKeyHelper is blank: the client sends an empty key",
            helper_place(s),
            'write "" to remove an inherited helper',
        )


@rule(
    "CGW412 ttl-not-a-number warning",
    why="""A TTL that is not a number is ignored without a word: the helper then runs every five minutes.""",
    bad=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="soon") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence="2.1.330: claim.ttl.word claim.ttl.1s",
)
def ttl_not_a_number(s: RuleContext) -> Iterator[RawFinding]:
    """The helper's TTL is not a number of milliseconds."""
    value = s.text(_TTL)
    if value and not re.fullmatch(r"\+?\d+(\.\d*)?(e\d+)?", value, re.IGNORECASE):
        meaning = f"the client reads {_leading(value)} ms" if _leading(value) else "the client ignores it"
        yield RawFinding(
            f"{_TTL} is not a plain number: {meaning}", s.at(_TTL), "write milliseconds, for example 300000"
        )


@rule(
    "CGW413 ttl-tiny warning",
    why="""The number is in milliseconds. With a TTL of 0 or 1 ms every request starts the helper again, and still
    uses the previous key; 3600 was meant to be an hour and is three seconds.""",
    bad=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="0") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="60000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence="2.1.330: help.ttl0 help.ttl1",
)
def ttl_tiny(s: RuleContext) -> Iterator[RawFinding]:
    """The helper's TTL is so short that every request starts it, or was written in seconds."""
    value = s.text(_TTL)
    if s.helper and re.fullmatch(r"\d{4}", value) and not int(value) % 60 and int(value) % 1000:
        # Whole minutes as seconds, and no round number of milliseconds.
        yield RawFinding(
            f"{_TTL}={value} is {int(value) / 1000:g} seconds; the number is in milliseconds",
            s.at(_TTL),
            f"write {value}000 for {int(value) // 60} minutes",
        )
    elif s.helper and re.fullmatch(r"\d{1,3}", value):
        yield RawFinding(
            f"{_TTL}={value} starts the helper for every request",
            s.at(_TTL),
            "the number is in milliseconds; 300000 is five minutes",
        )


@rule(
    "CGW414 ttl-without-helper info",
    why="""The TTL only concerns apiKeyHelper.""",
    bad=Example(user=working(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000")),
    good=_GOOD,
    evidence="measured: 2.1.330, apiKeyHelper with many TTL texts",
    whole=True,
)
def ttl_without_helper(s: RuleContext) -> Iterator[RawFinding]:
    """A TTL is set, but there is no helper."""
    if s.text(_TTL) and not s.helper:
        yield RawFinding(f"{_TTL} has no effect without apiKeyHelper", s.at(_TTL), "remove it")


@rule(
    "CGW415 helper-echoes-variable warning",
    why="""The client uses ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY by itself, before the helper. A helper that only
    prints one of them prints nothing where it is not set, and the request goes out with an empty key.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "printenv ANTHROPIC_AUTH_TOKEN"}),
    good=_GOOD,
    evidence="""2.1.330: help.env-seen
    seen: public configurations""",
)
def helper_echoes_variable(s: RuleContext) -> Iterator[RawFinding]:
    """The helper prints a variable that the client reads anyway."""
    if s.helper and re.fullmatch(
        r"""\s*(?:printenv\s+|(?:echo|printf)\s+(?:-n\s+|['"]?%s['"]?\s+)?['"]?\$\{?)ANTHROPIC_(?:AUTH_TOKEN|API_KEY)\}?['"]?\s*""",
        s.helper[1],
    ):
        yield RawFinding(
            "apiKeyHelper prints a variable that the client reads by itself",
            helper_place(s),
            "remove the helper, or let it read a store",
        )


@rule(
    "CGW418 helper-asks warning",
    why="""Nobody can answer: the helper's input is no terminal and never ends. A script that reads an answer from it
    waits, and the client waits with it and sends nothing.""",
    bad=Example(
        user=_HELPER, helper="#!/bin/sh\nread -rsp 'Password: ' pw\nvault login -method=userpass password=$pw\n"
    ),
    good=_GOOD,
    evidence="measured: 2.1.330, a helper that reads its input; no request within a minute",
)
def helper_asks(s: RuleContext) -> Iterator[RawFinding]:
    """The helper asks a person for input."""
    found = helper_file(s)
    for text in (s.helper[1] if s.helper else "", found.text if found and found.text else ""):
        # With the terminal as its input, or only where there is one, it does as it is meant to.
        if _READS.search(text) and "/dev/tty" not in text and "-t 0" not in text:
            yield RawFinding(
                "the helper asks for input, which nobody can give: it waits for ever",
                helper_place(s),
                "sign in beforehand, and let the helper read a store: cgw helper install",
            )
            return


def _split_path(command: str) -> str | None:
    """The whole command when it looks like one path that a space cuts in two, else ``None``."""
    text = command.strip()
    head, blank, tail = text.partition(" ")
    whole = blank and head.startswith(("/", "~/")) and re.fullmatch(r"[^\s'\"\\|;&<>$:=-]+/[^'\"\\|;&<>$:=]*", tail)
    return text if whole else None


def _leading(value: str) -> str:
    match = re.match(r"\d+(\.\d+)?", value)
    return match.group(0) if match else ""
