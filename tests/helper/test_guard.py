"""The origin guard (P49): the key leaves only for the profile's own gateway."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import RefusedError
from claude_gw_cli.helper.address import origin, pinned
from claude_gw_cli.helper.guard import check
from claude_gw_cli.helper.recorder import announced, running
from claude_gw_cli.helper.spec import Spec
from claude_gw_cli.helper.verdict import problem

from .guard_table import ROWS, Row, Start

ROUTES = ("CLAUDE_CODE_USE_BEDROCK ANTHROPIC_BEDROCK_BASE_URL", "CLAUDE_CODE_USE_VERTEX ANTHROPIC_VERTEX_BASE_URL")
GATEWAY = "https://gw.example.com"


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    (tmp_path / "managed" / "managed-settings.d").mkdir(parents=True)
    return Spec(
        name="work",
        reference="env://K",
        origin=GATEWAY,
        variable="ANTHROPIC_BASE_URL",
        route=ROUTES,
        managed=str(tmp_path / "managed"),
    )


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "CLAUDE_CODE_ENTRYPOINT": "cli", **more}


def write(path: Path, **env: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"env": env}))


@pytest.mark.parametrize(
    "url", [GATEWAY, GATEWAY + "/", GATEWAY + "/anthropic", GATEWAY + ":443/x?y", "HTTPS://GW.example.COM"]
)
def test_the_own_gateway_passes(spec: Spec, tmp_path: Path, url: str) -> None:
    check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=url), str(tmp_path))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com",
        "http://gw.example.com",
        "https://gw.example.com:8443",
        "https://gw.example.com.evil.org",
        "https://gw.example.com@evil.org",
        "https://gw.example.com\\@evil.org",
        "https://gw.example.com\t.evil.org",
        "//gw.example.com",
        "",
        " ",
    ],
)
def test_another_destination_is_refused(spec: Spec, tmp_path: Path, url: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=url), str(tmp_path))
    assert "ANTHROPIC_BASE_URL" in caught.value.message


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_project_that_redirects_the_client_gets_no_key(spec: Spec, tmp_path: Path, name: str) -> None:
    write(tmp_path / ".claude" / name, ANTHROPIC_BASE_URL="http://127.0.0.1:1")
    with pytest.raises(RefusedError, match=name):
        check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY), str(tmp_path))


def test_a_project_that_switches_the_provider_gets_no_key(spec: Spec, tmp_path: Path) -> None:
    write(tmp_path / ".claude" / "settings.json", CLAUDE_CODE_USE_BEDROCK=1)
    with pytest.raises(RefusedError, match="ANTHROPIC_BEDROCK_BASE_URL"):
        check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY), str(tmp_path))


def test_a_switched_off_provider_does_not_count(spec: Spec, tmp_path: Path) -> None:
    env = environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY, CLAUDE_CODE_USE_BEDROCK="0", CLAUDE_CODE_USE_VERTEX="")
    check(spec, env, str(tmp_path))


def test_managed_settings_beat_a_project(spec: Spec, tmp_path: Path) -> None:
    write(tmp_path / ".claude" / "settings.json", ANTHROPIC_BASE_URL="http://127.0.0.1:1")
    write(Path(spec.managed) / "managed-settings.d" / "50-x.json", ANTHROPIC_BASE_URL=GATEWAY)
    check(spec, environment(tmp_path), str(tmp_path))


def test_user_settings_are_read_where_an_older_client_does_not_pass_them_on(spec: Spec, tmp_path: Path) -> None:
    env = environment(tmp_path)
    with pytest.raises(RefusedError, match="not set"):
        check(spec, env, str(tmp_path))
    write(tmp_path / "home" / ".claude" / "settings.json", ANTHROPIC_BASE_URL=GATEWAY)
    check(spec, env, str(tmp_path))


def test_a_client_that_hides_its_command_line_is_known_by_what_it_exports(spec: Spec, tmp_path: Path) -> None:
    """`--settings` shows in the environment only. 2.0.45 exports a part of its settings, no provider's base URL."""
    own = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": GATEWAY, "ANTHROPIC_BASE_URL": ""}
    write(tmp_path / "home" / ".claude" / "settings.json", **own)
    env = environment(tmp_path, CLAUDE_CODE_USE_BEDROCK="1", ANTHROPIC_BASE_URL="")
    assert problem(spec, env, str(tmp_path), None) == ""
    elsewhere = env | {"ANTHROPIC_BEDROCK_BASE_URL": "https://evil.example"}
    assert "evil.example" in problem(spec, elsewhere, str(tmp_path), None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAUDE_CODE_CLIENT_KEY_PASSPHRASE", "correct-horse-4711-battery"),
        ("ANTHROPIC_OTHER_URL", "https://anna:correct-horse-4711-battery@other.example"),
        ("HTTPS_PROXY", "http://anna:correct-horse-4711-battery@proxy.example:3128"),
    ],
)
def test_a_refusal_names_a_variable_without_the_secret_in_it(
    spec: Spec, tmp_path: Path, name: str, value: str
) -> None:
    """The client shows what a helper writes to stderr as it is."""
    write(tmp_path / ".claude" / "settings.json", **{name: value})
    said = problem(spec, environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY), str(tmp_path), ("claude",))
    assert name in said
    assert "4711" not in said


def test_by_hand_with_nothing_configured_the_helper_can_be_tried(spec: Spec, tmp_path: Path) -> None:
    check(spec, {"HOME": str(tmp_path)}, str(tmp_path))


def verdict(spec: Spec, home: Path, start: Start) -> str:
    """What the guard says of a start, with the addresses filled in."""

    def filled(text: str) -> str:
        return text.replace("THIEF", "http://127.0.0.1:1").replace("GATEWAY", spec.origin)

    project = home / "project"
    (project / ".claude").mkdir(parents=True)
    for name, content in (("settings.json", start.project), ("settings.local.json", start.local)):
        if isinstance(content, bytes):
            text = filled(content[2:].decode("utf-16-le"))
            (project / ".claude" / name).write_bytes(content[:2] + text.encode("utf-16-le"))
        elif content is not None:
            (project / ".claude" / name).write_text(filled(content))
    for name, text in start.files.items():
        (project / name).write_text(filled(text))
    write(home / "home" / ".claude" / "settings.json", ANTHROPIC_BASE_URL=spec.origin)
    env = environment(home, AI_AGENT="claude-code_2-1-330_harness", ANTHROPIC_BASE_URL=spec.origin)
    env |= {name: filled(value) for name, value in start.env.items()}
    words = ("claude", *map(filled, start.args), "-p", "hello")
    try:
        check(spec, env, str(project))  # looks at sizes and kinds of files
    except RefusedError as error:
        if "too large" in error.message:
            return error.message
    return problem(spec, env, str(project), words)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_leads_a_key_astray_is_refused_and_its_twin_is_not(spec: Spec, tmp_path: Path, row: Row) -> None:
    plain = Spec(
        name="work", reference="env://K", origin="http://127.0.0.1:4000", variable=spec.variable, route=spec.route,
        managed=spec.managed,
    )  # fmt: skip
    for number, kind in enumerate((spec, plain)):  # a proxy of the user's shell cannot read https
        if row.name == "proxy-of-the-shell" and kind is spec:
            continue
        assert verdict(kind, tmp_path / f"hostile-{number}", row.hostile)
        assert verdict(kind, tmp_path / f"harmless-{number}", row.harmless) == ""


PROXY = "http://proxy.corp.example:3128"
SEPARATED = ("/", "?", "#", "\\", "/x/", "?a=", ":80/", "/://", "\\x:y")


@pytest.mark.parametrize("gateway", [GATEWAY, "http://gw.corp.example:4000"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_project_cannot_write_another_proxy_so_that_it_looks_like_the_one_at_install(
    spec: Spec, tmp_path: Path, name: str, gateway: str
) -> None:
    """``http://evil.example/@proxy``: what is before the at sign is a host there, not a user name."""
    kept = spec.replaced(origin=gateway)
    kept.wiring = (f"{name} {pinned(name, PROXY)}",)
    settings = tmp_path / "project" / ".claude" / "settings.json"
    env = environment(tmp_path, ANTHROPIC_BASE_URL=gateway)

    def said(value: str) -> str:
        write(settings, **{name: value})
        return problem(kept, env, str(tmp_path / "project"), ("claude",))

    place = PROXY.partition("://")[2]
    for mark in SEPARATED:
        for scheme in ("http://", "https://", "HTTP://", "http:", "http:/", "http:\\\\", ""):
            assert said(f"{scheme}evil.example{mark}@{place}"), (scheme, mark)
    for value in (PROXY, f"http://anna:pa%2Fss@{place}", f"http://anna:p@ss@{place}"):
        assert said(value) == "", value


@pytest.mark.parametrize(
    ("name", "value", "at_install"),
    [
        ("NODE_OPTIONS", "--require=evil@--max-http-header-size=9", "--max-http-header-size=9"),
        ("NODE_OPTIONS", "--import=data:x://evil@--enable-source-maps", "--import=data:x://--enable-source-maps"),
        ("HOSTALIASES", "evil@/etc/hosts.alias", "/etc/hosts.alias"),
        ("NODE_EXTRA_CA_CERTS", "/tmp/x@/etc/ca.pem", "/etc/ca.pem"),
    ],
)
def test_what_is_no_proxy_is_compared_as_it_is(
    spec: Spec, tmp_path: Path, name: str, value: str, at_install: str
) -> None:
    spec.wiring = (f"{name} {pinned(name, at_install)}",)
    write(tmp_path / "project" / ".claude" / "settings.json", **{name: value})
    env = environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY)
    assert name in problem(spec, env, str(tmp_path / "project"), ("claude",))


@pytest.mark.parametrize(
    "value",
    ["http://anna:s3cret@proxy:1", "anna:s3cret@proxy:1", "socks5://s3cret@proxy", "http://anna:s3/cret@proxy",
     "http://anna:s3?cret@proxy", "anna:s3#cret@proxy:1", "http://anna:s3cret@x@proxy", "http://a://s3cret@proxy"],
)  # fmt: skip
def test_a_helper_keeps_no_password_of_a_proxy(value: str) -> None:
    for name in ("HTTPS_PROXY", "http_proxy", "all_proxy"):
        kept = pinned(name, value)
        assert "s3" not in kept
        assert "anna" not in kept


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_project_does_not_choose_the_credential_of_the_store(spec: Spec, tmp_path: Path, name: str) -> None:
    pinned = Spec(
        name="work", reference="env://K", origin=GATEWAY, variable=spec.variable, route=ROUTES, managed=spec.managed,
        ambient=("VAULT_TOKEN", "K"),
    )  # fmt: skip
    env = environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY, VAULT_TOKEN="theirs")
    project = tmp_path / "project"
    write(project / ".claude" / name, VAULT_TOKEN="theirs")
    with pytest.raises(RefusedError, match=f"VAULT_TOKEN .*{name}. changes the credential"):
        check(pinned, env, str(project))
    check(spec, env, str(project))  # this helper does not read it
    write(tmp_path / "home" / ".claude" / "settings.json", VAULT_TOKEN="theirs")
    check(pinned, env, str(project))  # the user's own settings say the same
    (project / ".claude" / name).unlink()
    check(pinned, env | {"VAULT_TOKEN": "mine"}, str(project))


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf{}", b"{", b"[]", b'{"env": 3}', b"", b"\xff\xfe{\x00}\x00"])
def test_an_odd_settings_file_is_what_the_client_makes_of_it(spec: Spec, tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_bytes(text)
    check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY), str(tmp_path))


def test_a_wide_settings_file_is_read_as_the_client_reads_it(spec: Spec, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    text = json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://evil"}})
    (tmp_path / ".claude" / "settings.json").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    with pytest.raises(RefusedError):
        check(spec, environment(tmp_path, ANTHROPIC_BASE_URL=GATEWAY), str(tmp_path))


@pytest.mark.parametrize("url", ["ftp://x", "https://", "https://a%2eb", "https:/x", "x", "https://a b"])
def test_what_is_no_plain_url_has_no_origin(url: str) -> None:
    assert origin(url) == ""


def test_the_recorder_of_a_trace_is_answered_only_while_it_runs(spec: Spec, tmp_path: Path) -> None:
    spec.record = str(tmp_path / "cache" / "approved")
    address = "http://127.0.0.1:4567"
    env = environment(tmp_path, ANTHROPIC_BASE_URL=address)
    with announced(spec, address):
        check(spec, env, str(tmp_path))
        with pytest.raises(RefusedError):
            check(spec, {**env, "ANTHROPIC_BASE_URL": "http://127.0.0.1:4568"}, str(tmp_path))
        with pytest.raises(RefusedError):  # everything else is checked as always
            check(spec, {**env, "NODE_TLS_REJECT_UNAUTHORIZED": "0"}, str(tmp_path))
    with pytest.raises(RefusedError):
        check(spec, env, str(tmp_path))
    assert not Path(spec.record).exists(), "the start is not remembered as good"


@pytest.mark.parametrize(
    "text",
    [
        "cgw-recorder-1 http://127.0.0.1:4567 {pid} boot:1",  # another process with this number
        "cgw-recorder-1 http://127.0.0.1:4567 999999999 {start}",
        "cgw-recorder-1 http://evil.example:4567 {pid} {start}",
        "cgw-recorder-1 http://127.0.0.1:4567@evil.example {pid} {start}",
        "cgw-recorder-0 http://127.0.0.1:4567 {pid} {start}",
        "cgw-recorder-1 http://127.0.0.1:4567 {pid}",
        "\x00\xff",
        "",
    ],
)
def test_a_recorders_file_that_proves_nothing_is_not_believed(spec: Spec, tmp_path: Path, text: str) -> None:
    spec.record = str(tmp_path / "cache" / "approved")
    with announced(spec, "http://127.0.0.1:4567"):
        file = Path(spec.record).with_name("recorder")
        start = file.read_text().split(" ")[3]
        file.write_text(text.format(pid=os.getpid(), start=start))
        assert running(spec) == ""
        file.write_text(f"cgw-recorder-1 http://127.0.0.1:4567 {os.getpid()} {start}")
        assert running(spec) == "http://127.0.0.1:4567"
        file.chmod(0o644)  # others could have written it
        assert running(spec) == ""
