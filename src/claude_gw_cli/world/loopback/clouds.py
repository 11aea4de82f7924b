"""Stand-in cloud credentials, for the modes in which this machine holds them. Fake, and useless off loopback."""

from __future__ import annotations

import json

from claude_gw_cli.world.loopback.routes import GOOGLE_TOKEN_PATH

GOOGLE_ACCESS_TOKEN = "ya29.cgw-loopback-fake"
AWS_KEY_PAIR = (("AWS_ACCESS_KEY_ID", "AKIACGWLOOPBACKFAKE0"), ("AWS_SECRET_ACCESS_KEY", "cgw-loopback-fake"))
AZURE_KEY = ("ANTHROPIC_FOUNDRY_API_KEY", "cgw-loopback-fake-azure")


def google_credentials(gateway_url: str, subject_file: str) -> str:
    """The text of a GOOGLE_APPLICATION_CREDENTIALS file whose token comes from the loopback gateway.

    Of Google's credential kinds only ``external_account`` honours its token_url: a service account key asks
    oauth2.googleapis.com whatever the file says (reference: header-atlas, section 3).

    Args:
        gateway_url: the loopback gateway.
        subject_file: a file with any text in it; it plays the workload's identity token.
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
