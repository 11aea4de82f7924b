"""The lines that a LiteLLM ``config.yaml`` needs so that a profile works. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import key_header
from claude_gw_cli.facts.litellm import ENVIRONMENT, MODELS, NOT_ON_VERTEX, READ_BY_DEFAULT


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
    environment = ENVIRONMENT.get((profile.provider, profile.credentials), ())
    if environment:
        yield "# The proxy's own environment:"
        for name, what in environment:
            yield f"#   {name}{f'  ({what})' if what else ''}"
    elif profile.credentials == "client":
        yield "# The proxy must not have its own credential for this route: it would replace the client's."
    yield from _models(profile)
    yield "general_settings:"
    yield "  master_key: os.environ/LITELLM_MASTER_KEY"
    if header not in READ_BY_DEFAULT:
        yield f"  litellm_key_header_name: {header}  # from then on the only header that is read, as Bearer KEY"
    elif profile.provider == "vertex" and header in NOT_ON_VERTEX:
        yield f"  # LiteLLM refuses {header} on its Vertex route; use --key-header authorization or x-litellm-api-key"


def _models(profile: Profile) -> Iterator[str]:
    row = MODELS.get(profile.provider)
    if row is None:
        yield "# This route goes by path; it needs no model_list."
        return
    name, model, parameters = row
    models = profile.models
    named = [text.removesuffix("[1m]") for text in (models.default, models.opus, models.sonnet, models.haiku) if text]
    yield "model_list:"
    for wanted in dict.fromkeys([*named, name]):
        prefix = model.split("/", 1)[0]
        yield f"  - model_name: {wanted}"
        yield "    litellm_params:"
        yield f"      model: {model if wanted == name else f'{prefix}/{wanted}'}"
        yield from (f"      {key}: {value}" for key, value in parameters)
