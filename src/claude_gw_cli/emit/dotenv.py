r"""Env files: dotenv and `docker run --env-file`.

Neither can unset: an empty assignment is the nearest, and Claude Code takes it as unset. "dotenv" has no
standard. Ours is what 36 programs and libraries read as the same bytes (tests/real/test_dotenv_readers.py); a value
that they would read differently is refused:
- python-dotenv expands `${…}` even between single quotes, and unescapes `\\` and `\'` there; others do not.
- bun, dotenv-cli and @next/env expand `$NAME` between single quotes too; `\$` helps there and is two characters for
  all others. So no value with a `$` is written.
- Node's dotenv turns CR and CRLF into LF before it parses.
- env-cmd and honcho make a line break of backslash and n in all quotes, honcho a tab of backslash and t.
- A value of several lines is cut or an error in env-cmd, honcho, both foremans, direnv, python-decouple, starlette
  and django-environ. Some of these end a line at a form feed or U+2028 as well.
- go-task reads `{{` as a template; django-environ removes quotes within quotes; honcho and foreman skip `NAME=`.
- Between double quotes each unescapes its own set, and Compose expands `$`.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, is_plain, refusal

# bufio.MaxScanTokenSize: docker/cli reads the file with a Go Scanner (opts/file.go); its buffer holds the newline too
_DOCKER_LINE = 65_535
_OTHERS = (
    "Take the format of the program itself, such as --shell direnv, mise or compose, or start it with `cgw run`."
)


def assign_dotenv(name: str, value: str) -> str:
    """An assignment between single quotes; between double quotes where it has a single one."""
    if is_plain(value):
        return f"{name}={value}"
    if why := _read_differently(value):
        raise refusal("dotenv", name, f"{why}, which the readers of such files take differently", _OTHERS)
    if "'" not in value and "\\\\" not in value and not value.endswith("\\"):
        return f"{name}='{value}'"
    if not any(char in '"\\' for char in value):
        return f'{name}="{value}"'
    raise refusal("dotenv", name, "the readers of such files take its quotes or backslashes differently", _OTHERS)


def _read_differently(value: str) -> str:
    """What some reader changes; empty if there is nothing of the kind."""
    if not value:
        return "it is empty"
    if not value.isprintable() and len(f"{value}x".splitlines()) > 1:
        return "it has a line break"
    if part := next((part for part in ("$", "\\n", "\\t", "{{") if part in value), ""):
        return f"it has {part}"
    return "it has quotes at both ends" if value[0] in "\"'" and value[0] == value[-1] else ""


def assign_docker(name: str, value: str) -> str:
    """Docker reads the rest of the line as it is: no quotes, no escapes."""
    if "\n" in value or value.endswith("\r"):
        raise refusal(
            "docker",
            name,
            "an env-file has one line per variable, and the value has a line break",
            f'docker and podman take it from the environment: eval "$(cgw env)"; docker run -e {name} IMAGE',
        )
    line = f"{name}={value}"
    if len(line.encode()) > _DOCKER_LINE:
        raise refusal("docker", name, f"its line would be longer than {_DOCKER_LINE} bytes")
    return line


def set_empty(name: str) -> str:
    """The nearest to unsetting in a file that can only assign."""
    return f"{name}="


RENDERERS = {"dotenv": by_line(assign_dotenv, set_empty), "docker": by_line(assign_docker, set_empty)}
