"""What a client start asks for beside the prompt's request: probes, lists, a sign of life.

Measured with `-p` and sixteen releases from 1.0.60 to 2.1.332 (tests/atlas/besides.jsonl.gz): the requests of a whole
start, counted at a recorder. The rows are in besides.txt: ``{base}`` is the base URL of the provider, ``{model}`` the
name that a family's alias sends.
"""

from __future__ import annotations

from claude_gw_cli.hints import Any, Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import table

Credential = Literal["same", "authorization", "token", "none"]
"""``same``: every header of the prompt's request that has a source; ``authorization``: that header alone; ``token``:
ANTHROPIC_AUTH_TOKEN, unsigned; ``none``: no credential."""


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


def _row(head: str, when: str) -> Besides:
    provider, method, path, credential, *members = head.split()
    given: dict[str, Any] = dict(member.split(":") for member in members)
    lists = {name: tuple(text.split(",")) for name, text in given.items() if name != "fact"}
    return Besides(provider, method, path, credential, when, fact=given.get("fact"), **lists)  # type: ignore[arg-type]


BESIDES: tuple[Besides, ...] = tuple(_row(*row) for row in table("besides"))
