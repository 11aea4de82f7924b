"""A front that takes the base path away before a gateway that wants it; gateways that answer whatever the path."""

from __future__ import annotations

import pytest
from tests.world.test_probe_gateway import Fake, Reply, examine, failed, fake, only_failure, profile, reply

__all__ = ["fake"]
NOT_FOUND = reply(404, {"detail": "Not Found"})
PROVIDERS: dict[str, tuple[str, dict[str, object]]] = {
    "bedrock": ("/bedrock", {}),
    "vertex": ("/vertex_ai/v1", {"project_id": "p"}),
    "bedrock below a path": ("/llm/bedrock", {"base_path": "/llm/bedrock"}),
}


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("stripped", [True, False])
def test_a_base_path_that_is_taken_away_is_named(fake: Fake, name: str, *, stripped: bool) -> None:
    base, more = PROVIDERS[name]
    answered = fake.answer
    fake.answers["/bedrock/ping"] = lambda _: reply(401, {"error": "no key"})

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        inner = path.removeprefix(base) if stripped else path
        public = path == "/health/liveliness"
        return answered(inner, headers, body) if public or inner.startswith(base) else NOT_FOUND

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url, provider=name.partition(" ")[0], **more))
    if not stripped:
        assert "gateway.route" not in failed(found)
        return
    probe, verdict = only_failure(found)
    assert (probe, verdict.situation) == ("gateway.route", "route-prefix-removed")
    assert f"takes {base} from the path" in verdict.cause


def test_a_gateway_that_answers_below_the_base_path_whatever_it_is_asked_is_not_called_a_front(fake: Fake) -> None:
    odd = reply(401, {"error": "no key"})
    fake.answer = lambda path, _, __: NOT_FOUND if path == "/bedrock/model/claude-x/invoke" else odd  # type: ignore[method-assign, assignment]
    verdict = examine(profile(fake.url, provider="bedrock"))[0]["gateway.route"]
    assert verdict.situation != "route-prefix-removed"
