r"""systemd: `EnvironmentFile=`, a unit's drop-in, and environment.d.

| | quotes and escapes | expands | unsets |
|---|---|---|---|
| `EnvironmentFile=` | `"…"`, a backslash before `\ " $` and the backtick, line breaks | nothing | no |
| drop-in, `Environment=` | `"…"` with C's escapes | `%`; `%%` is one | `UnsetEnvironment=` |
| environment.d | `"…"`, a backslash before `\ "` and the backtick | `$NAME`, `${NAME}`; `$$` is one | no |

Where nothing can be unset, an empty assignment is the nearest, and Claude Code takes it as unset. environment.d
refuses `NAME=` and `NAME=""`; a substitution whose result is empty is accepted (measured: systemd 252). systemd drops
an assignment, with a line in the journal, whose value has another control character than tab and newline, a
noncharacter or a byte order mark (systemd.exec(5); env_value_is_valid and utf8_is_valid); environment.d changes tab
and newline, too.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, is_plain, referring, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

# What a backslash protects.
_FILE, _SESSION, _UNIT = '\\"$`', '\\"`', '\\"'


def assign_file(name: str, value: str) -> str:
    """An assignment for ``EnvironmentFile=`` between double quotes, which may hold line breaks."""
    if is_plain(value) or not value:
        return f"{name}={value}"
    _check("systemd", name, value, "\t\n")
    return f'{name}="{_escaped(value, _FILE)}"'


def assign_session(name: str, value: str) -> str:
    """An assignment for environment.d."""
    if not value:
        return f'{name}="${{{name}:+}}"'
    _check("environment.d", name, value, "")
    return f'{name}="{_escaped(value, _SESSION)}"'.replace("$", "$$")


def drop_in(sets: Sets, unsets: Unsets) -> str:
    """A drop-in for a service. Everyone on the machine can read a unit, so a variable with the key is in a file.

    ``UnsetEnvironment=`` counts last, so a name that is set is not among its names.
    """
    names = {name for name, _ in sets}
    lines = [f"UnsetEnvironment={name}" for name in unsets if name not in names]
    file = ""
    for name, value in sets:
        if parts := referring(value):
            file = f"EnvironmentFile={parts.key}"
            lines.append(f"# {name} is in the file below. To write it: cgw env --shell systemd --resolve")
            continue
        _check("systemd-dropin", name, value, "\t\n")
        text = _escaped(value, _UNIT).replace("%", "%%").replace("\n", "\\n").replace("\t", "\\t")
        lines.append(f'Environment="{name}={text}"')
    return "".join(f"{line}\n" for line in ["[Service]", *lines, *([file] if file else [])]) if lines else ""


def _escaped(value: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special else char for char in value)


def _check(dialect: str, name: str, value: str, allowed: str) -> None:
    if any(is_refused(char) and char not in allowed for char in value):
        raise refusal(dialect, name, "it has a control character or a code point that systemd does not accept")


def is_refused(char: str) -> bool:
    """Whether systemd drops an assignment with this character."""
    code = ord(char)
    return code < 32 or code == 127 or char == "\ufeff" or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


RENDERERS = {
    "systemd": by_line(assign_file, lambda name: f"{name}="),
    "environment.d": by_line(assign_session, lambda name: assign_session(name, "")),
    "systemd-dropin": drop_in,
}
