"""The well-known stores by their own command-line tools, each by its row in ``stores``."""

from __future__ import annotations

import os
import urllib.parse

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.reference import parse
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import Context, FetchedSecret, answers
from claude_gw_cli.secrets.command import find_program, run
from claude_gw_cli.secrets.file import expand
from claude_gw_cli.secrets.pin import PinnedReference, passed, places
from claude_gw_cli.secrets.stores import NETWORK, PRESETS, Store
from claude_gw_cli.secrets.text import field, fields, json_field, shown

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference

# Options of a reference that name a file of this machine.
_FILES = ("key_file", "identity")
# Words are looked up in English, and a tool that fails must not paint.
_PLAIN = {"LC_ALL": "C.UTF-8", "LANGUAGE": "C", "NO_COLOR": "1"}


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """What the store's tool prints, or one field of it."""
    store = PRESETS[reference.scheme]
    reference = _absolute(reference, store, context)
    words = _words(reference, store)
    if store.check:
        store.check(reference, context)
    if store.is_file and os.path.isdir(reference.path):
        raise answers.error("folder", reference.text, hint="Name the file that holds the secret.")
    fixed = context.tables.get("pinned", {}).get("programs", {})
    program = str(fixed[words[0]]) if isinstance(fixed, dict) and words[0] in fixed else words[0]

    def explain(said: str) -> CgwError | None:
        return _explained(said, reference, store, context)

    output = run([program, *words[1:]], context, reference.text, _environment(store, context), explain)
    try:
        secret = store.secret(output)
    except UsageError as error:
        raise UsageError(f"{reference.text}: {error.message}", hint=error.hint) from None
    if reference.fragment or context.material != "key":
        secret = _chosen(secret, reference, store)
    return FetchedSecret(
        context.accept(secret, reference.text), facts={"source": reference.scheme, "program": program}
    )


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The tool by its absolute path, and every variable that selects the account, directory or server."""
    store = PRESETS[reference.scheme]
    reference = _absolute(reference, store, context)
    program = _words(reference, store)[0]
    credentials = [name for name in store.credentials if context.env.get(name)]
    network = [name for name in NETWORK if "@" not in context.env.get(name, "")]
    tables = places(context, (*store.selects, *network), {program: find_program(program, context.env)})
    watch = [reference.path] if store.is_file else []
    watch += [reference.query[name] for name in _FILES if name in reference.query]
    return PinnedReference(reference.text, tables, tuple(watch), (*credentials, *passed(context)))


def _words(reference: Reference, store: Store) -> list[str]:
    """The command line of a reference.

    Raises:
        UsageError: a part of the reference would be an option of the tool.
    """
    words = store.arguments(reference)
    for part in (*reference.path.split("/"), *reference.query.values()):
        if part.startswith("-"):
            raise UsageError(f"{reference.text}: a name must not begin with a dash", hint="Use the secret's id.")
    return [
        *words,
        *(f"{store.options[name]}={value}" for name, value in reference.query.items() if name in store.options),
    ]


def _absolute(reference: Reference, store: Store, context: Context) -> Reference:
    """A reference to files with absolute paths: a helper runs in every directory."""
    if not store.is_file:
        return reference
    path = expand(reference.path, context)
    query = {name: expand(value, context) if name in _FILES else value for name, value in reference.query.items()}
    if (path, query) == (reference.path, reference.query):
        return reference
    options = "&".join(f"{name}={value}" for name, value in query.items())
    fragment = f"#{reference.fragment}" if reference.fragment else ""
    return parse(f"{reference.scheme}://{path}{'?' if options else ''}{options}{fragment}")


def _environment(store: Store, context: Context) -> dict[str, str]:
    """The tool's own variables; a key that is locked is an error at once where no question may be asked."""
    names = (*store.selects, *store.credentials, *NETWORK)
    env = {name: context.env[name] for name in names if name in context.env}
    if "PASSWORD_STORE_DIR" in store.selects and not context.may_ask:
        option = "GOPASS_GPG_OPTS" if "GOPASS_GPG_OPTS" in store.selects else "PASSWORD_STORE_GPG_OPTS"
        env[option] = f"{env.get(option, '')} --pinentry-mode error --batch --no-tty".strip()
    return _PLAIN | env | dict(store.fixed)


def _chosen(secret: str, reference: Reference, store: Store) -> str:
    """The key within a secret: one field, the first line of an entry, or all of it."""
    name = "" if store.picks_field else reference.fragment
    if name and not store.first_line:
        return json_field(secret, name, reference.text)
    try:
        document = from_json(secret) if store.first_line else None
    except ValueError:
        document = None
    lines = secret.splitlines()
    if name:
        if not isinstance(document, dict):
            pairs = (line.partition(":") for line in lines[1:])
            document = {key.strip(): value.strip() for key, colon, value in pairs if colon}
        return field(document, name, reference.text)
    if store.first_line and not isinstance(document, dict | list):
        return lines[0] if lines else ""
    if isinstance(document, dict):
        raise UsageError(
            f"{reference.text}: the secret is a JSON object with the fields: {fields(document)}",
            hint=f"Name the field of the key: {reference.text}#{next(iter(document), 'FIELD')}",
        )
    return secret


def _explained(said: str, reference: Reference, store: Store, context: Context) -> CgwError | None:
    """What the tool's words mean; ``None`` where they are not known."""
    lower = said.lower()
    situation = next((situation for situation, words in store.words if words in lower), None)
    if situation is None:
        return None
    hint = store.next_step.get(situation, "").replace("{path}", urllib.parse.unquote(reference.path))
    if situation in {"signed-out", "denied", "setting"} and store.credentials:
        unset = [name for name in store.credentials if name not in context.env]
        if context.is_pinned and unset:
            hint += (
                f"\nA helper reads {', '.join(unset[:4])} only if set when it was installed: cgw helper install, "
                'or name further variables: [helper] pass_env = ["NAME"]'
            )
    return answers.error(situation, reference.text, shown(said), hint.strip())
