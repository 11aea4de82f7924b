"""The wizard's questions without a terminal: a scripted person, and what was found here as a record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from claude_gw_cli.cli.wizard import finish, key, questions
from claude_gw_cli.cli.wizard.asking import Asker, Back, Option, text
from claude_gw_cli.cli.wizard.look import Look, look
from claude_gw_cli.cli.wizard.walk import Draft, Step, walk
from claude_gw_cli.core.errors import RefusedError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.reference import Reference
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.gateways import LITELLM
from claude_gw_cli.record import replace
from claude_gw_cli.world import detect
from claude_gw_cli.world.profile_text import dumps

KEY = "sk-local-0123456789abcdef"
BACK = "<back>"
NOTHING = Look("", "", "", "", (), None, False, (), (), False, ())


class Person:
    """Gives one answer after the other; an empty one takes what is proposed. Keeps what was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, str]] = []
        self.problems: list[str] = []

    def _next(self, question: str, default: str, why: str) -> str:
        self.asked.append((question, default, why))
        answer = self.answers.pop(0)
        if answer == BACK:
            raise Back
        return answer

    def choose(self, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
        answer = self._next(question, default, why) or default
        assert answer in [option.name for option in options], (answer, options)
        assert default in [option.name for option in options]
        return answer

    def line(self, question: str, default: str, why: str, problem: str, typed: str) -> str:
        self.problems += [problem] if problem else []
        return self._next(question, default, why) or default

    def hidden(self, question: str, why: str, problem: str) -> str:
        self.problems += [problem] if problem else []
        return self._next(question, "", why)


def draft(**fields: str) -> Draft:
    profile = Profile("work", "unified", "http://127.0.0.1:9", auth="helper")
    return Draft(replace(profile, **fields), frozenset())  # type: ignore[arg-type]


def asked(person: Person, steps: Sequence[Step], start: Draft, found: Look = NOTHING) -> Draft:
    end = walk(steps, start, person, found)
    assert not person.answers
    return end


def test_a_keyring_is_proposed_where_one_works_and_a_private_file_where_not() -> None:
    person = Person("", KEY)
    end = asked(person, [key.place], draft(), replace(NOTHING, keyring=True))
    assert end.profile.secret == "keyring://cgw/work"
    assert end.key == Secret(KEY)
    person = Person("", KEY)
    file = "file://~/.config/cgw/keys/work"
    assert asked(person, [key.place], draft()).profile.secret == file
    assert "No keyring works" in person.asked[0][2]
    pasted = replace(draft(), key=Secret(KEY))  # only its place is asked for, and only if there are two
    end = asked(Person(""), [key.place], pasted, replace(NOTHING, keyring=True))
    assert asked(Person(), [key.place], pasted).profile.secret == file
    assert end.profile.secret == "keyring://cgw/work"


def test_the_way_back_out_of_a_key_leads_to_its_place_and_then_to_the_question_before() -> None:
    person = Person("", "", BACK, BACK, "", "", KEY)
    end = asked(person, [key.way, key.place], draft())
    assert [question for question, _, _ in person.asked] == [
        "How does the key reach Claude Code?",
        "Where is the gateway's key?",
        "The gateway's key",
        "Where is the gateway's key?",
        "How does the key reach Claude Code?",
        "Where is the gateway's key?",
        "The gateway's key",
    ]
    assert end.key == Secret(KEY)


def test_what_is_no_key_is_asked_for_again() -> None:
    person = Person("", "", "two words here", "null", f"Bearer {KEY}")
    assert asked(person, [key.place], draft()).key == Secret(KEY)
    assert person.problems[0] == "Nothing was entered. Type or paste the key."
    assert "whitespace" in person.problems[1]
    assert all("the prompt" not in problem for problem in person.problems)


@pytest.mark.parametrize(
    ("found", "proposed"),
    [
        (replace(NOTHING, key_variables=("LITELLM_API_KEY",)), "env://LITELLM_API_KEY"),
        (replace(NOTHING, vault=detect.Vault("VAULT_ADDR", "http://v"), signed_in=True), "vault"),
        (replace(NOTHING, key_variables=("ANTHROPIC_API_KEY",)), "copy:ANTHROPIC_API_KEY"),
        (replace(NOTHING, keyring=True), "keyring://cgw/work"),
    ],
)
def test_one_place_of_the_key_is_proposed_with_its_reason(found: Look, proposed: str) -> None:
    person = Person(BACK)
    with pytest.raises(IndexError):  # back from the first question asks it again
        walk([key.place], draft(), person, found)
    assert person.asked[0][1] == proposed
    assert person.asked[0][2].endswith(".")


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("localhost", "http://localhost"),
        ("llm.example.com", "https://llm.example.com"),
        ("https://llm.example.com/", "https://llm.example.com"),
        ("llm.example.com/anthropic", "https://llm.example.com/anthropic"),
    ],
)
def test_an_address_needs_no_scheme(typed: str, url: str) -> None:
    assert asked(Person(typed), [questions.address], draft()).profile.gateway_url == url


def test_a_gateway_that_answers_here_is_proposed_before_the_usual_address(isolated: Path) -> None:
    here = detect.LocalGateway("http://127.0.0.1:8080", LITELLM)
    start = Draft(Profile("", "unified"), frozenset())
    person = Person("")
    end = asked(person, [questions.address], start, replace(NOTHING, gateways=(here,)))
    assert (end.profile.gateway_url, end.kind) == ("http://127.0.0.1:8080", LITELLM)
    assert "answers there now" in person.asked[0][2]


@pytest.mark.parametrize("word", ["bearer", "Bearer:", "a b", "authorization: x"])
def test_a_word_that_is_no_header_is_refused_with_a_sentence(word: str) -> None:
    person = Person("other", word, "x-team-key", "bare")
    end = asked(person, [questions.header], draft(auth="static"))
    assert (end.profile.key_header, end.profile.key_format) == ("x-team-key", "bare")
    assert len(person.problems) == 1
    assert "--" not in person.problems[0]


@pytest.mark.parametrize(
    ("provider", "names"),
    [("vertex", ["project_id", "region"]), ("bedrock", ["region"]), ("unified", [])],
)
def test_only_the_fields_of_the_format_are_asked_for(provider: str, names: list[str]) -> None:
    answers = ["my-project" if name == "project_id" else "us-east5" for name in names]
    steps = [questions.project_id, questions.region, questions.workspace_id]
    end = asked(Person(*answers), steps, draft(provider=provider))
    assert [getattr(end.profile, name) for name in names] == answers


def test_an_answer_that_looks_like_a_key_can_be_one_that_is_none() -> None:
    word = "3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"

    def step(draft: Draft, asker: Asker, found: Look) -> Draft:
        return replace(draft, key_from=text(asker, "Which?", "", str, allowed=draft.allowed))

    person = Person(word, "text", word)
    assert asked(person, [step], draft()).key_from == word
    person = Person(word, "forget", "other")
    end = asked(person, [step], draft())
    assert (end.key_from, end.key) == ("other", None)


def test_a_keyring_that_refuses_the_key_is_replaced_by_a_private_file(
    isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    from claude_gw_cli.cli import secret

    store = secret.store

    def locked(parsed: Reference, value: Secret) -> None:
        if parsed.scheme == "keyring":
            raise RefusedError("the keyring is locked", hint="Unlock it.")
        store(parsed, value)

    monkeypatch.setattr(secret, "store", locked)
    monkeypatch.setattr(finish, "read_by_key", nullcontext)
    start = replace(draft(secret="keyring://cgw/work"), key=Secret(KEY))
    person = Person("")
    assert finish.carry_out(start, person, None) == 0
    assert person.asked[0][2] == "The keyring is locked. Unlock it."
    assert (isolated / ".config/cgw/keys/work").read_text() == KEY
    assert "keys/work" in (isolated / ".config/cgw/profiles/work.toml").read_text()
    with pytest.raises(finish.NotWanted):
        finish.carry_out(replace(start, profile=replace(start.profile, name="other")), Person("no"), None)
    assert not (isolated / ".config/cgw/profiles/other.toml").exists()


def test_the_look_is_over_in_time_and_survives_broken_files(
    work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detect, "PORTS", ())
    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_text("{")
    found = look(os.environ, os.getcwd())
    assert (found.address, found.keyring, found.profiles) == ("", False, ())


def test_a_profile_that_is_applied_is_changed_with_its_own_values(isolated: Path) -> None:
    from claude_gw_cli.cli.wizard.existing import existing
    from claude_gw_cli.cli.wizard.wizard import _STEPS
    from claude_gw_cli.world import config

    old = Profile(
        "work",
        "vertex",
        "http://127.0.0.1:9",
        auth="helper",
        secret="vault://kv/a#b",
        project_id="p1",
        region="us-east5",
    )
    config.save(config.profile_path("work", os.environ), dumps(old), before=None)
    found = replace(NOTHING, address="http://127.0.0.1:9/vertex_ai/v1", applied="work", profiles=("work",))
    nothing_given = Draft(Profile("", "unified"), frozenset())
    person = Person(*[""] * 9)
    assert asked(person, _STEPS, nothing_given, found).profile == old
    assert person.asked[-1][1:] == ("keep", "The profile has it there.")
    person = Person("new")
    assert asked(person, [existing], nothing_given, found) == nothing_given


def test_a_repository_that_is_not_trusted_proposes_nothing(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "PORTS", ())
    (work / ".git").mkdir()
    (work / ".claude").mkdir()
    (work / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "https://evil.example.com"}}')
    assert look(os.environ, os.getcwd()).address == ""
