"""This machine's credential of the cloud beside the gateway's key: does the gateway look at that one, not at the key?

The client signs, or sends its own token, in Authorization. What `cgw doctor` does not have is replaced by a
credential of the same form that is not valid.
"""

from __future__ import annotations

from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, recognise, same, shown
from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.facts.bodies import CLOUD_LINES
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world.probe.exchange import Credential
from claude_gw_cli.world.probe.route import NO_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.questions import Question
    from claude_gw_cli.world.probe.contact import Contact
    from claude_gw_cli.world.probe.schedule import ProbeContext

_REFUSED = frozenset({400, 401, 403, 422})
_BY_CLOUD = ("cloud-", "upstream-")
"""Situations in which the cloud refuses."""


def cloud_lines(contact: Contact, moment: ProbeContext) -> dict[str, str]:
    """The headers with which the client sends its own credential of the cloud; empty where it has none, or no key."""
    sent, mode = moment.found.get("start"), mode_of(contact.plan.profile)
    if isinstance(sent, Credential):
        clouds: Mapping[str, str] = sent.clouds
    elif mode.taken:
        signs = "aws-keys" in BY_NAME[mode.client].situations
        clouds = {"authorization": "AWS4-HMAC-SHA256" if signs else "Bearer"}
    else:
        return {}
    known, lines = contact.key_in(moment), dict[str, str]()
    for name, scheme in clouds.items():
        lines |= {name: known[name]} if name in known else dict(CLOUD_LINES.get(scheme, ()))
    return lines


def passed_on(outcomes: tuple[Answer, Answer]) -> bool:
    """Whether the key is accepted and the cloud behind the gateway refuses, as only the client has its credential.

    ``outcomes``: the answers to the key alone, and with a credential beside it that is not valid. A gateway that
    refuses the key answers both alike.
    """
    alone, beside = outcomes
    if alone.status not in _REFUSED or beside.status not in _REFUSED or same(alone, beside):
        return False
    named = (recognise(answer, "gateway.key", invalid=True) or "" for answer in outcomes)
    return any(name.startswith(_BY_CLOUD) for name in named)


def read_first(
    contact: Contact,
    question: Question,
    outcomes: tuple[Answer, Answer],
    lines: Mapping[str, str],
    moment: ProbeContext,
) -> Verdict | None:
    """The verdict if the gateway looks at the cloud's credential and not at the key, which it accepts alone.

    Args:
        contact: the gateway.
        question: for the key.
        outcomes: the answers to the key alone, and with the cloud's credential beside it.
        lines: the headers of that credential.
        moment: of the probe.
    """
    alone, beside = outcomes
    if beside.status not in _REFUSED or same(alone, beside):
        return None
    headers, (header, key) = contact.key_in(moment), contact.carried(moment)
    wrong = {name: value.replace(key, NO_KEY) for name, value in headers.items()} if key else {}
    if not key or not same(beside, contact.ask(question, {**wrong, **lines}, moment)):
        return None  # the key makes a difference: what refuses the credential is behind the gateway
    refusals = (contact.ask(question, it, moment) for it in (contact.keyless, wrong))
    named = recognise(beside, "gateway.key", invalid=True) or ""
    if named.startswith(_BY_CLOUD) and not any(same(beside, refusal) for refusal in refusals):
        return None  # it is passed on without a look at the key
    read = next(name for name in lines if name in {"authorization", "x-api-key", "api-key"})
    about = contact.about(moment, read=read, header=header, skip=mode_of(contact.plan.profile).skip_variable or "")
    return explain("cloud-read-first", shown(beside, about), about)
