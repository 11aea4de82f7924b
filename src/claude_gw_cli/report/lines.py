"""Findings as lines: concise for editors and people in a hurry, and GitHub's workflow annotations. Pure."""

from __future__ import annotations

from claude_gw_cli.core.model import Finding, Location
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def visible(text: str) -> str:
    """Text with every character that a terminal would interpret or hide written as its code; line breaks too.

    A repository's names and values are not trusted: an escape sequence in them could hide a finding.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def place(at: Location) -> str:
    """``file:line:column``, or the environment variable."""
    if at.file is None:
        return f"environment:{visible(at.variable)}" if at.variable else "environment"
    return f"{visible(at.file)}:{at.line or 1}:{at.column or 1}"


def concise(finding: Finding) -> str:
    """``place: severity CODE message``, one line."""
    message = visible(" ".join(finding.message.split()))
    return f"{place(finding.location)}: {finding.severity} {finding.code} {message}\n"


def github(finding: Finding, placed: Callable[[str], str] = str) -> str:
    """A workflow command that annotates the file, named from the checkout's top, or without a file the run."""
    at = finding.location
    properties = {"title": f"{finding.code} {finding.slug}"}
    if at.file is not None:
        properties = {"file": placed(at.file), "line": str(at.line or 1), "col": str(at.column or 1), **properties}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return f"::{_LEVELS[finding.severity]} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    """Escaped as actions/toolkit does; the runner undoes exactly these."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
