"""The file formats: one row for each. Light: on the hot path of `cgw env`."""

from __future__ import annotations


class Format:
    """A file format.

    Attributes:
        module: the file of its renderer, imported when it is asked for.
        usage: what a person types, and where the text goes.
        key: how its reader gets the gateway's key, with NAME for the secret's name: the text never has the key, or
            only with ``--resolve`` if ``resolves``. Empty: the text has the key itself.
        exported: the same where the job gets the key itself, and an earlier step exports it as the variable NAME.
        resolves: whether the key itself can be written instead.
        local: whether its reader is on this machine, where a profile's key helper answers.
        watch: the command of the format that names a file whose change counts; empty if it has none.
        exposed: who can read a key that is written.
        notes: what the readers of such a text do that a person does not expect.
    """

    __slots__ = ("exported", "exposed", "key", "local", "module", "notes", "resolves", "usage", "watch")

    def __init__(
        self,
        module: str,
        usage: str,
        *,
        key: str = "",
        exported: str = "",
        resolves: bool = True,
        local: bool = False,
        watch: str = "",
        exposed: str = "",
        notes: str = "",
    ) -> None:
        self.module = module
        self.usage = usage
        self.key = key
        self.exported = exported
        self.resolves = resolves
        self.local = local
        self.watch = watch
        self.exposed = exposed or "keep the file to yourself (chmod 600) and do not commit it"
        self.notes = notes


FILE_FORMATS = {
    "dotenv": Format(
        "dotenv",
        "cgw env --shell dotenv > .env",
        notes="a variable that is already set wins over the file with node, npm dotenv, bun, deno, uv and just; "
        "honcho and foreman skip NAME=",
    ),
    "docker": Format(
        "dotenv",
        "docker run --env-file <(cgw env --shell docker) IMAGE",
        notes="an option -e NAME=VALUE wins over the file; Compose reads it with env_file: {path: FILE, format: raw}",
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
        "systemd",
        "cgw env --shell systemd > cgw.env    # EnvironmentFile=/path/to/cgw.env",
        notes="only for EnvironmentFile=; for ~/.config/environment.d take --shell environment.d",
    ),
    "systemd-dropin": Format(
        "systemd",
        "cgw env --shell systemd-dropin    # systemctl edit UNIT",
        key="%E/cgw/key.env",
        exposed="everyone on this machine can read a unit",
        notes="an EnvironmentFile= of the unit wins over the values of this drop-in",
    ),
    "environment.d": Format(
        "systemd",
        "cgw env --shell environment.d > ~/.config/environment.d/99-zz-cgw.conf",
        notes="/etc/environment wins over files that sort before 99-environment.conf; sign out and in again",
    ),
    "etc-environment": Format(
        "pam",
        "cgw env --shell etc-environment    # add it to /etc/environment",
        exposed="everyone on this machine can read /etc/environment; use a profile with a key helper",
        notes="it counts from the next sign-in, and the shell's own start-up files win over it",
    ),
    "launchd": Format(
        "launchd",
        "cgw env --shell launchd    # add it to the job's list in ~/Library/LaunchAgents",
        notes="only the job of this property list gets the variables, not programs that the Finder starts",
    ),
    "direnv": Format(
        "hooks",
        "cgw env --shell direnv > .envrc && direnv allow",
        key="${NAME:?}",
        local=True,
        watch="watch_file",
    ),
    "mise": Format(
        "mise",
        "cgw env --shell mise    # add it to mise.toml, then: mise trust",
        key="{{env.NAME}}",
        local=True,
        notes="mise sets the variables over those that are already set; values with a dollar sign need mise 2026.7.0",
    ),
    "compose": Format(
        "containers",
        "cgw env --shell compose > compose.cgw.yaml    # docker compose -f compose.yaml -f compose.cgw.yaml up",
        key="${NAME:?}",
        notes="the service is called claude; an option -e of `docker compose run` wins over it",
    ),
    "kubernetes": Format(
        "containers",
        "cgw env --shell kubernetes | kubectl apply -f -",
        key="$(NAME)",
        exposed="do not commit it; everyone who may read Secrets of the namespace can read it",
        notes="a container's own env wins over envFrom, and a running pod keeps its old values",
    ),
    "circleci": Format(
        "hooks",
        'cgw env --shell circleci >> "$BASH_ENV"',
        exposed="every later step of the job gets it, and CircleCI masks only variables of a project or context",
    ),
    "buildkite": Format(
        "hooks",
        "cgw env --shell buildkite > .buildkite/hooks/pre-command && chmod +x .buildkite/hooks/pre-command",
        key="$(buildkite-agent secret get NAME)",
    ),
    "azure": Format(
        "ci",
        "cgw env --shell azure    # in a script step; later steps get the variables",
        exposed="it is a secret variable of the job, masked in logs",
        notes="a step gets a secret variable only by name: env: {NAME: $(NAME)}",
    ),
    "jenkins": Format(
        "jenkins",
        "cgw env --shell jenkins    # add it to the Jenkinsfile",
        key="env.NAME",
        resolves=False,
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
        exported="${{ env.NAME }}",
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
