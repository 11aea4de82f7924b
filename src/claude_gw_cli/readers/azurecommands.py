"""Azure Pipelines' command in a log: ``##vso[task.setvariable variable=A]b`` sets a variable for later steps.

One with ``isOutput=true`` gets another name there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Start, joined, places

COMMAND = lazy(
    r"##vso\[task\.setvariable\s(?![^\]\n]*isoutput=true)(?:[^\]\n;]*;)*\s*variable=(?P<name>\w+)[^\]\n]*\](?P<value>[^\n]*)",
    re.IGNORECASE,
)
_ESCAPE = lazy(r"%(?:AZP25|0D|0A|3B|5D)")
_CHARACTERS = {"%AZP25": "%", "%0D": "\r", "%0A": "\n", "%3B": ";", "%5D": "]"}


def read(text: str) -> Iterator[Start]:
    """The variables of all commands."""
    place = places(text)
    yield Start(
        tuple(
            Assignment(item["name"], joined([unescaped(item["value"])]), *place(item.start()))
            for item in COMMAND.finditer(text)
        )
    )


def unescaped(text: str) -> str:
    """A value as the agent decodes it."""
    return _ESCAPE.sub(lambda item: _CHARACTERS[item[0]], text)
