"""The questions about the gateway. Each proposes one answer and says why; what an option gave is not asked."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from claude_gw_cli.cli.wizard.asking import Back, Option, text
from claude_gw_cli.cli.wizard.look import name_for
from claude_gw_cli.cli.wizard.terminal import say
from claude_gw_cli.cli.wizard.walk import answered, changed
from claude_gw_cli.core import presets
from claude_gw_cli.core.endpoint import exposure, gateway_root
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import key_header, make_plan, natural_format
from claude_gw_cli.core.values import check_key_header, check_region
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.gateways import only_bare
from claude_gw_cli.record import replace
from claude_gw_cli.world import config, detect
from claude_gw_cli.world.profile_text import ascii_host

if TYPE_CHECKING:
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.look import Look
    from claude_gw_cli.cli.wizard.walk import Draft
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.facts.gateways import Kind

_ID = lazy(r"[\w.:-]+")
_BARE_HOST = lazy(r"localhost|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\.?")
_HOLDERS = {
    "proxy": ("The gateway", "it holds the cloud credential; nothing is needed here"),
    "client": ("This machine", "its own cloud login is used; the gateway's key travels in another header"),
}
_HEADERS = ("authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization", "api-key")
_SPELLED = {"authorization": "Authorization", "proxy-authorization": "Proxy-Authorization"}
_UNDECIDED = {"base_path": None, "key_header": None, "key_format": None}
"""What an address and a kind of gateway can decide."""
_FIELDS = {
    "project_id": ("Which Google Cloud project?", ("GOOGLE_CLOUD_PROJECT",)),
    "region": ("Which cloud region?", ("CLOUD_ML_REGION", "AWS_REGION")),
    "workspace_id": ("Which workspace of Claude Platform on AWS?", ()),
}
"""Field of a profile -> the question, and variables that say it besides the one that the client reads."""


def address(draft: Draft, asker: Asker, found: Look) -> Draft | None:
    """Where the gateway is."""
    if "gateway_url" in draft.given:
        return None
    proposed, why = _proposed_address(draft, found)
    answer = text(asker, "What is the gateway's address?", proposed, _check_address, why, allowed=draft.allowed)
    url, left_out = _root(answer)
    kind = next((item.kind for item in found.gateways if item.url == url), None) or presets.recognized(url)
    answered("Gateway", f"{url}{f' ({kind.title})' if kind else ''}")
    for line in filter(None, (left_out, presets.own_api(url))):
        say(f"{line}.", first="! ", indent="  ")
    if exposure(_host(url)) == "none" and not detect.listens(url):
        say("Nothing listens there now. The set-up can be made, and checked when it runs.", first="! ", indent="  ")
    if draft.changes and url == draft.profile.gateway_url:
        return replace(draft, kind=kind)
    decided = {**_UNDECIDED, **_preset(kind, url).fields, "gateway_url": url}
    fields: dict[str, Any] = {key: value for key, value in decided.items() if key not in draft.given}
    profile = replace(draft.profile, **fields, headers={**draft.profile.headers, **_preset(kind, url).headers})
    return replace(draft, kind=kind, profile=profile)


def provider(draft: Draft, asker: Asker, found: Look) -> Draft | None:  # noqa: ARG001
    """In which format requests are sent."""
    if "provider" in draft.given:
        return None
    options = [Option(name, name, label) for name, label in modes.LABELS.items()]
    default = draft.profile.provider
    if draft.changes:
        why = "The profile has it now."
    elif default != "unified":
        why = f"The address ends in the path of {default}."
    else:
        who = draft.kind.title if draft.kind else "Nearly every gateway"
        why = f"{who} takes Anthropic's own format and serves every model that it has with it."
    name = asker.choose("Which format does the gateway take from Claude Code?", options, default, why)
    answered("Format", name)
    if name == default:
        return draft
    # What another provider had is not this one's.
    return _without_leftovers(changed(draft, provider=name, credentials="proxy"))


def credentials(draft: Draft, asker: Asker, found: Look) -> Draft | None:
    """Who holds the cloud's credential."""
    holders = [mode.credentials for mode in modes.MODES if mode.provider == draft.profile.provider]
    if "credentials" in draft.given or len(holders) < 2:
        return None
    options = [Option(name, *_HOLDERS[name]) for name in holders]
    login = (
        f" You are signed in to {' and '.join(found.clouds)} here, which is needed for the other."
        if found.clouds
        else ""
    )
    why = f"Then this machine needs no cloud login, and a helper can renew the key.{login}"
    name = asker.choose("Who holds the cloud credential?", options, draft.profile.credentials, why)
    answered("Cloud credential", _HOLDERS[name][0].lower())
    return changed(draft, credentials=name)


def _field(name: str, draft: Draft, asker: Asker, found: Look) -> Draft | None:  # noqa: ARG001
    """A project, region or workspace, where the format needs one."""
    mode = modes.find_mode(draft.profile.provider, draft.profile.credentials)
    variables = {key: (read, default) for key, read, default in mode.fields} if mode else {}
    if name in draft.given or name not in variables:
        return None
    question, others = _FIELDS[name]
    read, usual = variables[name]
    variable = next((place for place in (read, *others) if os.environ.get(place, "").strip()), "")
    default = os.environ[variable].strip() if variable else usual or ""
    why = f"{variable} is set to it in this shell." if variable else "The client's own default." if default else ""
    if kept := getattr(draft.profile, name):
        default, why = kept, "The profile has it now."
    check = check_region if name == "region" else _check_id
    try:
        check(default)
    except UsageError:
        default, why = usual or "", ""
    answer = text(asker, question, default, check, why, allowed=draft.allowed)
    answered(name.replace("_id", "").capitalize(), answer)
    return changed(draft, **{name: answer})


project_id, region, workspace_id = (partial(_field, name) for name in _FIELDS)


def header(draft: Draft, asker: Asker, found: Look) -> Draft | None:  # noqa: ARG001
    """Which header carries the gateway's key."""
    if "key_header" in draft.given:
        return None
    default = key_header(draft.profile)
    names = dict.fromkeys(name for name in (default, *_HEADERS) if _is_possible(draft.profile, name))
    forms = {"bare": "the key alone", "bearer": "Bearer KEY"}
    options = [Option(name, _SPELLED.get(name, name), forms[natural_format(name)]) for name in names]
    options.append(Option("other", "another", "type its name"))
    if draft.kind and draft.kind.key_headers:
        why = f"{draft.kind.title} reads its key there."
    elif default == "authorization":
        why = "Most gateways read their key there, and a helper can renew it."
    else:
        why = "The cloud's credential is in Authorization; LiteLLM reads its own key here."
    form: str | None = draft.profile.key_format
    while True:
        name = asker.choose("Which header does the gateway read its key from?", options, default, why)
        if name != "other":
            form = form if name == default else _usual_form(name)
            break
        try:
            name, form = _other_header(draft, asker)
            break
        except Back:
            continue
    answered("Key header", name)
    own = None if name == key_header(replace(draft.profile, key_header=None)) else name
    return changed(draft, key_header=own, key_format=form)


def _other_header(draft: Draft, asker: Asker) -> tuple[str, str | None]:
    """A header by its name, and how the key is written in it; ``None``: as usual there."""
    hint = "The name alone, as in the gateway's documentation."
    check = partial(_check_header, draft.profile)
    name = text(asker, "What is the header's name?", "", check, hint, allowed=draft.allowed)
    name = name.lower().rstrip(":").strip()
    if name in _HEADERS or only_bare(name):
        return name, _usual_form(name)
    options = (Option("bearer", "Bearer KEY"), Option("bare", "KEY", "the key alone"))
    return name, asker.choose(f"How is the key written in {name}?", options, "bearer", "The usual form.")


def _usual_form(name: str) -> str | None:
    """``bare`` where the gateways that are known want the key alone, and the client does not do it by itself."""
    return "bare" if only_bare(name) and name not in modes.BARE_HEADERS else None


def profile_name(draft: Draft, asker: Asker, found: Look) -> Draft | None:  # noqa: ARG001
    """The profile's name, by the address; asked only where a profile has it already."""
    if "name" in draft.given:
        return None
    name = name_for(draft.profile, os.environ)
    if not os.path.isfile(config.profile_path(name, os.environ)):
        return changed(draft, name=name)
    words = (f"{name}-{number}" for number in range(2, 1000))
    free = next(word for word in words if not os.path.exists(config.profile_path(word, os.environ)))
    why = f"A profile {name} exists. That name again replaces it, and keeps it as {name}.toml.bak."
    answer = text(
        asker,
        "What is the new profile called?",
        free,
        lambda given: config.profile_path(given, os.environ),
        why,
        allowed=draft.allowed,
    )
    answered("Profile", answer)
    return changed(draft, name=answer)


def with_scheme(answer: str) -> str:
    """An address with its scheme, also for a host alone."""
    if "://" not in answer and _BARE_HOST.fullmatch(answer.strip()):
        return f"{'http' if exposure(answer.strip()) == 'none' else 'https'}://{answer.strip()}"
    return presets.with_scheme(answer)


def _proposed_address(draft: Draft, found: Look) -> tuple[str, str]:
    known = draft.profile.gateway_url
    if known != DEFAULT_GATEWAY_URL:
        return known, ""
    if found.address:
        return found.address, f"Set by {found.address_place}."
    if found.gateways:
        first = found.gateways[0]
        return first.url, f"{first.kind.title} answers there now."
    return DEFAULT_GATEWAY_URL, "LiteLLM's usual address on one's own machine; nothing listens there now."


def _root(answer: str) -> tuple[str, str]:
    """The gateway's address that an answer means, and a line about what was left out of it, else empty."""
    url, left_out = presets.without_page(with_scheme(answer))
    return gateway_root(ascii_host(url)), left_out


def _check_address(answer: str) -> None:
    url, _ = _root(answer)
    _preset(presets.recognized(url), url)


def _preset(kind: Kind | None, url: str) -> presets.Preset:
    return presets.preset(kind, {"gateway_url": url}, named=False)


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or ""


def _check_header(profile: Profile, answer: str) -> None:
    name = answer.strip().lower().rstrip(":").strip()
    check_key_header(name)
    make_plan(replace(profile, key_header=name, key_format=None, auth="static"))


def _check_id(answer: str) -> None:
    if not _ID.fullmatch(answer):
        raise UsageError(f"{answer!r} is not an id", hint="It is one word, for example my-project-123.")


def _is_possible(profile: Profile, name: str) -> bool:
    try:
        _check_header(replace(profile, key_format=None), name)
    except CgwError:
        return False
    return True


def _without_leftovers(draft: Draft) -> Draft:
    """The draft without what the address decided for another provider."""
    empty: dict[str, Any] = {key: value for key, value in _UNDECIDED.items() if key not in draft.given}
    return changed(draft, **empty)
