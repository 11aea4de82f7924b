r"""tox.ini: ``set_env`` (``setenv``) of ``[testenv]`` and ``[testenv:NAME]``.

A line is ``NAME=VALUE``, for some environments only ``FACTOR: NAME=VALUE``. Quotes and ``$NAME`` are part of the
value, ``{env:NAME}`` and other braces are filled in. ``#`` begins a comment, also without a space before it; ``\#``
is the character. ``set_env`` wins where both names are there (measured, tox 4 with ``tox config -k set_env``).
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Start, is_name, places, split_unknown
from claude_gw_cli.readers.ini import Line, options

_SECTION = lazy(r"testenv(?::|$)")
_COMMENT = lazy(r"[ \t]*(?<!\\)#.*")
FILLED = lazy(r"(?<!\\)\{[^{}]{0,999}(?:\{[^{}]{0,999}\}[^{}]{0,999})*\}")
"""What tox fills in."""
_SET = lazy(r"[ \t]*(?:(?P<factor>[\w.,!{}-]+)[ \t]*:[ \t]+)?(?P<name>\w+)[ \t]*=[ \t]*(?P<value>.*)")
_REFERRED = lazy(r"\s*\{\[(?P<section>[^\]]+)\]set_?env\}\s*")
Given = tuple[str, Assignment]
"""The factor of the environments that get a variable, and the variable."""


def read(text: str) -> Iterator[Start]:
    """What the commands of each environment get, and of those that have a factor."""
    place, found = places(text), dict[str, dict[str, list[Line]]]()
    for section, option, lines in options(text):
        if option in {"setenv", "set_env"} and _SECTION.match(section):
            found.setdefault(section, {})[option] = lines
    chosen = {section: given.get("set_env") or given["setenv"] for section, given in found.items()}

    def variables(section: str, seen: tuple[str, ...] = ()) -> Iterator[Given]:
        following = iter(chosen.get(section, ()))
        for line, offset in following:
            if referred := _REFERRED.fullmatch(line):
                if referred["section"] not in seen:
                    yield from variables(referred["section"], (*seen, section))
                continue
            written = _COMMENT.sub("", line)
            while written.endswith("\\") and (more := next(following, None)):
                written = written[:-1] + _COMMENT.sub("", more[0]).strip()
            item = _SET.fullmatch(written)
            if item and is_name(item["name"]):
                value = item["value"].strip().replace(r"\#", "#")
                at = place(offset + item.start("name"))
                yield item["factor"] or "", Assignment(item["name"], split_unknown(value, FILLED), *at)

    for section in chosen:
        own = list(variables(section, (section,)))
        usual = tuple(item for factor, item in own if not factor)
        yield Start(usual)
        for factor in dict.fromkeys(factor for factor, _ in own if factor):
            special = tuple(item for its, item in own if its == factor)
            yield Start((*usual, *special), frozenset(item.name for item in usual))
