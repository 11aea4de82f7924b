"""What a starter (``facts.starters``) makes of a start: the client that runs, its environment and its arguments.

Pure: what comes out is what ``world.snapshot.take`` and ``core.predict`` need to predict the start as any other.
"""

from __future__ import annotations

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.errors import UsageError, unknown_choice
from claude_gw_cli.core.jsontext import JsonError, parse
from claude_gw_cli.core.layers import WHITESPACE, document
from claude_gw_cli.core.predict.model import Prediction
from claude_gw_cli.core.snapshot import ClientArguments, Snapshot
from claude_gw_cli.facts.starters import BY_NAME, NAMES, PROVIDER_FLAGS, TOO_MANY_PROVIDERS, Demand, Starter
from claude_gw_cli.facts.unheard import ENTRYPOINT
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INPUT = "INPUT_"
"""Inputs of a GitHub action in its environment, as GitHub itself names them."""


@dataclass(frozen=True, slots=True)
class Start:
    """A start as the starter hands it to the client."""

    env: Mapping[str, str]
    arguments: ClientArguments
    stops: tuple[str, ...]
    """Why the client is not started, or stops at its arguments."""
    notes: tuple[str, ...] = ()
    """What the starter changed, one sentence each."""
    settings: str = ""
    """The action's input ``settings``: JSON text or a path."""


def chosen_starter(text: str) -> tuple[Starter, str]:
    """A starter and the release of its package: ``sdk-ts`` is the newest measured one, ``sdk-ts@0.2.88`` that one.

    Raises:
        UsageError: there is no such starter, or not that release of it.
    """
    name, at, release = text.partition("@")
    starter = BY_NAME.get(name)
    if starter is None:
        raise unknown_choice("starter", name, NAMES)
    if not at:
        return starter, starter.releases[0][0] if starter.releases else ""
    if not starter.package:
        raise UsageError(f"{name} starts the installed client", hint="Another one: --client-version 2.1.330")
    if release not in dict(starter.releases):
        try:
            version_key(release)
        except ValueError:
            raise UsageError(
                f"{release!r} is not a release of {starter.package}",
                hint=f"For example: --starter {name}@{starter.releases[0][0]}",
            ) from None
    return starter, release


def client_inside(starter: Starter, release: str) -> str | None:
    """The client that a release of the starter's package contains; ``None`` where the installed one is started.

    Raises:
        UsageError: it was not measured.
    """
    if not starter.releases:
        return None
    known = dict(starter.releases).get(release)
    if known is None and starter.numbered_alike:
        major, minor, patch = version_key(release)[:3]
        known = f"2.1.{patch}" if (major, minor) in ((0, 2), (0, 3)) else None
    if known is None and starter.numbered_as_client:
        known = release
    if known is None:
        raise UsageError(
            f"which client is in {starter.package} {release} was not measured",
            hint="Say which: --client-version VERSION (a script of the package, or its init message, names it)",
        )
    return known


def started(starter: Starter, release: str, env: Mapping[str, str], words: tuple[str, ...], version: str) -> Start:
    """The start that the client sees.

    Args:
        starter: who starts it.
        release: of the starter's package.
        env: the starter's own environment, with what an editor's settings add.
        words: the client's arguments that the starter was told to pass on.
        version: of the client.
    """
    arguments, stops = parse_arguments(words, version)
    if arguments.setting_sources is None and any(release in span for span in starter.reads_no_settings):
        arguments = replace(arguments, setting_sources=())
    elif arguments.setting_sources == () and any(release in span for span in starter.ignores_empty):
        arguments = replace(arguments, setting_sources=None)
    if starter.model_variable_is_option and env.get("ANTHROPIC_MODEL"):
        arguments = replace(arguments, model=env["ANTHROPIC_MODEL"])
    own = with_inputs_filled(starter, env)
    several = starter.demands and len(_flags_on(own)) > 1
    refusal = " ".join([*([TOO_MANY_PROVIDERS] if several else []), *(row.said for row in unmet(starter, own))])
    emptied = tuple(
        f"The action empties {row.variable} of the job: set its input {row.name} instead."
        for row in starter.inputs
        if env.get(row.variable) and not own[row.variable]
    )
    if starter.editor_variables:
        own[ENTRYPOINT] = starter.entrypoint
    settings = own.get(f"{_INPUT}SETTINGS", "") if starter.inputs else ""
    return Start(own, arguments, ((refusal,) if refusal else ()) + stops, emptied, settings)


def unmet(starter: Starter, env: Mapping[str, str]) -> tuple[Demand, ...]:
    """The conditions that an environment does not meet: the starter refuses to start.

    Of several providers only the conditions of the first count (read in the action's source).
    """
    first = next(iter(_flags_on(env)), None)
    return tuple(
        row
        for row in starter.demands
        if row.flag == first and not any(all(env.get(name) for name in group) for group in row.one_of)
    )


def _flags_on(env: Mapping[str, str]) -> list[str]:
    return [name for name in PROVIDER_FLAGS if env.get(name) == "1"]


def with_inputs(starter: Starter, env: Mapping[str, str]) -> dict[str, str]:
    """An environment whose variables that only an input can fill are given as inputs: a profile's, for the action."""
    inputs = {
        f"{_INPUT}{row.name.upper()}": "true" if row.is_flag else env[row.variable]
        for row in starter.inputs
        if env.get(row.variable) and not row.inherits
    }
    return {**env, **inputs}


def with_settings_input(snapshot: Snapshot, text: str) -> Snapshot:
    """The user's settings with the input's members over them, as the action writes them before it starts the client.

    Each member is replaced as a whole, ``env`` too. What was not JSON before is gone.

    Raises:
        JsonError: the input is not a JSON object.
    """
    given = parse(text)
    if not isinstance(given.value, dict):
        raise JsonError(1, 1, "it is not an object")
    from json import dumps

    files = []
    for file in snapshot.files:
        if file.scope == "user":
            merged = dumps({**_members(file.text or ""), **given.value}, ensure_ascii=False, indent=2)
            arguments, version = snapshot.arguments, snapshot.client_version
            file = document("user", file.file, merged, arguments, mode=file.mode, version=version)  # noqa: PLW2901
        files.append(file)
    return replace(snapshot, files=tuple(files))


def as_started(prediction: Prediction, start: Start, starter: Starter, release: str) -> Prediction:
    """The prediction with what the starter says instead of the client, and what a person should know about it."""
    if starter.no_login and prediction.reason and "/login" in prediction.reason:
        prediction = replace(prediction, reason=f"{starter.no_login} ({prediction.reason})")
    return replace(prediction, sentences=(*prediction.sentences, *start.notes, *_notes(starter, release)))


def entrypoint(starter: Starter, env: Mapping[str, str]) -> str:
    """The client's CLAUDE_CODE_ENTRYPOINT as its user agent says it."""
    inherited = env.get(ENTRYPOINT, "") if starter.keeps_entrypoint else ""
    return "sdk-cli" if inherited == "cli" else inherited or starter.entrypoint


def user_agent(starter: Starter, release: str, env: Mapping[str, str], version: str) -> str:
    """The User-Agent of the model request."""
    sdk = starter.sdk or (release if starter.package else "")
    inside = ", ".join(("external", entrypoint(starter, env), *([f"agent-sdk/{sdk}"] if sdk else [])))
    return f"claude-cli/{version} ({inside})"


def with_inputs_filled(starter: Starter, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of the action's step: inputs fill variables, and empty those that only they can fill."""
    found = dict(env)
    for row in starter.inputs:
        given = env.get(f"{_INPUT}{row.name.upper()}", "")
        text = ("1" if given == "true" else "") if row.is_flag else given
        found[row.variable] = text or (env.get(row.variable, "") if row.inherits else "")
    return found


def _notes(starter: Starter, release: str) -> Iterator[str]:
    if any(release in span for span in starter.reads_no_settings):
        yield (
            f"{starter.package} {release} passes an empty --setting-sources unless the program names settings "
            "sources: only managed settings are read."
        )
    if any(release in span for span in starter.ignores_empty):
        yield f"{starter.package} {release} ignores an empty list of settings sources: all are read."
    yield from starter.notes


def _members(text: str) -> dict[str, object]:
    try:
        value = parse(text).value if text.strip(WHITESPACE) else {}
    except JsonError:
        return {}
    return dict(value) if isinstance(value, dict) else {}
