"""Stores by their real tools, one table: what each situation gives, a value or an error with its exit code.

Each cell is asked for as a helper asks: no terminal, no question, what was pinned at install time, and a project's
settings that name another store.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import claude_gw_cli
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.install import install
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

pytestmark = pytest.mark.real
Cells = dict[str, str | tuple[int, str]]
KEY = "sk-store-0123456789"
JSON = '{"key": "sk-json-0123456789", "on": true, "none": null, "n": 1.50, "list": ["x"], "more": {"key": "sk-nested-01"}}'  # noqa: E501
FIELDS: Cells = {
    "#key": "sk-json-0123456789",
    "#more.key": "sk-nested-01",
    "#on": (2, "true or false"),
    "#none": (2, "null"),
    "#n": (2, "a number"),
    "#list": (2, "a list"),
    "#more": (2, "an object with the fields key"),
    "#nope": (2, "it has: key, on, none, n, list, more"),
    "": (2, "JSON object with the fields"),
}


@dataclass
class Store:
    """A store: the environment in which a helper is installed, and what a hostile project adds to it later."""

    env: dict[str, str]
    hostile: dict[str, str] = field(default_factory=dict)


def run(store: Store, *command: str | Path, stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=store.env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def outcome(reference: str, store: Store, seconds: float = 9) -> str | tuple[int, str]:
    """What a helper installed for the reference gives under the project's environment: value, or code and words."""
    start = time.monotonic()
    try:
        tables = pin(reference, Context(Grant("typed"), store.env)).tables
        pinned = pin(reference, Context(Grant("typed"), store.env)).reference
        found: str | tuple[int, str] = resolve(
            pinned, Context(Grant("typed"), store.env | store.hostile, start + seconds, tables)
        ).value.reveal()
    except CgwError as error:
        found = error.exit_code if error.hint else 0, f"{error.message}\n{error.hint}"
    assert time.monotonic() - start < seconds + 1
    return found


def check(reference: str, store: Store, expected: str | tuple[int, str], seconds: float = 9) -> None:
    found = outcome(reference, store, seconds)
    if isinstance(expected, str):
        assert found == expected, reference
    else:
        assert isinstance(found, tuple), reference
        assert found[0] == expected[0], found
        assert expected[1] in found[1], reference


def plain_env(home: Path) -> dict[str, str]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home)}


# pass


def agent_of(store: Store) -> int:
    """The process of the store's agent, which is started if there is none."""
    run(store, "gpg-connect-agent", "/bye")
    return int(run(store, "gpg-connect-agent", "getinfo pid", "/bye").split()[1])


def stop_agent(store: Store) -> None:
    """End the agent, and wait for its end: until then it still answers, but the next gpg starts another one."""
    agent, end = agent_of(store), time.monotonic() + 30
    run(store, "gpgconf", "--kill", "gpg-agent")
    while Path(f"/proc/{agent}").exists():
        assert time.monotonic() < end, "the agent does not end"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], str]) -> Iterator[Store]:
    """A store of the user, and another one of a project with the same entry."""
    made = []
    for owner in ("user", "evil"):
        home = tmp_path_factory.mktemp("p")  # short: the path of the agent's socket is limited
        store = Store(plain_env(home) | {"GNUPGHOME": str(home / "g"), "PASSWORD_STORE_DIR": str(home / "s")})
        (home / "g").mkdir(mode=0o700)
        gpg = [program("gpg"), "--batch", "--pinentry-mode", "loopback", "--passphrase"]
        run(store, *gpg, "", "--quick-gen-key", f"{owner}@example.com", "default", "default", "never")
        run(store, program("pass"), "init", f"{owner}@example.com")
        made.append((store, gpg))
    (user, gpg), (evil, _) = made
    for name, text in {
        "llm/key": KEY, "llm/two": f"{KEY}\nuser: me\nurl: https://x", "llm/json": JSON, "llm/null": "null",
        "llm/pretty": '{\n  "key": "sk-json-0123456789"\n}', "llm/crlf": f"{KEY}\r\n", "llm/empty": "\n",
        "llm/quoted": f'"{KEY}"', "llm/words": "two words", "both": KEY, "both/inner": "x",
        "llm/dos": f"{KEY}\r\nuser: me\r\nurl: a:b\r\n", "odd name/ü": KEY,
    }.items():  # fmt: skip
        run(user, program("pass"), "insert", "-m", name, stdin=text)
    recipient = ["-r", "user@example.com"]
    subprocess.run(
        [*gpg, "", "-e", *recipient, "-o", f"{user.env['PASSWORD_STORE_DIR']}/llm/binary.gpg"],
        input=b"\x89PNG\xff\xfe", env=user.env, check=True, capture_output=True,
    )  # fmt: skip
    run(user, *gpg, "pw", "--quick-gen-key", "locked@example.com", "default", "default", "never")
    run(user, program("pass"), "init", "-p", "locked", "locked@example.com")
    run(user, program("pass"), "insert", "-m", "locked/key", stdin=KEY)
    stop_agent(user)
    run(evil, program("pass"), "insert", "-m", "llm/key", stdin="sk-evil-0123456789")
    user.hostile = {name: evil.env[name] for name in ("GNUPGHOME", "PASSWORD_STORE_DIR", "HOME")} | {
        "PASSWORD_STORE_GPG_OPTS": "--homedir /nowhere",
        "GPG_TTY": "/dev/tty",
        "DISPLAY": ":9",
        "XDG_DATA_HOME": "/nowhere",
        "PATH": "/nowhere",
    }
    yield user
    for store, _ in made:
        stop_agent(store)


PASS: Cells = {
    "llm/key": KEY,
    "llm/two": KEY,
    "llm/two#user": "me",
    "llm/crlf": KEY,
    "llm/dos": KEY,
    "llm/dos#user": "me",
    "llm/dos#url": "a:b",
    "llm/dos#nope": (2, "it has: user, url"),
    "odd name/ü": KEY,
    "both": KEY,
    "/llm/key": KEY,
    "-h": (2, "must not begin with a dash"),
    "../s/llm/key": (69, "exited 1"),
    "llm/pretty#key": "sk-json-0123456789",
    "llm/pretty": (2, "JSON object with the fields: key"),
    "llm/null": (2, "the word 'null'"),
    "llm/empty": (2, "empty key"),
    "llm/quoted": (2, "quotation marks"),
    "llm/words": (2, "whitespace"),
    "llm/binary": (2, "binary"),
    "llm": (2, "it holds: binary, crlf, dos, empty"),
    "nope": (69, "no such secret"),
    "locked/key": (77, "locked"),
}
PASS |= {f"llm/json{name}": value for name, value in FIELDS.items()}


@pytest.mark.parametrize("name", PASS)
def test_pass(passwords: Store, name: str) -> None:
    check(f"pass://{name}", passwords, PASS[name])


def test_pass_whose_agent_has_stopped(passwords: Store) -> None:
    agent, end = agent_of(passwords), time.monotonic() + 30
    while Path(f"/proc/{agent}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        # A stop is lost while a thread of the last connection ends (half of the time, on a busy machine).
        assert time.monotonic() < end, "the agent does not stop"
        os.kill(agent, signal.SIGSTOP)
        time.sleep(0.1)
    try:
        check("pass://llm/key", passwords, (69, "did not answer in time"), seconds=3)
    finally:
        os.kill(agent, signal.SIGCONT)
    check("pass://llm/key", passwords, KEY)


def test_the_installed_helper_takes_no_store_from_a_project(passwords: Store, tmp_path: Path) -> None:
    profile = Profile(name="w", provider="unified", gateway_url="http://127.0.0.1:4000", secret="pass://llm/key")
    script = install(profile, passwords.env, Grant("own")).path
    env = passwords.env | passwords.hostile | {"PATH": os.environ["PATH"]}
    del env["HOME"]  # the guard reads the client's settings there
    for _ in range(2):
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env=env | {"HOME": passwords.env["HOME"]},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == KEY, done.stderr


WATCHED = {
    "pass": ("passwords", "pass://llm/key"),
    "aws": ("aws", "aws-sm:///prod/llm"),
    "sops": ("sealed", "sops://~/a.env#KEY"),
    "age": ("sealed", "age://~/key.age?identity=~/id.txt"),
    "keepassxc": ("sealed", "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/kx.key"),
}


@pytest.mark.parametrize("tool", WATCHED)
def test_a_helper_shows_no_key_to_other_processes_and_leaves_none_behind(
    tool: str, request: pytest.FixtureRequest, tmp_path: Path, cgw: Path, program: Callable[[str], str]
) -> None:
    fixture, reference = WATCHED[tool]
    store: Store = request.getfixturevalue(fixture)
    profile = Profile(
        name=f"watched-{tool}", provider="unified", gateway_url="http://127.0.0.1:4000", secret=reference
    )
    asked: list[str | Path] = [install(profile, store.env, Grant("own"), cache="none").path]
    if tool == "aws":  # watched, it needs more than a helper's time
        asked = [cgw, "secret", "test", reference]
    if tool == "pass":
        run(store, "gpg-connect-agent", "/bye")  # else it is started below, and watched for ever
    before, held = _processes(store), _holding(store)
    log = tmp_path / "trace"
    words: list[str | Path] = [program("strace"), "-f", "-qq", "-v", "-s", "9999", "-e", "trace=execve,openat"]
    words += ["--seccomp-bpf", "-o", log]
    env = store.env | {"GPG_TTY": "/dev/pts/0", "DISPLAY": ":9"}
    done = subprocess.run([*words, *asked], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == KEY or (tool == "aws" and f"{len(KEY)} characters" in done.stdout), done.stderr
    text = log.read_text()
    assert "execve(" in text
    assert KEY not in text
    assert '"/dev/pts/' not in text
    assert not [line for line in text.splitlines() if '"/dev/tty"' in line and " = -1 " not in line]
    assert _processes(store) <= before
    assert _holding(store) <= held


def _processes(store: Store) -> set[Path]:
    """The processes with the store's home directory, which every child of a helper has."""
    home = f"HOME={store.env['HOME']}\0".encode()
    return {path for path in Path("/proc").glob("[0-9]*") if home in _bytes(path / "environ") + b"\0"}


def _holding(store: Store) -> set[Path]:
    """The files in the store's home directory with the key as it is."""
    return {path for path in Path(store.env["HOME"]).rglob("*") if path.is_file() and KEY.encode() in _bytes(path)}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


# AWS


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, part: Callable[[str, str], Path]) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("aws")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = part("aws", "bin/aws")
    store = Store(
        plain_env(home)
        | {"PATH": f"{command.parent}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        | {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
        | {"AWS_ACCESS_KEY_ID": "user", "AWS_SECRET_ACCESS_KEY": "x"}
    )
    server = subprocess.Popen(
        [part("aws", "bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        env=plain_env(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        make = (
            "import boto3\n"
            f"s = boto3.client('secretsmanager', endpoint_url='http://127.0.0.1:{port}', region_name='eu-west-1')\n"
            f"s.create_secret(Name='/prod/llm', SecretString='{KEY}')\n"
            f"s.create_secret(Name='json', SecretString='''{JSON}''')\n"
            "s.create_secret(Name='binary', SecretBinary=b'\\x00\\xff')\n"
            "s.create_secret(Name='lines', SecretString='a\\nb')\n"
            "s.create_secret(Name='newline', SecretString='sk-newline-0123456789\\r\\n')\n"
            "s.create_secret(Name='gone', SecretString='x'); s.delete_secret(SecretId='gone')\n"
            "s.create_secret(Name='two', SecretString='sk-old-0123456789')\n"
            "new = s.put_secret_value(SecretId='two', SecretString='sk-new-0123456789')\n"
            f"m = boto3.client('ssm', endpoint_url='http://127.0.0.1:{port}', region_name='eu-west-1')\n"
            f"m.put_parameter(Name='/prod/llm', Type='SecureString', Value='{KEY}')\n"
            "m.put_parameter(Name='/prod/list', Type='StringList', Value='a,b')\n"
            "m.put_parameter(Name='/prod/two', Type='String', Value='sk-old-0123456789')\n"
            "m.put_parameter(Name='/prod/two', Type='String', Value='sk-new-0123456789', Overwrite=True)\n"
            "print(s.describe_secret(SecretId='/prod/llm')['ARN'], new['VersionId'])\n"
        )
        store.env["ARN"], store.env["VERSION"] = run(store, part("aws", "bin/python"), "-c", make).split()
        (home / ".aws").mkdir()
        (home / ".aws" / "config").write_text(
            "[profile sso]\nsso_session = q\nsso_account_id = 123456789012\nsso_role_name = r\n"
            "[sso-session q]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n"
        )
        store.hostile = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_PROFILE": "evil", "AWS_REGION": "us-east-1"}
        store.hostile |= {"HOME": "/nowhere", "AWS_CONFIG_FILE": "/nowhere", "HTTPS_PROXY": "http://127.0.0.1:1"}
        yield store
    finally:
        server.terminate()
        server.wait(timeout=30)


AWS: Cells = {
    "aws-sm:///prod/llm": KEY,
    "aws-sm:///prod/llm?stage=AWSCURRENT": KEY,
    "aws-ssm:///prod/llm": KEY,
    "aws-sm://json#more.key": "sk-nested-01",
    "aws-sm://ARN": KEY,
    "aws-sm://two": "sk-new-0123456789",
    "aws-sm://two?stage=AWSPREVIOUS": "sk-old-0123456789",
    "aws-sm://two?version=VERSION": "sk-new-0123456789",
    "aws-sm://two?version=00000000-0000-0000-0000-000000000000": (69, "no such secret"),
    "aws-sm://newline": "sk-newline-0123456789",
    "aws-sm://lines": (2, "line break"),
    "aws-sm://gone": (69, "no such secret"),
    "aws-ssm:///prod/two": "sk-new-0123456789",
    "aws-ssm:///prod/two:1": "sk-old-0123456789",
    "aws-ssm:///prod/two:9": (69, "no such secret"),
    "aws-ssm:///prod": (69, "no such secret"),
    "aws-ssm:///prod/llm#key": (2, "not a JSON object"),
    "aws-sm://binary": (2, "not text"),
    "aws-sm://prod/llm": (69, "no such secret"),
    "aws-ssm:///prod/nope": (69, "no such secret"),
    "aws-ssm:///prod/list": (2, "list of strings"),
    "aws-sm:///prod/llm?profile=nope": (2, "not configured"),
}
AWS |= {f"aws-sm://json{name}": value for name, value in FIELDS.items()}


@pytest.mark.parametrize("reference", AWS)
def test_aws(aws: Store, reference: str) -> None:
    full = reference.replace("ARN", aws.env["ARN"]).replace("VERSION", aws.env["VERSION"])
    check(full, aws, AWS[reference])


def test_aws_whose_server_has_stopped(aws: Store) -> None:
    with socket.socket() as closed:  # bound, and nothing listens
        closed.bind(("127.0.0.1", 0))
        env = aws.env | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed.getsockname()[1]}"}
        check("aws-sm:///prod/llm", Store(env), (69, "Could not connect to the endpoint URL"), seconds=30)


@pytest.mark.parametrize(("profile", "says"), [("", "pass_env"), ("?profile=sso", "aws sso login")])
def test_aws_without_credentials_says_how_to_sign_in(aws: Store, profile: str, says: str) -> None:
    env = {name: value for name, value in aws.env.items() if "ACCESS_KEY" not in name}
    later = {"AWS_ACCESS_KEY_ID": "evil", "AWS_SECRET_ACCESS_KEY": "evil"}
    check(f"aws-sm:///prod/llm{profile}", Store(env, later), (77, says))


def test_aws_whose_session_has_expired_says_how_to_sign_in(aws: Store) -> None:
    """The token of `aws sso login` has ended."""
    cache = Path(aws.env["HOME"]) / ".aws" / "sso" / "cache" / f"{hashlib.sha1(b'q').hexdigest()}.json"
    cache.parent.mkdir(parents=True)
    token = {"startUrl": "https://x.awsapps.com/start", "region": "eu-west-1", "accessToken": "x"}
    cache.write_text(json.dumps(token | {"expiresAt": "2026-01-01T00:00:00Z"}))
    env = {name: value for name, value in aws.env.items() if "ACCESS_KEY" not in name}
    try:
        check("aws-sm:///prod/llm?profile=sso", Store(env), (77, "aws sso login"))
    finally:
        cache.unlink()


# sops, age, KeePassXC: files


# An identity file that `age --passphrase` encrypted; nothing is encrypted for it.
LOCKED_IDENTITY = """-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBwQTVpcnpRa3VIRFJjZ2hL
dklVTWp3IDE4Cms4UHZVSnllVWwzd1hteW51cHppYlgvUkJ4cVBrTmNMZ1VQYW13
SWEvM0kKLS0tIGpnd1EvcFlnOWdkdXJMZEhhUndsR0Yya21vajI2ajFYNkoyeUdZ
SFA4TDQK19JkSvgXzIb/g1Kuh5e7YvpjfolO+9TYjsPBqFYFQEwwNpXCbrJtj/ZO
6C9qQ4bWursDtlwn6dZCthRk/lRb9NfU38swiJ3nqxSLzOmy/0C2pnMM5RnE6jR6
XoBNq8ZpQW+hGRsS1Tkk6GvmsFxAo9d/XttiYVbsifNlX0J1ItOaMagE26KAZx8H
zdrCmkn8L11UBecjPAj3RnBnvO8pHjKLRHXPF/CMN0s9URLMtnGnO8OlWlR1jQ5e
R561peteuHsyZKCNSG4TTHnwC+bPpv1x4KylyLhe
-----END AGE ENCRYPTED FILE-----
"""


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory, part: Callable[[str, str], Path], program: Callable[[str], str]
) -> Store:
    home = tmp_path_factory.mktemp("files")
    sops = part("sops", "bin/sops")
    store = Store(plain_env(home) | {"PATH": f"{sops.parent}:{os.environ['PATH']}"})
    store.env["SOPS_AGE_KEY_FILE"] = str(home / "id.txt")
    for name in ("id", "other"):
        run(store, program("age-keygen"), "-o", home / f"{name}.txt")
    recipient = run(store, program("age-keygen"), "-y", home / "id.txt").strip()
    for name, text in {"a.json": JSON, "a.yaml": f"llm:\n  key: {KEY}\n  n: 007\nplain: x y\n",
                       "two.yaml": "key: x\n---\nkey: y\n", "text.yaml": f"line: |\n  {KEY}\nlines: |\n  a\n  b\n",
                       "a.ini": f"[llm]\nkey = {KEY}\n", "a.env": f"KEY={KEY}\n"}.items():  # fmt: skip
        (home / name).write_text(text)
        run(store, sops, "--encrypt", "--age", recipient, "--in-place", home / name)
    (home / "not.yaml").write_text("key: x\n")
    for name, text in {"key": KEY + "\n", "json": JSON, "null": "null\n", "two": f"{KEY}\r\nuser: me\r\n"}.items():
        run(store, program("age"), "-r", recipient, "-o", home / f"{name}.age", stdin=text)
    binary: list[str | Path] = [program("age"), "-r", recipient, "-o", home / "binary.age"]
    subprocess.run(binary, input=b"\x89PNG\xff", env=store.env, check=True, capture_output=True)
    (home / "locked.asc").write_text(LOCKED_IDENTITY)
    words: list[str | Path] = ["-q", "-t", "ed25519", "-N", "correct horse", "-f", home / "locked.txt"]
    run(store, program("ssh-keygen"), *words)
    run(store, program("age"), "-R", home / "locked.txt.pub", "-o", home / "ssh.age", stdin=KEY)
    keepassxc = [program("keepassxc-cli"), "-q"]
    store.env["QT_QPA_PLATFORM"] = "offscreen"
    run(store, keepassxc[0], "db-create", "-q", "--set-key-file", home / "kx.key", home / "a.kdbx")
    opened = ["-q", "--no-password", "--key-file", str(home / "kx.key"), str(home / "a.kdbx")]
    run(store, keepassxc[0], "mkdir", *opened, "G")
    run(store, keepassxc[0], "add", "-u", "me", "-p", *opened, "G/llm", stdin=KEY + "\n")
    del store.env["QT_QPA_PLATFORM"]
    store.hostile = {"SOPS_AGE_KEY_FILE": str(home / "other.txt"), "HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}
    return store


FILES: Cells = {
    "sops://~/a.yaml#llm.key": KEY,
    "sops://~/a.yaml#llm/key": KEY,
    'sops://~/a.yaml#["llm"]["key"]': KEY,
    "sops://~/a.ini#llm.key": KEY,
    "sops://~/a.env#KEY": KEY,
    "sops://~/a.yaml#llm.n": (2, "a number"),
    "sops://~/a.yaml#plain": (2, "whitespace"),
    "sops://~/a.yaml#llm": (2, "object with the fields key, n"),
    "sops://~/not.yaml#key": (2, "not encrypted by sops"),
    "sops://~/nope.yaml#key": (69, "no such secret"),
    "sops://~/two.yaml#key": (2, "several YAML documents"),
    "sops://~/text.yaml#line": KEY,
    "sops://~/text.yaml#lines": (2, "line break"),
    "sops://~/#key": (2, "folder"),
    "age://~/two.age?identity=~/id.txt": KEY,
    "age://~/two.age?identity=~/id.txt#user": "me",
    "age://~/binary.age?identity=~/id.txt": (2, "binary"),
    "age://~/?identity=~/id.txt": (2, "folder"),
    "age://~/key.age?identity=~/nope.txt": (69, "no such secret"),
    "age://~/key.age?identity=~/id.txt": KEY,
    "age://~/key.age?identity=~/locked.asc": (77, "without a passphrase"),
    "age://~/ssh.age?identity=~/locked.txt": (77, "without a passphrase"),
    "age://~/json.age?identity=~/id.txt#key": "sk-json-0123456789",
    "age://~/json.age?identity=~/id.txt": (2, "JSON object"),
    "age://~/null.age?identity=~/id.txt": (2, "'null'"),
    "age://~/key.age?identity=~/other.txt": (77, "other recipients"),
    "age://~/nope.age?identity=~/id.txt": (69, "no such secret"),
    "age://~/a.env?identity=~/id.txt": (2, "not encrypted by age"),
    "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/kx.key": KEY,
    "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/kx.key#UserName": "me",
    "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/kx.key#Password": KEY,
    "keepassxc://~/a.kdbx?entry=/G/llm&key_file=~/kx.key": KEY,
    "keepassxc://~/a.kdbx?entry=G/nope&key_file=~/kx.key": (69, "no such secret"),
    "keepassxc://~/a.kdbx?entry=G&key_file=~/kx.key": (69, "no such secret"),
    "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/kx.key#Nope": (69, "no such secret"),
    "keepassxc://~/a.kdbx?entry=G/llm&key_file=~/id.txt": (77, "another key file"),
    "keepassxc://~/nope.kdbx?entry=G/llm&key_file=~/kx.key": (69, "no such secret"),
}
FILES |= {f"sops://~/a.json{name}": value for name, value in FIELDS.items() if name}


@pytest.mark.parametrize("reference", FILES)
def test_encrypted_files(sealed: Store, reference: str) -> None:
    check(reference, sealed, FILES[reference])


def test_sops_without_its_key_names_the_variable(sealed: Store) -> None:
    env = {name: value for name, value in sealed.env.items() if name != "SOPS_AGE_KEY_FILE"}
    check(
        "sops://~/a.env#KEY", Store(env, {"SOPS_AGE_KEY_FILE": sealed.env["SOPS_AGE_KEY_FILE"]}), (77, "SOPS_AGE_KEY")
    )


# Bitwarden, Azure: signed out


@pytest.mark.parametrize("reference", ["az-keyvault://vault/name", "az-keyvault://v/n/0123", "az-token://https://x"])
def test_azure_signed_out(tmp_path: Path, part: Callable[[str, str], Path], reference: str) -> None:
    env = plain_env(tmp_path) | {"PATH": f"{part('az', 'bin/az').parent}:{os.environ['PATH']}"}
    check(reference, Store(env, {"AZURE_CONFIG_DIR": "/nowhere", "HOME": "/nowhere"}), (77, "az login"), seconds=60)


def test_bitwarden_signed_out(tmp_path: Path, part: Callable[[str, str], Path]) -> None:
    env = plain_env(tmp_path) | {"PATH": f"{part('bw', 'node_modules/.bin/bw').parent}:{os.environ['PATH']}"}
    check("bw://item", Store(env), (77, "bw login"), seconds=60)


# Python keyring's other back ends


SAVE = """
import getpass, sys
from keyrings.alt.file import EncryptedKeyring, PlaintextKeyring
getpass.getpass = lambda *words: "pw"
for kind in (PlaintextKeyring, EncryptedKeyring):
    kind().set_password("cgw", "work", sys.argv[1])
"""


def test_a_keyring_of_files_is_pinned_with_its_folder_and_asks_nothing(
    tmp_path: Path, part: Callable[[str, str], Path]
) -> None:
    """keyrings.alt: a plain file, and an encrypted one that wants its password from the terminal."""
    python = part("keyrings", "bin/python")
    user, evil = (Store(plain_env(tmp_path / name)) for name in ("user", "evil"))
    for store, key in ((user, KEY), (evil, "sk-evil-0123456789")):
        run(store, python, "-c", SAVE, key)
    # a Python that has cgw's libraries and these back ends, as one environment of the user would
    beside = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", beside], check=True)
    folders = [path for path in sys.path if path.endswith("site-packages")]
    folders += [str(path) for path in part("keyrings", "lib").glob("*/site-packages")]
    folders.append(str(Path(claude_gw_cli.__file__).parents[1]))
    where = next((beside / "lib").glob("*/site-packages"))
    (where / "all.pth").write_text("\n".join(folders))
    ask: list[str | Path] = [beside / "bin" / "python", "-m", "claude_gw_cli"]
    reference = "keyring://cgw/work?backend=keyrings.alt.file.PlaintextKeyring"
    init = ["init", "w", "--provider", "unified", "--auth", "helper", "--yes", "--secret", reference]
    run(user, *ask, *init)
    script = run(user, *ask, "helper", "install", "w").strip().splitlines()[-1]
    hostile = user.env | {
        "XDG_DATA_HOME": evil.env["HOME"] + "/.local/share",
        "PYTHON_KEYRING_BACKEND": "os.PathLike",
    }
    done = subprocess.run([script], env=hostile, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == KEY, done.stderr
    encrypted = "keyring://cgw/work?backend=keyrings.alt.file.EncryptedKeyring"
    done = subprocess.run(
        [*ask, "secret", "test", encrypted], env=user.env, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 77, done.stderr
    assert "it asks for a password" in done.stderr
