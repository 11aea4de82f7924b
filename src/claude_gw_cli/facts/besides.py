"""What a client start asks for beside the prompt's request: probes, lists, a sign of life.

Measured with clients 2.0.60, 2.1.104, 2.1.200 and 2.1.332 (`-p`; interactive: 2.1.332), the requests of one whole
start counted at a recorder. ``{base}`` is the base URL of the provider, ``{model}`` the name that a family's alias
sends.
"""

from __future__ import annotations

from typing import Literal

from claude_gw_cli.record import dataclass

Credential = Literal["same", "token", "none"]
"""``same``: every header of the prompt's request; ``token``: ANTHROPIC_AUTH_TOKEN, unsigned; ``none``: nothing."""


@dataclass(frozen=True, slots=True)
class Besides:
    """One further request of a start."""

    provider: str
    method: str
    path: str
    credential: Credential
    when: str
    """In plain English: when it is sent."""
    situations: tuple[str, ...] = ()
    """Situations of the provider; empty for all."""
    needs: tuple[str, ...] = ()
    """Conditions (``core.predict.besides``) that must all hold."""
    families: tuple[str, ...] = ()
    """One request for the model of each family, where the path or the body names a model."""
    fact: str | None = None


BESIDES: tuple[Besides, ...] = (
    Besides(
        "bedrock",
        "POST",
        "{base}/model/{model}/invoke",
        "token",
        "before the prompt, to see which models there are; the token goes out unsigned",
        situations=("aws-keys", "none"),
        needs=("token",),
        families=("sonnet", "opus", "haiku"),
        fact="bedrock-probes-carry-token",
    ),
)
