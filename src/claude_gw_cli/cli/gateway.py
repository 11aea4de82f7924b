"""``cgw gateway snippet``: the server's side of a profile."""

from __future__ import annotations

from claude_gw_cli.cli.out import write_stdout
from claude_gw_cli.cli.use import use_profile
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.report.gateway import snippet as lines


def snippet(*, profile: str | None = None, kind: str = "litellm") -> int:
    """Print what the gateway's side needs for a profile.

    Args:
        profile: name or file; ``None`` selects.
        kind: of gateway, a row of ``facts.gateways``.
    """
    loaded, _ = use_profile(profile)
    write_stdout(masked_text(lines(loaded.profile, kind)))
    return 0
