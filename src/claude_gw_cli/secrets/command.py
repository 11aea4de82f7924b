"""Keys from a program: ``exec:COMMAND ARG...``, and the one way in which every source starts a program.

argv arrays only, never a shell; the program is looked up on a PATH without relative entries; it sees an allow-listed
environment; its whole process group is killed at the deadline. Its output never appears in an error text.
"""

from __future__ import annotations

import os
import shlex

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import Context, FetchedSecret, process
from claude_gw_cli.secrets.pin import DEFAULT_PATH, PLACES, PinnedReference, passed, places, safe_path
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from claude_gw_cli.core.reference import Reference

# A pipe, a redirection, the end of a command, a variable, a command's output, a home directory; not in single quotes.
_FOR_A_SHELL = lazy(r"^[^'\"\\]*?(\||&&|;$|^;|^&$|^\d*[<>]|\$[A-Za-z_{(]\w*|`|^~/)")
# What lets a program draw a question on the screen: only where the user expects one.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "GPG_TTY", "TERM")


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The standard output of a command."""
    words = argv(reference)
    value = run(words, context, f"exec:{words[0]}")  # its arguments may contain a key
    return FetchedSecret(context.accept(value, "the command"), facts={"source": "exec", "command": words[0]})


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The program by its absolute path, and the environment that it sees."""
    first, *rest = argv(reference)
    command = shlex.join([find_program(first, context.env), *rest])
    # an agent's socket is another one in each session
    ambient = [name for name in ("SSH_AUTH_SOCK",) if name in context.env] + passed(context)
    return PinnedReference(f"exec:{command}", places(context, ()), ambient=tuple(ambient))


def argv(reference: Reference) -> list[str]:
    """The words of an ``exec:`` reference, by shell quoting rules but without any expansion.

    Raises:
        UsageError: its quotes are unbalanced, or a word means something to a shell only.
    """
    try:
        words, quoted = shlex.split(reference.path), shlex.split(reference.path, posix=False)
    except ValueError as error:
        raise UsageError(f"the exec reference has unbalanced quotes: {str(error).lower()}") from None
    found = next((match[1] for word in quoted if (match := _FOR_A_SHELL.search(word))), "")
    if found:
        raise UsageError(
            f"the exec reference has {found} outside of quotes, and cgw starts its command without a shell",
            hint="Let a shell run the whole line: exec:sh -c 'COMMAND | COMMAND'\n"
            "If it belongs to an argument, put that into single quotes.",
        )
    return words


def run(
    command: Sequence[str],
    context: Context,
    title: str,
    extra: Mapping[str, str] | None = None,
    explain: Callable[[str], CgwError | None] | None = None,
) -> str:
    """Run a program and return its standard output.

    Args:
        command: argv; the first word is looked up on the safe PATH.
        context: budget, environment; ``[helper] pass_env`` names further variables for the program.
        title: how to name the program in errors.
        extra: further variables for this program.
        explain: what the program means by its words on stderr; ``None`` where they say nothing known.

    Raises:
        UnavailableError: not found, failed or too slow; its stderr is quoted, clipped and without controls.
        UsageError: it printed more than any key has, or something that is not text.
    """
    program = find_program(command[0], context.env)
    name = os.path.basename(program)
    env = child_environment(context) | dict(extra or {})
    try:
        done = process.run([program, *command[1:]], env, context.remaining())
    except OSError as error:
        raise UnavailableError(
            f"{title}: {name} cannot be started: {error.strerror}", hint=f"Try it: {program} --help"
        ) from None
    if done.full:
        raise UsageError(
            f"{title}: {name} printed more than {process.MAX_OUTPUT} bytes; a key has at most 16384",
            hint="Name a command that prints the key alone.",
        )
    if done.code is None:
        raise UnavailableError(
            f"{title}: {name} did not answer in time",
            hint="It may be waiting for a person: unlock the store or sign in first, then try again.",
        )
    if done.code != 0:
        how = f"exited {done.code}" if done.code > 0 else f"was killed by signal {-done.code}"
        words = _without(done.complaint, done.output).decode("utf-8", "replace")
        if explain and (explained := explain(words)):
            raise explained
        said = shown(words)
        raise UnavailableError(
            f"{title}: {name} {how}" + (f": {said}" if said else ""),
            hint="Run the command yourself to see what it needs (sign in, unlock, permission).\n"
            'If it needs a variable that is set in your shell, name it: [helper] pass_env = ["NAME"]',
        )
    try:
        return done.output.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{title}: the secret is binary, not text (byte {error.start + 1})",
            hint="A key is one line of text: store it as text.",
        ) from None


def _without(complaint: bytes, output: bytes) -> bytes:
    """What a program complains about, without the words that it printed as its product."""
    for word in output[:20_000].split()[:20]:
        complaint = complaint.replace(word, b"...") if len(word) >= 8 else complaint
    return complaint


def find_program(name: str, env: Mapping[str, str]) -> str:
    """The absolute path of a program. Relative entries of PATH are passed over: a project must not choose it.

    Raises:
        UsageError: the name is a relative path.
        UnavailableError: it is not installed.
        RefusedError: the file may be replaced by anybody.
    """
    if os.sep in name:
        if not os.path.isabs(name):
            raise UsageError(
                f"{name!r} is a relative path", hint="Give the command's absolute path, or its bare name."
            )
        candidates = [name]
    else:
        folders = env.get("PATH", DEFAULT_PATH).split(os.pathsep)
        candidates = [os.path.join(folder, name) for folder in folders if os.path.isabs(folder)]
    for candidate in candidates:
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            if os.name == "posix" and os.stat(candidate).st_mode & 0o002:
                raise RefusedError(
                    f"{candidate} can be changed by every user and is not run", hint=f"chmod o-w {candidate}"
                )
            return candidate
    raise UnavailableError(
        f"the program {name!r} is not installed (or not on PATH)",
        hint="Install it, or give its absolute path in the reference.",
    )


def child_environment(context: Context) -> dict[str, str]:
    """The allow-listed variables, with a PATH that has no relative entry; a screen only where a question may be."""
    names = {*PLACES, "SSH_AUTH_SOCK", *passed(context), *(_SCREENS if context.may_ask else ())}
    env = {name: value for name, value in context.env.items() if name in names}
    return env | {"PATH": safe_path(context.env)}
