"""CI systems that give a job a signed token about itself (OpenID Connect), and how the job gets it.

Sources: docs.github.com, "OpenID Connect reference" (actions/toolkit, oidc-utils.ts, for the request);
docs.gitlab.com, "ID token authentication"; circleci.com, "Using OpenID Connect tokens in jobs"; Bitbucket, "Integrate
Pipelines with resource servers using OIDC". GitHub's request was run against a stand-in; the rest was not run.
"""

from __future__ import annotations

from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One CI system.

    Attributes:
        title: its name.
        mark: the variable that shows it.
        set_up: what the job's definition needs; ``AUDIENCE`` is the token's audience.
        token: the variable that has the token; empty where the job asks for it.
        url: the variable with the address that is asked with GET and ``audience``; it answers ``{"value": TOKEN}``.
        bearer: the variable with the token that admits this question.
    """

    title: str
    mark: str
    set_up: str
    token: str = ""
    url: str = ""
    bearer: str = ""


ANYWHERE = "CGW_ID_TOKEN"
"""The variable that wins in every CI system: GitLab's ``id_tokens`` defines it, others may export it."""

PIPELINES = (
    Pipeline(
        "GitHub Actions",  # Gitea's and Forgejo's too
        "GITHUB_ACTIONS",
        "permissions: {id-token: write}; pull requests from forks get none",
        url="ACTIONS_ID_TOKEN_REQUEST_URL",
        bearer="ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ),
    Pipeline("GitLab CI", "GITLAB_CI", f"id_tokens: {{{ANYWHERE}: {{aud: AUDIENCE}}}}", token=ANYWHERE),
    Pipeline("CircleCI", "CIRCLECI", "a context, and AUDIENCE as its audience", token="CIRCLE_OIDC_TOKEN_V2"),
    Pipeline("Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER", "oidc: true", token="BITBUCKET_STEP_OIDC_TOKEN"),
)
