"""The commands in a message, as the shell of its reader takes them: messages have them as bash and zsh do."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.emit import usage_hint

_NAME = r"([A-Z_][A-Z0-9_]+|[a-z]+_proxy)"
_EVAL = lazy(r'eval "\$\((cgw env[^)]{0,999})\)"')
_READ = lazy(rf"read -rs {_NAME} && export \1")
_EXPORT = lazy(rf'(?<![-\w])export {_NAME}=("[^"]{0, 999}"|[^\s,]+)')
_UNSET = lazy(rf"(?<![-\w])unset {_NAME}")

# Shell -> how a variable is asked for unseen, set for programs, and removed.
_FORMS = {
    "sh": (r"stty -echo; read -r \1; stty echo; export \1", r"export \1=\2", r"unset \1"),
    "ksh": (r"stty -echo; read -r \1; stty echo; export \1", r"export \1=\2", r"unset \1"),
    "fish": (r"read -sx \1", r"set -gx \1 \2", r"set -e \1"),
    "tcsh": (r"stty -echo; setenv \1 $<; stty echo", r"setenv \1 \2", r"unsetenv \1"),
    "nu": (r"$env.\1 = (input -s)", r"$env.\1 = '\2'", r"hide-env \1"),
    "powershell": (r"$env:\1 = Read-Host -MaskInput", r"$env:\1 = '\2'", r"Remove-Item Env:\1"),
    "cmd": (r"set /p \1=", r"set \1=\2", r"set \1="),
}


def in_shell(dialect: str | None, text: str) -> str:
    """The text with each such command as the shell takes it; as it is for bash, zsh and an unknown shell."""
    if dialect not in _FORMS:
        return text
    read, export, unset = _FORMS[dialect]
    text = _READ.sub(read, text)
    text = _UNSET.sub(unset, _EXPORT.sub(export, text))
    return _EVAL.sub(lambda found: usage_hint(dialect).replace("cgw env", found[1]), text)
