"""Sources of third parties: an entry point ``scheme = "module:fetch"`` in the group ``claude_gw_cli.secrets``.

The look-up reads every installed distribution's metadata, so a helper does it once, at install time, and records
``module:function``.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context, FetchedSecret


def find_plugin(scheme: str) -> str | None:
    """``module:function`` of the installed source for a scheme, or ``None``."""
    from importlib.metadata import entry_points

    from claude_gw_cli.secrets import ENTRY_POINTS

    for point in entry_points(group=ENTRY_POINTS, name=scheme):
        return point.value
    return None


class Plugin:
    """A third party's ``fetch`` behind the protocol of the house."""

    __slots__ = ("target",)

    def __init__(self, target: str) -> None:
        self.target = target

    def fetch(self, reference: Reference, context: Context) -> FetchedSecret:
        """Call it; a plug-in that is gone, or that returns something else, is an error of the source."""
        from importlib import import_module

        from claude_gw_cli.secrets import FetchedSecret

        module, _, function = self.target.partition(":")
        try:
            call = getattr(import_module(module), function)
        except (ImportError, AttributeError):
            raise UnavailableError(
                f"the source plug-in {self.target} cannot be loaded",
                hint="Install its package beside cgw, then: cgw helper install",
            ) from None
        fetched = call(reference, context)
        if not isinstance(fetched, FetchedSecret):
            raise UnavailableError(f"the source plug-in {self.target} returned no FetchedSecret")
        return fetched
