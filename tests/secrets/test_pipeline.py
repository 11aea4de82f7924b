"""``ci-token://``: a job's own identity token, as each CI system gives it; a stand-in for GitHub's address."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.facts.pipelines import PIPELINES
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

from .conftest import Fake

NOW = 5000.0
AUDIENCE = "https://vault.example.com/"
BEARER = "cgw-canary-request"


def token(**claims: object) -> str:
    whole = {"aud": AUDIENCE, "iat": NOW, "exp": NOW + 300, **claims}
    return f"eyJh.{base64.urlsafe_b64encode(json.dumps(whole).encode()).decode().rstrip('=')}.c2ln"


def ask(env: dict[str, str], audience: str = AUDIENCE) -> Any:
    return resolve(f"ci-token://{audience}", Context(Grant("typed"), env, clock=lambda: NOW))


def refusal(env: dict[str, str], audience: str = AUDIENCE) -> CgwError:
    with pytest.raises(CgwError) as caught:
        ask(env, audience)
    assert caught.value.hint
    assert BEARER not in f"{caught.value.message} {caught.value.hint}"
    return caught.value


@pytest.fixture
def github(fake: Fake) -> dict[str, str]:
    fake.clock = NOW
    fake.put("/id?api-version=2.0&audience=https%3A%2F%2Fvault.example.com%2F", 200, {"value": token(), "count": 1})
    address = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{fake.url}/id?api-version=2.0"}
    return {"GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": BEARER, **address}


def test_github_is_asked_for_exactly_this_audience(github: dict[str, str]) -> None:
    found = ask(github)
    assert (found.value.reveal(), found.expires_at) == (token(), NOW + 300)
    assert found.facts == {"source": "ci-token", "system": "GitHub Actions", "audience": AUDIENCE}


@pytest.mark.parametrize(("status", "code"), [(401, 77), (403, 77), (500, 69), (302, 69)])
def test_what_github_says_is_told_and_its_token_is_not(
    github: dict[str, str], fake: Fake, status: int, code: int
) -> None:
    path = "/id?api-version=2.0&audience=https%3A%2F%2Fvault.example.com%2F"
    fake.put(path, status, {"message": f"bad {BEARER}"}, Location="http://127.0.0.1:1/")
    error = refusal(github)
    assert error.exit_code == code
    assert f"GitHub Actions answered {status}" in error.message


def test_the_request_token_travels_over_tls_only(github: dict[str, str]) -> None:
    assert "not https" in refusal({**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://example.com/id"}).message


@pytest.mark.parametrize("row", [row for row in PIPELINES if row.token], ids=lambda row: row.mark)
def test_other_systems_put_the_token_into_a_variable(row: Any) -> None:
    assert ask({row.mark: "1", row.token: token(aud=["other", AUDIENCE])}).value.reveal()


def test_one_variable_serves_every_system(github: dict[str, str]) -> None:
    own = token(sub="own")
    for env in ({}, github, {"BUILDKITE": "true"}):
        assert ask({**env, "CGW_ID_TOKEN": own}).value.reveal() == own


@pytest.mark.parametrize("row", PIPELINES, ids=lambda row: row.mark)
def test_a_job_that_gets_none_is_told_what_its_definition_needs(row: Any) -> None:
    error = refusal({row.mark: "true"})
    assert (error.code, error.exit_code) == ("CGW494", 77)
    assert row.set_up.replace("AUDIENCE", AUDIENCE) in error.message


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (token(aud="gw"), "CGW495"),
        (token(aud=[]), "CGW495"),
        (token(aud=None), "CGW495"),
        (token(exp=NOW - 1), "CGW496"),
        ("sk-0123456789", "CGW497"),
        ("a.b.c", "CGW497"),
        ("eyJh.W10.x", "CGW497"),
        ("eyJh.é.x", ""),
    ],
)
def test_a_token_that_nobody_would_accept_is_refused_here(value: str, code: str) -> None:
    error = refusal({"GITLAB_CI": "true", "CGW_ID_TOKEN": value})
    assert (error.code or "") == code
    assert value not in error.message


def test_outside_of_ci_the_systems_are_named() -> None:
    error = refusal({})
    assert (error.code, error.exit_code) == ("CGW493", 69)
    assert "GitHub Actions, GitLab CI, CircleCI, Bitbucket Pipelines" in error.message


def test_a_project_cannot_send_the_request_token_elsewhere(github: dict[str, str], fake: Fake) -> None:
    pinned = pin(f"ci-token://{AUDIENCE}", Context(Grant("own"), github))
    assert pinned.ambient == ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",)
    assert BEARER not in json.dumps(pinned.tables)
    hostile = {**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/", "CGW_ID_TOKEN": token(sub="evil")}
    later = Context(Grant("helper"), hostile, tables=pinned.tables, clock=lambda: NOW)
    assert resolve(pinned.reference, later).value.reveal() == token()
    assert len(fake.seen) == 1


def test_an_exchange_of_the_token_is_pinned_whole(github: dict[str, str]) -> None:
    table = {"token_url": "https://x.example.com", "grant": "token_exchange", "subject_token": "ci-token://gw"}
    pinned = pin("oauth://w", Context(Grant("own"), github, tables={"oauth": {"w": table}}))
    assert pinned.tables["pinned"]["set"]["ACTIONS_ID_TOKEN_REQUEST_URL"] == github["ACTIONS_ID_TOKEN_REQUEST_URL"]
    assert pinned.tables["pinned"]["from_process"] == ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
