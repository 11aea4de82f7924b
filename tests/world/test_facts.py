"""Facts bundles: what is taken, what is refused, and that the one before stays."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from claude_gw_cli.core.bundle import parse, split
from claude_gw_cli.core.errors import CgwError, RefusedError, UsageError
from claude_gw_cli.facts.headers import ROWS, Row, rows
from claude_gw_cli.facts.models import CATALOG, DEFAULTS, MEANS, find_model
from claude_gw_cli.facts.newest import SIGNERS
from claude_gw_cli.facts.overlay import Overlay
from claude_gw_cli.facts.versions import NEWEST, Fact, Span, every_fact, holds, newest, use
from claude_gw_cli.world import facts, paths
from claude_gw_cli.world.sshsig import verified

sys.path.insert(0, str(Path(__file__).parents[1] / "atlas"))
import bundle as maker

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "sshsig.json").read_text())
EARLIER, LATER = "2026-11-28T12:00:00Z", "2026-11-29T12:00:00Z"


def key_of(private: Ed25519PrivateKey) -> bytes:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return string(b"ssh-ed25519") + string(raw)


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def signature(private: Ed25519PrivateKey, text: bytes, namespace: bytes = b"cgw-facts") -> bytes:
    head = string(namespace) + string(b"") + string(b"sha512")
    raw = private.sign(b"SSHSIG" + head + string(hashlib.sha512(text).digest()))
    blob = b"SSHSIG" + (1).to_bytes(4, "big") + string(key_of(private)) + head
    blob += string(string(b"ssh-ed25519") + string(raw))
    body = base64.encodebytes(blob)
    return b"-----BEGIN SSH SIGNATURE-----\n" + body + b"-----END SSH SIGNATURE-----\n"


@pytest.fixture(autouse=True)
def packaged() -> Iterator[None]:
    yield
    use(Overlay())


@pytest.fixture
def env(isolated: Path) -> dict[str, str]:
    return {"HOME": str(isolated)}


@pytest.fixture
def team(env: dict[str, str]) -> Ed25519PrivateKey:
    """A team's key, trusted in the user's own configuration."""
    private = Ed25519PrivateKey.generate()
    path = Path(facts.signers_file(env))
    path.parent.mkdir(parents=True)
    line = base64.b64encode(key_of(private)).decode()
    path.write_text(f"# our team\nssh-ed25519 {line} team@example.com\n")
    path.chmod(0o600)
    return private


def take(data: bytes, env: dict[str, str], **options: Any) -> facts.Stored:
    given = {"sha256": None, "unsigned": False, "older": False} | options
    return facts.install(data, "a file", env, **given)


def signed(private: Ed25519PrivateKey, text: bytes) -> bytes:
    return text + signature(private, text)


def newer(issued: str = EARLIER, version: str = "2.1.340", cgw: str = "0.1.0") -> bytes:
    """A bundle for a release in which a token is sent in another header, and opus is another model."""
    changed = Overlay(
        facts={"new": Fact("new", "the token is sent as x-api-key", (Span(since="2.1.339"),), "measured")},
        headers=(Row("anthropic", "plain", "x-api-key", ("token",), "new"),),
        means={("anthropic", "opus"): (("2.1.339", "claude-opus-6"), *MEANS["anthropic", "opus"])},
    )
    made: bytes = maker.text(issued, changed, version, cgw)
    return made


def test_the_packaged_tables_come_back_as_they_are() -> None:
    found = parse(maker.text(EARLIER))
    assert found.rows.facts == {fact.id: fact for fact in every_fact()}
    assert found.rows.headers == ROWS
    assert found.rows.catalog == CATALOG
    assert found.rows.means == MEANS
    assert found.rows.defaults == DEFAULTS
    assert (found.newest, found.left_out) == (NEWEST, 0)


def test_a_bundle_counts_from_then_on_and_reset_is_the_way_back(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    assert "team@example.com" in take(signed(team, newer()), env).signer
    assert newest() == NEWEST, "it counts once it is loaded"
    assert facts.load(env).newest == newest() == "2.1.340"
    assert rows()[0].sources == ("token",)
    assert holds("new", "2.1.340")
    assert find_model("anthropic", "opus", "2.1.340") == "claude-opus-6"
    assert find_model("anthropic", "opus", "2.1.338") == "claude-opus-5-5"
    assert [Path(path).name for path in facts.reset(env)] == ["bundle.json"]
    assert facts.load(env).newest == newest() == NEWEST
    assert rows() == ROWS
    assert not Path(paths.facts_dir(env)).parent.exists()


def test_what_ssh_keygen_signs_is_verified() -> None:
    message, good = VECTOR["message"].encode(), VECTOR["signature"].encode()
    assert verified(message, good, ["ssh-rsa AAAA x", VECTOR["key"]]) == VECTOR["key"]
    with pytest.raises(RefusedError, match="changed after it was signed"):
        verified(message + b" ", good, [VECTOR["key"]])
    with pytest.raises(RefusedError, match="made for something else"):
        verified(message, VECTOR["for git"].encode(), [VECTOR["key"]])
    with pytest.raises(RefusedError, match="not trusted here"):
        verified(message, good, SIGNERS)


def test_no_byte_of_a_bundle_can_be_changed(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    data = signed(team, newer())
    assert take(data, env).bundle.newest == "2.1.340"
    before = Path(paths.facts_dir(env), "bundle.json").read_bytes()
    armor = (data.index(b"-----BEGIN"), data.index(b"\n", data.index(b"-----BEGIN")))
    for at in {*range(0, len(data) - 40, 23), len(data) - 60}:
        if armor[0] <= at <= armor[1] or (at > armor[1] and data[at : at + 1] == b"\n"):
            continue  # where the lines of base64 break has no meaning
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(CgwError):
            take(changed, env)
    assert Path(paths.facts_dir(env), "bundle.json").read_bytes() == before


def test_a_bundle_that_is_cut_off_is_refused(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    data = signed(team, newer())
    for size in (0, 1, 100, len(split(data)[0]), len(data) - 1, len(data) - 40):
        with pytest.raises(RefusedError):
            take(data[:size].rstrip(b"-\n"), env)
    assert not Path(paths.facts_dir(env)).exists()


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda d: d.update(schema=2), "schema 2; this cgw reads schema 1", id="schema"),
        pytest.param(lambda d: d.update(more=1), "members", id="member"),
        pytest.param(lambda d: d.pop("facts"), "members", id="missing"),
        pytest.param(lambda d: d.update(newest="latest"), "'latest'", id="newest"),
        pytest.param(lambda d: d["facts"][0].update(spans=[]), "facts, row 1: it has no span", id="span"),
        pytest.param(lambda d: d["facts"][0].update(text="\x1b[2J"), "facts, row 1", id="escape"),
        pytest.param(lambda d: d["headers"][0].update(sources=[["x"]]), "headers, row 1", id="source"),
        pytest.param(lambda d: d["models"]["means"][0][2].reverse(), "newest first", id="order"),
        pytest.param(lambda d: d["models"]["catalog"].append({}), "models, row 1", id="model"),
    ],
)
def test_a_signed_bundle_that_is_not_valid_is_refused(
    env: dict[str, str], team: Ed25519PrivateKey, change: Change, says: str
) -> None:
    document = json.loads(newer())
    change(document)
    with pytest.raises(UsageError) as raised:
        take(signed(team, json.dumps(document).encode() + b"\n"), env)
    assert says in raised.value.message
    assert not Path(paths.facts_dir(env)).exists()


def test_rows_for_a_newer_cgw_are_left_out_and_counted(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    document = json.loads(newer())
    row = document["headers"][0]
    document["headers"] += [
        {**row, "provider": "another-cloud"},
        {**row, "sources": ["quantum"]},
        {**row, "fact": "x"},
    ]
    assert take(signed(team, json.dumps(document).encode() + b"\n"), env).bundle.left_out == 3
    facts.load(env)
    assert rows() == (Row("anthropic", "plain", "x-api-key", ("token",), "new"), *ROWS)


def test_an_older_bundle_replaces_a_later_one_only_when_asked(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    take(signed(team, newer(LATER)), env)
    with pytest.raises(RefusedError, match="before the one in use") as raised:
        take(signed(team, newer(EARLIER, "2.1.350")), env)
    assert "--allow-older" in raised.value.hint
    assert facts.load(env).newest == "2.1.340"
    take(signed(team, newer(EARLIER, "2.1.350")), env, older=True)
    assert facts.load(env).newest == "2.1.350"


def test_a_bundle_behind_the_package_is_refused(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    for version, cgw in (("2.1.300", "9.0.0"), (NEWEST, "0.0.9")):
        with pytest.raises(RefusedError, match="older than those of this cgw"):
            take(signed(team, newer(LATER, version, cgw)), env, older=True)


def test_a_newer_package_is_used_in_place_of_an_old_bundle(
    env: dict[str, str], team: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(signed(team, newer()), env)
    monkeypatch.setattr(facts, "NEWEST", "2.1.341")
    known = facts.load(env)
    assert known.bundle is not None
    assert not known.bundle_counts
    assert rows() == ROWS


def test_a_hash_does_not_replace_the_signature_unless_the_user_says_so(
    env: dict[str, str], team: Ed25519PrivateKey
) -> None:
    text = newer()
    digest = hashlib.sha256(text).hexdigest()
    with pytest.raises(RefusedError, match="no signature") as raised:
        take(text, env, sha256=digest)
    assert "--allow-unsigned" in raised.value.hint
    with pytest.raises(RefusedError, match="does not match --sha256"):
        take(text, env, sha256="0" * 64, unsigned=True)
    with pytest.raises(RefusedError, match="does not match --sha256"):
        take(signed(team, text), env, sha256=digest)
    assert take(text, env, sha256=digest.upper(), unsigned=True).signer == ""
    assert facts.load(env).newest == "2.1.340"


def test_only_the_user_can_add_a_signer(env: dict[str, str], team: Ed25519PrivateKey) -> None:
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(RefusedError, match="not trusted here"):
        take(signed(stranger, newer()), env)
    Path(facts.signers_file(env)).chmod(0o666)
    with pytest.raises(RefusedError, match="open to other users"):
        take(signed(team, newer()), env)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"text": 1}', '{"text": "{}"}'])
def test_a_stored_file_that_cannot_be_used_is_reported_and_ignored(env: dict[str, str], content: str) -> None:
    folder = Path(paths.facts_dir(env))
    folder.mkdir(parents=True)
    for name in ("bundle.json", "learned.json"):
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    known = facts.load(env)
    assert known.newest == NEWEST
    assert rows() == ROWS
    assert known.problems
    assert all("cgw facts reset" in line for line in known.problems)
