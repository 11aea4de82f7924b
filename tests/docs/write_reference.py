"""Write the pages of docs/ that are made from tables: ``make update``. ``test_pages.py`` says when it is due."""
# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS, Command, Parameter
from claude_gw_cli.facts.headers import ROWS
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.facts.versions import every_fact

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"


def pages() -> dict[str, str]:
    """Path below docs/ -> content."""
    return {
        "reference/commands.md": "\n".join(_commands()) + "\n",
        "reference/modes.md": "\n".join(_modes()) + "\n",
        "reference/headers.md": "\n".join(_headers()) + "\n",
        "troubleshooting.md": "\n".join(_troubleshooting()) + "\n",
    }


def write() -> None:
    """Every page."""
    for name, text in pages().items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


# -- commands -------------------------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "Made from the command table; `cgw COMMAND --help` prints the same. Every command accepts:"
    yield ""
    yield from _parameters(GLOBAL_FLAGS)
    shown = [command for command in COMMANDS.values() if not command.hidden]
    for group in ("", *GROUPS):
        members = [command for command in shown if _group(command) == group]
        if group:
            yield ""
            yield f"## cgw {group}"
            yield ""
            yield GROUPS[group]
        for command in members:
            yield ""
            yield f"{'###' if group else '##'} {command.usage().partition(' [')[0] if not group else f'cgw {command.words}'}"
            yield ""
            yield f"```text\n{command.usage()}\n```"
            yield ""
            yield _plain(command.help)
            if command.parameters:
                yield ""
                yield from _parameters(command.parameters)


def _group(command: Command) -> str:
    first = command.words.partition(" ")[0]
    return first if first in GROUPS else ""


def _parameters(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    yield "| option or argument | means | default |"
    yield "|---|---|---|"
    for parameter in parameters:
        yield _row(f"`{parameter.term().strip()}`", _plain(parameter.help_text()), parameter.default or "")


def _plain(text: str) -> str:
    """A sentence whose angle brackets and asterisks Markdown leaves as they are."""
    return re.sub(r"([<*])", r"\\\1", text)


# -- provider modes and headers -------------------------------------------------------------------------------------


def _modes() -> Iterator[str]:
    yield "# Provider modes"
    yield ""
    yield "Made from `facts/providers.py`: what `cgw env` and `cgw settings apply` set for each mode, beside the models and the"
    yield "key. Everything else that selects a provider or holds a credential is unset."
    for mode in MODES:
        yield ""
        yield f"## {mode.provider}" + (", credentials on this machine" if mode.credentials == "client" else "")
        yield ""
        yield f"{mode.title[0].upper()}{mode.title[1:]}."
        yield ""
        yield "| what | value |"
        yield "|---|---|"
        yield _row(
            "options",
            f"`--provider {mode.provider}" + (" --credentials client`" if mode.credentials == "client" else "`"),
        )
        yield _row("base path at LiteLLM", f"`{mode.base_path}`" if mode.base_path else "none: the gateway's root")
        yield _row("base URL", f"`{mode.base_variable}`")
        yield _row("flags", ", ".join(f"`{name}={value}`" for name, value in mode.flags) or "none")
        for field, variable, default in mode.fields:
            yield _row(field.replace("_", " "), f"`{variable}`" + (f", default `{default}`" if default else ""))
        yield _row("key header by default", f"`{mode.default_header}`")
        for header, carrier in mode.carriers:
            ways = [f"`{carrier.variable}`"] if carrier.variable else []
            ways += ["`apiKeyHelper`"] if carrier.helper else []
            yield _row(f"key in `{header}`", " or ".join(ways))
        yield _row("key in another header", "`ANTHROPIC_CUSTOM_HEADERS`")
        if mode.taken:
            yield _row("headers taken by the cloud's credential", ", ".join(f"`{name}`" for name in mode.taken))
        if mode.fact:
            yield _row("works in", _releases(mode.fact))


def _releases(fact: str) -> str:
    """``2.1.70 to 2.1.112, since 2.1.190`` for the releases in which a fact holds."""
    spans = next(row.spans for row in every_fact() if row.id == fact)
    return ", ".join(
        f"{span.since} to {span.until}" if span.since and span.until
        else f"since {span.since}" if span.since
        else f"until {span.until}" if span.until
        else "all"
        for span in spans
    )  # fmt: skip


def _headers() -> Iterator[str]:
    yield "# Which credential is sent in which header"
    yield ""
    yield "Made from `facts/headers.txt`, which is read from recordings of the real client. In each row the first source that is"
    yield "present fills the header. A row with releases counts there, and is above the row that counts elsewhere. For one"
    yield "set-up, with files and lines: `cgw explain`."
    for provider in ("*", *dict.fromkeys(row.provider for row in ROWS if row.provider != "*")):
        yield ""
        yield f"## {'Every provider' if provider == '*' else provider}"
        yield ""
        yield "| how the client gets its own credential | header | sources, strongest first | releases |"
        yield "|---|---|---|---|"
        for row in ROWS:
            if row.provider == provider:
                releases = _releases(row.fact) if row.fact else ""
                yield _row(
                    "any" if row.situation == "*" else f"`{row.situation}`",
                    f"`{row.header}`",
                    ", ".join(f"`{source}`" for source in row.sources) or "none: it is not sent",
                    releases,
                )
    yield ""
    yield "Sources: `token` is ANTHROPIC_AUTH_TOKEN, `key` ANTHROPIC_API_KEY, `helper` the output of apiKeyHelper, `custom` the line"
    yield "of that name in ANTHROPIC_CUSTOM_HEADERS, `login` a stored claude.ai session, `login-key` the key of a Console login,"
    yield "`oauth` CLAUDE_CODE_OAUTH_TOKEN; the others are the cloud's own credentials."


# -- troubleshooting ------------------------------------------------------------------------------------------------


def _troubleshooting() -> Iterator[str]:
    content = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
    yield "# Troubleshooting, by the client's words"
    yield ""
    yield f"What `claude` prints when a request fails, measured with release {content['version']}, what it usually means behind a"
    yield "gateway, and what to type. `cgw doctor` finds the cause in all of these cases but a limit of the gateway; the rules are"
    yield "in the [list of failures](rules/failures.md)."
    for row in content["row"]:
        yield ""
        yield f"## {row['case'][0].upper()}{row['case'][1:]}"
        yield ""
        yield f"```text\n{row['says']}\n```"
        yield ""
        yield row["means"]
        yield ""
        yield f"Next: `{row['next']}`" if re.match(r"(cgw|gcloud|aws)\b", row["next"]) else f"Next: {row['next']}."


if __name__ == "__main__":
    write()
