"""4xx: apiKeyHelper - whether it can run, what it would print, and how often."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.snapshot import HelperFile
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import SCRIPT, gateway_env, working
from claude_gw_cli.rules.subject import Subject

_TTL = "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"
_HELPER = gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}
_GOOD = Example(user=_HELPER, helper=SCRIPT)
_LITERAL = re.compile(r"\b(?:sk-[A-Za-z0-9_-]{8,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.|hvs\.[A-Za-z0-9]{10,})")
_ECHO = re.compile(r"""^\s*(?:echo|printf)\s+(?:-n\s+|'%s\\?n?'\s+)?(['"]?)([^\s'"$`|;&]{6,})\1\s*$""")
_HOME_WITH_SPACE = re.compile(r"/(?:Users|home)/[^/ ]+ [^/ ]+/|/Library/Application Support/")
_LOGIN_SHELL = re.compile(r"\b(?:bash|zsh|sh|ksh|fish)\s+(?:-[a-z]*l[a-z]*|--login)\b")


def _here(s: Subject) -> Location:
    return Location(s.helper[0].file, pointer="/apiKeyHelper") if s.helper else Location()


def _file(s: Subject) -> HelperFile | None:
    """What is known of the helper's program; ``None`` when nobody looked."""
    if s.helper:
        for item in s.snapshot.helpers:
            if item.command == s.helper[1]:
                return item
    return None


@rule(
    "CGW401",
    "helper-not-found",
    "error",
    why="""A helper that fails does not stop the request: it goes out with an empty Authorization, and the gateway's
    401 hides the real cause.""",
    bad=Example(user=_HELPER),
    good=_GOOD,
    evidence=("atlas:2.1.330 claim.helper.missing",),
    whole=True,
)
def helper_not_found(s: Subject) -> Iterator[Hit]:
    """The program that apiKeyHelper starts does not exist."""
    found = _file(s)
    if found and found.program and not found.exists and not _split_path(found.command):
        yield Hit(
            f"apiKeyHelper starts {found.program}, which does not exist",
            _here(s),
            "correct the path, or: cgw helper install",
        )


@rule(
    "CGW402",
    "helper-not-executable",
    "error",
    why="""The shell answers "permission denied", and the request goes out with an empty key.""",
    bad=Example(user=_HELPER, helper=SCRIPT, helper_mode=0o600),
    good=_GOOD,
    evidence=("atlas:2.1.330 claim.helper.noexec",),
    whole=True,
)
def helper_not_executable(s: Subject) -> Iterator[Hit]:
    """The apiKeyHelper script is not executable."""
    found = _file(s)
    if found and found.exists and not found.executable:
        yield Hit(f"{found.program} is not executable", _here(s), f"chmod u+x {found.program}")


@rule(
    "CGW403",
    "helper-path-unquoted",
    "error",
    why="""The string is run by /bin/sh: a path with a space in it falls apart at the space.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "/opt/our tools/key.sh"}),
    good=Example(user=gateway_env() | {"apiKeyHelper": "'/opt/our tools/key.sh'"}),
    evidence=(
        "atlas:2.1.330 claim.helper.space",
        "atlas:2.1.330 claim.helper.space.quoted",
    ),
)
def helper_path_unquoted(s: Subject) -> Iterator[Hit]:
    """The helper's path has a space and no quotes."""
    found = _file(s)
    path = _split_path(s.helper[1]) if s.helper else None
    if path and (_HOME_WITH_SPACE.match(path) or (found and not found.exists)):
        yield Hit(
            f"the shell runs only the part of {path!r} before the first space",
            _here(s),
            f'quote it: "apiKeyHelper": "\'{path}\'"',
        )


@rule(
    "CGW404",
    "helper-login-shell",
    "warning",
    why="""A login shell runs the person's start-up files; one line that they print becomes part of the key, and the
    client refuses it.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "bash -lc 'vault kv get -field=key secret/llm'"}),
    good=_GOOD,
    evidence=(
        "atlas:2.1.330 claim.helper.login",
        "seen in public configurations",
    ),
)
def helper_login_shell(s: Subject) -> Iterator[Hit]:
    """The helper starts a login shell."""
    if s.helper and _LOGIN_SHELL.search(s.helper[1]):
        yield Hit(
            "apiKeyHelper starts a login shell, whose start-up files can print into the key",
            _here(s),
            "call the program itself, with its whole path",
        )


@rule(
    "CGW405",
    "helper-prints-bearer",
    "error",
    why="""The client adds "Bearer " itself. Output with a blank in it is refused, and the request goes out with an
    empty key.""",
    bad=Example(user=_HELPER, helper='#!/bin/sh\necho "Bearer $(vault kv get -field=key secret/llm)"\n'),
    good=_GOOD,
    evidence=("atlas:2.1.330 help.bearer-prefix",),
)
def helper_prints_bearer(s: Subject) -> Iterator[Hit]:
    """The helper prints "Bearer " in front of the key."""
    found = _file(s)
    for text in (s.helper[1] if s.helper else "", found.text if found and found.text else ""):
        if re.search(r"""(?:echo|printf|print)\b[^\n]*?['"]?Bearer\s""", text):
            yield Hit('the helper prints "Bearer ", which the client refuses', _here(s), "print the key alone")
            return


@rule(
    "CGW406",
    "literal-key-in-helper",
    "warning",
    why="""A helper that echoes a literal keeps the key in plain text like a variable would, but looks as if it did
    not.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "echo sk-4f1c9a7e22b0"}),
    good=_GOOD,
    evidence=("seen in public configurations",),
)
def literal_key_in_helper(s: Subject) -> Iterator[Hit]:
    """The helper's command line contains the key."""
    if s.helper and (_LITERAL.search(s.helper[1]) or _ECHO.match(s.helper[1])):
        yield Hit(
            "the key stands in the apiKeyHelper command itself",
            _here(s),
            "keep it in a store: cgw secret set keyring://cgw/NAME",
        )


@rule(
    "CGW407",
    "literal-key-in-script",
    "warning",
    why="""A key inside the script is a key in a file: it is copied, backed up and shared with the script.""",
    bad=Example(user=_HELPER, helper="#!/bin/sh\necho sk-4f1c9a7e22b0\n"),
    good=_GOOD,
    evidence=("seen in public configurations",),
)
def literal_key_in_script(s: Subject) -> Iterator[Hit]:
    """The helper script contains the key."""
    found = _file(s)
    if found and found.text and _LITERAL.search(found.text) and not (found.mode or 0) & 0o077:
        yield Hit(f"{found.program} contains a key", _here(s), "read the key from a store: cgw helper install")


@rule(
    "CGW408",
    "readable-script-with-key",
    "error",
    why="""The script contains a key, and other accounts can read it.""",
    bad=Example(user=_HELPER, helper="#!/bin/sh\necho sk-4f1c9a7e22b0\n", helper_mode=0o755),
    good=_GOOD,
    evidence=("seen in public configurations",),
    fix="safe",
)
def readable_script_with_key(s: Subject) -> Iterator[Hit]:
    """The helper script contains the key and can be read by others."""
    found = _file(s)
    if found and found.program and found.text and _LITERAL.search(found.text) and (found.mode or 0) & 0o077:
        yield Hit(
            f"{found.program} contains a key and others can read it (mode {(found.mode or 0) & 0o777:04o})",
            _here(s),
            "replace the key, then read the new one from a store: cgw helper install",
            Fix("make the script private", "safe", (Chmod(found.program, 0o700),)),
        )


@rule(
    "CGW409",
    "script-writable-by-others",
    "error",
    why="""Who can write the script runs programs as you, with all the client's credentials in the environment.""",
    bad=Example(user=_HELPER, helper=SCRIPT, helper_mode=0o777),
    good=_GOOD,
    evidence=("atlas:2.1.330 help.env-seen",),
    fix="safe",
)
def script_writable_by_others(s: Subject) -> Iterator[Hit]:
    """The helper script can be changed by other accounts."""
    found = _file(s)
    if found and found.program and found.mode is not None and found.mode & 0o022:
        yield Hit(
            f"others can change {found.program} (mode {found.mode & 0o777:04o})",
            _here(s),
            f"chmod go-w {found.program}",
            Fix("take write permission from others", "safe", (Chmod(found.program, 0o755),)),
        )


@rule(
    "CGW410",
    "helper-relative-path",
    "warning",
    why="""A relative path is looked up in the directory where the client starts: the helper works in one project and
    fails in the next, or another file of that name runs.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "./bin/key.sh"}),
    good=_GOOD,
    evidence=("atlas:2.1.330 claim.helper.relative",),
)
def helper_relative_path(s: Subject) -> Iterator[Hit]:
    """The helper's path is relative."""
    if (
        s.helper
        and s.helper[0].scope not in {"project", "local"}
        and re.match(r"\s*['\"]?(\.{1,2}/|\w[\w.-]*/)", s.helper[1])
    ):
        yield Hit(
            "apiKeyHelper is a relative path, looked up where the client starts", _here(s), "write the whole path"
        )


@rule(
    "CGW411",
    "helper-blank",
    "error",
    why="""Blanks are not "unset": the client runs them, gets no value and sends an empty key. Only "" removes an
    inherited helper.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "   "}),
    good=_GOOD,
    evidence=("atlas:2.1.330 claim.helper.blank",),
)
def helper_blank(s: Subject) -> Iterator[Hit]:
    """The apiKeyHelper consists of blanks."""
    if s.helper and not s.helper[1].strip():
        yield Hit(
            "apiKeyHelper is blank: the client sends an empty key", _here(s), 'write "" to remove an inherited helper'
        )


@rule(
    "CGW412",
    "ttl-not-a-number",
    "warning",
    why="""A TTL that is not a number is ignored without a word: the helper then runs every five minutes.""",
    bad=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="soon") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence=(
        "atlas:2.1.330 claim.ttl.word",
        "atlas:2.1.330 claim.ttl.1s",
    ),
)
def ttl_not_a_number(s: Subject) -> Iterator[Hit]:
    """The helper's TTL is not a number of milliseconds."""
    value = s.text(_TTL)
    if value and not re.fullmatch(r"\+?\d+(\.\d*)?(e\d+)?", value, re.IGNORECASE):
        meaning = f"the client reads {_leading(value)} ms" if _leading(value) else "the client ignores it"
        yield Hit(f"{_TTL} is not a plain number: {meaning}", s.at(_TTL), "write milliseconds, for example 300000")


@rule(
    "CGW413",
    "ttl-tiny",
    "warning",
    why="""With a TTL of 0 or 1 ms every request starts the helper again, and still uses the previous key.""",
    bad=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="0") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    good=Example(
        user=gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="60000") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT
    ),
    evidence=("atlas:2.1.330 help.ttl0", "atlas:2.1.330 help.ttl1"),
)
def ttl_tiny(s: Subject) -> Iterator[Hit]:
    """The helper's TTL is so short that every request starts it."""
    value = s.text(_TTL)
    if s.helper and re.fullmatch(r"\d{1,3}", value):
        yield Hit(
            f"{_TTL}={value} starts the helper for every request",
            s.at(_TTL),
            "the number is in milliseconds; 300000 is five minutes",
        )


@rule(
    "CGW414",
    "ttl-without-helper",
    "info",
    why="""The TTL only concerns apiKeyHelper.""",
    bad=Example(user=working(CLAUDE_CODE_API_KEY_HELPER_TTL_MS="600000")),
    good=_GOOD,
    evidence=("measured: 2.1.330, apiKeyHelper with many TTL texts",),
    whole=True,
)
def ttl_without_helper(s: Subject) -> Iterator[Hit]:
    """A TTL is set, but there is no helper."""
    if s.text(_TTL) and not s.helper:
        yield Hit(f"{_TTL} has no effect without apiKeyHelper", s.at(_TTL), "remove it")


@rule(
    "CGW415",
    "helper-echoes-variable",
    "warning",
    why="""The client uses ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY by itself, before the helper. A helper that only
    prints one of them prints nothing where it is not set, and the request goes out with an empty key.""",
    bad=Example(user=gateway_env() | {"apiKeyHelper": "printenv ANTHROPIC_AUTH_TOKEN"}),
    good=_GOOD,
    evidence=("atlas:2.1.330 help.env-seen", "seen in public configurations"),
)
def helper_echoes_variable(s: Subject) -> Iterator[Hit]:
    """The helper prints a variable that the client reads anyway."""
    if s.helper and re.fullmatch(
        r"""\s*(?:printenv\s+|(?:echo|printf)\s+(?:-n\s+|['"]?%s['"]?\s+)?['"]?\$\{?)ANTHROPIC_(?:AUTH_TOKEN|API_KEY)\}?['"]?\s*""",
        s.helper[1],
    ):
        yield Hit(
            "apiKeyHelper prints a variable that the client reads by itself",
            _here(s),
            "remove the helper, or let it read a store",
        )


def _split_path(command: str) -> str | None:
    """The whole command when it looks like one path that a space cuts in two, else ``None``."""
    text = command.strip()
    head, blank, tail = text.partition(" ")
    whole = blank and head.startswith(("/", "~/")) and re.fullmatch(r"[^\s'\"\\|;&<>$:=-]+/[^'\"\\|;&<>$:=]*", tail)
    return text if whole else None


def _leading(value: str) -> str:
    match = re.match(r"\d+(\.\d+)?", value)
    return match.group(0) if match else ""
