"""The header lines of a start beside the gateway's key."""

from __future__ import annotations

from claude_gw_cli.core.predict.winners import CREDENTIAL_HEADERS
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.rules.context import KEY_HEADERS

if TYPE_CHECKING:
    from claude_gw_cli.core.predict.model import Prediction


def beside_key(prediction: Prediction, *key: str) -> dict[str, str]:
    """The custom headers that are not a gateway's key: those of a tenant, or of what is before the gateway.

    ``key`` is the header with the key (lower case), where there is one. Returns name (lower case) -> value.
    """
    keys = {*KEY_HEADERS, *CREDENTIAL_HEADERS, *key}
    custom = {name: found for name, found in prediction.headers.items() if found.source_kind == "custom-header"}
    return {name: text for name, found in custom.items() if name not in keys and (text := found.text())}
