"""``cgw check``: the rules over this machine, or over files; prints, fixes, and sets the exit code."""

from __future__ import annotations

import os
import sys

from claude_gw_cli.cli import rule_contexts
from claude_gw_cli.cli.accepted import NotTomlError, accepted_findings
from claude_gw_cli.cli.facts_in_force import use_facts_in_force
from claude_gw_cli.cli.out import info, use_color, width, write_stdout
from claude_gw_cli.cli.rule_files import OneFile, from_paths
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, CgwError
from claude_gw_cli.core.model import Finding
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import replace
from claude_gw_cli.report import findings as report
from claude_gw_cli.report.human import closing, human
from claude_gw_cli.report.lines import concise, github
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import ORDER, Ignore, ignored, rank, run
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.tree import PassedOver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from claude_gw_cli.rules.repair import Repaired

    _Item = RuleContext | OneFile | Finding | PassedOver | CgwError


def check(
    *,
    paths: tuple[str, ...] = (),
    managed_dir: str | None = None,
    client_version: str | None = None,
    fix: bool = False,
    unsafe_fixes: bool = False,
    diff: bool = False,
    fail_on: str = "error",
    format_: str = "human",
) -> int:
    """Run the rules and report; 1 when a finding is at or above the threshold, or ``--diff`` would change a file."""
    if client_version is not None:
        from claude_gw_cli.world.client import checked_version

        checked_version(client_version)
    use_facts_in_force()
    printer = _Printer(format_, client_version or newest())
    accepted: Sequence[Ignore] = ()
    broken: set[tuple[str, str]] = set()
    try:
        accepted = accepted_findings(paths[0] if paths else working_dir())
    except NotTomlError as error:  # no accepted findings are known; the files are checked all the same
        finding = rule_contexts.not_understood(error.path, error)
        broken.add((os.path.realpath(error.path), finding.message))
        printer.show_alone(finding, accepted)
    changed = False
    subjects = _subjects(paths, client_version, managed_dir)
    results: Iterator[tuple[_Item, list[Finding] | None]]
    if any(map(os.path.isdir, paths)) and not (fix or unsafe_fixes or diff):
        from claude_gw_cli.world.spread import spread

        results = spread(subjects, _name_of, _size_of, _found)
    else:
        results = ((item, None) for item in subjects)
    for item, found in ((_opened(item, found), found) for item, found in results):
        if isinstance(item, PassedOver | CgwError | OneFile):
            printer.pass_over(item)
            continue
        if isinstance(item, Finding):
            if (said := (os.path.realpath(item.location.file or ""), item.message)) not in broken:
                broken.add(said)
                printer.show_alone(item, accepted)
            continue
        context = item
        if (fix or unsafe_fixes or diff) and not context.starts:
            from claude_gw_cli.rules.repair import repair

            # What the configuration ignores is accepted as it is, so it is not repaired either.
            open_codes = {finding.code for finding in run(context) if not ignored(finding, accepted)}
            repaired = repair(context, open_codes, unsafe=unsafe_fixes)
            changed |= bool(repaired.titles)
            if diff:
                from claude_gw_cli.cli.check_diff import show_diff

                show_diff(context, repaired)
                continue
            _write(context, repaired)
            context = repaired.context
        elif diff:
            continue
        printer.show(run(context) if found is None else found, context, accepted)
    if diff:
        from claude_gw_cli.cli.check_diff import after_diff

        printer.end()
        return after_diff(paths, changed=changed, unsafe=unsafe_fixes)
    return printer.finish(fail_on)


def _opened(item: _Item, found: list[Finding] | None) -> _Item:
    """A file that is checked on its own: as it is where nothing was found in it, so that no one parses it again."""
    return item.context if isinstance(item, OneFile) and (found is None or found) else item


def _name_of(item: object) -> str:
    if isinstance(item, OneFile):
        return item.found.path
    return next(iter(_names(item)), "") if isinstance(item, RuleContext) else ""


def _size_of(item: object) -> int:
    if isinstance(item, OneFile):
        return len(item.found.text)
    return sum(len(source.text or "") for source in item.snapshot.files) if isinstance(item, RuleContext) else 0


def _found(item: object) -> list[Finding] | None:
    context = item.context if isinstance(item, OneFile) else item
    return list(run(context)) if isinstance(context, RuleContext) else None


def _subjects(paths: Sequence[str], client_version: str | None, managed_dir: str | None) -> Iterator[_Item]:
    if paths:
        yield from from_paths(paths, client_version)
        return
    from claude_gw_cli.world.client import installed_version

    version = client_version or installed_version(os.environ) or newest()
    context, unread = rule_contexts.from_machine(version, managed_dir)
    yield from unread
    yield context


class _Printer:
    """Collects findings and prints them in order; JSON lines as they come."""

    def __init__(self, format_: str, client_version: str) -> None:
        self._format = format_
        self._color = format_ == "human" and use_color(sys.stdout)
        self._width = width(sys.stdout)
        self._kept: list[Finding] = []
        self._shared: dict[object, Any] = {}
        self._names: list[str] = []
        self._count = 0
        self._alone: set[str | None] = set()
        """Files of which nothing but faults is known."""
        self._top: str | None = None
        self._ignored = 0
        self._counts = {"error": 0, "warning": 0, "info": 0}
        self._passed: list[tuple[str, str]] = []
        self._missing: CgwError | None = None
        self._texts: list[tuple[tuple[int, str, int, int, str], str]] = []
        self._client = client_version

    def _placed(self, path: str) -> str:
        """The path from the checkout's top, as services that show findings want it."""
        from claude_gw_cli.world import git

        if self._top is None:
            self._top = git.root(working_dir()) or os.path.realpath(working_dir())
        return git.placed(path, self._top)

    def _name(self, names: Sequence[str]) -> None:
        """Count the files that were read; their names are kept only for the format that lists them."""
        self._count += len(names)
        if self._format == "json":
            self._names += names

    def pass_over(self, item: PassedOver | CgwError | OneFile) -> None:
        """Report a file that is left alone or has no finding; why a path cannot be read is the end of the report."""
        if isinstance(item, CgwError):
            self._missing = self._missing or item
        elif isinstance(item, OneFile):
            self._name([item.found.path])
        else:
            self._passed.append((item.path, item.reason))

    def end(self) -> None:
        """Raise why a path could not be read."""
        if self._missing:
            raise self._missing

    def show_alone(self, finding: Finding, accepted: Sequence[Ignore]) -> None:
        """Report the only finding about a file that cannot be read."""
        if finding.location.file not in self._alone:
            self._alone.add(finding.location.file)
            self._name([finding.location.file] if finding.location.file else [])
        self.show([finding], None, accepted)

    def show(
        self, found: Iterator[Finding] | Sequence[Finding], context: RuleContext | None, accepted: Sequence[Ignore]
    ) -> None:
        """Report the findings of one context."""
        if context is not None:
            self._name(_names(context))
            self._client = context.snapshot.client_version
        lines = _Lines(context)
        for finding in found:
            if ignored(finding, accepted):
                self._ignored += 1
                continue
            if "keyring:" in finding.help:
                from claude_gw_cli.cli.key_store import advised

                finding = replace(finding, help=advised(finding.help, offline=True))  # noqa: PLW2901 - the same finding
            self._counts[finding.severity] += 1
            match self._format:
                case "human":
                    self._keep(finding, human(finding, lines, color=self._color, width=self._width))
                case "concise":
                    self._keep(finding, concise(finding))
                case "github":
                    self._keep(finding, github(finding, self._placed))
                case "jsonl":
                    write_stdout(report.to_jsonl(finding))
                case _:
                    self._kept.append(report.slim(finding, self._shared))

    def _keep(self, finding: Finding, text: str) -> None:
        """Keep what is to be printed in order: a person reads the errors of all files first."""
        self._texts.append((rank(finding), text))

    def finish(self, fail_on: str) -> int:
        """Print the end of the report; returns the exit code.

        Raises:
            CgwError: a path could not be read; what the others gave is printed.
        """
        if not self._count and not self._passed:
            self.end()
        self._texts.sort(key=lambda item: item[0])
        code = self._texts[0][0][-1] if self._texts else "CODE"
        checked = report.Checked(self._names, self._count, self._ignored, self._client, self._passed, code)
        self._kept.sort(key=rank)
        for _, text in self._texts:
            write_stdout(text)
        match self._format:
            case "json":
                _pour(report.to_json(self._kept, checked))
            case "sarif":
                from claude_gw_cli.report.sarif import to_sarif

                _pour(to_sarif(self._kept, self._placed))
            case "human":
                info(closing(self._counts, checked, color=self._color, width=width(sys.stderr)))
            case _:
                pass
        self.end()
        threshold = ORDER[fail_on]
        return EXIT_FINDINGS if any(n for name, n in self._counts.items() if ORDER[name] <= threshold) else EXIT_OK


def _pour(pieces: Iterator[str]) -> None:
    for piece in pieces:
        write_stdout(piece)


class _Lines:
    """(file, line number) -> the line's text, from what the context holds."""

    def __init__(self, context: RuleContext | None) -> None:
        self._context = context
        self._split: dict[str, list[str]] = {}

    def __call__(self, file: str, line: int) -> str | None:
        if file not in self._split:
            self._split[file] = _text_of(self._context, file).splitlines()
        lines = self._split[file]
        return lines[line - 1] if 0 < line <= len(lines) else None


def _text_of(context: RuleContext | None, file: str) -> str:
    if context is None:
        return rule_contexts.text_of(file)
    for source in context.snapshot.files:
        if source.file == file:
            return source.text or ""
    return context.texts.get(file, "")


def _names(context: RuleContext) -> list[str]:
    files = [source.file for source in context.snapshot.files if source.status != "absent"]
    if context.whole:
        return ["environment", *files, *context.profile_files.values()]
    return files or list(context.texts)


def _write(context: RuleContext, repaired: Repaired) -> None:
    """Write the repaired texts and modes, each file whole or not at all."""
    from claude_gw_cli.core.errors import TryAgainError
    from claude_gw_cli.core.jsontext import decode, encode
    from claude_gw_cli.world import audit, files, paths
    from claude_gw_cli.world.trust import leaves_by_link

    before = {source.file: source for source in context.snapshot.files}
    own = {file for file, source in before.items() if context.whole and source.scope in {"user", "managed"}}
    done: set[str] = set()

    def stays(file: str) -> bool:
        """False for a file outside of a repository that a link inside it points to."""
        leaves = file not in own and leaves_by_link(file, os.path.realpath(file))
        if leaves:
            info(f"not fixed: {file} is a link out of its repository, to {os.path.realpath(file)}")
        return not leaves

    for source in repaired.context.snapshot.files:
        old = before[source.file]
        if source.text is None or source.text == old.text or not stays(source.file):
            continue
        data = files.read_bytes(source.file)
        text, encoding = decode(data) if data is not None else ("", "utf-8")
        if data is None or text != old.text:
            raise TryAgainError(f"{source.file} changed while it was checked", hint="Run the command again.")
        note = files.replace(
            source.file, encode(source.text, encoding), expected=data, mode=repaired.modes.get(source.file)
        )
        done.add(source.file)
        info(note or f"fixed {source.file}")
    for file, mode in repaired.modes.items():
        data = files.read_bytes(file)
        if file not in done and data is not None and stays(file):
            files.replace(file, data, expected=data, mode=mode)
            done.add(file)
            info(f"fixed {file} (mode {mode:04o})")
    for file in sorted(done):
        audit.note(paths.state_dir(os.environ), "check --fix", file=file, titles=list(repaired.titles))
    for title in repaired.titles:
        info(f"  {title}")
