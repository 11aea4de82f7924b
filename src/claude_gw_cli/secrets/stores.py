"""The stores that are read by their own command-line tools: a paragraph of stores.txt each.

A command that is more than its template is a function here, and so is what is looked at before a tool is started that
succeeds with something else.
"""

from __future__ import annotations

import os
import re
from functools import partial
from itertools import zip_longest

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import FileError, UsageError
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets import answers
from claude_gw_cli.secrets.text import shown
from claude_gw_cli.tables import records
from claude_gw_cli.world import regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context

_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
NETWORK = (*_CERTIFICATES, *PROXIES, *NO_PROXY)
"""How a tool gets out; pinned by value for every store, but for a proxy with a password in its address."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store's tool.

    Attributes:
        arguments: reference -> argv; the first word is the program.
        selects: variables that say which account, directory or server; pinned by value.
        credentials: variables that hold a secret of the tool itself; read at run time if set at install time.
        fixed: variables that keep the tool from asking a question.
        options: ``?name=`` of the reference -> the tool's flag.
        secret: output -> the secret's text.
        first_line: the rest of the secret is notes, as in a password manager's entry.
        picks_field: the tool itself looks the ``#field`` up.
        is_file: the path is a file of this machine.
        check: what is looked at before the tool is started.
        words: (situation of ``answers``, what the tool says on stderr then, in lower case); the first counts.
        next_step: situation -> what to type; ``{path}`` is the reference's path.
    """

    arguments: Callable[[Reference], list[str]]
    selects: tuple[str, ...]
    credentials: tuple[str, ...]
    fixed: Mapping[str, str]
    options: Mapping[str, str]
    secret: Callable[[str], str]
    first_line: bool
    picks_field: bool
    is_file: bool
    check: Callable[[Reference, Context], None] | None
    words: tuple[tuple[str, str], ...]
    next_step: Mapping[str, str]


def _words(command: str, parts: str, reference: Reference) -> list[str]:
    """A command line made from its template.

    Raises:
        UsageError: the path has too few or too many parts.
    """
    given = {"path": reference.path}
    names = parts.split()
    found = _parts(reference, len(names) - parts.count("["), len(names)) if names else []
    for part, value in zip_longest(names, found):
        name, _, default = part.strip("[]").partition("=")
        given[name] = value or default
    arn = reference.path.split(":")
    if arn[0] == "arn" and len(arn) > 5 and "region" not in reference.query:
        given["region"] = arn[3]  # a name of AWS with its region
    words: list[str] = []
    for index, piece in enumerate(re.split(r"\[(.*?)\]", command)):
        if index % 2 == 0 or all(given.get(name) for name in re.findall(r"\{(\w+)\}", piece)):
            words += [word.format_map(given) for word in piece.split()]
    return words


def _parts(reference: Reference, least: int, most: int) -> list[str]:
    """The parts of a path between slashes.

    Raises:
        UsageError: too few or too many of them: a part that is left out silently names another secret.
    """
    found = reference.path.split("/")
    if not least <= len(found) <= most or not all(found):
        from claude_gw_cli.core.reference import FORMS

        raise UsageError(
            f"{reference.text}: the path has {counted(len(found), 'part')}",
            hint=f"Write it as {FORMS[reference.scheme]}",
        )
    return found


def _member(*names: str) -> Callable[[str], str]:
    """The text at a place in a tool's JSON output."""

    def read(output: str) -> str:
        try:
            value = from_json(output)
            for name in names:
                value = value[name]
        except (ValueError, KeyError, TypeError):
            raise UsageError("the secret is not text", hint="A key is one line of text: store it as text.") from None
        if not isinstance(value, str):
            raise UsageError("the secret is JSON and not text", hint="Store the key as a string.")
        return value

    return read


def _parameter(output: str) -> str:
    """The value in the output of `aws ssm get-parameter`; the type StringList is written with commas."""
    value = _member("Parameter", "Value")(output)
    if from_json(output)["Parameter"].get("Type") == "StringList":
        raise UsageError("the parameter is a list of strings", hint="Store the key as a SecureString.")
    return value


def _keychain(output: str) -> str:
    """What `security -w` prints; text with a line break or an umlaut comes as hexadecimal digits.

    Source: `keychain_find.c` of Apple's Security project. Digits that are not such text are a key of digits.
    """
    try:
        text = bytes.fromhex(output.strip()).decode("utf-8")
    except ValueError:
        return output
    return output if text.isascii() and text.isprintable() else text


def _security(reference: Reference) -> list[str]:
    """``service/account``; as for the keyring, only the last slash divides."""
    service, _, account = reference.path.rpartition("/")
    return ["security", "find-generic-password", "-s", service, "-a", account, "-w"]


def _gopass(reference: Reference) -> list[str]:
    """An entry, or one of its fields."""
    # --password overrules the user's "safecontent", which hides the first line
    which = [reference.path, reference.fragment] if reference.fragment else ["--password", reference.path]
    return ["gopass", "show", "--nosync", *which]


def _keepassxc(reference: Reference) -> list[str]:
    """An entry of a database file that opens with a key file."""
    entry, key_file = reference.query.get("entry", ""), reference.query.get("key_file", "")
    if not entry or not key_file:
        raise UsageError(
            f"{reference.text}: an entry and a key file are needed; a database with a password asks for it",
            hint="keepassxc:///path/file.kdbx?entry=Group/Name&key_file=/path/file.keyx\n"
            "or open the database in KeePassXC with its Secret Service on, and use secret-tool://attribute/value",
        )
    shown = ["keepassxc-cli", "show", "--show-protected", "--no-password", "--key-file", key_file]
    return [*shown, "--attributes", reference.fragment or "Password", reference.path, entry]


def _age(reference: Reference) -> list[str]:
    """A file that an identity file decrypts."""
    if not reference.query.get("identity"):
        raise UsageError(
            f"{reference.text}: the identity file is missing", hint="age:///path/key.age?identity=/path/identity.txt"
        )
    return ["age", "--decrypt", "--identity", reference.query["identity"], reference.path]


def _infisical(reference: Reference) -> list[str]:
    """``project/environment/[folder/...]NAME``."""
    project, stage, *folders, name = _parts(reference, 3, 20)
    where = [f"--projectId={project}", f"--env={stage}", f"--path=/{'/'.join(folders)}"]
    return ["infisical", "secrets", "get", name, *where, "--plain", "--silent"]


def _folder_of_pass(reference: Reference, context: Context) -> None:
    """`pass show FOLDER` succeeds and prints the folder's name (measured, 1.7.4)."""
    home = context.env.get("HOME", "")
    store = context.env.get("PASSWORD_STORE_DIR") or os.path.join(home, ".password-store")
    path = os.path.join(store, reference.path)
    if os.path.isdir(path) and not os.path.isfile(f"{path}.gpg"):
        names = sorted(name.removesuffix(".gpg") for name in os.listdir(path) if not name.startswith("."))
        inside = ", ".join(names[:10]) or "nothing"
        raise answers.error("folder", reference.text, hint=f"Name a secret in it; it holds: {shown(inside)}")


def _documents_of_sops(reference: Reference, context: Context) -> None:  # noqa: ARG001  # as every check
    """`sops --decrypt` to JSON gives only the first of several YAML documents (measured, 3.11)."""
    if not reference.path.endswith((".yaml", ".yml")):
        return
    try:
        text = regular.content(reference.path)[0].decode("utf-8", "replace")
    except FileError:
        return  # sops says why
    content = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith(("#", "%"))]
    if any(line == "---" or line.startswith("--- ") for line in content[1:]):
        raise answers.error(
            "ambiguous", reference.text, "the file has several YAML documents", "Keep the key in a separate file."
        )


_COMMANDS = {"security": _security, "gopass": _gopass, "keepassxc": _keepassxc, "age": _age, "infisical": _infisical}
_SECRETS = {"keychain": _keychain, "parameter": _parameter}
_CHECKS = {"pass": _folder_of_pass, "sops": _documents_of_sops}


def _store(row: Mapping[str, list[str]]) -> Store:
    """The store that a paragraph says."""
    name, form = row["name"][0], row.get("secret", [""])[0]
    command, parts = row.get("command", [""])[0], row.get("parts", [""])[0]
    steps: dict[str, str] = {}
    for line in row.get("next_step", ()):
        situation, _, step = line.partition(": ")
        steps[situation] = f"{steps[situation]}\n{step}" if situation in steps else step
    return Store(
        arguments=_COMMANDS.get(name) or partial(_words, command, parts),
        selects=tuple(" ".join(row.get("selects", ())).split()),
        credentials=tuple(" ".join(row.get("credentials", ())).split()),
        fixed=dict(line.split("=", 1) for line in row.get("fixed", ())),
        options=dict(line.split("=", 1) for line in row.get("options", ())),
        secret=_SECRETS.get(form) or (_member(*form.split()[1:]) if form else str),
        first_line="first_line" in row,
        picks_field="picks_field" in row,
        is_file="is_file" in row,
        check=_CHECKS.get(name),
        words=tuple(line.partition(": ")[::2] for line in row.get("words", ())),
        next_step=steps,
    )


PRESETS: dict[str, Store] = {row["name"][0]: _store(row) for row in records("secrets/stores.txt")}
