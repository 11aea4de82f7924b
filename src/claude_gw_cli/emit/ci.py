"""How a CI job hands variables to later steps or jobs: `$GITHUB_ENV`, GitLab's dotenv report, Azure's commands.

None can unset. In GitHub's and Azure's, an empty assignment is the nearest, and Claude Code takes it as unset.
GitLab's has only the variables that are set, because it takes few. Anyone who may download a GitLab job's artifacts
can read its report, so it refers to a variable of the project for the key: the runner expands ``$NAME``.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import Keyed, by_line, refusal, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from claude_gw_cli.emit.common import Renderer, Sets, Unsets

# GitLab's defaults; its report must be smaller than this (parse_dotenv_artifact_service.rb)
_REPORT_BYTES = 5 * 1024
_REPORT_VARIABLES = 20


def github(sets: Sets, unsets: Unsets, random_hex: Callable[[int], str]) -> str:
    """Text to append to the file ``$GITHUB_ENV``.

    The delimiter is random, so that a value made by someone else cannot end its block and define further variables.

    Args:
        sets: names and values.
        unsets: names that become empty.
        random_hex: ``random_hex(n)`` gives n random bytes as hexadecimal digits.
    """
    text = "".join(f"{name}=\n" for name in unsets)
    for name, value in sets:
        delimiter = f"ghadelimiter_{random_hex(16)}"
        while delimiter in value:
            delimiter = f"ghadelimiter_{random_hex(16)}"
        text += f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
    return text


def masks(secrets: Iterable[str]) -> str:
    """Workflow commands that hide the secrets in the job's log, one per line of each secret.

    They belong in the log (stdout or stderr), not in ``$GITHUB_ENV``, and before anything that could show the secret.
    """
    lines = [line for secret in secrets for line in secret.splitlines() if line.strip()]
    return "".join(f"::add-mask::{line.replace('%', '%25')}\n" for line in lines)


def gitlab(sets: Sets, unsets: Unsets) -> str:
    """A dotenv report: no quotes, no escapes, whitespace around a value stripped (docs.gitlab.com).

    The runner expands ``$NAME`` in the variables it hands to a job, and a report cannot mark one as raw.

    Raises:
        UsageError: also for the first variable that is beyond GitLab's limits.
    """
    del unsets
    text = ""
    for count, (name, value) in enumerate(sets, 1):
        text += f"{name}={spelled(value, lambda part, name=name: _literal(name, part))}\n"  # type: ignore[misc]
        if value != value.strip():
            raise refusal("gitlab", name, "whitespace at its start or end would be stripped")
        if count > _REPORT_VARIABLES:
            raise refusal("gitlab", name, f"a dotenv report has at most {_REPORT_VARIABLES} variables", _OTHER_WAY)
        if len(text.encode()) >= _REPORT_BYTES:
            raise refusal("gitlab", name, f"the dotenv report would not be below {_REPORT_BYTES} bytes", _OTHER_WAY)
    return text


_OTHER_WAY = 'Run this in the job itself: eval "$(cgw env)"'


def _literal(name: str, text: str) -> str:
    if "\n" in text or "\r" in text:
        raise refusal("gitlab", name, "a dotenv report has one line per variable, and the value has a line break")
    if "$" in text:
        raise refusal("gitlab", name, "the runner would expand its $")
    return text


def assign_azure(name: str, value: str) -> str:
    """A logging command of Azure Pipelines; the agent sets the variable for later steps.

    It decodes ``%AZP25``, ``%0D`` and ``%0A`` (azure-pipelines-task-lib 5.281.0). A secret is masked in logs.
    """
    secret = isinstance(value, Keyed)
    if secret and ("\n" in value or "\r" in value):
        raise refusal("azure", name, "a secret of Azure Pipelines cannot have a line break", _OTHER_WAY)
    text = value.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
    return f"##vso[task.setvariable variable={name}{';issecret=true' if secret else ''}]{text}"


def _random_hex(count: int) -> str:
    from os import urandom

    return urandom(count).hex()


RENDERERS: dict[str, Renderer] = {
    "github": lambda sets, unsets: github(sets, unsets, _random_hex),
    "gitlab": gitlab,
    "azure": by_line(assign_azure, lambda name: assign_azure(name, "")),
}
