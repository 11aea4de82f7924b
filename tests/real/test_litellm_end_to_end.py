"""The real client through a real LiteLLM proxy, configured by nothing but `cgw init` and `cgw settings apply`.

Answered means: the client printed what the loopback cloud behind LiteLLM said. Nothing leaves the machine.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

_SPEC = importlib.util.spec_from_file_location("litellm_lab", Path(__file__).with_name("litellm_lab.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
lab = importlib.util.module_from_spec(_SPEC)
sys.modules["litellm_lab"] = lab
_SPEC.loader.exec_module(lab)

_SPEC = importlib.util.spec_from_file_location("terminals", Path(__file__).parent.parent / "cli" / "terminals.py")
assert _SPEC is not None
assert _SPEC.loader is not None
terminals = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(terminals)

Env = Callable[[Path], dict[str, str]]
HAIKU = "claude-haiku-5-5"


class Bench:
    """A LiteLLM that holds every cloud's credential, one that holds none, and the cloud behind both."""

    def __init__(self, full: str, bare: str, cloud: object) -> None:
        self.full, self.bare, self.cloud = full, bare, cloud


@pytest.fixture(scope="module")
def bench(litellm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("litellm")
    context, authority = lab.google_certificates(folder)
    with lab.running(lab.Cloud(context=context)) as cloud:
        google = {"HTTPS_PROXY": cloud.url, "SSL_CERT_FILE": str(authority)}
        full = {
            **google,
            "ANTHROPIC_API_BASE": cloud.url,
            "ANTHROPIC_API_KEY": "upstream-key",
            "AWS_REGION_NAME": "us-east-1",
            "DEFAULT_VERTEXAI_PROJECT": "lab-project",
            "DEFAULT_VERTEXAI_LOCATION": "us-east5",
            "DEFAULT_GOOGLE_APPLICATION_CREDENTIALS": str(lab.service_account(folder, cloud.url)),
        }
        models = (HAIKU, "us.anthropic.claude-haiku-4-5-20251001-v1:0")
        plain = lab.config(cloud.url, cloud.url, {}, models)
        header = lab.config(cloud.url, cloud.url, {"litellm_key_header_name": "Proxy-Authorization"}, models)
        with (
            lab.litellm_proxy(litellm, folder / "full", plain, full) as one,
            lab.litellm_proxy(litellm, folder / "bare", header, google) as two,
        ):
            yield Bench(one, two, cloud)


def google_credential(folder: Path, cloud: object) -> Path:
    """A workload identity of nobody: the client exchanges it for a token at the loopback cloud."""
    (folder / "subject").write_text("subject-token")
    file = folder / "adc.json"
    url = cloud.url  # type: ignore[attr-defined]
    file.write_text(
        json.dumps(
            {
                "type": "external_account",
                "audience": "//iam.googleapis.com/lab",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "token_url": f"{url}/token",
                "credential_source": {"file": str(folder / "subject")},
            }
        )
    )
    return file


MODES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "unified": ("full", ("--provider", "unified"), "/v1/messages"),
    "anthropic pass-through": ("full", ("--provider", "anthropic"), "/v1/messages"),
    "bedrock, the gateway's credential": ("full", ("--provider", "bedrock"), "/model/"),
    "vertex, the gateway's credential": (
        "full",
        ("--provider", "vertex", "--project-id", "lab-project"),
        "publishers/anthropic",
    ),
    "vertex, this machine's credential": (
        "bare",
        (
            *("--provider", "vertex", "--credentials", "client"),
            *("--project-id", "lab-project", "--key-header", "proxy-authorization"),
        ),
        "publishers/anthropic",
    ),
}


@pytest.mark.parametrize("name", MODES)
def test_the_real_client_is_answered_through_a_real_litellm(
    name: str, bench: Bench, client: Callable[[str], Path], cgw: Path, clean_env: Env, tmp_path: Path
) -> None:
    proxy, options, path = MODES[name]
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    (key := tmp_path / "key").write_text(lab.MASTER)
    key.chmod(0o600)
    env = clean_env(home)
    gateway = bench.full if proxy == "full" else bench.bare
    # With the key in a header of its own there is no helper for it: it has to stand in the user's settings.
    written = ("--write-secret",) if "--key-header" in options else ()
    auth = () if written else ("--auth", "helper")

    def run(*command: str) -> str:
        done = subprocess.run(command, env=env, cwd=work, check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(str(cgw), "init", "lab", *options, *auth, "--gateway-url", gateway, "--secret", key.as_uri(), "--yes")
    run(str(cgw), "settings", "apply", "--scope", "user", *written)
    if proxy == "bare":
        # The machine's own cloud credential is the one thing that is not cgw's to configure.
        env["GOOGLE_APPLICATION_CREDENTIALS"] = str(google_credential(tmp_path, bench.cloud))
    before = len(bench.cloud.answered)  # type: ignore[attr-defined]
    said = run(str(client("2.1.330")), "-p", "hi")
    assert lab.ANSWER in said
    assert any(path in seen for seen in bench.cloud.answered[before:])  # type: ignore[attr-defined]
    arrived = json.dumps([headers for _, _, headers, _ in bench.cloud.seen])  # type: ignore[attr-defined]
    assert lab.MASTER not in arrived  # the gateway's key ends at the gateway


def test_the_wizard_sets_up_the_real_client_and_proves_it(
    bench: Bench,
    client: Callable[[str], Path],
    clean_env: Env,
    isolated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`cgw init URL` on a terminal: nothing but the key is typed, and the next command is `claude`."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PATH", f"{client('2.1.332').parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    shown = terminals.Terminal("init", bench.full)
    try:
        shown.answer("Where is the gateway's key?", b"\r")
        shown.answer("It is not shown", lab.MASTER.encode() + b"\r")
        shown.answer("Do this?", b"\r")
        assert shown.finish() == 0, shown.text
    finally:
        shown.close()
    assert shown.text.rstrip().endswith("Next: claude")
    assert lab.MASTER not in shown.text
    command = [str(client("2.1.332")), "-p", "hi"]
    done = subprocess.run(
        command, env=clean_env(isolated), cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120
    )
    assert lab.ANSWER in done.stdout, done.stdout + done.stderr
