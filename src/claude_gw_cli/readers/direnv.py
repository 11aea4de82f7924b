"""The files that .envrc loads: lines of direnv's own commands."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy

_DIRENV = lazy(
    r"^[ \t]*(?:(?P<env>dotenv)|source_env)(?:_if_exists)?\b[ \t]*[\"']?(?P<name>[^\s\"'#;&|$()]*)[\"']?[ \t]*$",
    8,
)
"""Lines of .envrc that load another file (direnv's stdlib)."""


def named_files(text: str) -> Iterator[tuple[str, str]]:
    """The files that .envrc loads, as far as they are named outright."""
    for item in _DIRENV.finditer(text):
        if item["env"]:
            yield item["name"] or ".env", "env file"
        elif item["name"]:
            yield item["name"], "shell script"
