"""Permission to act for one profile. Light: on the hot path of `cgw env` and of the helper.

A repository's profile that the user has not trusted is data. So everything that resolves a secret, starts a program,
opens a connection or writes a file for a profile takes a ``Grant``, and a loaded profile hands one out only when it
is the user's own or trusted. Python cannot stop code from making one; tests/test_one_door.py lists who does.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Basis = Literal["own", "trusted", "allowed", "typed", "helper"]


class Grant:
    """The permission.

    Attributes:
        basis: why it was given: the profile is the user's ``own``; its content is ``trusted``; the caller ``allowed``
            it for this call; the user ``typed`` the reference; an installed ``helper``'s private file holds it.
        file: the profile's file; empty where there is no profile.
    """

    __slots__ = ("basis", "file")

    def __init__(self, basis: Basis, file: str = "") -> None:
        self.basis = basis
        self.file = file


TRUST_VARIABLE = "CGW_TRUST_REPOSITORY"
"""Set to 1, the caller (CI) trusts the repository's profile for this call, as ``--trust-repository`` does."""


def without_permission(env: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that is started: the caller's trust is for this call and goes no further."""
    return {name: value for name, value in env.items() if name != TRUST_VARIABLE}
