"""Blanking, reordering and duplicating sources: predict agrees with a slow, obvious evaluation of the atlas page."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.predict.model import HelperRun
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import ClientArguments, Snapshot

SCOPES: tuple[Scope, ...] = ("user", "project", "local", "flag", "managed")
NAMES = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS")
Layer = dict[str, str]

lines = st.lists(
    st.sampled_from(
        [
            "Authorization: line-a",
            "authorization: line-b",
            "X-Api-Key: line-x",
            "x-api-key: line-y",
            "X-One: 1",
            "x-one: 2",
        ]
    ),
    max_size=4,
)
values = {
    "ANTHROPIC_AUTH_TOKEN": st.sampled_from(["", "  ", "tok", " tok "]),
    "ANTHROPIC_API_KEY": st.sampled_from(["", "  ", "key", " key "]),
    "ANTHROPIC_CUSTOM_HEADERS": lines.map("\n".join),
}
layers = st.dictionaries(st.sampled_from(("process", *SCOPES)), st.fixed_dictionaries({}, optional=values))
helpers = st.dictionaries(st.sampled_from(SCOPES), st.sampled_from(["", "echo key"]))


def by_the_page(given_layers: dict[str, Layer], given_helpers: dict[str, str]) -> dict[str, str | None] | None:
    """Sections 1 and 5 of the atlas for 2.1.330, as a person would work them out; ``None``: not logged in."""
    seen: Layer = {}
    helper = ""
    for scope in ("process", *SCOPES):
        seen.update(given_layers.get(scope, {}))
        helper = given_helpers.get(scope, helper)
    spelt: Layer = {}
    for line in seen.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            spelt[name.strip()] = value.strip()
    token, key = (seen.get(name, "").strip() for name in NAMES[:2])
    said = "hlp" if helper else ""
    bearer = token or said
    if bearer:
        spelt["Authorization"] = f"Bearer {bearer}"  # where a line of this spelling stood, else at the end
    custom = {name.lower(): value for name, value in spelt.items()}  # the last spelling wins
    authorization = custom.get("authorization")
    api_key = custom.get("x-api-key") or key or said or None
    if not authorization and not api_key:
        return None
    return {"authorization": authorization, "x-api-key": api_key, "x-one": custom.get("x-one")}


@settings(max_examples=400, deadline=None)
@given(layers, helpers)
def test_prediction_agrees_with_the_obvious_evaluation(
    given_layers: dict[str, Layer], given_helpers: dict[str, str]
) -> None:
    files = []
    for scope in SCOPES:
        body: dict[str, object] = {"env": given_layers.get(scope, {})}
        if scope in given_helpers:
            body["apiKeyHelper"] = given_helpers[scope]
        files.append(document(scope, f"/{scope}.json", json.dumps(body), ClientArguments()))
    shot = Snapshot(given_layers.get("process", {}), tuple(files), "/", "/", "/", "2.1.330")
    prediction = predict(shot, helper_run=HelperRun("hlp\n"))
    expected = by_the_page(given_layers, given_helpers)
    if expected is None:
        assert prediction.outcome == "refused"
        return
    assert prediction.outcome == "request"
    for name, text in expected.items():
        header = prediction.headers.get(name)
        assert (header.text() if header else None) == text, name


@settings(max_examples=100, deadline=None)
@given(layers, st.sampled_from(SCOPES))
def test_a_scope_without_an_opinion_changes_nothing(given_layers: dict[str, Layer], silent: str) -> None:
    def shot(*, extra: bool) -> Snapshot:
        files = []
        for scope in SCOPES:
            files.append(
                document(scope, f"/{scope}.json", json.dumps({"env": given_layers.get(scope, {})}), ClientArguments())
            )
            if extra and scope == silent:
                files.append(document(scope, "/extra.json", '{"env": {}, "theme": "dark"}', ClientArguments()))
        return Snapshot(given_layers.get("process", {}), tuple(files), "/", "/", "/", "2.1.330")

    without, beside = predict(shot(extra=False)), predict(shot(extra=True))
    assert without.headers == beside.headers
    assert (without.outcome, without.reason) == (beside.outcome, beside.reason)
