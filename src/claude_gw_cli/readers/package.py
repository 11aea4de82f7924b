"""package.json: the variables that its scripts set, with ``A=b command``, ``cross-env`` or ``set A=b&& command``."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers import embedded
from claude_gw_cli.readers.common import Place, Start
from claude_gw_cli.readers.jsonc import document, walk


def read(text: str) -> Iterator[Start]:
    """What each script sets.

    Raises:
        NotReadableError: it is not JSON.
    """
    found = document(text)
    scripts = next((item for item in walk(found) if item.keys == ("scripts",)), None)
    for name, (_, (line, column)) in scripts.places.items() if scripts else ():
        script = found.get(("scripts", name))

        def at(_line: int, inside: int, line: int = line, column: int = column) -> Place:
            return line, column + inside  # after the quote

        if isinstance(script, str):
            windows = script.lstrip().lower().startswith(("set ", "setx "))
            yield from embedded.run(script, at, language="cmd" if windows else "shell")[0]
