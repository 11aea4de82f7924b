"""Fixing a reference at install time: what it means here and now, so that nothing ambient can change it later.

A helper runs in every working directory, under an environment that a project's settings may add to. So addresses,
programs, back ends and file names are written down when the helper is installed. A source module may offer
``pin(reference, context) -> PinnedReference``; one that does not is taken as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_gw_cli.core.reference import parse
from claude_gw_cli.record import dataclass, field
from claude_gw_cli.secrets import source
from claude_gw_cli.secrets.plugin import Plugin

if TYPE_CHECKING:
    from claude_gw_cli.secrets import Context


@dataclass(frozen=True, slots=True)
class PinnedReference:
    """A reference with everything that it depends on.

    Attributes:
        reference: the reference's text, with absolute names.
        tables: the tables that it needs at run time, complete.
        watch: files whose change makes a cached value stale.
        ambient: variables that hold its credential at run time.
        plugins: scheme -> ``module:function``.
        lifetime: seconds that a value lives, where the source decides that.
        cacheable: False where the source is at hand at no cost.
    """

    reference: str
    tables: dict[str, Any] = field(default_factory=dict)
    watch: tuple[str, ...] = ()
    ambient: tuple[str, ...] = ()
    plugins: tuple[tuple[str, str], ...] = ()
    lifetime: float | None = None
    cacheable: bool = True


def pin(text: str, context: Context) -> PinnedReference:
    """The pinned form of a reference.

    Raises:
        CgwError: the reference, its table or its program cannot be meant.
    """
    reference = parse(text)
    module = source(reference.scheme, reference, context)
    if isinstance(module, Plugin):
        return PinnedReference(text, tables=dict(context.tables), plugins=((reference.scheme, module.target),))
    own = getattr(module, "pin", None)
    pinned: PinnedReference = own(reference, context) if own else PinnedReference(text)
    return pinned
