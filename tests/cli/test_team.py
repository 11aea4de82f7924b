"""A team's profile: from a file, an address or git; pinned or signed; updated with one's own changes kept."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.three_way import ABSENT, leaves, merge, take
from claude_gw_cli.world import paths

Cgw = Callable[..., Any]
TEAM = """# The platform team's profile.
provider = "unified"
gateway_url = "https://llm.example.com"
auth = "helper"
secret = "env://TEAM_KEY"
[models]
opus = "team-opus"
[headers]
X-Team = "platform"
"""


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


class Signer:
    """An Ed25519 key, and signatures in OpenSSH's format (PROTOCOL.sshsig)."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._blob = string(b"ssh-ed25519") + string(self._key.public_key().public_bytes_raw())
        self.public = f"ssh-ed25519 {base64.b64encode(self._blob).decode()} platform"

    def sign(self, data: bytes, namespace: bytes = b"cgw-profile") -> bytes:
        head = string(namespace) + string(b"") + string(b"sha512")
        signature = self._key.sign(b"SSHSIG" + head + string(hashlib.sha512(data).digest()))
        whole = b"SSHSIG" + (1).to_bytes(4, "big") + string(self._blob) + head
        whole += string(string(b"ssh-ed25519") + string(signature))
        body = base64.b64encode(whole)
        return b"-----BEGIN SSH SIGNATURE-----\n" + body + b"\n-----END SSH SIGNATURE-----\n"


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server on this machine: its address, and what it has at each path."""
    found: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", found
        running.shutdown()


def profile(name: str = "team") -> Path:
    return Path(paths.config_dir({"HOME": str(Path.home())})) / "profiles" / f"{name}.toml"


def test_an_update_is_shown_and_keeps_what_the_person_changed(cgw: Cgw, work: Path) -> None:
    source = work / "source.toml"
    source.write_text(TEAM)
    made = cgw("init", "team", "--from", "source.toml", "--region", "eu", "--yes")
    assert "cgw profile update team" in made.err
    for word in ("https://llm.example.com", "env://TEAM_KEY", "[models] opus", "team-opus", "X-Team", "helper"):
        assert word in made.err
    assert "up to date" in cgw("profile", "update", "team", "--yes").err
    cgw("profile", "set", "team", "secret=keyring://cgw/mine")
    source.write_text(
        TEAM.replace("llm.example", "new.example")
        .replace("env://TEAM_KEY", "env://NEW_KEY")
        .replace("team-opus", "next")
        + '[env]\nAPI_TIMEOUT_MS = "9000"\n'
    )
    before = profile().read_text()
    shown = cgw("profile", "update", "team", "--dry-run", fails=1).err
    for line in (
        "  gateway_url: https://llm.example.com -> https://new.example.com",
        "  models.opus: team-opus -> next",
        "  env.API_TIMEOUT_MS: not set -> 9000",
        "  secret: yours stays (the team changed it too)",
        "  region: yours stays",
    ):
        assert line in shown.splitlines()
    assert "Update team without a question: add --yes" in cgw("profile", "update", "team", fails=2).err
    assert profile().read_text() == before
    cgw("profile", "update", "team", "--yes")
    text = profile().read_text()
    for line in ('secret = "keyring://cgw/mine"', 'region = "eu"', 'opus = "next"', 'API_TIMEOUT_MS = "9000"'):
        assert line in text
    assert "up to date" in cgw("profile", "update", "team", "--yes").err
    assert profile().read_text() == text


@pytest.mark.parametrize(
    "line",
    ['X-Api-Token = "sk-ant-api03-0123456789abcdefghij"', 'Authorization = "Bearer 0123456789abcdef0123456789"'],
)
def test_an_update_that_brings_a_literal_key_is_refused(cgw: Cgw, work: Path, line: str) -> None:
    team = work / "team.toml"
    team.write_text(TEAM)
    cgw("init", "own", "--from", str(team), "--yes")
    team.write_text(f"{TEAM}{line}\n")
    said = cgw("profile", "update", "own", "--yes", fails=2).err
    assert "would hold a literal key" in said
    assert line.split('"')[1] not in said
    assert line not in cgw("profile", "export", "own").out


def test_a_signed_profile_is_taken_and_a_tampered_one_is_refused(
    cgw: Cgw, work: Path, server: tuple[str, dict[str, bytes]]
) -> None:
    url, found = server
    signer, other = Signer(), Signer()
    (work / "platform.pub").write_text(f"# the platform team\n{signer.public}\n")
    text = TEAM.encode()
    signed = ("--from", f"{url}/team.toml", "--signed-by", "platform.pub", "--yes")
    tampered = text.replace(b"llm.example.com", b"evil.example.com")
    for content, signature, why in (
        (tampered, signer.sign(text), "was changed after it was signed"),
        (text, other.sign(text), "signed with a key that is not trusted"),
        (
            text,
            signer.sign(text, b"git"),
            "it was made for something else; sign with: ssh-keygen -Y sign -n cgw-profile",
        ),
        (text, signer.sign(text)[:90], "cannot be read"),
        (text, None, "has no signature beside it"),
    ):
        found.clear()
        found.update({"/team.toml": content} | ({"/team.toml.sig": signature} if signature else {}))
        assert why in cgw("init", *signed, fails=77).err
        assert not profile().exists()
    found["/team.toml.sig"] = signer.sign(text)
    done = cgw("init", *signed)
    assert re.search(r"^  signed by +platform SHA256:\S{43}$", done.err, re.MULTILINE)
    before = profile().read_text()
    newer = text.replace(b"team-opus", b"next")
    found["/team.toml"] = newer
    assert "was changed after it was signed" in cgw("profile", "update", "team", "--yes", fails=77).err
    found["/team.toml.sig"] = other.sign(newer)
    assert "not trusted" in cgw("profile", "update", "team", "--yes", fails=77).err
    assert profile().read_text() == before
    found["/team.toml.sig"] = signer.sign(newer)
    cgw("profile", "update", "team", "--yes")
    assert 'opus = "next"' in profile().read_text()
    cgw("init", "x", "--from", f"{url}/team.toml", "--signed-by", "nothing.pub", "--yes", fails=2)
    (work / "empty.pub").write_text("ssh-rsa AAAA x\n")
    assert "no Ed25519 key" in cgw("init", "x", "--from", f"{url}/team.toml", "--signed-by", "empty.pub", fails=2).err


@pytest.mark.parametrize("again", [("team", "/team.toml"), ("other", "/team.toml"), ("team", "/moved.toml")])
def test_a_signature_that_was_asked_for_once_is_asked_for_again(
    cgw: Cgw, server: tuple[str, dict[str, bytes]], again: tuple[str, str]
) -> None:
    url, found = server
    signer, text = Signer(), TEAM.encode()
    found.update({"/team.toml": text, "/team.toml.sig": signer.sign(text)})
    cgw("init", "team", "--from", f"{url}/team.toml", "--signed-by", signer.public, "--yes")
    changed = text.replace(b"llm.example.com", b"llm.example.net")
    name, place = again
    found |= {place: changed, f"{place}.sig": Signer().sign(changed)}
    taken = ("init", name, "--from", f"{url}{place}", "--sha256", hashlib.sha256(changed).hexdigest(), "--yes")
    assert "not trusted" in cgw(*taken, fails=77).err
    del found[f"{place}.sig"]
    assert "no signature beside it" in cgw(*taken, fails=77).err
    assert "llm.example.net" not in profile().read_text()
    found[f"{place}.sig"] = signer.sign(changed)
    cgw(*taken)
    found[place] = text
    assert "was changed after it was signed" in cgw("profile", "update", name, "--yes", fails=77).err
    cgw("profile", "rm", "team", "--yes")
    if name == "team":  # the person forgot the profile, and the requirement with it
        found.pop(f"{place}.sig")
        digest = hashlib.sha256(text).hexdigest()
        cgw("init", name, "--from", f"{url}{place}", "--sha256", digest, "--yes")


def test_a_host_that_looks_like_the_one_before_is_named(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_text(TEAM)
    cgw("init", "--from", "team.toml", "--yes")
    (work / "team.toml").write_text(TEAM.replace("llm.example.com", "llm.exarnple.com"))
    warned = "the host llm.exarnple.com looks like llm.example.com"
    assert warned in cgw("profile", "update", "--dry-run", fails=1).err
    assert warned in cgw("init", "again", "--from", "team.toml", "--yes").err
    assert "CGW148" in cgw("check", "team.toml", "--format", "concise").out
    assert "CGW148" in cgw("check", "--format", "concise").out


def test_an_update_from_an_address_needs_a_hash_where_there_is_no_signature_and_no_terminal(
    cgw: Cgw, server: tuple[str, dict[str, bytes]]
) -> None:
    url, found = server
    found["/team.toml"] = TEAM.encode()
    cgw("init", "--from", f"{url}/team.toml", "--sha256", hashlib.sha256(TEAM.encode()).hexdigest(), "--yes")
    newer = TEAM.replace("team-opus", "next").encode()
    found["/team.toml"] = newer
    before = profile().read_text()
    cgw("profile", "update", "team", "--yes", fails=77)
    cgw("profile", "update", "team", "--yes", "--sha256", "0" * 64, fails=77)
    assert profile().read_text() == before
    cgw("profile", "update", "team", "--yes", "--sha256", hashlib.sha256(newer).hexdigest())
    assert 'opus = "next"' in profile().read_text()
    del found["/team.toml"]
    cgw("profile", "update", "team", "--yes", fails=69)


def test_a_profile_in_git_is_taken_at_a_ref(cgw: Cgw, work: Path) -> None:
    repository = work / "platform"
    repository.mkdir()

    def git(*words: str) -> None:
        command = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.com", *words]
        subprocess.run(command, check=True, capture_output=True)

    git("init", "--quiet")
    signer = Signer()
    for version, model in (("v1", "team-opus"), ("v2", "next")):
        text = TEAM.replace("team-opus", model)
        (repository / "team.toml").write_text(text)
        (repository / "team.toml.sig").write_bytes(signer.sign(text.encode()))
        git("add", ".")
        git("commit", "--quiet", "-m", version)
        git("tag", version)
    source = f"git+file://{repository}@v1#team.toml"
    assert "controlled by others" in cgw("init", "--from", source, "--yes", fails=77).err
    cgw("init", "--from", source, "--signed-by", signer.public, "--yes")
    assert 'opus = "team-opus"' in profile().read_text()
    assert "has no file cgw.toml" in cgw("init", "--from", f"git+file://{repository}", "--yes", fails=2).err
    for wrong, code in (("@v9#team.toml", 69), ("@v1#../../etc/passwd", 2), ("@--upload-pack=x#team.toml", 2)):
        cgw("init", "--from", f"git+file://{repository}{wrong}", "--yes", fails=code)
    token = cgw("init", "--from", "git+https://hunter2-and-more@git.example.com/x.git", "--yes", fails=2).err
    assert "holds a password" in token
    assert "hunter2-and" not in token
    refused = cgw("init", "--from", "git+https://me:hunter2-and-more@git.example.com/x.git", "--yes", fails=2)
    assert "hunter2" not in refused.err
    cgw("init", "--from", "git+ext::sh -c true", "--yes", fails=2)


def test_a_newer_format_is_named_before_an_unknown_member(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_text("schema = 7\n" + TEAM + "[quotas]\nteam = 5\n")
    refused = cgw("init", "--from", "team.toml", "--yes", fails=2).err
    assert "profile format 7, and this cgw" in refused
    assert "pipx upgrade" in refused
    (work / "team.toml").write_text("schema = 1\n" + TEAM)
    cgw("init", "--from", "team.toml", "--yes")
    (work / "team.toml").write_text("schema = 7\n" + TEAM)
    before = profile().read_text()
    assert "profile format 7" in cgw("profile", "update", "team", "--yes", fails=2).err
    assert profile().read_text() == before


def test_the_origin_follows_the_profile(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_text(TEAM)
    cgw("init", "--from", "team.toml", "--yes")
    cgw("profile", "rename", "team", "crew")
    (work / "team.toml").write_text(TEAM.replace("team-opus", "next"))
    cgw("profile", "update", "crew", "--yes")
    assert 'opus = "next"' in profile("crew").read_text()
    origins = Path(paths.config_dir({"HOME": str(Path.home())})) / "origins"
    assert [path.name for path in origins.iterdir()] == ["crew.json"]
    cgw("profile", "rm", "crew", "--yes")
    assert not origins.exists()
    cgw("init", "own", "--provider", "unified", "--yes")
    assert "was not taken from a team" in cgw("profile", "update", "own", fails=2).err
    actions = [json.loads(line)["action"] for line in cgw("settings", "history", "--format", "json").out.splitlines()]
    assert actions == ["profile write", "profile adopt", "profile rename", "profile write", "profile update",
        "profile rm", "profile write"]  # fmt: skip


def test_a_damaged_origin_is_an_error_with_the_way_out(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_text(TEAM)
    cgw("init", "--from", "team.toml", "--yes")
    (Path(paths.config_dir({"HOME": str(Path.home())})) / "origins" / "team.json").write_text("[" * 100_000)
    assert "cgw init team --from SOURCE" in cgw("profile", "update", "team", fails=74).err
    assert "cannot be read" in cgw("profile", "show", "team").err


def test_a_credential_in_an_address_is_not_in_the_record(
    cgw: Cgw, work: Path, server: tuple[str, dict[str, bytes]]
) -> None:
    url, found = server
    place = "/team.toml?token=abcdef0123456789abcd"
    found[place] = TEAM.encode()
    cgw("init", "team", "--from", url + place, "--sha256", hashlib.sha256(TEAM.encode()).hexdigest(), "--yes")
    record = cgw("settings", "history", "--format", "json").out
    assert "team.toml?token=abcd" in record
    assert "abcdef0123" not in record


def test_a_profile_that_is_taken_again_does_not_replace_ones_own_changes(cgw: Cgw, work: Path) -> None:
    (work / "source.toml").write_text(TEAM)
    again = ("init", "team", "--from", "source.toml", "--region", "eu", "--yes")
    cgw(*again)
    cgw(*again)
    cgw("profile", "set", "team", "secret=env://MINE")
    before = profile().read_text()
    said = cgw(*again, fails=2).err
    assert "changes of yours that this would replace: secret\n" in said
    assert "cgw profile update team" in said
    assert profile().read_text() == before
    cgw(*again, "--secret", "env://MINE")
    assert profile().read_text() == before


def test_what_init_wrote_for_a_member_left_out_is_not_a_persons_choice(cgw: Cgw, work: Path) -> None:
    team = 'provider = "vertex"\ngateway_url = "https://llm.example.com"\nproject_id = "p"\nsecret = "env://K"\n'
    source = work / "source.toml"
    source.write_text(team)
    cgw("init", "team", "--from", "source.toml", "--yes")
    assert 'auth = "static"' in profile().read_text()
    source.write_text(team + 'credentials = "client"\nauth = "static"\n[client]\nbetas = false\n')
    shown = cgw("profile", "update", "team", "--dry-run", fails=1).err
    assert "  credentials: proxy -> client" in shown.splitlines()
    assert "stays" not in shown
    cgw("profile", "update", "team", "--yes")
    assert 'credentials = "client"' in profile().read_text()
    cgw("profile", "set", "team", "client.effort=max")
    assert "betas = false" in profile().read_text()
    assert 'effort = "max"' in profile().read_text()


VALUES = st.recursive(
    st.integers(0, 2) | st.booleans() | st.sampled_from(["", "a"]),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(TABLES, TABLES, TABLES)
def test_who_changed_nothing_gets_the_others_text(
    base: dict[str, Any], own: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert not merge(base, own, base).changed
    assert not merge(base, own, own).changed
    mine = deepcopy(base)
    take(mine, merge(base, base, theirs))
    assert dict(leaves(mine)) == dict(leaves(theirs))
    merged = merge(base, own, theirs)
    assert not {place for place, *_ in merged.changed} & {place for place, _ in merged.kept}
    assert all(old is not ABSENT or new is not ABSENT for _, old, new in merged.changed)


@pytest.mark.parametrize(
    ("secret", "more", "said"),
    [
        ("file:///home/ada/.config/cgw/key", "", ["secret of profile mine is in the home directory of one person"]),
        ("file:///Users/ada/key", "", ["(/Users/ada)"]),
        (f"exec:{Path('/root', 'key.sh')} --now", "", ["(/root)"]),
        ("vault://kv/gw#key", '[vault]\ntoken_file = "/home/ada/.vault-token"\n', ["token_file of profile mine"]),
        ("env://KEY", '[env]\nNODE_EXTRA_CA_CERTS = "/home/ada/ca.pem"\n', ["NODE_EXTRA_CA_CERTS of profile mine"]),
        ("keyring://cgw/mine", "", ["each person stores the key: cgw secret set keyring://cgw/mine"]),
        ("file://~/key", "", ["each person stores the key: cgw secret set file://~/key"]),
        ("vault://kv/home/ada#key", "", []),
        ("file:///etc/cgw/key", "", []),
    ],
)
def test_export_names_what_only_one_person_has(cgw: Cgw, work: Path, secret: str, more: str, said: list[str]) -> None:
    place = profile("mine")
    place.parent.mkdir(parents=True)
    place.write_text(f'provider = "unified"\nsecret = "{secret}"\n{more}')
    done = cgw("profile", "export", "mine")
    assert secret in done.out
    assert ("warning" in done.err or "each person" in done.err) == bool(said), done.err
    for words in said:
        assert words in done.err
    (work / "cgw.toml").write_text(done.out)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "cgw.toml"], check=True)
    found = cgw("check", "cgw.toml", "--format", "concise", fails="NODE_EXTRA_CA_CERTS" in more).out
    assert ("CGW419" in found) == ("one person" in done.err)
