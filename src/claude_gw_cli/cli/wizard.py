"""The questions of ``cgw init`` on a terminal. Each answer is checked at once; questions go to stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from claude_gw_cli.cli.out import error_line, use_color
from claude_gw_cli.cli.typed import TYPED
from claude_gw_cli.core import reference
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import key_header, make_plan
from claude_gw_cli.core.presets import with_scheme
from claude_gw_cli.facts import modes
from claude_gw_cli.record import replace
from claude_gw_cli.world.detect import Proposal, gateway
from claude_gw_cli.world.detect import reference as proposed_reference
from claude_gw_cli.world.profile_text import ascii_host

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from claude_gw_cli.cli.init import Wanted
    from claude_gw_cli.cli.screen import Screen
    from claude_gw_cli.core.model import Profile

_REGION = lazy(r"global|us|eu|[a-z]{2,}(-[a-z]+)+-?\d+")
_HOLDERS = {
    "proxy": "the gateway holds the cloud credential",
    "client": "this machine holds it; the gateway key travels in another header",
}
_AUTHS = {
    "static": "the key is set in a variable when the client starts",
    "helper": "a helper script supplies the key, which can rotate; a copy is cached in a private file",
    "login": "your own claude.ai login goes to the gateway; its key travels in a header beside it",
}


def ask(profile: Profile, wanted: Wanted) -> Profile:
    """Ask for everything that no flag decided; each answer is validated before the next question.

    Raises:
        KeyboardInterrupt: the user stopped (Ctrl-C or Ctrl-D); a message was printed.
    """
    try:
        return _asked(profile, wanted)
    except (KeyboardInterrupt, EOFError):
        error_line("\nStopped; nothing was changed.")
        raise KeyboardInterrupt from None


def _asked(profile: Profile, wanted: Wanted) -> Profile:
    console = _console()
    console.print("[bold]A new profile for Claude Code behind a gateway.[/bold]")
    console.print("Enter takes the default; Ctrl-C stops and changes nothing.\n")
    answered = {"provider", "credentials", "key_header", "auth"} if wanted.by_address else set()
    given = answered | {key for key, value in wanted.values.items() if value is not None}

    def step(key: str, question: str, default: str, check: Callable[[str], object], why: str = "") -> None:
        nonlocal profile
        if key not in given:
            if why:
                console.print(f"{default}: {why}", style="dim", markup=False)
            profile = _with(profile, key, _text(console, question, default, check) or None)

    def choose(key: str, question: str, titles: dict[str, str], default: str) -> None:
        nonlocal profile
        if key not in given:
            profile = _with(profile, key, _choice(console, question, titles, default))

    choose("provider", "Which format does your gateway speak to Claude Code?", modes.LABELS, modes.PROVIDERS[0])
    here = _address(profile, given)
    step("gateway_url", "Gateway's root URL", here.answer, _check_address, here.why)
    profile = replace(profile, gateway_url=with_scheme(profile.gateway_url))
    holders = [mode.credentials for mode in modes.MODES if mode.provider == profile.provider]
    if len(holders) > 1:
        choose("credentials", "Who holds the cloud credential?", {key: _HOLDERS[key] for key in holders}, "proxy")
    mode = modes.find_mode(profile.provider, profile.credentials)
    if mode is None:
        return profile
    for key, variable, default in mode.fields:
        check = _check_region if key == "region" else str
        step(key, f"{key.replace('_', ' ').capitalize()} ({variable})", default or "", check)
    step(
        "key_header",
        "Header that the gateway reads its key from",
        mode.default_header,
        lambda text: _check_header(profile, text),
    )
    carrier = dict(mode.carriers).get(key_header(profile))
    if carrier and carrier.helper:
        choose("auth", "How should the key reach Claude Code?", _AUTHS, "static")
    if wanted.name is None:
        from claude_gw_cli.world.config import profile_path

        name = _text(console, "Name of this profile", profile.provider, lambda text: profile_path(text, os.environ))
        profile = replace(profile, name=name)
    question = "Where is the gateway key? (a reference, not the key)"
    found = proposed_reference(profile.name, os.environ)
    step("secret", question, found.answer, reference.parse, found.why)
    console.print()
    return profile


def _address(profile: Profile, given: set[str]) -> Proposal:
    """The address to propose: the one that was given, or an existing profile's, or what is here."""
    is_known = "gateway_url" in given or profile.gateway_url != DEFAULT_GATEWAY_URL
    return Proposal(profile.gateway_url) if is_known else gateway(os.environ)


def _check_address(text: str) -> None:
    gateway_root(ascii_host(with_scheme(text)))


def _check_header(profile: Profile, text: str) -> None:
    if text.strip().lower().rstrip(":") in ("bearer", "basic", "token"):
        raise UsageError(f"{text!r} is the word before a key, not the name of a header", hint="Usual: authorization")
    make_plan(replace(profile, key_header=text, auth="static"))


def _check_region(text: str) -> None:
    if not _REGION.fullmatch(text.strip()):
        raise UsageError(
            f"{text!r} is not a region", hint="For example: us-east-1 (AWS), us-east5 or global (Google)"
        )


def _with(profile: Profile, key: str, value: str | None) -> Profile:
    change: dict[str, Any] = {key: value}
    return replace(profile, **change)


def confirm(question: str, *, default: bool = False) -> bool:
    """A yes-or-no question on the terminal."""
    from rich.prompt import Confirm
    from rich.text import Text

    try:
        return Confirm.ask(Text(question), console=_console(), default=default, stream=TYPED)
    except (KeyboardInterrupt, EOFError):
        error_line("\nStopped.")  # what was done before the question is done
        raise KeyboardInterrupt from None


def _console() -> Screen:
    from claude_gw_cli.cli.screen import Screen

    # With NO_COLOR alone Rich would still print bold and dim.
    return Screen(stderr=True, highlight=False, color_system="auto" if use_color(sys.stderr) else None)


def _text(console: Screen, question: str, default: str, check: Callable[[str], object]) -> str:
    from rich.prompt import Prompt

    while True:
        answer = Prompt.ask(question, console=console, default=default or None, stream=TYPED) or ""
        if not answer:
            return ""
        if reference.looks_like_key(answer):
            console.print(
                "That looks like a key. It was not kept; no question here asks for the key itself.", style="red"
            )
            continue
        try:
            check(answer)
        except CgwError as error:
            console.print(error.message, style="red", markup=False)  # it quotes what was typed
            if error.hint:
                console.print(f"  {error.hint}", markup=False)
            continue
        return answer.strip()


def _choice(console: Screen, question: str, titles: dict[str, str], default: str) -> str:
    from rich.prompt import Prompt

    names: Sequence[str] = list(titles)
    console.print(question)
    for number, name in enumerate(names, 1):
        console.print(f"  [bold]{number}[/bold]  {name:<14} [dim]{titles[name]}[/dim]")
    while True:
        answer = Prompt.ask("Number or name", console=console, default=default, stream=TYPED)
        if answer in titles:
            return answer
        if answer.isdigit() and 0 < int(answer) <= len(names):
            return names[int(answer) - 1]
        console.print(f"[red]Type a number from 1 to {len(names)}, or one of: {', '.join(names)}[/red]")
