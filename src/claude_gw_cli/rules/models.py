"""5xx: the models that a configuration names: those of another provider, and those that are out of service."""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.model import Location, Profile
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import ClientArguments
from claude_gw_cli.facts.litellm import PREFIXES
from claude_gw_cli.facts.models import ALIASES, FOREIGN_NAMES, name_at
from claude_gw_cli.facts.retired import may_be
from claude_gw_cli.facts.settings_keys import MODEL_KEYS
from claude_gw_cli.facts.variables import MODELS
from claude_gw_cli.hints import TYPE_CHECKING, Iterator, Mapping
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import FLAGS, RuleContext, version_of
from claude_gw_cli.rules.literals import leaves
from claude_gw_cli.rules.rule import RawFinding, rule

if TYPE_CHECKING:
    from claude_gw_cli.core.predict.retired import Retired

_FOREIGN = tuple((owner, lazy(pattern), providers) for owner, pattern, providers in FOREIGN_NAMES)
_BODY = "CLAUDE_CODE_EXTRA_BODY"
_Named = tuple[str, str, Location]
"""What names a model, as the next step says it; the text there; where that is."""


def _named(ctx: RuleContext) -> Iterator[_Named]:
    """Every model that the variables and settings in effect name."""
    yield from ((name, ctx.text(name), ctx.at(name)) for name in MODELS if ctx.text(name))
    if body := _body(ctx):
        yield f"model in {_BODY}", body, ctx.at(_BODY)
    key = ctx.effective.model.winner if ctx.effective.model and not ctx.text("ANTHROPIC_MODEL") else None
    if key:
        yield "model", key.text.strip(), Location(key.origin.file, pointer=key.origin.pointer)
    for name in MODEL_KEYS[1:]:
        for source, value in ctx.settings(name):
            for path, last, text in leaves({name: value}, ()):
                if name != "hooks" or last == "model":
                    yield ".".join(path), text.strip(), Location(source.file, pointer=pointer_text(path))
            if name != "hooks":  # of the others the strongest document counts
                break


def _body(ctx: RuleContext) -> str | None:
    if not ctx.text(_BODY):
        return None
    from claude_gw_cli.core.predict.models import body_model

    return body_model(ctx.effective)


@rule("CGW519 model-name-of-another-provider warning", needs=(*MODELS, _BODY, *MODEL_KEYS))
def model_name_of_another_provider(ctx: RuleContext) -> Iterator[RawFinding]:
    """A model has the name that another provider uses for it."""
    for name, model, at in _named(ctx) if ctx.base else ():
        for owner, pattern, providers in _FOREIGN:
            if ctx.provider in providers and pattern.match(model):
                yield RawFinding(f"{name}: {model} is a {owner} name", at, "use the name that the gateway lists")


@rule("CGW521 agent-replaces-model warning", needs=("agent", "enabledPlugins"))
def agent_replaces_model(ctx: RuleContext) -> Iterator[RawFinding]:
    """An agent that a repository or a plugin lets lead names a model, which counts before the configured one."""
    agent, key = ctx.snapshot.agent, ctx.effective.settings.get("agent")
    if agent is None or not agent.model or ctx.snapshot.arguments.agent is not None:
        return
    if key and key.text:
        scope, at = key.winner.origin.scope, Location(key.winner.origin.file, pointer=key.winner.origin.pointer)
        who = f"the agent {agent.name}, which the key agent lets lead,"
        if scope not in {"project", "flag"}:
            return  # the person's own choice, or the administrator's
    else:
        source, name = _switched_on(ctx, agent.name.partition(":")[0])
        at = Location(source, pointer=pointer_text(("enabledPlugins", name)))
        who = f"the agent {agent.name}, which its plugin lets lead,"
    from claude_gw_cli.core.predict.models import Models
    from claude_gw_cli.core.predict.providers import choose_route

    models = Models(choose_route(ctx.snapshot, ctx.effective), ctx.snapshot, ctx.effective)
    named = models.by_agent()
    others = [
        (what, text)
        for what, text, _ in _named(ctx)
        if what in {"ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_MODEL", "model"}
    ]
    different = [(what, text) for what, text in others if models.named(text) != models.named(named)]
    if not named or (others and not different):
        return
    instead = f"not for {different[0][1]} ({different[0][0]})" if different else "whatever a profile names"
    advice = f"write model: inherit in {agent.file}, or start with --model NAME"
    yield RawFinding(f"{who} asks for {named}, {instead}", at, advice, severity=None if different else "info")


def _switched_on(ctx: RuleContext, plugin: str) -> tuple[str | None, str]:
    """The file that switches a plugin on, and the plugin's name there; for ``--plugin-dir`` none."""
    for source, given in ctx.settings("enabledPlugins"):
        for name, on in given.items() if isinstance(given, dict) else ():
            if on is True and name.partition("@")[0] == plugin:
                return source.file, name
    return None, plugin


@rule(
    "CGW520 model-retired warning",
    needs=(*MODELS, _BODY, *MODEL_KEYS, "whole", "profile", "gateway"),
)
def model_retired(ctx: RuleContext) -> Iterator[RawFinding]:
    """A model is out of service at the provider, or the day is known on which it will be."""
    yield from _of_start(ctx)
    for profile in () if ctx.gateway else ctx.snapshot.profiles:
        yield from _of_profile(ctx, profile)
    yield from _of_gateway(ctx)


def _of_start(ctx: RuleContext, members: Mapping[str, str] | None = None) -> Iterator[RawFinding]:
    """What a client start names, or takes by itself; a file that is checked alone may be completed elsewhere.

    Args:
        ctx: the start.
        members: for a profile: a variable of the start -> the member that sets it.
    """
    named = list(_named(ctx))
    agents = {agent.file: agent for agent in (*ctx.agents, ctx.snapshot.agent) if agent and agent.model}
    named += [(f"model in {agent.file}", agent.model, Location(agent.file)) for agent in agents.values()]
    if not ctx.whole and not any(may_be(text) or ctx.provider != "anthropic" for _, text, _ in named):
        return
    from claude_gw_cli.core.predict.models import Models
    from claude_gw_cli.core.predict.providers import choose_route
    from claude_gw_cli.core.predict.retired import asked_for, retired, step

    models = Models(choose_route(ctx.snapshot, ctx.effective), ctx.snapshot, ctx.effective)
    called = members or {}
    known = [(*item, found) for item in named if (found := asked_for(models, item[1]))]
    said = {found.name for _, text, _, found in known if text.lower() not in ALIASES}
    for what, text, at, found in known:
        if text.lower() not in ALIASES or found.name not in said:  # what replaces an alias is reported itself
            alias = f"{text} is {found.name}: " if text.partition("[")[0].lower() != found.name.lower() else ""
            message = f"{called.get(what, what)}: {alias}{found.sentence}"
            yield _dated(found, message, at, step(models, found, what, text, called))
    if not ctx.whole:
        return
    small = not (models.replacement("haiku") or ctx.text("ANTHROPIC_SMALL_FAST_MODEL"))
    free = not models.asked()[0] and _body(ctx) is None
    for what, name in (
        ("", models.chosen() if free else None),
        (" for small tasks", small and models.named("haiku")),
    ):
        found = retired(name, models.provider, ctx.snapshot.now, models.version) if name else None
        if found and found.name not in said:
            place = ctx.base.at if ctx.base else ctx.at(FLAGS.get(models.provider, "ANTHROPIC_MODEL"))
            message = f"client {models.version} asks{what} for a model that is not named here: {found.sentence}"
            yield _dated(found, message, place, step(models, found, "", called=called))


def _of_profile(ctx: RuleContext, profile: Profile) -> Iterator[RawFinding]:
    """The same for the start that a profile means, with the oldest client that it must support."""
    from claude_gw_cli.core.plan import MODEL_VARIABLES, make_plan

    try:
        plan = make_plan(profile)
    except UsageError:
        return  # CGW530
    oldest = profile.min_client_version if version_of(profile.min_client_version) else None
    start = replace(
        ctx.snapshot,
        process={item.name: item.before for item in plan.sets},
        files=(),
        agent=None,
        arguments=ClientArguments(),
        client_version=oldest or ctx.snapshot.client_version,
    )
    members = {name: f"env.{name}" for name in profile.env} | {
        variable: f"models.{of}" for of, variable in MODEL_VARIABLES
    }
    members["CLAUDE_CODE_SUBAGENT_MODEL"] = "client.subagent_model"
    for raw in _of_start(RuleContext(start), members):
        member = members.get(raw.at.variable or "", "provider")
        at = Location(ctx.profile_files.get(profile.name), pointer="/" + member.replace(".", "/"))
        yield replace(raw, message=f"profile {profile.name}: {raw.message}", at=at)


def _of_gateway(ctx: RuleContext) -> Iterator[RawFinding]:
    """The models that LiteLLM itself asks a provider for."""
    listed = ctx.gateway.data.get("model_list") if ctx.gateway else None
    if listed:
        from claude_gw_cli.core.predict.retired import retired
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        given = entry.get("litellm_params") if isinstance(entry, dict) else None
        given = given if isinstance(given, dict) else {}
        model = given.get("model")
        if not ctx.gateway or not isinstance(model, str) or given.get("api_base") or given.get("base_url"):
            continue
        prefix = model.partition("/")[0] if "/" in model else str(given.get("custom_llm_provider") or "anthropic")
        provider = PREFIXES.get(prefix, "")
        if found := retired(model, provider, ctx.snapshot.now, ctx.snapshot.client_version) if provider else None:
            at = Location(
                ctx.gateway.file, pointer=pointer_text(("model_list", str(number), "litellm_params", "model"))
            )
            name = name_at(provider, found.instead) if found.instead else ""
            kept = model[: model.lower().find("anthropic." if "anthropic." in model.lower() else "claude-")]
            advice = f"set it to {kept}{name}" if name else "set it to another model"
            yield _dated(found, f"model: {found.sentence}", at, advice)


def _dated(found: Retired, message: str, at: Location, advice: str) -> RawFinding:
    """Until its last day a model works."""
    return RawFinding(message, at, advice, severity=None if found.is_past else "info")
