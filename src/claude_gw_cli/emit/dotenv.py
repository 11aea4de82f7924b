r"""Env files: dotenv and `docker run --env-file`.

Neither can unset: an empty assignment is the nearest, and Claude Code takes it as unset. "dotenv" has no
standard. Ours is what python-dotenv, Node's dotenv and Docker Compose read as the same bytes; a value that they would
read differently is refused:
- python-dotenv expands `${…}` even between single quotes, and unescapes `\\` and `\'` there; the other two do not.
- bun, dotenv-cli and @next/env expand `$NAME` between single quotes too; `\$` helps there and is two characters for
  all others (measured: bun 1.4.5, dotenv-cli 11.0.0, @next/env 16.4.6). So no value with a `$` is written.
- Node's dotenv turns CR and CRLF into LF before it parses.
- Between double quotes all three unescape, each its own set, and Compose expands `$`.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, is_plain, refusal

# bufio.MaxScanTokenSize: docker/cli reads the file with a Go Scanner (opts/file.go); its buffer holds the newline too
_DOCKER_LINE = 65_535


def assign_dotenv(name: str, value: str) -> str:
    """An assignment between single quotes; between double quotes where it has a single one."""
    if is_plain(value) or not value:
        return f"{name}={value}"
    if "\r" in value or "$" in value:
        raise refusal(
            "dotenv", name, "it has a carriage return or $, which the readers of such files take differently"
        )
    if "'" not in value and "\\\\" not in value and not value.endswith("\\"):
        return f"{name}='{value}'"
    if not any(char in '"\\' for char in value):
        return f'{name}="{value}"'
    raise refusal("dotenv", name, "its quotes or backslashes are read differently by the readers of such files")


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


RENDERERS = {
    "dotenv": by_line(assign_dotenv, set_empty),
    "docker": by_line(assign_docker, set_empty),
}
