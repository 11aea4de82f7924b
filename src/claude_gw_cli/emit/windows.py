"""Text for PowerShell and cmd.

Written from Microsoft's documented rules (about_Quoting_Rules, `set /?`, `for /?`) and from the quoting bugs of other
tools. Unlike the other shells, these two were not run to test it.

Neither can hold an empty variable: `$env:X = ''` (before PowerShell 7.5) and `set "X="` remove it. Both texts are
ASCII, because the console's code page decides how the output of a native program is decoded. They have LF only: the
one thing in a cmd file that needs CRLF is a label, and there is none.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, refusal

_CMD_LINE = 8191  # characters of one command line, from Microsoft's "Command prompt line string limitation"


def _powershell_char(char: str) -> str:
    if char == "'":
        return "''"
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be").hex()
    return "'" + "".join(f" + [char]0x{units[i : i + 4]}" for i in range(0, len(units), 4)) + " + '"


def assign_powershell(name: str, value: str) -> str:
    """An assignment to ``$env:``.

    PowerShell takes U+2018 to U+201B for single quotes too; like everything that is not printable ASCII they stand
    outside the quotes, as ``[char]0x2019``. So do line breaks, which ``Out-String`` would turn into CRLF.
    """
    if not value:
        raise refusal("powershell", name, "an empty variable does not exist there")
    return f"$env:{name} = '{''.join(map(_powershell_char, value))}';"


def unset_powershell(name: str) -> str:
    """Silent about what is not set."""
    return f"Remove-Item -LiteralPath Env:{name} -ErrorAction SilentlyContinue;"


def assign_cmd(name: str, value: str) -> str:
    """A ``set`` that means the same typed, in a batch file and in ``for /f``, which differ about ``%`` and ``!``.

    A ``"`` would end the quotes that protect ``&``, ``|``, ``<``, ``>`` and ``^``.
    """
    if not value:
        raise refusal("cmd", name, "an empty variable does not exist there")
    if any(char in '%!"' or not " " <= char <= "~" for char in value):
        raise refusal("cmd", name, 'it has a character that cmd cannot quote (% ! " a line break, or not ASCII)')
    line = f'set "{name}={value}"'
    if len(line) > _CMD_LINE:
        raise refusal("cmd", name, f"its line would be longer than {_CMD_LINE} characters")
    return line


def unset_cmd(name: str) -> str:
    """Assigning nothing removes the variable."""
    return f'set "{name}="'


RENDERERS = {"powershell": by_line(assign_powershell, unset_powershell), "cmd": by_line(assign_cmd, unset_cmd)}
