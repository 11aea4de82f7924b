"""launchd property lists: ``EnvironmentVariables``, and scripts among ``ProgramArguments`` (launchd.plist(5))."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.readers import embedded
from claude_gw_cli.readers.common import Assignment, NotReadableError, Place, Start, joined, moved, places

_MEMBERS = ("EnvironmentVariables", "ProgramArguments")
_STRINGS = "launchd takes strings only"


def read(text: str) -> Iterator[Start]:
    """What the job gets.

    Raises:
        NotReadableError: it is not a property list.
    """
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        found = plistlib.loads(text.encode("utf-8", "surrogateescape"), fmt=plistlib.FMT_XML)
    except ExpatError as error:
        raise NotReadableError("not a property list", error.lineno) from None
    except Exception:  # noqa: BLE001  # it names none of its others
        raise NotReadableError("not a property list") from None
    variables, words = (found.get(name) for name in _MEMBERS) if isinstance(found, dict) else (None, None)
    place = places(text)
    own = tuple(
        Assignment(name, joined([js_text(value)]), *_at(text, "key", name, place), "" if is_text else _STRINGS)
        for name, value in (variables.items() if isinstance(variables, dict) else ())
        for is_text in (isinstance(value, str),)
    )
    yield Start(own)
    for word in words if isinstance(words, list) else ():
        if isinstance(word, str):
            yield from embedded.run(word, moved(_at(text, "string", word, place)), own)[0]


def _at(text: str, tag: str, inside: str, place: Callable[[int], Place]) -> Place:
    found = re.search(rf"<{tag}>\s*{re.escape(escape(inside))}\s*</{tag}>", text)
    return place(found.start()) if found else (1, 1)
