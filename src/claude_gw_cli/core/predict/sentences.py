"""One sentence for each thing about a prediction that surprises people."""

from __future__ import annotations

from claude_gw_cli.core.predict.models import body_model
from claude_gw_cli.core.predict.retired import retired, step
from claude_gw_cli.facts.headers import FIRST_PARTY
from claude_gw_cli.facts.overlay import InForce
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.unheard import SCRUB_VARIABLE, SOCKET_VARIABLE
from claude_gw_cli.facts.versions import find, holds, newest, version_key
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.predict.model import Prediction
    from claude_gw_cli.core.predict.models import Models


def sentences(prediction: Prediction, situation: str, key_note: str) -> tuple[str, ...]:
    """The sentences, most important first."""
    return tuple(_all(prediction, situation, key_note))


def by_agent(models: Models) -> Iterator[str]:
    """Why the agent's model is asked for, and not the one that a variable or the settings name."""
    agent, model = models.snapshot.agent, models.by_agent()
    if agent and model:
        others = [name for name in ("ANTHROPIC_MODEL",) if models.effective.present(name)]
        others += ["the key model"] if models.effective.model else []
        instead = f" instead of {' and '.join(others)}" if others else ""
        yield f"The agent {agent.name} ({agent.file}) names the model {model}, which counts{instead}."


def last_day(models: Models, sent: str | None) -> Iterator[str]:
    """That the model in the request is out of service, or soon will be, and what to set instead."""
    if found := retired(sent, models.provider, models.snapshot.now, models.version) if sent else None:
        body = body_model(models.effective)
        what, text = models.asked() if body is None else ("model in CLAUDE_CODE_EXTRA_BODY", body)
        yield f"{found.sentence}. Next step: {step(models, found, what, text)}."


def about_release(version: str) -> str:
    """What to know about the facts for a client; ``""`` where they cover it and nothing was learned here."""
    newer = version_key(version) > version_key(newest())
    learned = [item for item in InForce.rows.learned if version_key(item) <= version_key(version)]
    if not newer:
        found = f"What `cgw trace --learn` measured here counts for {version}" if version in learned else ""
    elif learned:
        best = max(learned, key=version_key)
        found = f"what `cgw trace --learn` measured with {best} on this machine counts"
    else:
        found = "`cgw trace` shows what it really sends"
    if not found:
        return ""
    start = f"{version} is newer than the facts ({newest()}); " if newer else ""
    return f"{start}{found}."


def _all(prediction: Prediction, situation: str, key_note: str) -> Iterator[str]:
    if about := about_release(prediction.version):
        yield about
    for file in prediction.settings:
        if file.status == "invalid":
            yield f"{file.file} is not in effect as a whole: {file.reason}."
        elif file.status == "unread":
            yield f"{file.file} is not read: {file.reason}."
    if key_note:
        yield key_note
    if prediction.outcome == "request":
        yield from _about_request(prediction, situation, key_note)
    else:
        yield from _about_refusal(prediction, situation)


def _about_refusal(prediction: Prediction, situation: str) -> Iterator[str]:
    layers, reason = prediction.effective, prediction.reason or ""
    if "AWS credentials" in reason and layers.present("AWS_PROFILE"):
        profile = layers.text("AWS_PROFILE").strip()
        yield f"The AWS files have no credentials for the profile {profile} (AWS_PROFILE)."
        yield "While AWS_PROFILE is set, a key pair in variables is not used."
    provider = BY_NAME[prediction.provider]
    refresh = "gcpAuthRefresh" if "google" in provider.situations else "awsAuthRefresh"
    if situation == "none" and layers.settings.get(refresh):
        yield f"{refresh} is not a credential: the request is only sent if this command creates one."
    skip = provider.skip
    if skip and situation == "none":
        yield f"If the gateway holds the cloud's credential, set {skip} to 1."
    socket = layers.early(SOCKET_VARIABLE)
    if socket and socket.text and "/login" in reason:
        yield f"{SOCKET_VARIABLE} is set: tokens and keys in settings, and a stored login, are not used."
        yield "Set ANTHROPIC_AUTH_TOKEN in the environment of the client instead."
    if "non-ASCII" in reason and holds("ascii-credentials", prediction.version):
        yield _fact("ascii-credentials")
    if "bubblewrap" in reason:
        yield f'Install bubblewrap, or set {SCRUB_VARIABLE} to "0".'


def _about_request(prediction: Prediction, situation: str, key_note: str) -> Iterator[str]:
    layers = prediction.effective
    authorization, key = prediction.headers["authorization"], prediction.headers["x-api-key"]
    proxy = prediction.headers["proxy-authorization"]
    yield from dict.fromkeys(item.note for item in (authorization, key, proxy) if item.note and item.note != key_note)
    if authorization.source and authorization.source.kind == "login":
        late = [item for item in authorization.shadowed if item.name == "CLAUDE_CODE_OAUTH_TOKEN" and item.file]
        if late:
            yield f"{late[0].name} in {late[0].scope} settings comes too late to replace a stored login."
    if prediction.provider not in FIRST_PARTY and layers.present("ANTHROPIC_BASE_URL"):
        yield f"ANTHROPIC_BASE_URL is ignored: a provider flag sends the requests to {prediction.provider}."
    if situation in ("aws-keys", "google", "azure") and authorization.source:
        yield (
            "The client authenticates to the cloud itself, so no gateway key can travel in Authorization: "
            "use another header, or the provider's skip-auth flag."
        )
    if situation == "skip" and authorization.source and authorization.source.kind == "aws-bearer":
        yield _fact("bedrock-bearer")
    if layers.present("ANTHROPIC_API_KEY") and not key.present and not key_note:
        yield "ANTHROPIC_API_KEY is set and is not sent in this mode."
    if holds("token-in-proxy-authorization", prediction.version) and proxy.present:
        yield _fact("token-in-proxy-authorization")


def _fact(fact_id: str) -> str:
    text = find(fact_id).text
    return f"{text[0].upper()}{text[1:]}."
