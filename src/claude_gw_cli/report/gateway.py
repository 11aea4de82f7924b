"""What the side of a gateway that is not LiteLLM needs so that a profile works, from its row of facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.errors import unknown_choice
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import key_header, make_plan, mode_of
from claude_gw_cli.facts.gateways import KINDS, LITELLM, NAMES, KeyHeader, Kind, reads
from claude_gw_cli.report import litellm


def snippet(profile: Profile, name: str = LITELLM.name) -> str:
    """The lines for a kind of gateway; they hold no secret.

    Args:
        profile: the client's side.
        name: of the kind, as in ``facts.gateways``.

    Raises:
        UsageError: the profile cannot work, or there is no such kind.
    """
    if name == LITELLM.name:
        return litellm.snippet(profile)
    kind = next((item for item in KINDS if item.name == name), None)
    if kind is None:
        raise unknown_choice("gateway kind", name, NAMES)
    return "".join(f"# {line}\n" for line in _lines(profile, kind))


def _lines(profile: Profile, kind: Kind) -> Iterator[str]:
    header = key_header(profile)
    yield f"{kind.title} for profile {profile.name}: provider {profile.provider}, key in {header}."
    yield kind.source if kind.is_measured else f"Not run by cgw; from its documentation: {kind.source}"
    if mode_of(profile).wire != "messages":
        yield f"It has Anthropic's /v1/messages only; this profile asks in another form: {mode_of(profile).title}."
    yield from _address(make_plan(profile).base_url, kind)
    read = ", then ".join(_form(item) for item in kind.key_headers)
    if kind.key_sent_on:
        source = f" from {read}" if read else ""
        yield f"It has no keys: it passes the key{source} on to the cloud, so store a key of the cloud."
    elif not kind.key_headers:
        yield "It checks no key."
    else:
        yield f"It reads its key from {read}."
        if reads(kind, header, mode_of(profile).wire) is None:
            other = "configure it there" if kind.other_header else f"--key-header {kind.key_headers[0].name}"
            yield f"It does not read {header}: {other}."
    yield from (f"Every request needs the header {name}: {what}" for name, what in kind.required_headers)
    if kind.model_form:
        yield f"It names models as {kind.model_form}: cgw profile set {profile.name} --model NAME"
    if kind.default_model:
        yield "A model that it does not know is answered by another one."
    if not kind.keeps_betas:
        yield "It does not pass the header anthropic-beta on."
    if kind.refused:
        yield f"It refuses the client's own requests, for: {', '.join(kind.refused)}."
    if kind.dropped:
        yield f"It drops from the body: {', '.join(kind.dropped)}."
    if kind.body_limit:
        yield f"It refuses bodies over {kind.body_limit} MB; the client sends up to 32 MB."


def _address(base: str, kind: Kind) -> Iterator[str]:
    if kind.base_path and not base.endswith(kind.base_path):
        yield f"Its /v1/messages is below {kind.base_path}, the base URL is {base}: --base-path {kind.base_path}"


def _form(item: KeyHeader) -> str:
    if item.bearer and item.bare:
        return item.name
    return f"{item.name} ({'Bearer KEY' if item.bearer else 'the key alone'})"
