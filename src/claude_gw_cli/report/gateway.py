"""What a gateway's side needs so that a profile works: lines for LiteLLM's ``config.yaml``, else its row of facts."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.errors import unknown_choice
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import key_header, make_plan, mode_of
from claude_gw_cli.facts.gateways import KINDS, LITELLM, NAMES, KeyHeader, Kind, reads
from claude_gw_cli.facts.providers import Mode


def snippet(profile: Profile, name: str = LITELLM.name) -> str:
    """The lines for a kind of gateway; they hold no secret.

    Args:
        profile: the client's side.
        name: of the kind, as in ``facts.gateways``.

    Raises:
        UsageError: the profile cannot work, or there is no such kind.
    """
    if name == LITELLM.name:
        return _litellm(profile)
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


def _litellm(profile: Profile) -> str:
    """YAML with comments; holds no secret, only names of the proxy's environment variables.

    Raises:
        UsageError: the profile cannot work.
    """
    return "\n".join(_litellm_lines(profile, key_header(profile))) + "\n"


def _litellm_lines(profile: Profile, header: str) -> Iterator[str]:
    holder = "the gateway" if profile.credentials == "proxy" else "the client's machine"
    yield f"# LiteLLM config.yaml for profile {profile.name}: provider {profile.provider}, key in {header},"
    yield f"# cloud credential held by {holder}."
    mode = mode_of(profile)
    if mode.environment:
        yield "# The proxy's own environment:"
        for name, what in mode.environment:
            yield f"#   {name}{f'  ({what})' if what else ''}"
    elif profile.credentials == "client":
        yield "# The proxy must not have its own credential for this route: it would replace the client's."
    yield from _models(profile, mode)
    yield "general_settings:"
    yield "  master_key: os.environ/LITELLM_MASTER_KEY"
    if not any(item.name == header for item in LITELLM.key_headers):
        yield f"  litellm_key_header_name: {header}  # as Bearer KEY; before {LITELLM.span.since} no other is read"
    elif reads(LITELLM, header, mode.wire) is None:
        yield f"  # LiteLLM refuses {header} below {mode.base_path}: --key-header authorization or x-litellm-api-key"


def _models(profile: Profile, mode: Mode) -> Iterator[str]:
    if mode.model_list is None:
        yield "# This route goes by path; it needs no model_list."
        return
    name, model, parameters = mode.model_list
    models = profile.models
    named = [text.removesuffix("[1m]") for text in (models.default, models.opus, models.sonnet, models.haiku) if text]
    yield "model_list:"
    for wanted in dict.fromkeys([*named, name]):
        prefix = model.split("/", 1)[0]
        yield f"  - model_name: {wanted}"
        yield "    litellm_params:"
        yield f"      model: {model if wanted == name else f'{prefix}/{wanted}'}"
        yield from (f"      {key}: {value}" for key, value in parameters)
