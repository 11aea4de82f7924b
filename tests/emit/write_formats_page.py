"""Write docs/formats.md from ``emit.formats``: ``make update``. ``test_formats_page.py`` says when it is due."""
# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

from claude_gw_cli.emit.formats import FILE_FORMATS, Format

PAGE = Path(__file__).parent.parent.parent / "docs" / "formats.md"

_HEAD = """# Files for other programs

`cgw env --shell FORMAT` writes a profile's variables as another program reads them. A value arrives byte for byte, or
is refused by name with exit 2 and empty output. `cgw check` reads all of these formats back.

| format | where the text goes | the key | what its readers do |
|---|---|---|---|
"""

_TAIL = """
**The key** is written into the text where nothing is said. Otherwise the text has the reader's own expression for it,
with the name of the secret for NAME: that of `env://NAME`, else `LLM_GATEWAY_KEY`. `--resolve` writes the key itself
where that is not baked into an image, an artifact or a repository; cgw then says who can read it.

## What a format cannot carry

| format | refused |
|---|---|
| dotenv | an empty value, several lines, a carriage return, `$`, `{{`, `\\n` and `\\t` as text, quotes at both ends, some mixtures of quotes and backslashes: programs read them differently |
| docker | a line break (take it from the environment: `docker run -e NAME`), a line over 65,535 bytes |
| gitlab | a line break, `$`, whitespace at an end, more than 20 variables, 5,120 bytes and more |
| systemd, systemd-dropin | control characters other than tab and line break, noncharacters, a byte order mark |
| environment.d | the same, and tab and line break |
| etc-environment | an empty value, `#`, `"`, `\\`, `$`, control characters, noncharacters, a line over 1,000 bytes |
| launchd | control characters that XML has not |
| azure | a line break in a value with the key |
| jenkins | an empty value, which `withEnv` removes |
| devcontainer | `${`, which is substituted and has no escape |
| action | `${{`, which GitHub evaluates; variables with which the action does not start |

The other formats carry every value that an environment can hold.

## Measured readers

Each with 272 values, 160 of them random (`tests/real/test_dotenv_readers.py`, `tests/real/test_env_files.py`), and the real
client started with what each output gave its reader (`tests/real/test_formats_answered.py`).

- **dotenv**: Node 20 to 26 `--env-file`, npm's dotenv 16 to 18, dotenv-cli, env-cmd, dotenvx, @next/env, bun, deno, uv, just,
  mise, go-task, poethepoet, honcho, foreman of npm and of Ruby, dotenv of Ruby, python-dotenv (library and command),
  pydantic-settings, django-environ, environs, python-decouple, starlette, podman-compose, varlock, direnv's `dotenv`, Docker
  Compose `env_file`, and `set -a; . FILE` in dash, bash and zsh.
- **docker**: Docker 28, podman 4.3, kubectl 1.32 `--from-env-file`, Compose with `format: raw`.
- **the others**: systemd 252 (its own parsers), pam_env 1.5, mise, direnv, bash, Docker Compose, podman-compose, kubectl, the
  reference program for development containers, Azure's task library, Groovy, Node, Python.

Not run: a GitLab server, GitHub's and Buildkite's runners, launchd, VS Code. Their rules are read in their sources or
documentation.
"""


def _row(name: str, row: Format) -> str:
    usage, _, place = row.usage.partition("    # ")
    usage, _, reader = usage.partition(" | ")
    goes = f"`{usage}`" + (f" piped into `{reader}`" if reader else "") + (f"; {place}" if place else "")
    key = f"`{row.key}`" if row.key else ""
    return f"| `{name}` | {goes} | {key} | {row.notes} |\n"


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_row(name, row) for name, row in FILE_FORMATS.items()) + _TAIL


def write() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")
