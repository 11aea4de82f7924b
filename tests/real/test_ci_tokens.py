"""CI without a stored secret: a job's signed token signs in to a real OpenBao, which has the gateway's key.

The CI system is a stand-in that signs as GitHub and GitLab do; OpenBao fetches its public keys by discovery, as it
would GitHub's, and decides by audience and claims.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


TESTS = Path(__file__).parent.parent
EXAMPLES = TESTS.parent / "examples"
openbao = _module(TESTS / "real" / "openbao.py")
jobs = _module(TESTS / "cli" / "jobs.py")

pytestmark = pytest.mark.real
REQUEST_TOKEN = "cgw-canary-request-token"
REPOSITORY = "team/service"
GIVEN = "cgw-canary-given-by-the-exchange"
PROFILE = """
provider = "unified"
gateway_url = "http://127.0.0.1:4000"
secret = "vault://secret/llm#key"

[vault]
address = "{vault}"
auth = "jwt"
role = "review"
jwt = "ci-token://{audience}"
"""


class Issuer(ThreadingHTTPServer):
    """The CI system: its discovery document, its public key, and the address that a job asks for a token."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.claims = {"repository": REPOSITORY, "sub": f"repo:{REPOSITORY}:ref:refs/heads/main"}
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def token(self, audience: str, **claims: object) -> str:
        now = int(time.time())
        times = {"iat": now, "nbf": now - 5, "exp": now + 300}
        whole = {"iss": self.url, "aud": audience, **times, **self.claims, **claims}
        return jwt.encode(whole, self.key, "RS256", headers={"kid": "k"})


class Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        url, status = urlsplit(self.path), 200
        answer: dict[str, Any] = {}
        if url.path == "/.well-known/openid-configuration":
            answer = {
                "issuer": self.server.url,
                "jwks_uri": f"{self.server.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                **{f"{name}_endpoint": f"{self.server.url}/none" for name in ("authorization", "token")},
            }
        elif url.path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.server.key.public_key()))
            answer = {"keys": [{**public, "kid": "k", "use": "sig", "alg": "RS256"}]}
        elif self.headers["Authorization"] == f"Bearer {REQUEST_TOKEN}":
            answer = {"value": self.server.token(parse_qs(url.query)["audience"][0])}
        else:
            status = 401
        self._say(status, answer)

    def do_POST(self) -> None:
        """The gateway's token endpoint: it verifies the job's token, and gives one of its own (RFC 8693)."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        public = self.server.key.public_key()
        try:
            claims = jwt.decode(form["subject_token"][0], public, ["RS256"], audience="gateway")
        except jwt.InvalidTokenError as error:
            self._say(400, {"error": "invalid_grant", "error_description": str(error)})
        else:
            given = {"access_token": GIVEN, "token_type": "Bearer", "expires_in": 600}
            self._say(200 if claims["repository"] == REPOSITORY else 403, given)

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        pass


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def dev(bao: Path, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that knows the CI system, and lets one repository read the key and sign with one other."""
    with openbao.development(bao, tmp_path_factory.mktemp("bao")) as server:
        rules = 'path "secret/data/llm" { capabilities = ["read"] }\n'
        rules += 'path "transit/*" { capabilities = ["read", "update"] }'
        server("policy", "write", "llm", "-", stdin=rules)
        server("secrets", "enable", "transit")
        server("write", "-f", "transit/keys/gateway", "type=ecdsa-p256")
        server("auth", "enable", "jwt")
        server("write", "auth/jwt/config", f"oidc_discovery_url={issuer.url}", f"bound_issuer={issuer.url}")
        role: dict[str, object] = {
            "role_type": "jwt",
            "user_claim": "sub",
            "bound_audiences": ["bao", "vault"],
            "token_ttl": "120",
        }
        role |= {"bound_claims": {"repository": REPOSITORY}, "token_policies": ["llm"]}
        server("write", "auth/jwt/role/review", "-", stdin=json.dumps(role))
        yield server


def permitted(issuer: Issuer) -> dict[str, str]:
    """What GitHub gives a job with the permission id-token."""
    address = f"{issuer.url}/token?api-version=2.0"
    return {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN, "ACTIONS_ID_TOKEN_REQUEST_URL": address}


Job = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def job(dev: Any, issuer: Issuer, cgw: Path, tmp_path: Path) -> Job:
    """Runs cgw in a checkout with the team's profile, as a job of one CI system."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()

    def run(system: str, *words: str, audience: str = "bao", text: str = PROFILE, **claims: object) -> Any:
        (checkout / "cgw.toml").write_text(text.format(vault=dev.url, audience=audience))
        env = {"HOME": str(tmp_path), "PATH": dev.env["PATH"], "CGW_TRUST_REPOSITORY": "1"}
        if system == "GitHub Actions":
            env |= {"GITHUB_ACTIONS": "true", **permitted(issuer)}
        else:
            env |= {"GITLAB_CI": "true", "CGW_ID_TOKEN": issuer.token(audience, **claims)}
        done = subprocess.run(
            [cgw, *words], env=env, cwd=checkout, capture_output=True, text=True, timeout=60, check=False
        )
        assert REQUEST_TOKEN not in done.stdout + done.stderr
        assert "transit" in text or "eyJ" not in done.stdout + done.stderr
        assert not re.search(r"\bs\.[A-Za-z0-9]{20}", done.stdout + done.stderr), "a token of the server's"
        return done

    return run


@pytest.mark.parametrize("system", ["GitHub Actions", "GitLab CI"])
def test_a_job_signs_in_to_vault_with_its_own_token(job: Job, system: str) -> None:
    done = job(system, "env", "--shell", "github" if system == "GitHub Actions" else "sh")
    assert done.returncode == 0, done.stderr
    assert openbao.KEY in done.stdout
    if system == "GitHub Actions":
        assert f"::add-mask::{openbao.KEY}" in done.stderr.splitlines()
    else:
        assert openbao.KEY not in done.stderr


def test_another_repository_is_refused(job: Job) -> None:
    done = job("GitLab CI", "env", "--shell", "sh", repository="team/other")
    assert (done.returncode, done.stdout) == (77, "")
    assert "CGW471" in done.stderr
    assert openbao.KEY not in done.stderr


def test_a_token_for_another_audience_is_refused_by_the_server(job: Job) -> None:
    done = job("GitHub Actions", "env", "--shell", "sh", audience="other")
    assert (done.returncode, done.stdout) == (77, "")
    assert "CGW471" in done.stderr


def test_the_gateways_token_is_signed_by_vault(job: Job, dev: Any) -> None:
    text = PROFILE.replace("vault://secret/llm#key", "jwt://gateway")
    text += '\n[jwt.gateway]\ntransit = "transit/gateway"\naud = "llm"\nsub = "ci"\nlifetime = 600\n'
    done = job("GitHub Actions", "env", "--shell", "json", text=text)
    assert done.returncode == 0, done.stderr
    token = json.loads(done.stdout)["ANTHROPIC_AUTH_TOKEN"]
    public = dev.json("read", "transit/keys/gateway")["data"]["keys"]["1"]["public_key"]
    assert jwt.decode(token, public, algorithms=["ES256"], audience="llm")["sub"] == "ci"


EXCHANGE = """
provider = "unified"
gateway_url = "http://127.0.0.1:4000"
secret = "oauth://gateway"

[oauth.gateway]
token_url = "{issuer}/exchange"
grant = "token_exchange"
subject_token = "ci-token://{audience}"
"""


@pytest.mark.parametrize(("audience", "code"), [("gateway", 0), ("other", 77)])
def test_the_gateway_exchanges_a_token_that_it_has_verified(
    job: Job, issuer: Issuer, audience: str, code: int
) -> None:
    text = EXCHANGE.replace("{issuer}", issuer.url)
    done = job("GitHub Actions", "env", "--shell", "github", text=text, audience=audience)
    assert done.returncode == code, done.stderr
    assert (f"::add-mask::{GIVEN}" in done.stderr.splitlines()) == (code == 0)
    assert (GIVEN in done.stdout) == (code == 0)


def test_a_helper_of_the_job_signs_in_too(job: Job) -> None:
    text = 'auth = "helper"\n' + PROFILE
    assert job("GitHub Actions", "helper", "install", text=text).returncode == 0
    done = job("GitHub Actions", "helper", "test", text=text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert openbao.KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["github-actions-oidc", "gitlab-oidc"])
def test_the_example_has_no_stored_secret(
    dev: Any, issuer: Issuer, tmp_path: Path, folder: str, client: Callable[[str], Path]
) -> None:
    """As a newcomer copies it, with the real client; only the two addresses are changed."""
    work, source = tmp_path / "checkout", EXAMPLES / folder
    for name, place in {
        "cgw.toml": "cgw.toml",
        "claude.yml": ".github/workflows/claude.yml",
        "action.yml": ".github/actions/gateway/action.yml",
        ".gitlab-ci.yml": ".gitlab-ci.yml",
        "templates/claude.yml": "templates/claude.yml",
    }.items():
        if (source / name).exists():
            (work / place).parent.mkdir(parents=True, exist_ok=True)
            (work / place).write_text((source / name).read_text())
    program = f'#!/bin/sh\nexec {client("2.1.330")} "$@"\n'
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
    with Gateway(key=openbao.KEY) as gateway:
        profile = (work / "cgw.toml").read_text()
        for example, here in {
            "https://llm.example.com": gateway.url,
            "https://vault.example.com:8200": dev.url,
        }.items():
            assert example in profile
            profile = profile.replace(example, here)
        (work / "cgw.toml").write_text(profile)
        if "github" in folder:
            machine = jobs.Machine(tmp_path, ("npm", "pipx"), user_programs=True, client=program)
            workflow = work / ".github/workflows/claude.yml"
            log = jobs.github(workflow, machine, work, {}, {**permitted(issuer), **quiet})
        else:
            machine = jobs.Machine(tmp_path, ("npm", "apt-get"), user_programs=False, client=program)
            log = jobs.gitlab(work / ".gitlab-ci.yml", machine, quiet, issuer.token)
    assert ANSWER in log
    assert openbao.KEY not in log
