"""Fake cloud credentials, for the modes in which this machine holds them. Useless outside of loopback."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from claude_gw_cli.facts.headers import VARIABLES
from claude_gw_cli.world.loopback.routes import GOOGLE_TOKEN_PATH

GOOGLE_ACCESS_TOKEN = "ya29.cgw-loopback-fake"
AWS_KEY_PAIR = (("AWS_ACCESS_KEY_ID", "AKIACGWLOOPBACKFAKE0"), ("AWS_SECRET_ACCESS_KEY", "cgw-loopback-fake"))
_FAKE = "cgw-loopback-fake"
_KEYS = frozenset({"foundry-key", "aws-api-key"})
"""Situations with a key of the cloud in a variable."""


def fake_credentials(situations: Collection[str], gateway_url: str, folder: Path, project: str) -> dict[str, str]:
    """Variables that give the client the first of these cloud credentials (facts/headers.py) that can be a fake.

    Args:
        situations: how the provider gets its own credential.
        gateway_url: the loopback gateway, which also answers Google's token exchange.
        folder: where files may be written.
        project: Google's project, or an empty text.
    """
    for situation in situations:
        if situation == "aws-keys":
            return dict(AWS_KEY_PAIR)
        if situation == "google":
            subject, file = folder / "subject", folder / "google.json"
            subject.write_text("cgw", encoding="utf-8")
            file.write_text(google_credentials(gateway_url, str(subject)), encoding="utf-8")
            # Without the project in the environment clients before 2.1 ask Google for it (measured: 1.0.60, 2.0.45).
            named = {"GOOGLE_CLOUD_PROJECT": project} if project else {}
            return {"GOOGLE_APPLICATION_CREDENTIALS": str(file)} | named
        if situation in _KEYS:
            return {VARIABLES[situation]: _FAKE}
    return {}


def google_credentials(gateway_url: str, subject_file: str) -> str:
    """The text of a GOOGLE_APPLICATION_CREDENTIALS file whose token comes from the loopback gateway.

    Of Google's credential kinds only ``external_account`` honours its token_url: a service account key asks
    oauth2.googleapis.com whatever the file says (reference: header-atlas, section 3).

    Args:
        gateway_url: the loopback gateway.
        subject_file: a file with any text in it; it takes the place of the workload's identity token.
    """
    return json.dumps(
        {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": gateway_url + GOOGLE_TOKEN_PATH,
            "credential_source": {"file": subject_file},
        }
    )


def google_token() -> dict[str, object]:
    """The answer of the token exchange."""
    return {
        "access_token": GOOGLE_ACCESS_TOKEN,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
