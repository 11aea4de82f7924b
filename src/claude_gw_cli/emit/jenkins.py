r"""Groovy for a Jenkinsfile: ``withEnv``, inside of ``withCredentials`` for the key.

``withEnv`` takes a value as it is and removes a variable whose value is empty (read: EnvStep, EnvVars.override). The
key is joined with ``+``: Jenkins warns about a secret in a string that Groovy interpolates. Groovy turns ``\uXXXX``
into the character before it looks for quotes, so quotes, backslashes and line breaks have their own escapes.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import referring, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def with_env(sets: Sets, unsets: Unsets) -> str:
    """The block, with a command to replace."""
    values = {**dict.fromkeys(unsets, ""), **dict(sets)}
    if not values:
        return ""
    items, credential = [], ""
    for name, value in values.items():
        parts = referring(value)
        if not value and name not in unsets:
            raise refusal("jenkins", name, "withEnv removes a variable whose value is empty")
        if parts:
            credential = parts.source
            after = f" + {_literal(parts.after)}" if parts.after else ""
            items.append(f"{_literal(f'{name}={parts.before}')} + {parts.key}{after}")
        else:
            items.append(_literal(f"{name}={value}"))
    lines = ["withEnv([", *(f"  {item}," for item in items), "]) {", "  sh 'claude --version'", "}"]
    if credential:
        binding = f"withCredentials([string(credentialsId: '{credential}', variable: '{credential}')]) {{"
        lines = [binding, *(f"  {line}" for line in lines), "}"]
    return "".join(f"{line}\n" for line in lines)


def _literal(text: str) -> str:
    return "'" + "".join(map(_char, text)) + "'"


def _char(char: str) -> str:
    if char in _ESCAPES or " " <= char <= "~":
        return _ESCAPES.get(char, char)
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


RENDERERS = {"jenkins": with_env}
