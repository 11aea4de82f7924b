"""``cgw secret set|test|rm``: store, try and remove a key. It comes from stdin or a prompt and is never shown."""

from __future__ import annotations

import os
import sys
import time

from claude_gw_cli import secrets
from claude_gw_cli.cli.key_store import key_place, told
from claude_gw_cli.cli.out import error_line, info, write_lines
from claude_gw_cli.cli.progress import Working
from claude_gw_cli.core import reference
from claude_gw_cli.core.errors import EXIT_OK, DeclinedError, EmptyKeyError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import PROFILE_TABLES
from claude_gw_cli.core.secret import Secret, checked
from claude_gw_cli.core.words import counted
from claude_gw_cli.rules.literals import shown_reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

STORED = ("keyring", "file")
"""Kinds of reference under which cgw can store a key."""
_PERSON_SECONDS = 60.0
"""A person may have to unlock a store; this is not the helper's budget."""


def set_key(*, ref: str) -> int:
    """Read a key from stdin or a prompt and put it where the reference says: a keyring or a private file."""
    parsed = reference.parse(ref)
    if parsed.scheme not in STORED:
        raise UsageError(
            f"cgw cannot store a key under {parsed.scheme}:",
            hint="It can store under keyring://service/account and file:///path. Other stores have their own\n"
            f"tools; afterwards test it with: cgw secret test {reference.quoted(shown_reference(ref))}",
        )
    if parsed.scheme == "keyring" and sys.stdin is not None and sys.stdin.isatty():
        from claude_gw_cli.secrets import keyring

        keyring.require(parsed, _context())  # before a key is typed for nothing
    value = _read_key(ref)
    store(parsed, value)
    length, again = counted(len(value), "character"), reference.quoted(ref)
    info(f"Stored a key of {length} under {ref}. Try it: cgw secret test {again}")
    return EXIT_OK


def offer_to_store(text: str, name: str) -> str:
    """Ask whether to store a key that was typed where a reference belongs; the reference, or the text as it was.

    Args:
        text: what was typed.
        name: the profile's, which the file with the key gets.
    """
    from claude_gw_cli.cli.typed import confirm
    from claude_gw_cli.core.pasted import key_in

    key = key_in(text)
    if not key:
        return text
    ref = key_place(name)
    if not confirm(f"That looks like the key itself. Shall I store it in {told(ref)}?", default=True):
        return text
    store(reference.parse(ref), checked(key, "--secret"))
    info("Stored. It is in the history of your shell, too: remove it there.")
    return ref


def store(parsed: reference.Reference, value: Secret) -> None:
    """Put a key into the keyring, or into a file that only this user can read."""
    context = _context()
    if parsed.scheme == "keyring":
        from claude_gw_cli.secrets import keyring

        keyring.store(parsed, value, context)
        _note("set", parsed, context)
    else:
        from claude_gw_cli.secrets.file import expand
        from claude_gw_cli.world import files

        path = expand(parsed.path, context)
        files.make_dirs(os.path.dirname(path), 0o700)
        files.write_private(path, value.reveal().encode())
        _note("set", parsed, context)


def _note(verb: str, parsed: reference.Reference, context: secrets.Context) -> None:
    """Record what was stored or removed: uninstall names the key of a profile that is gone."""
    from claude_gw_cli.secrets.file import expand
    from claude_gw_cli.world import audit
    from claude_gw_cli.world.paths import state_dir

    place = {"file": expand(parsed.path, context)} if parsed.scheme == "file" else {"origin": parsed.text}
    audit.note(state_dir(os.environ), f"secret {verb}", **place)


def run_test(*, ref: str, profile: str | None = None) -> int:
    """Fetch the key and report everything about it except its value."""
    context = _context(profile)
    start = time.monotonic()
    try:
        with Working("Fetching the key", may_ask=True):
            fetched = secrets.resolve(ref, context)
    except UsageError as error:
        if profile is None and ref.partition("://")[0] in PROFILE_TABLES:
            again = f"cgw secret test {reference.quoted(shown_reference(ref))} --profile NAME"
            error.hint = f"With the tables of a profile: {again}\n{error.hint}"
        raise
    took = time.monotonic() - start
    lines = [
        f"reference  {shown_reference(ref)}",
        f"length     {counted(len(fetched.value), 'character')}, printable",
        f"fetched    in {took:.2f} s",
    ]
    if fetched.expires_at is not None:
        lines.append(f"expires    in {fetched.expires_at - context.clock():.0f} s")
    lines += [f"{name:<10} {value}" for name, value in fetched.facts.items()]
    write_lines("\n".join(lines) + "\n")
    return EXIT_OK


def remove(*, ref: str) -> int:
    """Remove a key from the keyring, or the private file that holds it."""
    parsed = reference.parse(ref)
    context = _context()
    if parsed.scheme == "keyring":
        from claude_gw_cli.secrets import keyring

        keyring.delete(parsed, context)
        _note("rm", parsed, context)
    elif parsed.scheme == "file":
        from claude_gw_cli.secrets.file import expand, remove_key_file

        remove_key_file(expand(parsed.path, context))
        _note("rm", parsed, context)
    else:
        raise UsageError(
            f"cgw did not store anything under {parsed.scheme}:", hint="Remove it with the store's own tool."
        )
    info(f"Removed {ref}.")
    return EXIT_OK


def _context(profile: str | None = None) -> secrets.Context:
    """The context of a reference that was typed: for itself, or with the tables of a profile that may be used."""
    env = dict(os.environ)
    if profile is None:
        return _within(Grant("typed"), env, {})
    from claude_gw_cli.cli.use import use_profile

    loaded, grant = use_profile(profile)
    return _within(grant, env, loaded.profile.tables)


def _within(grant: Grant, env: Mapping[str, str], tables: Mapping[str, Mapping[str, object]]) -> secrets.Context:
    """A person at a terminal may be asked to unlock a store; a script may not."""
    may_ask = sys.stderr is not None and sys.stderr.isatty()
    return secrets.Context(grant, env, time.monotonic() + _PERSON_SECONDS, tables, may_ask=may_ask)


def _read_key(text: str) -> Secret:
    if sys.stdin is None:
        raise UsageError("there is no standard input to read the key from")
    if sys.stdin.isatty():
        import getpass

        from claude_gw_cli.world.signals import end_in_order

        end_in_order()
        question = f"Key for {text}: "
        while True:
            try:
                return checked(getpass.getpass(question), "the prompt")
            except EmptyKeyError:
                question = "Nothing was entered. Try again (Ctrl-C stops): "
            except KeyboardInterrupt:
                error_line("\nNothing was stored.")
                raise
            except EOFError:
                raise DeclinedError("Nothing was stored.") from None
    try:
        return checked(sys.stdin.buffer.read(100_000).decode("utf-8", "replace"), "standard input")
    except EmptyKeyError:
        raise UsageError(
            "no key arrived on standard input",
            hint=f"Run it on a terminal, which asks for the key, or: cgw secret set {reference.quoted(text)} < FILE",
        ) from None
