"""mise.toml: the table ``[env]``. ``false`` unsets for real.

In every string of it ``$`` starts a substitution and ``$$`` is one dollar sign (mise 2026.6.14 keeps both, 2026.7.0
does not); ``{{``, ``{%`` and ``{#`` start a template, except in a raw block (measured: mise 2026.9.15). TOML's
escapes are JSON's, without surrogates.
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.emit.common import spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

_TEMPLATE = lazy(r"\{(?=[{%#])")


def _escaped(text: str) -> str:
    return _TEMPLATE.sub("{% raw %}{{% endraw %}", text).replace("$", "$$")


def table(sets: Sets, unsets: Unsets) -> str:
    """The table."""
    from json import dumps

    strings = {name: dumps(spelled(value, _escaped), ensure_ascii=False) for name, value in sets}
    values = {
        **dict.fromkeys(unsets, "false"),
        **{name: text.replace("\x7f", "\\u007f") for name, text in strings.items()},
    }
    return (
        "".join(f"{line}\n" for line in ["[env]", *(f"{name} = {text}" for name, text in values.items())])
        if values
        else ""
    )


RENDERERS = {"mise": table}
