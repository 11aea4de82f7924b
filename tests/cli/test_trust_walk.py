"""Every command line of the app against a repository's profile with every kind of reference, trusted or not.

To add a command, give it a row in ``ROWS``; to add a kind of reference, a row in ``REFERENCES``. The observers see a
program that starts, a connection, the key file being opened, and any file that is written.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.commands import COMMANDS

CANARY = "sk-canary-0123456789abcdef0123456789abcdef"
ACTS, READS = "acts", "reads"

# Command -> what it does with a profile, and its lines. {p} is the profile's file: a line without it discovers it.
ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "env": (ACTS, ("env --shell sh", "env --shell json --resolve --reveal --profile {p}", "env --unset --shell sh")),
    "run": (ACTS, ("run -- true", "run --profile {p} -- true")),
    "settings render": (
        ACTS,
        (
            "settings render --write-secret",
            "settings render --profile {p} --out out.json",
            "settings render --profile {p} --scope managed --for jamf --out jamf",
        ),
    ),
    "settings diff": (ACTS, ("settings diff --write-secret --scope local", "settings diff --profile {p}")),
    "settings apply": (
        ACTS,
        (
            "settings apply --write-secret --yes",
            "settings apply --scope project --profile {p}",
            "settings apply --scope local --force",
            "settings apply --scope managed --managed-dir managed --profile {p}",
        ),
    ),
    "helper install": (
        ACTS,
        ("helper install", "helper install {p} --standalone", "helper install --profile {p} --cache none"),
    ),
    "switch": (ACTS, ("switch {p}", "switch {p} --scope local --yes", "switch {p} --write-secret --yes")),
    "profile use": (ACTS, ("profile use {p}",)),
    "secret test": (ACTS, ("secret test {ref} --profile {p}",)),
    "trace": (ACTS, ("trace --profile {p}", "trace --profile {p} --client ./marker")),
    "doctor": (ACTS, ("doctor", "doctor --profile {p} --format json", "doctor --live --yes")),
    "gateway snippet": (ACTS, ("gateway snippet", "gateway snippet --profile {p}")),
    "init": (ACTS, ("init mine --from {p} --yes", "init --from {p} --scope user --yes")),
    "status": (READS, ("status", "status --format json")),
    "check": (READS, ("check", "check {p}", "check --format json .")),
    "explain": (READS, ("explain", "explain --profile {p} --format json")),
    "profile list": (READS, ("profile list", "profile list --format json")),
    "profile show": (READS, ("profile show", "profile show {p}")),
    "profile export": (READS, ("profile export", "profile export {p}")),
}
# Commands that use no profile of a repository, and why.
APART = {
    "settings undo": "takes back what is recorded; of --profile only the name counts",
    "settings status": "as settings undo",
    "settings history": "the user's own record of changes",
    "helper show": "names an installed helper",
    "helper list": "lists the installed helpers",
    "helper run": "an installed helper's own private file",
    "helper test": "an installed helper's own private file",
    "helper refresh": "an installed helper's own private file",
    "helper uninstall": "names an installed helper",
    "secret set": "a reference that the user typed",
    "secret rm": "a reference that the user typed",
    "rule": "prints documentation",
    "demo": "profiles of its own, fake keys",
    "uninstall": "removes what cgw wrote; no profile is used",
    "profile trust": "is the consent",
    "profile deny": "is the refusal",
    "profile set": "changes a file of the user's; nothing is done for it",
    "profile edit": "opens a file of the user's in the user's editor",
    "profile rename": "renames a profile of the user's own, by name",
    "profile update": "a profile of the user's own, by name; what is new is shown and confirmed",
    "profile rm": "removes a profile of the user's own, by name",
    "facts show": "what cgw knows about clients; the user's own files",
    "facts update": "a signed bundle that the user names",
    "facts reset": "removes the user's own files",
    "version": "prints the version",
    "help": "prints help",
    "--show-completion": "prints a script; profiles are not read",
    "--install-completion": "writes that script",
}
REFERENCES = {
    "exec": 'secret = "exec:{work}/marker {work}/ran"',
    "file": 'secret = "file://{work}/key"',
    "env": 'secret = "env://AWS_SECRET_ACCESS_KEY"',
    "keyring": 'secret = "keyring://cgw/work"',
    "vault": 'secret = "vault://secret/llm#key"\n[vault]\naddress = "{server}"\ntoken = "env://AWS_SECRET_ACCESS_KEY"',
    "jwt": 'secret = "jwt://work"\n[jwt.work]\nkey = "exec:{work}/marker {work}/ran"',
    "oauth": 'secret = "oauth://work"\n[oauth.work]\ntoken_url = "{server}/t"\nclient_id = "c"\n'
    'client_secret = "env://AWS_SECRET_ACCESS_KEY"',
    "op": 'secret = "op://vault/item/field"',
    "none": "",
    "helper": 'auth = "helper"\nsecret = "env://AWS_SECRET_ACCESS_KEY"',
    "env table": 'secret = "env://AWS_SECRET_ACCESS_KEY"\n[env]\nPROMPT_COMMAND = "touch {work}/ran"',
}
STATES = ("untrusted", "changed", "denied")


@dataclass
class Seen:
    """What the observers saw since the last look."""

    events: list[str] = field(default_factory=list)
    watching: bool = False
    key: str = ""


SEEN = Seen()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not SEEN.watching:
        return
    if event == "open" and isinstance(args[0], str) and args[0] == SEEN.key:
        SEEN.events.append("read the key file")
    elif event == "socket.connect":
        SEEN.events.append(f"connected to {args[1]}")
    elif event == "subprocess.Popen":
        if os.path.basename(str(args[0])) != "git":  # asked what it tracks; it runs nothing of the repository's
            SEEN.events.append(f"started {args[0]}")
    elif event in {"os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system"}:
        SEEN.events.append(event)


sys.addaudithook(_hook)  # for as long as the process lives; it looks away unless a test watches


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Refuses(BaseHTTPRequestHandler):
    """A server to which nothing may be sent; what is sent all the same is refused, so that no test waits."""

    def do_GET(self) -> None:
        self.send_error(404)

    do_POST = do_PUT = do_GET  # noqa: N815 - the library calls them so

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Place:
    """A repository with a profile, a home, and a server that counts."""

    work: Path
    home: Path
    server: str
    cgw: Callable[..., Any]

    @property
    def profile(self) -> Path:
        return self.work / "cgw.toml"

    def write(self, reference: str) -> None:
        text = REFERENCES[reference].format(work=self.work, server=self.server)
        self.profile.write_text(f'provider = "unified"\ngateway_url = "{self.server}"\n{text}\n')

    def put(self, state: str) -> None:
        if state in {"trusted", "changed"}:
            text = self.profile.read_text()
            self.profile.write_text(text.partition("[env]")[0])  # which trust refuses
            assert self.cgw("profile", "trust", "--yes").code == 0
            self.profile.write_text(text + ("# changed\n" if state == "changed" else ""))
        elif state == "denied":
            assert self.cgw("profile", "deny").code == 0

    def files(self) -> dict[str, bytes]:
        found = [path for top in (self.work, self.home) for path in top.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in found if ".git" not in path.parts}

    def watched(self, line: str) -> tuple[Any, list[str]]:
        SEEN.events.clear()
        SEEN.watching = True
        try:
            return self.cgw(*line.split(), fails=None), list(SEEN.events)
        finally:
            SEEN.watching = False

    def lines(self, command: str, reference: str) -> Iterator[str]:
        secret = REFERENCES[reference].partition('secret = "')[2].partition('"')[0]
        shown = "env://AWS_SECRET_ACCESS_KEY" if " " in secret or not secret else secret
        for line in ROWS[command][1]:
            yield line.format(p="./cgw.toml", ref=shown)


@pytest.fixture
def place(
    work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Place]:
    from claude_gw_cli.__main__ import run
    from claude_gw_cli.cli.out import verbosity

    (work / ".git").mkdir()
    key = work / "key"
    key.write_text(CANARY)
    key.chmod(0o600)
    tools = isolated / "bin"
    tools.mkdir()
    for program in (work / "marker", tools / "op"):
        program.write_text(f"#!/bin/sh\n: >{work}/ran\necho {CANARY}\n")
        program.chmod(0o755)
    for name in ("git", "sh", "true"):
        (tools / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)

    def replaced(*_: object) -> None:
        SEEN.events.append("os.exec")
        sys.exit(0)

    monkeypatch.setattr(os, "execvpe", replaced)
    monkeypatch.setattr(SEEN, "key", str(key))

    def cgw(*argv: str, fails: int | None = 0) -> Result:
        verbosity.quiet = verbosity.verbose = False
        capfd.readouterr()
        try:
            code = run(list(argv))
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capfd.readouterr()
        assert fails is None or code == fails, f"{argv} -> {code}\n{out}\n{err}"
        return Result(code, out, err)

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Place(work, isolated, f"http://127.0.0.1:{server.server_port}", cgw)
        server.shutdown()
        thread.join()


def test_every_command_has_a_row() -> None:
    assert {*COMMANDS} == ROWS.keys() | APART.keys()
    assert not ROWS.keys() & APART.keys()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reference", REFERENCES)
def test_nothing_is_done_for_a_profile_that_is_not_trusted(place: Place, reference: str, state: str) -> None:
    place.write(reference)
    place.put(state)
    words = {"changed": "changed since you trusted it", "denied": "was denied"}.get(state, "not trusted")
    for command, (kind, _) in ROWS.items():
        if kind != ACTS:
            continue
        for line in place.lines(command, reference):
            before = place.files()
            result, events = place.watched(line)
            assert result.code == 77, f"cgw {line} -> {result.code}\n{result.out}\n{result.err}"
            assert not events, f"cgw {line}: {events}"
            assert result.out == "", line
            assert place.files() == before, line
            assert CANARY not in result.err
            if command != "init":
                assert words in result.err
                assert "cgw profile trust" in result.err
                assert place.server in result.err
                assert str(place.profile) in result.err


@pytest.mark.parametrize("state", ["untrusted", "trusted"])
@pytest.mark.parametrize("reference", REFERENCES)
def test_it_can_be_read_as_data(place: Place, reference: str, state: str) -> None:
    place.write(reference)
    place.put(state)
    for command, (kind, _) in ROWS.items():
        if kind != READS:
            continue
        for line in place.lines(command, reference):
            before = place.files()
            result, events = place.watched(line)
            assert result.code in (0, 1), f"cgw {line} -> {result.code}\n{result.out}\n{result.err}"
            assert not events, f"cgw {line}: {events}"
            assert CANARY not in result.out + result.err
            changed = {name for name, data in place.files().items() if before.get(name) != data}
            assert all(name.startswith(str(place.home / ".cache/cgw")) for name in changed), line


@pytest.mark.parametrize("named", ["--profile", "CGW_PROFILE", "elsewhere"])
def test_naming_the_file_is_not_consent(place: Place, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the file is called, and from wherever it is named: it lies in a work tree."""
    place.write("env")
    other = place.profile.rename(place.work / "team.toml")
    (place.home / "own.toml").write_text(other.read_text())
    line = "env --shell sh"
    if named == "--profile":
        line += " --profile ./team.toml"
    else:
        monkeypatch.setenv("CGW_PROFILE", str(other))
    if named == "elsewhere":
        monkeypatch.chdir(place.home)
    assert place.watched(line)[0].code == 77
    own = place.watched(f"env --shell sh --profile {place.home / 'own.toml'}")[0]
    assert own.code == 0, "a file outside of any repository is the user's own"
    assert CANARY in own.out


@pytest.mark.parametrize("state", ["trusted", "allowed by option", "allowed by variable"])
@pytest.mark.parametrize("reference", [name for name in REFERENCES if name not in {"none", "env table"}])
def test_the_observers_see_what_a_trusted_profile_does(
    place: Place, reference: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without this the walk above could pass because nothing is ever seen."""
    place.write(reference)
    line = "env --shell sh --resolve"
    if state == "trusted":
        place.put("trusted")
    elif state == "allowed by variable":
        monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    else:
        line += " --trust-repository"
    result, events = place.watched(line)
    assert result.code in (0, 2, 69, 77), result.err
    assert "not trusted" not in result.err
    if result.code == 0:
        assert CANARY in result.out or reference == "jwt"
        assert str(place.profile) in result.err
    if reference not in {"env", "helper"}:
        assert events
    (place.work / "ran").unlink(missing_ok=True)


def test_trust_ends_with_the_call(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("env")
    started: list[dict[str, str]] = []

    def replaced(_program: str, _words: list[str], env: dict[str, str]) -> None:
        started.append(env)
        sys.exit(0)

    monkeypatch.setattr(os, "execvpe", replaced)
    assert place.cgw("run", "--trust-repository", "--", "true").code == 0
    assert started[0]["ANTHROPIC_AUTH_TOKEN"] == CANARY
    assert "CGW_TRUST_REPOSITORY" not in started[0]
    monkeypatch.delenv("CGW_TRUST_REPOSITORY", raising=False)
    place.cgw("env", "--shell", "sh", fails=77)


def test_denied_beats_the_variable(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("env")
    place.put("denied")
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    assert "denied" in place.cgw("env", "--shell", "sh", fails=77).err
    place.cgw("profile", "trust", "--yes")
    assert CANARY in place.cgw("env", "--shell", "sh").out


def test_old_records_stay_valid(place: Place) -> None:
    import hashlib

    place.write("env")
    record = place.home / ".config/cgw/trusted"
    record.parent.mkdir(parents=True)
    record.write_text(f"{hashlib.sha256(place.profile.read_bytes()).hexdigest()}  {place.profile.resolve()}\n")
    record.chmod(0o600)
    assert CANARY in place.cgw("env", "--shell", "sh").out
    assert "trusted" in place.cgw("profile", "list").out


# What even a trusted repository's profile may not say.
FORBIDDEN = {
    "a name": 'name = "../../evil"',
    **{
        f"[env] {name}": f'[env]\n{name} = "x"'
        for name in (
            "PATH", "LD_PRELOAD", "PROMPT_COMMAND", "NODE_OPTIONS", "BASH_ENV", "GIT_SSH_COMMAND", "HTTPS_PROXY",
            "http_proxy", "NO_PROXY", "NODE_TLS_REJECT_UNAUTHORIZED", "NODE_EXTRA_CA_CERTS", "CLAUDE_CODE_CERT_STORE",
            "SSL_CERT_FILE", "CLAUDE_CONFIG_DIR", "HOME", "XDG_CONFIG_HOME", "AWS_PROFILE", "CGW_PROFILE",
            "CLAUDE_CODE_EXTRA_BODY", "ANTHROPIC_VERTEX_BASE_URLS", "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
        )
    },
    "an escape sequence": '[env]\nAPI_TIMEOUT_MS = "\\u001b]0;x"',
}  # fmt: skip


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_no_repository_may_say(place: Place, what: str) -> None:
    place.profile.write_text(f'provider = "unified"\nsecret = "env://AWS_SECRET_ACCESS_KEY"\n{FORBIDDEN[what]}\n')
    for line in ("env --shell sh", "settings apply --yes", "helper install"):
        before = place.files()
        result, events = place.watched(f"{line} --trust-repository")
        assert (result.code, result.out, events) == (2, "", []), result.err
        assert f"{place.profile}:" in result.err
        assert place.files() == before
    place.cgw("profile", "trust", "--yes", fails=2)
    assert place.cgw("profile", "use", "./cgw.toml", fails=None).code in {2, 77}
    assert "CGW530" in place.cgw("check", "--format", "concise", fails=1).out


def test_what_a_repository_may_say(place: Place) -> None:
    place.profile.write_text(
        'provider = "unified"\nsecret = "env://AWS_SECRET_ACCESS_KEY"\n[env]\nAPI_TIMEOUT_MS = "600000"\n'
        'DISABLE_TELEMETRY = "1"\nANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES = "thinking"\n'
    )
    assert "API_TIMEOUT_MS" in place.cgw("env", "--shell", "sh", "--trust-repository").out


def test_no_link_leads_out_of_the_repository(place: Place) -> None:
    outside = place.home / "other.json"
    outside.write_text("{}")
    place.write("env")
    settings = place.work / ".claude/settings.local.json"
    settings.parent.mkdir()
    settings.symlink_to(outside)
    assert (
        "is a link out of the repository"
        in place.cgw("settings", "apply", "--scope", "local", "--trust-repository", fails=77).err
    )
    assert outside.read_text() == "{}"
    real = place.profile.rename(place.home / "real.toml")
    place.profile.symlink_to(real)
    for line in ("env --shell sh --trust-repository", "profile show", "profile trust --yes"):
        result = place.watched(line)[0]
        assert result.code == 77
        assert "link out of its repository" in result.err


@pytest.mark.parametrize(
    "mark",
    [".git", ".hg", ".jj", ".sl", ".svn", ".bzr", "_darcs", ".pijul", ".fslckout", "_FOSSIL_", "a dangling .git"],
)
def test_a_work_tree_is_one_whatever_keeps_it(place: Place, mark: str) -> None:
    place.write("exec")
    folder = place.home / "checkout/below"
    folder.mkdir(parents=True)
    if mark == "a dangling .git":
        (folder.parent / ".git").symlink_to("../nowhere")
    else:
        (folder.parent / mark).touch()
    shutil.copy(place.profile, folder / "team.toml")
    result, events = place.watched(f"env --shell sh --profile {folder / 'team.toml'}")
    assert (result.code, result.out, events) == (77, "", [])
    assert "cgw profile trust" in result.err


@pytest.mark.parametrize(
    ("links", "named"),
    [
        ({"work/conf": "../home/own"}, "work/conf/p.toml"),
        ({"work/conf": "../home/own", "short": "work/conf"}, "short/p.toml"),
        ({"work/p.toml": "../home/own/p.toml", "short": "work", "home/a.toml": "../short/p.toml"}, "home/a.toml"),
        ({"work/a": "b", "work/b": "../home/own"}, "work/a/p.toml"),
        ({"home/own/x.toml": "cgw.toml", "home/own/cgw.toml": "p.toml"}, "home/own/x.toml"),
        ({"home/own/x.toml": "Cgw.TOML", "home/own/Cgw.TOML": "p.toml"}, "home/own/x.toml"),
    ],
)
def test_a_link_of_a_repositorys_is_no_consent(place: Place, links: dict[str, str], named: str) -> None:
    """Who made a link chose the file that it leads to, also where that file lies outside of every repository."""
    place.write("exec")
    base = place.work.parent
    own = base / "home/own"
    own.mkdir(parents=True)
    place.profile.rename(own / "p.toml")
    for link, target in links.items():
        (base / link).symlink_to(target)
    result, events = place.watched(f"env --shell sh --profile {base / named}")
    assert (result.code, result.out, events) == (77, "", []), result.err
    assert place.watched(f"env --shell sh --profile {own / 'p.toml'}")[1], "without the link it is the user's own"


@pytest.mark.parametrize("scope", ["project", "local"])
@pytest.mark.parametrize("link", [".claude", ".claude/settings.json"])
def test_a_link_to_a_directory_leads_no_write_out_of_the_repository(place: Place, scope: str, link: str) -> None:
    outside = place.home / "elsewhere"
    outside.mkdir()
    for name in ("settings.json", "settings.local.json"):
        (outside / name).write_text(f'{{"env": {{"ANTHROPIC_AUTH_TOKEN": "{CANARY}"}}}}')
        (outside / name).chmod(0o644)
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in outside.iterdir()}
    name = ".claude/settings.json" if scope == "project" else ".claude/settings.local.json"
    if link == ".claude":
        (place.work / link).symlink_to(outside)
    else:
        (place.work / ".claude").mkdir()
        (place.work / name).symlink_to(outside / os.path.basename(name))
    place.write("env")
    for line in (f"settings apply --scope {scope} --trust-repository --yes", "check --fix", f"check --fix {name}"):
        result = place.cgw(*line.split(), fails=None)
        if scope == "local" or "apply" in line:  # nothing is wrong with the mode of a project's file
            assert "is a link out of" in result.err, (line, result)
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in outside.iterdir()} == before


@pytest.mark.parametrize("named", ["theirs", ".config/cgw/profiles/theirs.toml", "elsewhere/theirs.toml"])
def test_a_profile_of_another_user_needs_trust_wherever_it_is(
    place: Place, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the directory of profiles: with sudo, HOME may be that of the user who asks."""
    place.write("exec")
    folder = place.home / (os.path.dirname(named) or ".config/cgw/profiles")
    folder.mkdir(parents=True, mode=0o700)
    path = place.profile.rename(folder / "theirs.toml")
    if os.getuid() == 0:
        os.chown(path, 12345, -1)
    else:  # only root can give a file away, so that this is another user
        monkeypatch.setattr(os, "getuid", lambda: 12345)
    name = path if "/" in named else named
    result, events = place.watched(f"env --shell sh --profile {name}")
    assert (result.code, result.out, events) == (77, "", [])
    assert "belongs to another user" in result.err
    assert place.watched(f"env --shell sh --trust-repository --profile {name}")[1]


@pytest.mark.parametrize("home", ["", ".", "home", "../work"])
def test_a_home_directory_that_depends_on_the_place_is_none(
    place: Place, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository could hold profiles, and consent to them, under the names that cgw's own files have."""
    place.write("exec")
    for folder in (place.work, place.work / "home"):
        (folder / ".config/cgw/profiles").mkdir(parents=True, mode=0o700)
        shutil.copy(place.profile, folder / ".config/cgw/profiles/theirs.toml")
    place.profile.unlink()
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", home)
    for line in ("env --shell sh", "env --shell sh --profile theirs", "run --profile theirs -- true", "helper run"):
        result, events = place.watched(line)
        assert (result.code, result.out, events) == (2, "", []), (line, result)
        assert "export HOME=/path" in result.err


def test_a_fix_does_not_follow_a_link_out_of_the_repository(place: Place) -> None:
    outside = place.home / "other.json"
    outside.write_text(f'{{"env": {{"ANTHROPIC_AUTH_TOKEN": "{CANARY}"}}}}')
    outside.chmod(0o644)
    settings = place.work / ".claude/settings.local.json"
    settings.parent.mkdir()
    settings.symlink_to(outside)
    result = place.cgw("check", "--fix", ".", fails=None)
    assert outside.stat().st_mode & 0o777 == 0o644
    assert "not fixed" in result.err


def test_consent_is_given_after_the_profile_was_shown(place: Place) -> None:
    place.write("vault")
    place.put("changed")
    said = place.cgw("profile", "trust", "--yes").err
    place.cgw("profile", "use", "./cgw.toml")
    for shown in (place.server, "vault://secret/llm#key", "env://AWS_SECRET_ACCESS_KEY"):
        assert shown in said


def test_what_a_profile_may_not_say_is_not_taken_over_unseen(place: Place) -> None:
    place.write("env table")
    for line in ("init mine --from {p} --yes", "init --from {p} --scope user --yes"):
        result = place.watched(f"{line.format(p='./cgw.toml')} --trust-repository")[0]
        assert result.code == 77, result.err
        assert "PROMPT_COMMAND" in result.err
    assert not (place.home / ".config/cgw/profiles").exists()


HOSTILE_NAME = "a\x1b]0;x\x07\x9b2J\u202eb"


def test_no_name_of_a_repositorys_reaches_the_terminal_raw(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.work / HOSTILE_NAME
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    (folder / "cgw.toml").write_text(
        f'provider = "unified"\ngateway_url = "{place.server}"\nauth = "helper"\nsecret = "file://{place.work}/key"\n'
    )
    lines = [
        line for _, (_, lines) in ROWS.items() for line in lines if "--client" not in line and "{ref}" not in line
    ]
    lines += ["profile trust --yes", "helper install", *lines, "settings apply --scope local"]
    lines += ["helper list", "helper show", "helper test", "settings status", "settings diff --scope project"]
    lines += ["settings undo --scope local", "check --format concise", "check --format github", "check --fix"]
    for line in lines:
        if line.startswith(("run", "trace")):
            continue
        result = place.watched(line.format(p="./cgw.toml"))[0]
        assert not any(char in result.out + result.err for char in "\x1b\x07\x9b\u202e"), (line, result)


@pytest.mark.parametrize("name", ["cgw.toml", ".claude/settings.json", "../.claude/settings.json", "ca.pem"])
@pytest.mark.parametrize("kind", ["a pipe", "a device", "too large"])
def test_what_never_ends_is_not_read(place: Place, name: str, kind: str) -> None:
    """A repository's file may be a pipe, a link to a device, or larger than memory."""
    where = place.work / "below" if name.startswith("..") else place.work
    path = where / name
    path.parent.mkdir(parents=True, exist_ok=True)
    where.mkdir(exist_ok=True)
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)
    if name == "ca.pem":
        (where / ".claude").mkdir()
        (where / ".claude/settings.json").write_text(json.dumps({"env": {"NODE_EXTRA_CA_CERTS": str(path)}}))
    start = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); "
    start += "from claude_gw_cli.__main__ import main; main()"
    for line in ("check", "env --shell sh") if name == "cgw.toml" else ("check",):
        words = [sys.executable, "-c", start, *line.split()]
        done = subprocess.run(words, cwd=where, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode in (0, 1, 74, 77), (line, done)
        assert "Traceback" not in done.stderr


def test_the_list_fits_a_terminal_and_says_each_state_on_its_line(place: Place) -> None:
    place.write("env")
    for state in ("not trusted", "trusted", "changed since you trusted it", "denied"):
        place.put({"not trusted": "untrusted", "changed since you trusted it": "changed"}.get(state, state))
        head, first, second = place.cgw("profile", "list").out.splitlines()
        assert head == "  NAME  PROVIDER  GATEWAY"
        assert first == f"* work  unified   {place.server}"
        assert second == f"  work: {state}: {place.profile}"


@pytest.mark.parametrize(
    ("state", "step"),
    [("untrusted", "cgw profile trust"), ("changed", "cgw profile trust"), ("denied", "cgw init")],
)
def test_explain_says_what_to_do_with_the_repositorys_profile(place: Place, state: str, step: str) -> None:
    place.write("env")
    place.put(state)
    assert f"→ {step}\n" in f"{place.cgw('explain').out}\n"


def test_explain_with_a_trusted_profile_says_how_it_comes_into_use(place: Place) -> None:
    place.write("helper")
    place.put("trusted")
    out = place.cgw("explain").out
    assert "→ cgw " in out
    assert "cgw init" not in out


def test_a_denied_profile_names_ones_of_the_users_only_where_there_are_any(place: Place) -> None:
    place.write("env")
    place.put("denied")
    assert "Or make your own:  cgw init" in place.cgw("env", "--shell", "sh", fails=77).err
    place.cgw("init", "mine", "--provider", "unified", "--gateway-url", "https://llm.example.com", "--yes")
    assert "Use one of yours:" in place.cgw("env", "--shell", "sh", fails=77).err
