"""How a reference becomes the command line of a store's tool, and how its output becomes the secret."""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.words import counted
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context


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
        words: what the tool says on stderr (lower case) -> situation (see ``answers``); the first that fits counts.
        next_step: situation -> what to type; ``{path}`` is the reference's path.
    """

    arguments: Callable[[Reference], list[str]]
    selects: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    secret: Callable[[str], str] = str
    first_line: bool = False
    picks_field: bool = False
    is_file: bool = False
    check: Callable[[Reference, Context], None] | None = None
    words: tuple[tuple[str, str], ...] = ()
    next_step: Mapping[str, str] = field(default_factory=dict)


def parts(reference: Reference, least: int, most: int) -> list[str]:
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


def member(*names: str) -> Callable[[str], str]:
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


def parameter(output: str) -> str:
    """The value in the output of `aws ssm get-parameter`; the type StringList is written with commas."""
    value = member("Parameter", "Value")(output)
    if from_json(output)["Parameter"].get("Type") == "StringList":
        raise UsageError("the parameter is a list of strings", hint="Store the key as a SecureString.")
    return value


def aws(service: str, verb: str, name_flag: str) -> Callable[[Reference], list[str]]:
    """The AWS command of a service; an ARN names its region itself."""

    def arguments(reference: Reference) -> list[str]:
        arn = reference.path.split(":")
        region = (
            [f"--region={arn[3]}"] if arn[0] == "arn" and len(arn) > 5 and "region" not in reference.query else []
        )
        decrypted = ["--with-decryption"] if service == "ssm" else []
        return ["aws", service, verb, name_flag, reference.path, *decrypted, *region, "--output", "json"]

    return arguments


def gcloud_secret(reference: Reference) -> list[str]:
    """``project/secret`` and perhaps a version."""
    project, secret, *version = parts(reference, 2, 3)
    access = ["gcloud", "secrets", "versions", "access", *(version or ["latest"])]
    return [*access, f"--secret={secret}", f"--project={project}"]


def az_secret(reference: Reference) -> list[str]:
    """``vault/secret`` and perhaps a version."""
    vault, name, *version = parts(reference, 2, 3)
    shown = ["az", "keyvault", "secret", "show", "--vault-name", vault, "--name", name]
    return [*shown, *(["--version", *version] if version else []), "--query", "value", "--output", "json"]


def op(reference: Reference) -> list[str]:
    """``vault/item/[section/]field``."""
    return ["op", "read", "--no-newline", f"op://{'/'.join(parts(reference, 3, 4))}"]


def keychain(output: str) -> str:
    """What `security -w` prints; text with a line break or an umlaut comes as hexadecimal digits.

    Source: `keychain_find.c` of Apple's Security project. Digits that are not such text are a key of digits.
    """
    try:
        text = bytes.fromhex(output.strip()).decode("utf-8")
    except ValueError:
        return output
    return output if text.isascii() and text.isprintable() else text


def security(reference: Reference) -> list[str]:
    """``service/account``; as for the keyring, only the last slash divides."""
    service, _, account = reference.path.rpartition("/")
    return ["security", "find-generic-password", "-s", service, "-a", account, "-w"]


def gopass(reference: Reference) -> list[str]:
    """An entry, or one of its fields."""
    # --password overrules the user's "safecontent", which hides the first line
    which = [reference.path, reference.fragment] if reference.fragment else ["--password", reference.path]
    return ["gopass", "show", "--nosync", *which]


def keepassxc(reference: Reference) -> list[str]:
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


def age(reference: Reference) -> list[str]:
    """A file that an identity file decrypts."""
    if not reference.query.get("identity"):
        raise UsageError(
            f"{reference.text}: the identity file is missing", hint="age:///path/key.age?identity=/path/identity.txt"
        )
    return ["age", "--decrypt", "--identity", reference.query["identity"], reference.path]


def infisical(reference: Reference) -> list[str]:
    """``project/environment/[folder/...]NAME``."""
    project, stage, *folders, name = parts(reference, 3, 20)
    where = [f"--projectId={project}", f"--env={stage}", f"--path=/{'/'.join(folders)}"]
    return ["infisical", "secrets", "get", name, *where, "--plain", "--silent"]


def doppler(reference: Reference) -> list[str]:
    """``project/config/NAME``."""
    project, config, name = parts(reference, 3, 3)
    return ["doppler", "secrets", "get", name, "--plain", f"--project={project}", f"--config={config}"]
