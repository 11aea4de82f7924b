"""AWS profiles and Google's credential file, without their secrets."""

from __future__ import annotations

from pathlib import Path

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import AwsProfile
from claude_gw_cli.world.snapshot import take

BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "https://gw.example/bedrock"}


def home(tmp_path: Path, **files: str) -> dict[str, str]:
    (tmp_path / ".aws").mkdir()
    for name, text in files.items():
        (tmp_path / ".aws" / name).write_text(text, encoding="utf-8")
    return {"HOME": str(tmp_path), **BEDROCK}


def test_profiles_of_both_files(tmp_path: Path) -> None:
    env = home(
        tmp_path,
        config="[default]\nregion = eu-central-1\n[profile work]\nsso_session = s\n[sso-session s]\nregion = x\n",
        credentials="[default]\naws_access_key_id = AKIASECRET\naws_secret_access_key = s3cr3t\n",
    )
    found = take(env, str(tmp_path))
    assert found.aws_profiles == {"default": AwsProfile("eu-central-1", True), "work": AwsProfile("", True)}
    assert "s3cr3t" not in repr(found)


def test_a_missing_profile_stops_the_client_beside_a_key_pair(tmp_path: Path) -> None:
    env = {**home(tmp_path), "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
    assert predict(take(env, str(tmp_path))).outcome == "request"
    stopped = predict(take({**env, "AWS_PROFILE": "missing"}, str(tmp_path)))
    assert stopped.outcome == "refused"
    assert "Could not load AWS credentials" in (stopped.reason or "")


def test_the_files_region_begins_the_inference_profile(tmp_path: Path) -> None:
    env = {**home(tmp_path, config="[default]\nregion = eu-central-1\n"), "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}
    request = predict(take(env, str(tmp_path))).request
    assert request is not None
    assert (request.model or "").startswith("eu.anthropic.")


def test_a_file_that_cannot_be_read_is_no_profile(tmp_path: Path) -> None:
    env = home(tmp_path)
    (tmp_path / ".aws" / "config").mkdir()
    (tmp_path / ".aws" / "credentials").write_bytes(b"\xff\xfe[broken")
    assert take(env, str(tmp_path)).aws_profiles == {}


def test_a_google_credential_without_a_project(tmp_path: Path) -> None:
    credential = tmp_path / "g.json"
    credential.write_text('{"type": "external_account"}', encoding="utf-8")
    env = {
        "HOME": str(tmp_path),
        "CLAUDE_CODE_USE_VERTEX": "1",
        "ANTHROPIC_VERTEX_BASE_URL": "https://gw.example/v1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
        "GOOGLE_APPLICATION_CREDENTIALS": str(credential),
    }
    old = predict(take(env, str(tmp_path), client_version="2.1.260"))
    assert "GOOGLE_CLOUD_PROJECT" in (old.reason or "")
    assert predict(take({**env, "GOOGLE_CLOUD_PROJECT": "p"}, str(tmp_path), client_version="2.1.260")).request
    assert predict(take(env, str(tmp_path), client_version="2.1.261")).request
