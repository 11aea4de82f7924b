"""The regions of a client start, and the hosts of its clouds."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.versions import holds

_FALLBACK = "us-east-1"


def aws_region(snapshot: Snapshot, effective: Effective) -> str:
    """The AWS region: a variable, then the profile in the AWS configuration file, then us-east-1."""
    trimmed = holds("aws-region-trimmed", snapshot.client_version)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        text = effective.text(name)
        region = text.strip(WHITESPACE) if trimmed else text
        if region:
            return region
    if holds("aws-config-region", snapshot.client_version):
        profile = snapshot.aws_profiles.get(effective.text("AWS_PROFILE").strip(WHITESPACE) or "default")
        if profile is not None and profile.region:
            return profile.region
    return _FALLBACK


def vertex_host(region: str, version: str) -> str:
    """Google's own base URL for a Vertex region."""
    if region == "global":
        return "https://aiplatform.googleapis.com/v1"
    if region in ("eu", "us") and holds("vertex-multi-regions", version):
        return f"https://aiplatform.{region}.rep.googleapis.com/v1"
    return f"https://{region}-aiplatform.googleapis.com/v1"
