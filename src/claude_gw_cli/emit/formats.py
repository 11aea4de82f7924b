"""The file formats: one row for each. Light: on the hot path of `cgw env`."""

from __future__ import annotations


class Format:
    """A file format.

    Attributes:
        module: the file of its renderer, imported when it is asked for.
        usage: what a person types, and where the text goes.
        key: how its reader gets the gateway's key, with NAME for the secret's name: the text never has the key, or
            only with ``--resolve`` if ``resolves``. Empty: the text has the key itself.
        resolves: whether the key itself can be written instead.
        exposed: who can read a key that is written.
        notes: what the readers of such a text do that a person does not expect.
    """

    __slots__ = ("exposed", "key", "module", "notes", "resolves", "usage")

    def __init__(
        self, module: str, usage: str, *, key: str = "", resolves: bool = True, exposed: str = "", notes: str = ""
    ) -> None:
        self.module = module
        self.usage = usage
        self.key = key
        self.resolves = resolves
        self.exposed = exposed or "keep the file to yourself (chmod 600) and do not commit it"
        self.notes = notes


FILE_FORMATS = {
    "dotenv": Format(
        "dotenv",
        "cgw env --shell dotenv > .env",
        notes="a variable that is already set wins over the file with node, npm dotenv, bun, deno, uv and just",
    ),
    "docker": Format(
        "dotenv",
        "docker run --env-file <(cgw env --shell docker) IMAGE",
        notes="an option -e NAME=VALUE wins over the file",
    ),
    "github": Format(
        "ci",
        'cgw env --shell github >> "$GITHUB_ENV"',
        exposed="every later step of the job gets it",
    ),
    "gitlab": Format(
        "ci",
        "cgw env --shell gitlab > cgw.env    # artifacts: reports: dotenv: cgw.env",
        key="$NAME",
        resolves=False,
        notes="the report cannot unset a variable, and a variable of the project or group with the same name wins",
    ),
    "systemd": Format(
        "dotenv",
        "cgw env --shell systemd > cgw.env    # EnvironmentFile=/path/to/cgw.env",
        notes="only for EnvironmentFile=; a file in environment.d has other rules",
    ),
    "json": Format("editors", "cgw env --shell json > cgw.json"),
    "vscode": Format(
        "editors",
        "cgw env --shell vscode    # add it to the user settings of VS Code",
        exposed="keep it in the user settings, and do not commit it or sync it",
    ),
    "devcontainer": Format(
        "editors",
        "cgw env --shell devcontainer    # add it to devcontainer.json",
        key="${localEnv:NAME}",
        resolves=False,
        notes="variables in remoteEnv reach terminals and extensions, not the container's own start command",
    ),
    "sdk-ts": Format("sdk", "cgw env --shell sdk-ts    # query({ prompt, options: { env: THIS } })"),
    "sdk-python": Format("sdk", "cgw env --shell sdk-python    # ClaudeAgentOptions(env=THIS)"),
    "action": Format(
        "action",
        "cgw env --shell action    # add it to the job in .github/workflows",
        key="${{ secrets.NAME }}",
        resolves=False,
    ),
}


def secret_name(dialect: str, reference: str, taken: frozenset[str]) -> str:
    """The name under which a format's reader finds the key.

    Args:
        dialect: the format.
        reference: where the profile has the key; ``env://NAME`` gives the name.
        taken: names that the text itself unsets.
    """
    scheme, _, name = reference.partition("://")
    if scheme != "env" or name in taken or not (name.isascii() and name.isidentifier()):
        return "LLM_GATEWAY_KEY"
    if dialect != "action":
        return name
    # GitHub's names have no case, and those with this prefix are its own
    return "LLM_GATEWAY_KEY" if name.upper().startswith("GITHUB_") else name.upper()
