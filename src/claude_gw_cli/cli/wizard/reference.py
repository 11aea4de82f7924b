"""A reference that is typed: completed, and tried at once, so that a wrong one shows here and not in the proof."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli import secrets
from claude_gw_cli.cli import new_profile
from claude_gw_cli.cli.progress import Working
from claude_gw_cli.cli.vault_here import login, server_here, with_table
from claude_gw_cli.cli.wizard.asking import Back, Option, choose_only, said, text
from claude_gw_cli.cli.wizard.walk import answered, changed
from claude_gw_cli.core import reference
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.words import counted
from claude_gw_cli.record import replace
from claude_gw_cli.secrets import http

if TYPE_CHECKING:
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.walk import Draft
    from claude_gw_cli.core.model import Profile

_SECONDS = 6.0
"""A helper has nine; a server that needs longer than this is worth a word."""
_FIELD = "key"
_AFTER = (
    Option("again", "Type it again"),
    Option("try", "Try it again", "after you have signed in, or started the store"),
    Option("keep", "Use it as it is", "it will work later"),
)


def reference_to_it(draft: Draft, asker: Asker, *, is_vault: bool) -> Draft:
    """The draft with a reference that was tried, or that the person wants although it gave no key now."""
    if is_vault:
        draft = _with_server(draft, asker)
    typed = f"vault://secret/{draft.profile.name}#{_FIELD}" if is_vault else ""
    answer, found = "again", ""
    while answer == "again":
        typed = _typed(draft, asker, typed, is_vault=is_vault)
        answer = "try"
        while answer == "try":
            try:
                found = f"{counted(_tried(draft.profile, typed), 'character')}, "
                break
            except CgwError as error:
                problem = _why_not(error, draft.profile)
            try:
                answer = choose_only(asker, "No key came from there. What now?", _AFTER, "again", problem)
            except Back:
                answer = "again"
    answered("Key", f"{found}read from {typed}")
    return changed(draft, secret=typed)


def _typed(draft: Draft, asker: Asker, proposed: str, *, is_vault: bool) -> str:
    """A reference of the right form."""
    if is_vault:
        question, why = "Which path and field in Vault?", "MOUNT/PATH#FIELD, as `vault kv get MOUNT/PATH` shows it."
    else:
        question = "Which reference?"
        why = "For example " + "   ".join(reference.FORMS[name] for name in ("op", "pass", "file", "aws-sm", "exec"))

    def complete(answer: str) -> str:
        return _of_vault(answer) if is_vault else answer

    def check(answer: str) -> None:
        new_profile.check_reference(draft.profile, complete(answer))

    return complete(text(asker, question, proposed, check, why, allowed=draft.allowed))


def _of_vault(answer: str) -> str:
    """A path in Vault as a reference: with its scheme, and with the field that is usual."""
    answer = answer.strip()
    if "://" not in answer:
        answer = f"vault://{answer.removeprefix('vault:').lstrip('/')}"
    return answer if "#" in answer or not answer.startswith("vault://") else f"{answer.rstrip('/')}#{_FIELD}"


def _with_server(draft: Draft, asker: Asker) -> Draft:
    """The draft with the server in its profile, which then works in every shell."""
    found = {key: value for key, (_, value) in server_here(draft.profile).items()}
    if "address" not in {**draft.profile.tables.get("vault", {}), **found}:
        why = "As the tools know it in VAULT_ADDR, for example https://vault.example.com:8200"
        found["address"] = text(asker, "What is the Vault server's address?", "", http.check_address, why)
    for key, value in found.items():
        answered(f"Vault's {key.replace('_', ' ')}", value)
    return replace(draft, profile=with_table(draft.profile, found))


def _tried(profile: Profile, typed: str) -> int:
    """How many characters the key has that comes from a reference now. The key is not kept."""
    context = secrets.Context.make(Grant("typed"), os.environ, _SECONDS, profile.tables)
    with Working("Fetching the key"):
        return len(secrets.resolve(typed, context).value)


def _why_not(error: CgwError, profile: Profile) -> str:
    if error.code != "CGW475":
        return said(error)
    return (
        f"No Vault token is here. In another terminal: {login(str(profile.tables.get('vault', {}).get('address')))}"
    )
