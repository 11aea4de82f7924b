"""``cgw trace``: starts the real client once against a loopback recorder and compares it with the prediction."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from claude_gw_cli.cli.facts_in_force import use_facts_in_force
from claude_gw_cli.cli.out import info, use_color, width, write_json, write_stdout
from claude_gw_cli.cli.under_profile import under, with_note
from claude_gw_cli.cli.use import use_profile
from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.compare import Difference, differences
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import (
    EXIT_FINDINGS,
    EXIT_OK,
    CgwError,
    FileError,
    RefusedError,
    UnavailableError,
    UsageError,
)
from claude_gw_cli.core.grant import without_permission
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.observation import CREDENTIAL_HEADERS
from claude_gw_cli.core.predict.model import Prediction
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.redirect import origin_of
from claude_gw_cli.core.wrap import table
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.report import explain as picture
from claude_gw_cli.report.branches import ALARM, BOLD, GREEN, PLAIN, YELLOW, broken, painted
from claude_gw_cli.report.recording import anonymous
from claude_gw_cli.report.trace import as_dict, shown
from claude_gw_cli.world import audit
from claude_gw_cli.world.paths import state_dir, working_dir
from claude_gw_cli.world.project import project_programs, trusts_folder
from claude_gw_cli.world.signals import end_in_order
from claude_gw_cli.world.trust import is_allowed

if TYPE_CHECKING:
    from claude_gw_cli.core.observation import Observation
    from claude_gw_cli.core.snapshot import Snapshot

_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One traced start."""

    start: Snapshot
    """The start as the user has it."""
    prediction: Prediction
    """For that start."""
    seen: Observation
    differences: tuple[Difference, ...]
    url: str | None
    """Where the request would have gone."""
    recording: str
    """The start and the observation with everything private replaced."""
    withheld: str = ""
    """Why the helper gave no key, so that nothing is known about its value; empty if it gave one or was not asked."""

    @property
    def agrees(self) -> bool:
        """Whether what was sent is what was predicted."""
        return not self.differences and not self.withheld


def trace(
    *,
    words: tuple[str, ...] = (),
    profile: str | None = None,
    client: str | None = None,
    format_: str = "human",
    record: str | None = None,
    learn: bool = False,
    yes: bool = False,
) -> int:
    """Run, print both sides, and say with the exit code whether they agree (1: they do not)."""
    if learn:
        from claude_gw_cli.cli.learn import measure

        if words or profile is not None or record is not None or format_ != "human":
            raise UsageError(
                "--learn starts the client with its own configurations: no arguments, profile, record or format",
                hint="cgw trace --learn, then: cgw facts show --format json",
            )
        end_in_order()
        return measure(*installed(without_permission(os.environ), client), yes=yes)
    use_facts_in_force()
    end_in_order()
    plain = without_permission(os.environ)
    env = plain if profile is None else under(use_profile(profile)[0].profile, plain)
    found = traced(env, words, client, trusted=is_allowed(os.environ))
    found = replace(found, prediction=with_note(found.prediction, found.start, profile, plain))
    if record is not None:
        _write(record, found.recording)
    if format_ == "json":
        document = as_dict(found.prediction, found.seen, found.differences, found.url)
        document["withheld"] = found.withheld or None
        write_json(document)
    else:
        write_stdout(_picture(found))
    return EXIT_OK if found.agrees else EXIT_FINDINGS


def installed(env: Mapping[str, str], client: str | None) -> tuple[str, str]:
    """The client to start and its version.

    Raises:
        UnavailableError: there is none, or it does not say its version.
    """
    from claude_gw_cli.world.client import client_version, find_client

    program = find_client(env, client)
    version = client_version(program, env) if program else None
    if program is None or version is None:
        raise UnavailableError(
            "no Claude Code is installed here"
            if program is None
            else f"{program} does not say that it is Claude Code",
            hint=f"Give {'its' if program is None else 'the path of one that does'}: cgw trace --client PATH"
            " (or predict without it: cgw explain)",
        )
    return program, version


def traced(env: Mapping[str, str], words: tuple[str, ...], client: str | None, *, trusted: bool = False) -> Trace:
    """Start the client once, in this environment and the current directory.

    Args:
        env: the client's environment, before it is redirected to the recorder.
        words: the client's own arguments.
        client: path of the client; ``None``: the installed one.
        trusted: whether what the project's files make the client run may run.

    Raises:
        RefusedError: the project's files would make the client run programs, and the user does not trust it.
        UnavailableError: there is no client, or this start cannot be kept on this machine.
    """
    from claude_gw_cli.world.isolated_start import isolated
    from claude_gw_cli.world.loopback.gateway import Gateway
    from claude_gw_cli.world.snapshot import take, without_duplicate_project_file
    from claude_gw_cli.world.trace import observe

    program, version = installed(env, client)
    arguments, stops = parse_arguments(words, version)
    taken = take(env, working_dir(), client_version=version, arguments=arguments, stops=stops)
    snapshot = without_duplicate_project_file(taken)
    prediction = predict(snapshot)
    if running := project_programs(snapshot):
        if not (trusted or trusts_folder(snapshot)):
            raise RefusedError(
                f"the project's files would run programs in this start: {', '.join(running)}; nothing was started",
                hint="Read these files. If you trust the project: cgw trace --trust-repository\n"
                "Without a start: cgw explain",
            )
        info(f"cgw: the project's files run programs in this start: {', '.join(running)}")
    with (
        Gateway(any_path=True) as gateway,
        isolated(snapshot, words, gateway.url) as start,
        answering(prediction, working_dir(), words, gateway.url) as refusal,
    ):
        info(f"cgw: starting {program} {version} against a recorder on this machine")
        seen = observe([program], start.env, start.cwd, start.args, gateway, timeout=_TIMEOUT)
        expected = predict(start.start)
        if seen.exit is None and not seen.requests:
            raise UnavailableError(
                f"{program} neither sent a request nor ended within {_TIMEOUT:.0f} seconds",
                hint="Try it by hand: claude -p hi",
            )
        url = None
        if seen.url is not None:
            known = prediction.request or expected.request
            url = masked_text((origin_of(known.url) if known else "") + seen.url.removeprefix(gateway.url))
        return Trace(
            snapshot,
            prediction,
            seen,
            differences(expected, seen, gateway.url),
            url,
            anonymous(start.start, seen, gateway.url),
            _withheld(expected, seen, refusal),
        )


@contextmanager
def answering(prediction: Prediction, cwd: str, words: tuple[str, ...], recorder: str) -> Iterator[str]:
    """Lets cgw's own helper answer the recorder where it would answer the gateway; gives why it does not."""
    from claude_gw_cli.helper import guard, installed, runtime
    from claude_gw_cli.helper.recorder import announced
    from claude_gw_cli.helper.trial import client_variables

    variables = {name: layered.text for name, layered in prediction.variables.items()}
    command = prediction.effective.helper.text if prediction.effective.helper else ""
    name, is_run = _shared(command, variables) or ("", True)
    known = installed.installed(variables)
    mine = next((item for item in known if item.command == command or (name and item.name == name)), None)
    if name and not is_run:
        yield "its script needs no cgw, so it cannot tell the recorder from another address; try it: cgw doctor"
        return
    if mine is None or mine.problem:
        yield ""
        return
    spec = runtime.load(mine.name, variables)
    given = client_variables(variables, prediction.version)
    if refusal := guard.problem_of(spec, given, cwd, ("claude", *words)):
        yield f"its key is for {spec.origin} only; {refusal}"
        return
    with announced(spec, recorder):
        yield ""


def _shared(command: str, env: Mapping[str, str]) -> tuple[str, bool] | None:
    """What ``script.written_for_others`` says about the script that a command runs."""
    from claude_gw_cli.helper.script import written_for_others
    from claude_gw_cli.world.files import read_bytes
    from claude_gw_cli.world.shellword import first_words

    words = first_words(command, env)
    if len(words) != 1 or not os.path.isabs(words[0]):
        return None
    try:
        return written_for_others((read_bytes(words[0]) or b"").decode("utf-8", "replace"))
    except CgwError:
        return None


def _withheld(expected: Prediction, seen: Observation, refusal: str) -> str:
    """Why the helper's value was not sent; empty if it was, or no header was to carry it."""
    asked = {name: found.prefix for name, found in expected.headers.items() if found.source_kind == "helper"}
    empty = [name for name, prefix in asked.items() if seen.headers.get(name, "?").strip() in ("", prefix.strip())]
    return (refusal or "it gave no key in this start; try it: cgw doctor") if empty else ""


def _write(path: str, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise FileError(f"{path} exists already", hint="Give another name: cgw trace --record FILE") from None
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from None
    place = os.path.join(working_dir(), path)
    audit.note(state_dir(os.environ), "trace --record", file=place, sha256=sha256_hex(text.encode()))
    info(f"cgw: wrote {path} (credentials, user names and host names were removed)")


_TITLES = ("header", "observed", "predicted", "from")


def _picture(found: Trace) -> str:
    """Observed beside predicted, header by header; below each other where the terminal is too narrow for that."""
    columns = width(sys.stdout)
    lines = [f"{BOLD}claude -p {found.prediction.version}{PLAIN} · {found.prediction.provider}"]
    lines += table(_TITLES, _rows(found), columns).rstrip("\n").split("\n")
    said = []
    for item in found.differences:
        sides = f"predicted {shown(item, item.predicted)}, observed {shown(item, item.observed)}"
        said.append(f"{ALARM}  ✗ {PLAIN}{item.what}: {sides}")
    if found.withheld:
        said.append(f"{YELLOW}  ! {PLAIN}The helper withheld its key: {found.withheld}")
    if found.differences:
        said.append("This client does something that cgw does not know. Record it with: cgw trace --record FILE")
    elif not found.seen.requests:
        said.append(f"{YELLOW}  ! {PLAIN}The client sent nothing and stopped, as predicted.")
    elif not found.withheld:
        said.append(f"{GREEN}  ✓ {PLAIN}The client sent what was predicted.")
        if not _sent_key(found.seen):
            said.append(f"{YELLOW}  ! {PLAIN}No key was sent: a gateway that wants one refuses this.")
    said += [f"{YELLOW}  • {PLAIN}{sentence}" for sentence in found.prediction.sentences]
    lines += ["\n    ".join(broken(text, columns)) for text in said]
    return painted("\n".join(lines) + "\n", color=use_color(sys.stdout))


def _sent_key(seen: Observation) -> bool:
    """Whether a header has a value that can be a credential."""
    usual = (seen.headers.get(name, "") for name in CREDENTIAL_HEADERS)
    return any(value.removeprefix("Bearer").strip() for value in (*usual, *seen.others.values()))


def _rows(found: Trace) -> Sequence[tuple[str, str, str, str]]:
    prediction, seen = found.prediction, found.seen
    if not seen.requests:
        return [("refused", seen.says, prediction.reason or "a request", "")]
    request = prediction.request
    said = masked_text(request.url) if request else f"refused: {prediction.reason}"
    rows = [("url", found.url or "", said, "")]
    if seen.model:
        predicted = (request.model if request else None) or "unknown"
        rows.append(("model", masked_text(seen.model), masked_text(predicted), ""))
    for name in dict.fromkeys([*prediction.headers, *seen.others]):
        header = prediction.headers.get(name)
        came = "not sent" if name not in seen.headers else picture.masked(seen.headers[name]) or "(empty)"
        said = "not sent" if header is None or not header.present else picture.shown(header) or "(empty)"
        source = header.source if header else None
        place = f"{source.name} ({source.scope or source.file})" if source else ""
        rows.append((name, came, f"{said}{'' if header is None or header.certain else ', uncertain'}", place))
    return rows
