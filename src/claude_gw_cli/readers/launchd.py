"""launchd property lists: ``EnvironmentVariables``; also the managed preferences' ``env``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.readers.common import Assignment, NotReadableError, Start, joined, places


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
    variables = found.get("EnvironmentVariables") if isinstance(found, dict) else None
    place = places(text)
    yield Start(
        tuple(
            Assignment(name, joined([value]), *_key(text, name, place))
            for name, value in (variables.items() if isinstance(variables, dict) else ())
            if isinstance(value, str)
        )
    )


def _key(text: str, name: str, place: object) -> tuple[int, int]:
    found = re.search(rf"<key>\s*{re.escape(name)}\s*</key>", text)
    return place(found.start()) if found and callable(place) else (1, 1)
