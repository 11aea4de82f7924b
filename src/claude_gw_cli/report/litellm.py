"""The lines that a LiteLLM ``config.yaml`` needs so that a profile works. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import key_header, mode_of
from claude_gw_cli.facts.gateways import LITELLM, reads
from claude_gw_cli.facts.providers import Mode


def snippet(profile: Profile) -> str:
    """YAML with comments; holds no secret, only names of the proxy's environment variables.

    Raises:
        UsageError: the profile cannot work.
    """
    return "\n".join(_lines(profile, key_header(profile))) + "\n"


def _lines(profile: Profile, header: str) -> Iterator[str]:
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
