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

ENTRY_POINTS = "claude_gw_cli.secrets"
"""Entry-point group of third-party sources: name = scheme, object = a ``fetch`` function."""


def find_plugin(scheme: str) -> str | None:
    """``module:function`` of the installed source for a scheme, or ``None``."""
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINTS, name=scheme):
        return point.value
    return None


class Plugin:
    """A third party's ``fetch`` behind the protocol of the house; ``result`` is the type that it must return."""

    __slots__ = ("result", "target")

    def __init__(self, target: str, result: type[FetchedSecret]) -> None:
        self.target = target
        self.result = result

    def fetch(self, reference: Reference, context: Context) -> FetchedSecret:
        """Call it; a plug-in that is gone, or that returns something else, is an error of the source."""
        from importlib import import_module

        module, _, function = self.target.partition(":")
        try:
            call = getattr(import_module(module), function)
        except (ImportError, AttributeError):
            raise UnavailableError(
                f"the source plug-in {self.target} cannot be loaded",
                hint="Install its package beside cgw, then: cgw helper install",
            ) from None
        fetched = call(reference, context)
        if not isinstance(fetched, self.result):
            raise UnavailableError(f"the source plug-in {self.target} returned no FetchedSecret")
        return fetched
