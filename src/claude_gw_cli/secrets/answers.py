"""What a store can answer instead of a key: one error for each situation, whatever store says it."""

from __future__ import annotations

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError

_KINDS: dict[str, tuple[type[CgwError], str]] = {
    "missing": (UnavailableError, "there is no such secret"),
    "locked": (RefusedError, "the store is locked, and unlocking it needs a question that cannot be asked here"),
    "signed-out": (RefusedError, "the store's tool is not signed in, or its session has ended"),
    "denied": (RefusedError, "the store does not let this account read the secret"),
    "ambiguous": (UsageError, "more than one secret has this name"),
    "folder": (UsageError, "this is a folder of secrets, not a secret"),
    "binary": (UsageError, "the secret is binary, not text"),
    "setting": (UsageError, "the store's tool is not configured for this"),
    "other-tool": (UsageError, "the installed program of this name is another tool"),
}

_GENERAL = {
    "folder": "Name a secret in it.",
    "binary": "A key is one line of text: store it as text.",
    "denied": "Ask for read access, or use another account.",
    "ambiguous": "Use its unique id, or add a further attribute.",
    "missing": "Check the name: the store's own tool can list what is there.",
}


def error(situation: str, title: str, said: str = "", hint: str = "") -> CgwError:
    """The error for a situation.

    Args:
        situation: a key of the table above.
        title: the reference.
        said: the store's own words, already made fit to show.
        hint: the next step; where it is empty a general one.
    """
    kind, message = _KINDS[situation]
    return kind(f"{title}: {message}" + (f": {said}" if said else ""), hint=hint or _GENERAL.get(situation, ""))
