"""/etc/environment: PAM's pam_env reads it at sign-in, and systemd for the services of a person's session.

pam_env removes one pair of quotes, knows no escapes, and treats ``#`` as a comment in all quotes. systemd unescapes
and expands ``$``. So what the two would read differently is refused. pam_env 1.5.2 loses the whole file with a very
long line. Nothing can be unset; an empty assignment is the nearest.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, refusal
from claude_gw_cli.emit.systemd import is_refused

_LINE = 1000


def assign(name: str, value: str) -> str:
    """An assignment between double quotes."""
    if not value:
        raise refusal("etc-environment", name, "systemd ignores an empty assignment")
    if any(char in '#"\\$' or "\x7f" < char < "\xa0" or is_refused(char) for char in value):
        raise refusal("etc-environment", name, 'it has one of # " \\ $ or a control character')
    line = f'{name}="{value}"'
    if len(line.encode()) > _LINE:
        raise refusal("etc-environment", name, f"its line would be longer than {_LINE} bytes")
    return line


RENDERERS = {"etc-environment": by_line(assign, lambda name: f"{name}=")}
