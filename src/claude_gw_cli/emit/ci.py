"""Files through which a CI job hands variables to later steps or jobs: `$GITHUB_ENV` and GitLab's dotenv report.

Neither can unset; an empty assignment is the nearest, and Claude Code takes it as unset. Anyone who may download a
GitLab job's artifacts can read its dotenv report: it is for profiles whose key comes from a helper.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, refusal
from claude_gw_cli.emit.dotenv import set_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from claude_gw_cli.emit.common import Renderer, Sets, Unsets


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


def assign_gitlab(name: str, value: str) -> str:
    """A line of a dotenv report: no quotes, no escapes, whitespace around it stripped (docs.gitlab.com).

    The runner expands ``$NAME`` in the variables it hands to a job, and a report cannot mark one as raw.
    """
    if "\n" in value or "\r" in value:
        raise refusal("gitlab", name, "a dotenv report has one line per variable, and the value has a line break")
    if value != value.strip():
        raise refusal("gitlab", name, "whitespace at its start or end would be stripped")
    if "$" in value:
        raise refusal("gitlab", name, "the runner would expand its $")
    return f"{name}={value}"


def _random_hex(count: int) -> str:
    from os import urandom

    return urandom(count).hex()


RENDERERS: dict[str, Renderer] = {
    "github": lambda sets, unsets: github(sets, unsets, _random_hex),
    "gitlab": by_line(assign_gitlab, set_empty),
}
