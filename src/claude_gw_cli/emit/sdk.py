"""The value of the option ``env`` of the two Agent SDKs, to paste into a program.

Measured with @anthropic-ai/claude-agent-sdk 0.3.332 and claude-agent-sdk 0.2.189. ``null`` is not possible in either:
the first hands on the text ``null``, the second raises.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets


def typescript(sets: Sets, unsets: Unsets) -> str:
    """A JavaScript object. The option replaces the environment: ``process.env`` comes first, ``undefined`` unsets."""
    from json import dumps

    values = {**dict.fromkeys(unsets, "undefined"), **{name: dumps(value) for name, value in sets}}
    lines = "".join(f"  {name}: {text},\n" for name, text in values.items())
    return f"{{\n  ...process.env,\n{lines}}}\n"


def python(sets: Sets, unsets: Unsets) -> str:
    """A dictionary, which is valid JSON too. The option adds to the environment; an empty value is nearest to unset.

    Not ASCII: for a character beyond 0xffff JSON has two escapes, which are two characters in Python.
    """
    from json import dumps

    return dumps({**dict.fromkeys(unsets, ""), **dict(sets)}, ensure_ascii=False, indent=4) + "\n"


RENDERERS = {"sdk-ts": typescript, "sdk-python": python}
