"""Managed settings as `cgw settings render` writes them, read by the real client from its own place in /etc.

The client runs in a mount namespace whose /etc is an overlay, so nothing is written to this machine. It has no other
settings and no variable: what arrives at the gateway comes from the managed file and the helper alone.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

pytestmark = pytest.mark.real

KEY = "sk-cgw-real-0123456789abcdef"
VERSION = "2.1.332"
SECONDS = 60
# $1: an empty directory; $2: what is laid into the client's directory; the rest is run.
IN_ITS_OWN_ETC = """
mount -t tmpfs none "$1" && mkdir "$1/up" "$1/work"
mount -t overlay none -o "lowerdir=/etc,upperdir=$1/up,workdir=$1/work" /etc
mkdir -p /etc/claude-code && cp -r "$2/." /etc/claude-code
shift 2
exec "$@"
"""
PROFILE = """
provider = "unified"
gateway_url = "{url}"
auth = "helper"
secret = "{secret}"
key_header = "authorization"
min_client_version = "2.1.330"
[headers]
X-Team = "platform, \\"A\\" \\\\ 100%"
[managed]
helper_path = "{helper}"
required_minimum_version = "{minimum}"
allowed_providers = ["customEndpoint"]
[managed.settings]
cleanupPeriodDays = 30
permissions = {{ deny = ["Read(./.env)"] }}
"""


class Fleet:
    """One machine of a fleet: an administrator with a profile, and a user with nothing but a key."""

    def __init__(self, folder: Path, env: Callable[[Path], dict[str, str]], claude: Path, gateway: Gateway) -> None:
        self.folder, self.claude, self.gateway = folder, claude, gateway
        for name in ("home", "work", "etc", "empty"):
            (folder / name).mkdir()
        self.env = env(folder / "home") | enclosed(gateway.url)
        self.key = folder / "key"
        self.key.touch(mode=0o600)
        self.key.write_text(KEY)
        self.helper = folder / "opt" / "cgw" / "key"

    def cgw(self, *words: str) -> str:
        done = subprocess.run(
            ["cgw", *words], env=self.env, cwd=self.folder / "work", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def profile(self, minimum: str = "2.1.330") -> None:
        path = self.folder / "home" / ".config" / "cgw" / "profiles" / "team.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            PROFILE.format(url=self.gateway.url, secret=self.key.as_uri(), helper=self.helper, minimum=minimum)
        )

    def start(self) -> tuple[int, str, list[Any]]:
        """The client's exit code, its words, and the model requests that the gateway got."""
        self.gateway.forget()
        command = ["unshare", "-Urm", "sh", "-euc", IN_ITS_OWN_ETC, "sh", str(self.folder / "empty")]
        command += [str(self.folder / "etc"), str(self.claude), "-p", "hi"]
        done = subprocess.run(
            command, env=self.env, cwd=self.folder / "work", capture_output=True, text=True, input="", check=False,
            timeout=SECONDS,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr, list(self.gateway.model_requests)


@pytest.mark.parametrize("drop_in", [False, True], ids=["whole", "drop-in"])
def test_the_real_client_is_answered_with_nothing_but_the_managed_file(
    drop_in: bool, client: Callable[[str], Path], clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    with Gateway(KEY) as gateway:
        fleet = Fleet(tmp_path, clean_env, client(VERSION), gateway)
        fleet.profile()
        name = "managed-settings.d/50-cgw.json" if drop_in else "managed-settings.json"
        (tmp_path / "etc" / name).parent.mkdir(exist_ok=True)
        words = ["--scope", "managed", "--for", "linux", *(["--drop-in"] if drop_in else [])]
        fleet.cgw("settings", "render", *words, "--out", str(tmp_path / "etc" / name))
        assert fleet.cgw("helper", "install", "team", "--out", str(fleet.helper)).strip() == str(fleet.helper)
        assert str(tmp_path / "home") not in fleet.helper.read_text() + (tmp_path / "etc" / name).read_text()
        code, said, requests = fleet.start()
        assert (code, ANSWER in said) == (0, True), said
        headers = {header.lower(): value for header, value in requests[-1].headers}
        assert headers["authorization"] == f"Bearer {KEY}"
        assert headers["x-team"] == 'platform, "A" \\ 100%'
        place = ["--scope", "managed", "--managed-dir", str(tmp_path / "etc"), *(["--drop-in"] if drop_in else [])]
        status = json.loads(fleet.cgw("settings", "status", *place, "--profile", "team", "--format", "json"))
        assert (status["state"], status["drift"]) == ("in-sync", False)


def test_the_version_that_is_required_and_a_file_that_cannot_be_read_stop_the_client(
    client: Callable[[str], Path], clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    with Gateway(KEY) as gateway:
        fleet = Fleet(tmp_path, clean_env, client(VERSION), gateway)
        fleet.profile(minimum="2.1.999")
        place = tmp_path / "etc" / "managed-settings.json"
        fleet.cgw("settings", "render", "--scope", "managed", "--for", "linux", "--out", str(place))
        fleet.cgw("helper", "install", "team", "--out", str(fleet.helper))
        code, said, requests = fleet.start()
        assert (code != 0, requests) == (True, []), said
        assert "2.1.999" in said
        fleet.profile()
        fleet.cgw("settings", "render", "--scope", "managed", "--for", "linux", "--out", str(place))
        place.write_text(place.read_text()[:-3])
        code, said, requests = fleet.start()
        assert (code != 0, requests) == (True, []), said


def test_what_ssh_keygen_signed_is_taken_and_what_was_changed_after_is_refused(
    clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    env = clean_env(tmp_path / "home")
    (tmp_path / "home").mkdir()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True, input="", check=False)

    profile = tmp_path / "team.toml"
    profile.write_text('provider = "unified"\ngateway_url = "https://llm.example.com"\n')
    assert run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "platform", "-f", "key").returncode == 0
    assert run("ssh-keygen", "-q", "-Y", "sign", "-n", "cgw-profile", "-f", "key", "team.toml").returncode == 0
    shown = run("ssh-keygen", "-l", "-f", "key.pub").stdout.split()[1]
    words = ("cgw", "init", "--from", "./team.toml", "--signed-by", "key.pub", "--yes")
    taken = run(*words)
    assert (taken.returncode, f"platform {shown}" in taken.stderr) == (0, True), taken.stderr
    profile.write_text(profile.read_text().replace("llm.", "evil."))
    for command in (words, ("cgw", "profile", "update", "team", "--yes")):
        refused = run(*command)
        assert (refused.returncode, "was changed after it was signed" in refused.stderr) == (77, True), refused.stderr
