"""The well-known stores by their own command-line tools: one row each. A new store is a new row and its test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets import Context, FetchedSecret
from claude_gw_cli.secrets.command import find_program, passed, run
from claude_gw_cli.secrets.pin import PinnedReference

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.core.reference import Reference


@dataclass(frozen=True, slots=True)
class Preset:
    """A store's tool.

    Attributes:
        arguments: reference -> argv; the first word is the program.
        passes: variables that hold the tool's own settings or session.
        first_line: the rest of the output is not the key.
    """

    arguments: Callable[[Reference], list[str]]
    passes: tuple[str, ...] = ()
    first_line: bool = False


def _parts(reference: Reference) -> list[str]:
    return reference.path.split("/")


def _gcloud_secret(reference: Reference) -> list[str]:
    project, secret, *version = _parts(reference)
    return [
        "gcloud",
        "secrets",
        "versions",
        "access",
        *(version or ["latest"]),
        f"--secret={secret}",
        f"--project={project}",
    ]


_AWS = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_GCLOUD = ("CLOUDSDK_CONFIG", "CLOUDSDK_ACTIVE_CONFIG_NAME")
_AZ = ("AZURE_CONFIG_DIR",)

# Sources: the tools' own help texts and reference pages.
PRESETS: dict[str, Preset] = {
    "op": Preset(
        lambda ref: ["op", "read", "--no-newline", f"op://{ref.path}"],
        ("OP_ACCOUNT", "OP_SERVICE_ACCOUNT_TOKEN", "OP_CONNECT_HOST", "OP_CONNECT_TOKEN"),
    ),
    "pass": Preset(lambda ref: ["pass", "show", ref.path], ("PASSWORD_STORE_GPG_OPTS",), first_line=True),
    "secret-tool": Preset(lambda ref: ["secret-tool", "lookup", *_parts(ref)]),
    "security": Preset(
        lambda ref: ["security", "find-generic-password", "-s", _parts(ref)[0], "-a", _parts(ref)[1], "-w"]
    ),
    "aws-sm": Preset(
        lambda ref: [
            *("aws", "secretsmanager", "get-secret-value", "--secret-id", ref.path),
            *("--query", "SecretString", "--output", "text"),
        ],
        _AWS,
    ),
    "gcloud-secret": Preset(_gcloud_secret, _GCLOUD),
    "gcloud-identity": Preset(
        lambda ref: ["gcloud", "auth", "print-identity-token", f"--audiences={ref.path}"], _GCLOUD
    ),
    "az-keyvault": Preset(
        lambda ref: [
            *("az", "keyvault", "secret", "show", "--vault-name", _parts(ref)[0], "--name", _parts(ref)[1]),
            *("--query", "value", "--output", "tsv"),
        ],
        _AZ,
    ),
    "az-token": Preset(
        lambda ref: [
            *("az", "account", "get-access-token", "--resource", ref.path),
            *("--query", "accessToken", "--output", "tsv"),
        ],
        _AZ,
    ),
    "bw": Preset(lambda ref: ["bw", "get", "password", ref.path, "--nointeraction"], ("BW_SESSION",)),
    "sops": Preset(
        lambda ref: ["sops", "--decrypt", "--extract", json.dumps([ref.fragment]), ref.path],
        ("SOPS_AGE_KEY_FILE", "SOPS_GPG_EXEC"),
    ),
    "lite": Preset(lambda ref: ["lite", "auth", "print-token"]),  # noqa: ARG005  # it takes no arguments
}


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """What the store's tool prints, or one field of it where that is a JSON object."""
    preset = PRESETS[reference.scheme]
    command = preset.arguments(reference)
    if any(part.startswith("-") for part in _parts(reference)):
        raise UsageError(f"{reference.text}: a name must not begin with a dash")
    fixed = context.tables.get("programs", {}).get(command[0])
    program = str(fixed) if fixed else command[0]
    output = run([program, *command[1:]], context, reference.text, preset.passes)
    if preset.first_line and not context.signing_key:
        output = output.lstrip("\n").partition("\n")[0]
    if reference.fragment and reference.scheme != "sops":
        output = _field(output, reference)
    return FetchedSecret(
        context.accept(output, reference.text), facts={"source": reference.scheme, "program": program}
    )


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The tool by its absolute path."""
    preset = PRESETS[reference.scheme]
    program = preset.arguments(reference)[0]
    names = passed(context)
    tables = {"programs": {program: find_program(program, context.env)}, "helper": {"pass_env": names}}
    return PinnedReference(reference.text, tables=tables, ambient=(*preset.passes, *names))


def _field(output: str, reference: Reference) -> str:
    try:
        document = json.loads(output)
        return str(document[reference.fragment])
    except ValueError:
        raise UsageError(f"{reference.text}: the secret is not a JSON object; leave the # part out") from None
    except (KeyError, TypeError):
        names = ", ".join(document) if isinstance(document, dict) else "none"
        raise UsageError(
            f"{reference.text}: the secret has no field {reference.fragment!r} (it has: {names})"
        ) from None
