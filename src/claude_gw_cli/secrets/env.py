"""``env://NAME``: the key is in an environment variable. On the hot path."""

from __future__ import annotations

from claude_gw_cli.core.errors import UnavailableError
from claude_gw_cli.secrets import FetchedSecret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context
    from claude_gw_cli.secrets.pin import PinnedReference


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The variable's value."""
    name = reference.path
    value = context.env.get(name)
    if value is None:
        raise UnavailableError(
            f"the variable {name} is not set",
            hint=f"Set it where cgw runs, for example: read -rs {name} && export {name}\n"
            "or keep the key in a store: cgw secret set keyring://cgw/NAME",
        )
    if reference.fragment:
        from claude_gw_cli.secrets.text import json_field

        value = json_field(value, reference.fragment, reference.text)
    return FetchedSecret(context.accept(value, reference.text), facts={"source": "env", "variable": name})


def pin(reference: Reference, context: Context) -> PinnedReference:  # noqa: ARG001  # the protocol's shape
    """The variable is at hand at run time; a cache of it would only be another copy."""
    from claude_gw_cli.secrets.pin import PinnedReference

    return PinnedReference(reference.text, ambient=(reference.path,), cacheable=False)
