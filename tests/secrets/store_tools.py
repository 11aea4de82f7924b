"""What each store's tool prints and says, from its documentation or measured; for the fake tools of the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tool:
    """A store's tool.

    Attributes:
        reference: a secret; ``{dir}`` is a directory of the test.
        said: situation -> what it writes to stderr when it fails.
        prints: how a secret's text looks in its output.
        binary: what it prints for a binary secret.
        lines: what it prints for a secret of several lines, where that is not the text.
        folder: the reference of a folder, and what the tool prints or says for it.
        named: situation -> a reference, and the word that the tool must get for it.
    """

    reference: str
    said: dict[str, str] = field(default_factory=dict)
    prints: Callable[[str], str] = str
    binary: bytes = b"\x89PNG\xff\xfe"
    lines: Callable[[str], str] = str
    folder: tuple[str, str, int] = ("", "", 1)
    named: dict[str, tuple[str, str]] = field(default_factory=dict)


def _sops(text: str) -> str:
    return text if text.startswith("{") else json.dumps({"key": text})


_GPG = "gpg: public key decryption failed: Inappropriate ioctl for device\ngpg: decryption failed: No secret key"
_PASSPHRASE = (
    "age: error: failed to decrypt identity file: could not read passphrase: standard input is not a terminal"
)
_AWS = {
    "signed out": "An error occurred (ExpiredTokenException) when calling the GetSecretValue operation: "
    "The security token included in the request is expired",
}

TOOLS = {
    "exec": Tool(
        "exec:{dir}/bin/show", {"missing": "no such key", "locked": "locked", "signed out": "sign in first"}
    ),
    "op": Tool(
        "op://v/i/f",
        {
            "missing": '[ERROR] could not read secret \'op://v/i/f\': "i" isn\'t an item in the "v" vault',
            "locked": "[ERROR] error initializing client: authorization prompt dismissed, please try again",
            "signed out": "[ERROR] You are not currently signed in. Please run `op signin --help`",
        },
        folder=("op://v/i", "[ERROR] invalid secret reference 'op://v/i': too few '/'", 1),
    ),
    "pass": Tool(
        "pass://llm/key",
        {"missing": "Error: llm/key is not in the password store.", "locked": _GPG, "question": _GPG},
        folder=("pass://team", "team\n`-- key\n", 0),
        named={"slash": ("pass:///llm/key", "llm/key")},
    ),
    "gopass": Tool(
        "gopass://llm/key",
        {
            "missing": "Error: failed to retrieve secret 'llm/key': entry is not in the password store",
            "no field": "Error: failed to retrieve secret 'llm/key': key not found in secret",
            "locked": _GPG,
        },
        folder=("gopass://team", "team/\n└── key\n", 0),
        named={"slash": ("gopass:///llm/key", "llm/key")},
    ),
    "security": Tool(
        "security://svc/acc",
        {
            "missing": "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.",
            "locked": "security: SecKeychainItemCopyContent: User interaction is not allowed.",
        },
        lines=lambda text: text.encode().hex(),
        named={"slash": ("security:///svc/acc", "/svc")},
    ),
    "aws-sm": Tool(
        "aws-sm://llm",
        {"missing": "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation"} | _AWS,
        lambda text: json.dumps({"SecretString": text}),
        b'{"SecretBinary": "iVBORw=="}',
        named={
            "version": ("aws-sm://llm?version=01234567", "--version-id=01234567"),
            "slash": ("aws-sm:///prod/llm", "/prod/llm"),
        },
    ),
    "aws-ssm": Tool(
        "aws-ssm:///prod/llm",
        {"missing": "An error occurred (ParameterNotFound) when calling the GetParameter operation: "} | _AWS,
        lambda text: json.dumps({"Parameter": {"Type": "SecureString", "Value": text}}),
        folder=("aws-ssm:///prod", "An error occurred (ParameterNotFound) when calling the GetParameter", 1),
        named={"version": ("aws-ssm:///prod/llm:3", "/prod/llm:3"), "slash": ("aws-ssm:///prod/llm", "/prod/llm")},
    ),
    "gcloud-secret": Tool(
        "gcloud-secret://p/s",
        {
            "missing": "ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret [projects/1/secrets/s] not found",
            "signed out": "ERROR: (gcloud.secrets.versions.access) You do not currently have an active account "
            "selected.\nPlease run:\n  $ gcloud auth login",
        },
        named={"version": ("gcloud-secret://p/s/7", "7")},
    ),
    "gcloud-identity": Tool(
        "gcloud-identity://https://gw",
        {"signed out": "ERROR: Reauthentication failed. cannot prompt during non-interactive execution."},
    ),
    "az-keyvault": Tool(
        "az-keyvault://v/s",
        {
            "missing": "ERROR: (SecretNotFound) A secret with (name/id) s was not found in this key vault.",
            "signed out": "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
        },
        json.dumps,
        named={"version": ("az-keyvault://v/s/0123abcd", "0123abcd")},
    ),
    "az-token": Tool(
        "az-token://https://x", {"signed out": "ERROR: Please run 'az login' to setup account."}, json.dumps
    ),
    "bw": Tool(
        "bw://item",
        {"missing": "Not found.", "locked": "Vault is locked.", "signed out": "You are not logged in."},
        named={"slash": ("bw:///item", "/item")},
    ),
    "sops": Tool(
        "sops://{dir}/a.json#key",
        {
            "missing": 'Error: cannot operate on non-existent file "a.json"',
            "locked": "Failed to get the data key required to decrypt the SOPS file.",
        },
        _sops,
        folder=("sops://{dir}#key", "", 1),
        named={"slash": ("sops://{dir}/a.json#key", "{dir}/a.json")},
    ),
    "age": Tool(
        "age://{dir}/a.age?identity={dir}/id",
        {
            "missing": 'age: error: failed to open input file "a.age": no such file or directory',
            "locked": _PASSPHRASE,
            "question": _PASSPHRASE,
        },
        folder=("age://{dir}?identity={dir}/id", "", 1),
        named={"slash": ("age://{dir}/a.age?identity={dir}/id", "{dir}/a.age")},
    ),
    "keepassxc": Tool(
        "keepassxc://{dir}/a.kdbx?entry=G/llm&key_file={dir}/key",
        {
            "missing": "Could not find entry with path G/llm.",
            "no field": "ERROR: unknown attribute nope.",
            "locked": "Error while reading the database: Invalid credentials were provided, please try again.",
        },
        folder=("keepassxc://{dir}?entry=G/llm&key_file={dir}/key", "", 1),
        named={"slash": ("keepassxc://{dir}/a.kdbx?entry=/G/llm&key_file={dir}/key", "/G/llm")},
    ),
    "infisical": Tool(
        "infisical://p/dev/NAME",
        {
            "missing": "error: secret NAME not found",
            "signed out": "error: You must be logged in to run this command. To login, run [infisical login]",
        },
        folder=("infisical://p/dev", "", 1),
    ),
    "doppler": Tool(
        "doppler://p/c/NAME",
        {
            "missing": "Doppler Error: Could not find requested secret: NAME",
            "signed out": "Doppler Error: Invalid Auth token",
        },
    ),
    "akeyless": Tool(
        "akeyless:///team/key",
        {"missing": "Failed to get secret value: item not found", "signed out": "Unauthorized: akeyless configure"},
        folder=("akeyless:///team", "Failed to get secret value: item not found", 1),
        named={"slash": ("akeyless:///team/key", "/team/key")},
    ),
    "lite": Tool("lite://", {"signed out": "Error: no token; sign in first"}),
}  # fmt: skip
