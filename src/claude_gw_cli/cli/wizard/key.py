"""The questions about the key: how it reaches Claude Code, and where it is or is to be stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.key_store import file_place, told
from claude_gw_cli.cli.wizard.asking import Back, Option, secret
from claude_gw_cli.cli.wizard.reference import reference_to_it
from claude_gw_cli.cli.wizard.walk import answered, changed
from claude_gw_cli.core.plan import can_use_helper, key_header, make_plan
from claude_gw_cli.core.secret import checked
from claude_gw_cli.core.words import counted
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.look import Look
from claude_gw_cli.cli.wizard.walk import Draft

_WAYS = {
    "helper": ("A helper", "a script gives it to the client, which renews it; no key in settings.json"),
    "written": ("settings.json", "the key itself is written into your own settings.json, which only you can read"),
    "static": ("The shell", 'only where it is exported: cgw run -- claude, or eval "$(cgw env)"'),
    "login": ("Beside a login", "your own claude.ai login goes to the gateway, its key in a header beside it"),
}


def way(draft: Draft, asker: Asker, found: Look) -> Draft | None:  # noqa: ARG001
    """How the key reaches Claude Code; proposed is what works by itself in every session."""
    if "auth" in draft.given:
        return None
    profile = draft.profile
    helps = can_use_helper(profile)
    names = ["helper" if helps else "written", "static"]
    if profile.provider in ("unified", "anthropic") and key_header(profile) != "authorization":
        names.append("login")
    why = (
        "Then `claude` works by itself, everywhere, also after the key has changed."
        if helps
        else f"Claude Code fills the header {key_header(profile)} only from its variables, never from a helper."
    )
    options = [Option(name, *_WAYS[name]) for name in names]
    if helps and "auth-by-itself" in draft.given:
        name = names[0]
    else:  # a key in the settings is never written unasked
        name = asker.choose("How does the key reach Claude Code?", options, names[0], why)
    answered("Key reaches the client by", _WAYS[name][0].lower())
    draft = replace(draft, write_secret=name == "written")
    return changed(draft, auth="static" if name == "written" else name)


def place(draft: Draft, asker: Asker, found: Look) -> Draft | None:
    """Where the key is, or where cgw stores it."""
    if "secret" in draft.given:
        return None
    if draft.key is not None:
        return _stored(draft, asker, found)
    places = _places(draft, found)
    kept = draft.profile.secret if draft.changes else None
    options = [Option("keep", "Where it is", kept)] if kept else []
    options += [Option(item, "Type or paste it", f"stored in {told(item)}") for item in places]
    variables = [name for name in found.key_variables if _stays(name, draft)]
    copied = [name for name in found.key_variables if name not in variables]
    options += [Option(f"env://{name}", f"${name}", "read from this variable at each start") for name in variables]
    options += [Option(f"copy:{name}", f"${name}", f"a copy, stored in {told(places[0])}") for name in copied]
    options.append(Option("vault", "Vault", "a path in Vault or OpenBao"))
    options.append(Option("other", "Another store", "1Password, pass, AWS, Google, Azure, a file, a command, ..."))
    default, why = ("keep", "The profile has it there.") if kept else _proposed(found, places, variables, copied)
    while True:
        answer = asker.choose("Where is the gateway's key?", options, default, why)
        try:
            return _answered(answer, draft, asker, found)
        except Back:
            continue


def _answered(answer: str, draft: Draft, asker: Asker, found: Look) -> Draft:
    """The draft with the answer to where the key is; asks for the key or for its place."""
    places = _places(draft, found)
    if answer in places:
        key = secret(asker, "The gateway's key", f"It is not shown. cgw stores it in {told(answer)}.")
        answered("Key", f"{key.masked()}, {counted(len(key), 'character')}, to be stored in {told(answer)}")
        return changed(replace(draft, key=key, key_from=""), secret=answer)
    if answer.startswith("copy:"):
        name = answer.removeprefix("copy:")
        key = checked(os.environ[name], name)
        answered("Key", f"a copy of ${name} ({key.masked()}), to be stored in {told(places[0])}")
        return changed(replace(draft, key=key, key_from=f"${name}"), secret=places[0])
    if answer == "keep":
        answered("Key", f"where it is, {draft.profile.secret}")
        return draft
    if answer in ("vault", "other"):
        return reference_to_it(draft, asker, is_vault=answer == "vault")
    answered("Key", f"read from {answer}")
    return changed(draft, secret=answer)


def _stored(draft: Draft, asker: Asker, found: Look) -> Draft:
    """Where a key that is at hand is stored; a question only if there is a choice."""
    places = _places(draft, found)
    if len(places) == 1:
        return changed(draft, secret=places[0])
    options = [Option(item, told(item)) for item in places]
    answer = asker.choose("Where shall cgw store the key?", options, places[0], "This session's keyring works.")
    answered("Key", f"to be stored in {told(answer)}")
    return changed(draft, secret=answer)


def _proposed(found: Look, places: tuple[str, ...], variables: list[str], copied: list[str]) -> tuple[str, str]:
    if variables:
        return f"env://{variables[0]}", f"{variables[0]} is set in this shell."
    if found.vault and found.signed_in:
        return "vault", f"{found.vault.variable} is set here, and you are signed in."
    if copied:
        return (
            f"copy:{copied[0]}",
            f"{copied[0]} is set in this shell, but the client would use it itself before any helper.",
        )
    if found.keyring:
        return places[0], "This session's keyring works."
    vault = f" {found.vault.variable} is set, but no token is here: Vault is possible, too." if found.vault else ""
    return places[0], f"No keyring works in this session; a file that only you can read does.{vault}"


def _stays(variable: str, draft: Draft) -> bool:
    """Whether a helper still sees the variable: settings clear the client's own, and so would hide the key."""
    plan = make_plan(draft.profile)
    if not plan.helper:
        return True
    return variable not in plan.clears and variable not in {item.name for item in plan.sets}


def _places(draft: Draft, found: Look) -> tuple[str, ...]:
    """References under which cgw can store the key here, the best first."""
    file, name = file_place(draft.profile.name), draft.profile.name
    return (f"keyring://cgw/{name}", file) if found.keyring else (file,)
