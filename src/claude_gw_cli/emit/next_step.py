"""The commands in a message, as the shell of its reader takes them: messages have them as bash and zsh do."""

from __future__ import annotations

import re

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.emit import render, usage_hint

_NAME = r"([A-Z_][A-Z0-9_]+|[a-z]+_proxy)"
_EVAL = lazy(r'eval "\$\((cgw env[^)]{0,999})\)"')
_READ = lazy(rf"read -rs {_NAME} && export \1")
_PRINTED = lazy(rf'(?<![-\w])export {_NAME}="\$\(([^)"]{{1,999}})\)"')
_EXPORT = lazy(rf'(?<![-\w])export {_NAME}=(?:"([^"]{{0,999}})"|([^\s,"]+))')
_UNSET = lazy(rf"(?<![-\w])unset {_NAME}")

# Shell -> how a variable is asked for unseen, set to what a command prints, and removed; ``render`` gives it a text.
_FORMS = {
    "sh": (r"stty -echo; read -r \1; stty echo; export \1", r'export \1="$(\2)"', r"unset \1"),
    "ksh": (r"stty -echo; read -r \1; stty echo; export \1", r'export \1="$(\2)"', r"unset \1"),
    "fish": (r"read -sx \1", r"set -gx \1 (\2)", r"set -e \1"),
    "tcsh": (r"stty -echo; setenv \1 $<; stty echo", r"setenv \1 `\2`", r"unsetenv \1"),
    "nu": (r"$env.\1 = (input -s)", r"$env.\1 = (\2)", r"hide-env \1"),
    "powershell": (r"$env:\1 = Read-Host -MaskInput", r"$env:\1 = (\2)", r"Remove-Item Env:\1"),
    "cmd": (r"set /p \1=", r"""for /f "delims=" %v in ('\2') do set "\1=%v\"""", r"set \1="),
}


def in_shell(dialect: str | None, text: str) -> str:
    """The text with each such command as the shell takes it; as it is for bash, zsh and an unknown shell."""
    if dialect not in _FORMS:
        return text
    read, printed, unset = _FORMS[dialect]

    def export(found: re.Match[str]) -> str:
        try:
            return render(dialect, [(found[1], found[2] or found[3] or "")], ()).rstrip(";\n")
        except UsageError:  # this shell cannot carry the value
            return found[0]

    text = _UNSET.sub(unset, _READ.sub(read, text))
    if dialect not in ("sh", "ksh"):  # they set a variable as bash does
        text = _EXPORT.sub(export, _PRINTED.sub(printed, text))
    return _EVAL.sub(lambda found: usage_hint(dialect).replace("cgw env", found[1]), text)
