"""Advice about a profile, as it is for a set-up without one: what to change is where the set-up is made."""

from __future__ import annotations

from claude_gw_cli.core.redirect import origin_of
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_gw_cli.cli.plain_start import PlainStart

_SET = "cgw profile set "
_OF_A_PROFILE = (_SET, "cgw init", "cgw secret", "cgw profile", "cgw settings")
_ADDRESS = ("--gateway-url", "--base-path")
_VARIABLES = {"authorization": "ANTHROPIC_AUTH_TOKEN", "x-api-key": "ANTHROPIC_API_KEY"}


def without_profile(advice: str, start: PlainStart) -> str:
    """The lines of an advice with the places of this start instead of commands that change a profile.

    The commands of a profile that is yet to be made (NAME) stay.
    """
    return "\n".join(dict.fromkeys(filter(None, (_line(line, start) for line in advice.splitlines()))))


def _line(line: str, start: PlainStart) -> str:
    before, _, rest = line.partition("cgw ")
    if rest.startswith("gateway snippet"):
        return "" if before.startswith(("or ", "if ")) else before.removesuffix(": ")
    if not any(f"cgw {rest}".startswith(word) for word in _OF_A_PROFILE) or "NAME --" in rest:
        return line
    _, option, value = rest.rpartition(" --")[0], *f"{rest} ".rpartition(" --")[2].split(" ")[:2]
    if option == "front-auth" and before.startswith("or "):
        return "or send both: the password in Authorization, the key in a line of ANTHROPIC_CUSTOM_HEADERS"
    if not start.address_place and not start.key_places:
        return f"{before}cgw init"
    before = before or "change it: "
    if f"--{option}" in _ADDRESS:
        place = start.address_place
        if value.isupper():
            return f"{before}{place}"
        if option == "base-path":
            given = rest.partition("--gateway-url ")[2].partition(" ")[0]
            value = (given or origin_of(start.address.text if start.address else "")) + value.strip("'")
        return f"{before}set {place} to {value}"
    if option == "model":
        return f"{before}set ANTHROPIC_MODEL"
    if option == "key-header":
        name = _VARIABLES.get(value, f"a line of ANTHROPIC_CUSTOM_HEADERS, {value}: KEY")
        return f"{before}set {name}"
    return f"{before}{start.key_places}"
