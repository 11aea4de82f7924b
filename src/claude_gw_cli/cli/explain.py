"""``cgw explain``: what a client started here and now would send, header by header, and why."""

from __future__ import annotations

import os
import sys

from claude_gw_cli.cli.facts_in_force import use_facts_in_force
from claude_gw_cli.cli.out import for_person, info, use_color, verbosity, width, write_stdout
from claude_gw_cli.cli.under_profile import environment, with_note
from claude_gw_cli.core.errors import EXIT_OK, CgwError, FileError, UsageError
from claude_gw_cli.core.jsontext import JsonError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.predict.model import Also, Field, HeaderPrediction, Prediction, Source
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.proxies import reason
from claude_gw_cli.core.reach import TITLES, unreached
from claude_gw_cli.core.starting import (
    as_started,
    chosen_starter,
    client_inside,
    entrypoint,
    started,
    user_agent,
    with_inputs,
    with_settings_input,
)
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import replace
from claude_gw_cli.report.branches import ALARM, BOLD, DIM, GREEN, PLAIN, YELLOW, Branch, broken, painted
from claude_gw_cli.report.explain import as_dict, differences, line_of, shown
from claude_gw_cli.world import regular
from claude_gw_cli.world.client import checked_version, installed_version
from claude_gw_cli.world.paths import with_tilde, working_dir
from claude_gw_cli.world.snapshot import take, without_duplicate_project_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.core.snapshot import Snapshot
    from claude_gw_cli.facts.starters import Starter


def explain(
    *,
    words: tuple[str, ...] = (),
    profile: str | None = None,
    client_version: str | None = None,
    against: str | None = None,
    managed_dir: str | None = None,
    interactive: bool = False,
    starter: str | None = None,
    format_: str = "human",
) -> int:
    """Predict and print; returns the exit code (0: a prediction reports no problem)."""
    use_facts_in_force()
    if interactive and starter not in (None, "interactive"):
        raise UsageError(f"--interactive is not a --starter {starter}", hint="Leave out one of the two.")
    who, release = chosen_starter(starter or ("interactive" if interactive else "cli"))
    env = environment(profile)
    if profile is not None:
        env = with_inputs(who, env)
    if who.editor_variables:
        from claude_gw_cli.world import editor_settings

        env |= editor_settings.variables(env)

    def taken(version: str) -> tuple[Snapshot, Prediction]:
        start = started(who, release, env, words, version)
        snapshot = without_duplicate_project_file(
            take(
                start.env,
                working_dir(),
                client_version=version,
                arguments=start.arguments,
                interactive=who.name == "interactive",
                managed_dir=managed_dir,
                stops=start.stops,
            )
        )
        if start.settings:
            snapshot = _with_input(snapshot, start.settings)
        return snapshot, as_started(predict(snapshot), start, who, release)

    inside = None if client_version else client_inside(who, release)
    snapshot, prediction = taken(inside or _version(client_version, env))
    if who.name in ("cli", "interactive"):
        prediction = with_note(prediction, snapshot, profile, os.environ)
    missed = unreached(snapshot, prediction) if who.name in ("cli", "interactive") else ()
    other = taken(checked_version(against))[1] if against else None
    step = ""
    if prediction.reason:
        from claude_gw_cli.cli.applied import auth_of, in_use
        from claude_gw_cli.core.refusal_steps import next_step
        from claude_gw_cli.core.starter_steps import starter_step

        name = profile or in_use()
        auth = auth_of(name) if name else ""
        step = (
            _in_the_way(snapshot, managed_dir)
            or starter_step(who, release, prediction, env, name, auth)
            or next_step(prediction.reason, name, auth=auth)
        )
        if step == "cgw init":
            step = _with_the_repositorys(prediction.reason) or step
    if format_ == "json":
        # With a profile its key is a placeholder, and the rules would report the placeholder.
        document = as_dict(prediction, [] if profile is not None else _findings(snapshot, env, managed_dir))
        document["next"] = step or None
        document["starter"] = who.name
        document["client"] |= {
            "package": who.package or None,
            "release": release or None,
            "entrypoint": entrypoint(who, env),
            "user_agent": user_agent(who, release, env, prediction.version),
            "evidence": who.evidence,
        }
        document["unreached"] = [{"start": item.place, "reason": item.reason} for item in missed]
        if other:
            document["against"] = {
                "version": other.version,
                "changes": [
                    {"what": what, "before": before, "after": after}
                    for what, before, after in differences(prediction, other)
                ],
            }
        import json

        write_stdout(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        changes = list(differences(prediction, other)) if other else None
        lines = (f"Does not reach {TITLES[item.place]}: {item.reason}" for item in missed)
        prediction = replace(prediction, sentences=(*prediction.sentences, *lines))
        write_stdout(_picture(_title(who, release, prediction), prediction, env, step, changes, other))
    return EXIT_OK


def _with_the_repositorys(reason: str) -> str:
    """The next step with the profile of the repository; empty where it has none, or where it is denied."""
    from claude_gw_cli.core.refusal_steps import next_step
    from claude_gw_cli.world import config

    try:
        loaded = config.load(None, os.environ, working_dir())
    except CgwError:
        return ""
    if loaded.is_trusted:
        return next_step(reason, loaded.profile.name, auth=loaded.profile.auth)
    return "" if loaded.trust == "denied" else "cgw profile trust"


def _in_the_way(snapshot: Snapshot, managed_dir: str | None) -> str:
    """The argument without which the client would start, as a next step; empty if there is none."""
    given = snapshot.arguments
    without = {
        "leave out --bare": replace(given, bare=False),
        "name every source of settings: --setting-sources user,project,local": replace(given, setting_sources=None),
    }
    for step, arguments in without.items():
        if arguments != given:
            again = take(
                snapshot.process, snapshot.cwd, client_version=snapshot.client_version, arguments=arguments,
                interactive=snapshot.interactive, managed_dir=managed_dir,
            )  # fmt: skip
            if predict(again).reason is None:
                return step
    return ""


def _with_input(snapshot: Snapshot, given: str) -> Snapshot:
    """The snapshot with the action's input ``settings``, which is JSON or the path of a file."""
    try:
        if not given.lstrip().startswith("{"):
            given = regular.content(os.path.join(snapshot.cwd, given))[0].decode()
        return with_settings_input(snapshot, given)
    except (FileError, UnicodeError, JsonError) as error:
        said = error.reason if isinstance(error, JsonError) else "it cannot be read"
        return replace(snapshot, stops=(*snapshot.stops, f"Failed to process settings input: {said}"))


def _findings(snapshot: Snapshot, env: Mapping[str, str], managed_dir: str | None) -> list[dict[str, Any]]:
    """What the rules say about the same start, as `cgw check` does."""
    from claude_gw_cli.cli.rule_contexts import with_surroundings
    from claude_gw_cli.report import findings
    from claude_gw_cli.rules.engine import run

    return [findings.as_dict(finding) for finding in run(with_surroundings(snapshot, env, managed_dir))]


def _version(given: str | None, env: Mapping[str, str]) -> str:
    """The version to predict for: the one asked for, the installed one, or the newest known."""
    if given:
        return checked_version(given)
    installed = installed_version(env)
    if installed is None:
        info(f"cgw: no Claude Code is installed here; this is what {newest()} would do")
    return installed or newest()


def _title(starter: Starter, release: str, prediction: Prediction) -> str:
    """What is started: ``claude -p 2.1.332``, or a package with the client inside."""
    if not starter.package:
        return f"{starter.title} {prediction.version}"
    return f"{starter.title} {release}{PLAIN} · claude {prediction.version}"


def _picture(
    title: str,
    prediction: Prediction,
    env: Mapping[str, str],
    step: str,
    changes: Sequence[tuple[str, str, str]] | None,
    other: Prediction | None,
) -> str:
    """The prediction as a person reads it."""
    tree = Branch(f"{BOLD}{title}{PLAIN} · {prediction.provider}")
    if prediction.request is None:
        stop = tree.add(f"{ALARM}refused {PLAIN}{prediction.reason or ''}")
        if step:
            stop.add(f"→ {for_person(step, sys.stdout)}")
    else:
        place = tree.add(f"{BOLD}{prediction.request.method}{PLAIN} {masked_text(prediction.request.url)}")
        for source in _base_sources(prediction)[:1]:
            place.add(f"from {_placed(source, prediction, env)}")
        for source in _base_sources(prediction)[1:]:
            place.add(f"{DIM}hides {PLAIN}{_placed(source, prediction, env)}")
        way = prediction.request.way
        if way is not None:
            hop = masked_text(way.proxy) if way.kind == "proxy" else way.proxy
            over = f"over the {way.kind} {hop}" if hop else "direct"
            place.add(f"{over}: {reason(way, prediction.request.url)}")
        model = masked_text(prediction.request.model or "unknown: no recording of this client tells")
        place.add(f"model {model}")
        _add_fields(place, prediction.fields)
    for name, found in prediction.headers.items():
        _add_header(tree, name, found, prediction, env)
    if prediction.also:
        _add_further(tree, prediction)
    columns = width(sys.stdout)
    lines = list(tree.lines(columns))
    for sentence in prediction.sentences:
        lines += "\n    ".join(broken(f"{YELLOW}  • {PLAIN}{sentence}", columns)).split("\n")
    if changes is not None and other is not None:
        lines.append("")
        if not changes:
            lines.append(f"Nothing changes in {other.version}.")
        for what, before, after in changes:
            one, two = (text.removeprefix("refused: ") for text in (before, after))
            text = f"{BOLD}{what}{PLAIN}  {prediction.version}: {one} · {other.version}: {two}"
            lines += "\n    ".join(broken(text, columns)).split("\n")
    text = "".join(f"{line}\n" for line in lines)
    return painted(text, color=use_color(sys.stdout))


def _add_fields(place: Branch, fields: Sequence[Field]) -> None:
    """Thinking, effort and betas in one line; with --verbose what else could change each of them."""
    if not fields:
        return
    line = place.add(" · ".join(_field_text(field) for field in reversed(fields) if field.value or field.source))
    if verbosity.verbose:
        for field in reversed(fields):
            others = [name for name in field.changed_by if name != field.source]
            changing = line.add(f"{field.name}{'' if others else ': nothing changes it'}")
            for name in others:
                changing.add(f"{DIM}changed by {PLAIN}{name}")


def _field_text(field: Field) -> str:
    """One field in a few words, as in: effort low (CLAUDE_CODE_EFFORT_LEVEL)."""
    name = field.name.rpartition(".")[2]
    if field.name == "anthropic-beta":
        text = counted(len((field.value or "").split(",")), "beta")
    else:
        text = f"{name} {masked_text(field.value)}" if field.value else f"no {name}"
    return f"{text} ({field.source})" if field.source else text


def _base_sources(prediction: Prediction) -> list[Source]:
    """Where the base URL is set, the winner first; empty when the provider's own address is used."""
    variable = BY_NAME[prediction.provider].base
    layered = prediction.variables.get(variable)
    if layered is None or layered.winner.is_empty:
        return []
    origins = [item.origin for item in (layered.winner, *layered.shadowed)]
    return [Source("env", item.name, item.scope, item.file, item.pointer) for item in origins]


def _add_header(
    tree: Branch, name: str, found: HeaderPrediction, prediction: Prediction, env: Mapping[str, str]
) -> None:
    if prediction.outcome == "refused" and not found.shadowed:
        return
    value = f"{GREEN}{shown(found) or '(empty)'}" if found.present else f"{DIM}not sent"
    doubt = "" if found.certain else f"{YELLOW}  uncertain{PLAIN}"
    branch = tree.add(f"{BOLD}{name}: {PLAIN}{value}{PLAIN}{doubt}")
    if found.source:
        branch.add(f"from {_placed(found.source, prediction, env)}")
    for source in found.shadowed:
        branch.add(f"{DIM}{'hides' if found.present else 'unused'} {PLAIN}{_placed(source, prediction, env)}")


def _add_further(tree: Branch, prediction: Prediction) -> None:
    """The further requests, those of one kind in one line."""
    further = tree.add("also, beside the prompt's request")
    kinds: dict[tuple[str, str], list[Also]] = {}
    for item in prediction.also:
        kinds.setdefault((item.method, item.when), []).append(item)
    for (method, when), items in kinds.items():
        count = f" ({len(items)} models)" if len(items) > 1 else ""
        address = masked_text(items[0].url)
        place = further.add(f"{method} {address}{count}")
        place.add(f"{', '.join(items[0].credential) or 'no credential'}: {when}")


def _placed(source: Source, prediction: Prediction, env: Mapping[str, str]) -> str:
    """A source with the place to look at: file and line, or the environment."""
    kind = "header line " if source.kind == "custom-header" else ""
    if source.file is None:
        return f"{kind}{source.name} in the environment"
    number = line_of(source, prediction)
    scope = f" ({source.scope})" if source.scope else ""
    return f"{kind}{source.name} in {with_tilde(source.file, env)}{f':{number}' if number else ''}{scope}"
