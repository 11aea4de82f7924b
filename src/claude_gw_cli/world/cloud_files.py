"""What the cloud's own files on this machine say that changes a client start: AWS profiles and Google's credential.

No secret is kept: only whether a profile has credentials, and its region.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.core.jsontext import JsonError, decode, parse
from claude_gw_cli.core.layers import WHITESPACE, Effective
from claude_gw_cli.core.snapshot import AwsProfile, Snapshot
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LIMIT = 1 << 20
# A profile with one of these says where its credentials come from (AWS SDK for JavaScript, fromIni).
_CREDENTIALS = (
    "aws_access_key_id",
    "credential_process",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "login_session",
)


def cloud_file(layers: Effective, snapshot: Snapshot, variable: str, place: str) -> str:
    """The path of a cloud's file: what a variable says, else its place below the home directory."""
    named = layers.text(variable).strip(WHITESPACE)
    if named:
        return os.path.join(snapshot.cwd, named)
    return os.path.join(layers.text("HOME") or snapshot.home, place)  # user settings can move it (claim.user.home)


def aws_profiles(layers: Effective, snapshot: Snapshot) -> Mapping[str, AwsProfile]:
    """The profiles in the AWS configuration and credentials files, by name; of two values the credentials file's."""
    found: dict[str, dict[str, str]] = {}
    for variable, place, prefix in (
        ("AWS_CONFIG_FILE", ".aws/config", "profile "),
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", ""),
    ):
        for section, name, value in _ini(_read(cloud_file(layers, snapshot, variable, place))):
            profile = section if section == "default" or not prefix else section.removeprefix(prefix).strip("\"' ")
            if section == profile and prefix and section != "default":
                continue  # [sso-session x], [services x]
            found.setdefault(profile, {})[name] = value
    return {
        name: AwsProfile(members.get("region", ""), any(members.get(key) for key in _CREDENTIALS))
        for name, members in found.items()
    }


def google_needs_project(layers: Effective, snapshot: Snapshot) -> bool:
    """Whether only Google can tell the project of the credential file that counts."""
    path = cloud_file(
        layers,
        snapshot,
        "GOOGLE_APPLICATION_CREDENTIALS",
        ".config/gcloud/application_default_credentials.json",
    )
    try:
        value = parse(_read(path)).value
    except JsonError:
        return False
    return isinstance(value, dict) and value.get("type") == "external_account"


def _read(path: str) -> str:
    try:
        return decode(regular.content(path, _LIMIT)[0])[0]
    except FileError:
        return ""


def _ini(text: str) -> Iterator[tuple[str, str, str]]:
    """``(section, name, value)`` of each line; comments and lines without a section are skipped."""
    section = ""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            section = stripped[1 : stripped.index("]")].strip()
        elif section and "=" in stripped and not stripped.startswith(("#", ";")):
            name, _, value = stripped.partition("=")
            yield section, name.strip().lower(), value.strip()
