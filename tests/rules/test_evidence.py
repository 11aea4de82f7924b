"""Where a rule claims what the client does, the recording it names exists and shows it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.pages import read_page

ATLAS = Path(__file__).parent.parent / "atlas"
EXPIRED = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln"
Seen = dict[str, Any]
TOK, KEY, HLP = "tok-FAKEAUTHTOKEN", "sk-ant-api03-FAKEAPIKEY", "hlp-FAKEHELPER"


def bearer(seen: Seen, value: str) -> bool:
    return bool(seen["authorization"] == f"Bearer {value}")


def refused(seen: Seen) -> bool:
    return bool(seen["requests"] == 0)


def anonymous(seen: Seen) -> bool:
    return seen["authorization"] is None and seen["x-api-key"] is None


def signed(seen: Seen) -> bool:
    return str(seen["authorization"]).startswith("AWS4-HMAC-SHA256")


def empty_key(seen: Seen) -> bool:
    return str(seen["authorization"]).strip() == "Bearer" and seen["x-api-key"] == ""


def is_login(seen: Seen) -> bool:
    return bearer(seen, "sk-ant-oat01-FAKELOGIN")


def discovers(seen: Seen) -> bool:
    return any(line.startswith("GET /v1/models") for line in seen["also"])


def path(seen: Seen, start: str) -> bool:
    return str(seen["url"]).startswith(start)


# One claim per rule, over its recordings in the order in which the rule names them.
CLAIMS: dict[str, Callable[..., bool]] = {
    "CGW101": lambda a: bearer(a, TOK) and a["x-api-key"] == KEY,
    "CGW102": lambda a, b: bearer(a, TOK) and bearer(b, TOK) and b["x-api-key"] is None,
    "CGW103": lambda a: bearer(a, HLP) and a["x-api-key"] == KEY,
    "CGW104": lambda a, *rest: (
        refused(a)
        and [x["also"][0].split()[1].partition(".")[2] for x in rest]
        == [
            *("us-east-1.amazonaws.com:443", "googleapis.com:443", "services.ai.azure.com:443"),
            *("us-east-1.api.aws:443", "us-east-1.api.aws:443", "anthropic.com:443"),
        ]
    ),
    "CGW105": lambda a, b, c: anonymous(a) and bearer(b, "skip-foundry-auth") and anonymous(c),
    "CGW106": lambda a: a["x-api-key"] == KEY and a["authorization"] is None,
    "CGW107": lambda a, b: bearer(a, "bedrock-FAKEBEARER") and bearer(b, "bedrock-FAKEBEARER"),
    "CGW108": lambda a, b, c, d, e, f: (
        signed(a) and bearer(b, "ya29.fake") and refused(c) and refused(d) and signed(e) and signed(f)
    ),
    "CGW109": lambda a, b: anonymous(a) and anonymous(b),
    "CGW110": lambda a, b: anonymous(a) and anonymous(b) and a["requests"] == 1,
    "CGW111": lambda a: str(a["authorization"]).startswith("Bearer Bearer "),
    "CGW112": lambda a: str(a["x-api-key"]).startswith("Bearer "),
    "CGW113": lambda a, b: "\t" in a["authorization"] and " " in b["x-api-key"],
    "CGW114": lambda a, b, c, d: (
        '"' in a["authorization"]
        and '"' in b["x-api-key"]
        and bearer(c, "tok-user;")
        and bearer(d, "ANTHROPIC_AUTH_TOKEN=tok-user")
    ),
    "CGW115": refused,
    "CGW116": lambda a, b: "é" in a["authorization"] and "é" in b["x-api-key"],
    "CGW117": lambda a, b: (
        a["authorization"].startswith("Bearer  ") and not b["authorization"].startswith("Bearer  ")
    ),
    "CGW119": lambda a, b, c: refused(a) and is_login(b) and is_login(c),
    "CGW146": lambda a: refused(a) and a["also"] == ["CONNECT api.anthropic.com:443"],
    "CGW317": lambda a: refused(a) and not a["also"] and a["says"].startswith("Not logged in"),
    "CGW145": lambda alone, tok, empty, helper: (
        all(item["x-api-key"] == "sk-ant-api03-primary" for item in (alone, tok, empty))
        and helper["x-api-key"] == "hlp"
    ),
    "CGW120": lambda a: "oat" in a["authorization"],
    "CGW121": lambda a, b: bearer(a, EXPIRED) and bearer(b, EXPIRED),
    "CGW125": lambda a, b: (
        path(a, "/project/") and a["x-api-key"] == KEY and path(b, "/theirs/") and bearer(b, "tok-user")
    ),
    "CGW126": lambda a: path(a, "/project/") and a["x-api-key"] == KEY,
    "CGW127": lambda a: a["x-api-key"] == KEY,
    "CGW128": lambda a, b: a["x-api-key"] == "fnd-FAKEKEY" and anonymous({**b, "x-api-key": None}),
    "CGW129": lambda a, b: bearer(a, TOK) and bearer(b, HLP),
    "CGW130": lambda a, b, c: bearer(a, TOK) and bearer(b, HLP) and bearer(c, TOK),
    "CGW131": lambda a: a["x-api-key"] == "ch-xak",
    "CGW132": lambda a: a["requests"] == 1 and not a.get("other_headers"),
    "CGW133": refused,
    "CGW134": lambda a: a["other_headers"] == {"x-one": "1, X-Two: 2"},
    "CGW135": lambda a, b: refused(a) and refused(b),
    "CGW136": lambda a: a["other_headers"] == {"x-team": "data"},
    "CGW137": lambda a, b: refused(a) and "Not logged in" in a["says"] and is_login(b),
    "CGW138": lambda a, b: refused(a) and bearer(b, "ch-auth"),
    "CGW139": lambda a: bearer(a, TOK) and a["x-api-key"] is None,
    "CGW140": lambda a: a["other_headers"]["x-empty"] == "",
    "CGW141": lambda a, b: is_login(a) and bearer(b, "hlp-user"),
    "CGW143": lambda a: bearer(a, "sk-ant-oat01-FAKELOGIN"),
    "CGW144": lambda a, b: bearer(a, "keyring://cgw/work") and bearer(b, "/run/secrets/gw_key"),
    "CGW150": lambda a: refused(a) and "Not logged in" in a["says"],
    "CGW201": lambda a, b: bearer(a, TOK) and bearer(b, TOK) and "did not load" in a["says"] + b["says"],
    "CGW202": lambda a, b: bearer(a, TOK) and "did not load" in a["says"] and bearer(b, "tok-user"),
    "CGW203": lambda a, b: (
        refused(a) and "could not be parsed as a JSON object" in a["says"] and bearer(b, "tok-user")
    ),
    "CGW204": lambda a: path(a, "/model/"),
    "CGW205": lambda a: bearer(a, "null"),
    "CGW206": lambda a, b: a["other_headers"] == {"x-a": "1,x-b: 2"} and bearer(b, "[object Object]"),
    "CGW207": lambda a: bearer(a, "${MYTOK}"),
    "CGW208": lambda a: bearer(a, "tok-user"),
    "CGW209": lambda a: bearer(a, "tok-user"),
    "CGW210": lambda a: bearer(a, "tok-user"),
    "CGW212": lambda a: bearer(a, "hlp-project"),
    "CGW211": lambda a, b, c, d: (
        refused(a)
        and a["also"] == ["CONNECT api.anthropic.com:443"]
        and all(refused(x) and "Not logged in" in x["says"] for x in (b, c, d))
    ),
    "CGW213": lambda a, b, c, d, e, f, g, h: (
        all(refused(x) and "require a first-party login" in x["says"] for x in (a, b, c, d))
        and all(bearer(x, "tok-user") for x in (e, g, h))
        and bearer(f, "ch")
    ),
    "CGW214": lambda a: bearer(a, "tok-user"),
    "CGW215": lambda a, b, c, d, e: (
        refused(a) and all(bearer(x, "tok-user") for x in (b, c, d)) and bearer(e, "tok-here")
    ),
    "CGW216": lambda a: path(a, "http://gw.invalid/"),
    "CGW217": lambda a, b: bearer(a, "tok-user") and refused(b) and "Could not load AWS" in b["says"],
    "CGW218": lambda a, b: bearer(a, "tok-user") and bearer(b, "tok-user"),
    "CGW219": lambda a, b, c, d, e, f, g, h: (
        all(refused(x) and "allow Claude Code to use" in x["says"] for x in (a, c, d, e, f, g))
        and bearer(b, "tok-user")
        and bearer(h, "t")
    ),
    "CGW220": lambda a, b, c: (
        refused(a) and "maximum version" in a["says"] and all(bearer(x, "tok-user") for x in (b, c))
    ),
    "CGW221": refused,
    "CGW222": lambda a: bearer(a, "tok-two"),
    "CGW223": lambda a: bearer(a, "tok-managed"),
    "CGW301": lambda a, b: bearer(a, "tok-user") and path(b, "/user/"),
    "CGW303": lambda a, b: path(a, "http://gw.invalid/") and path(b, "http://gw.invalid/"),
    "CGW304": lambda a, b, c: path(a, "http://") and path(b, "http://localhost:9/") and refused(c),
    "CGW305": lambda a: refused(a) and "does not exist" in a["says"],
    "CGW306": lambda a: path(a, "http://localhost") and bearer(a, "tok-user"),
    "CGW307": lambda a: path(a, "http://localhost") and bearer(a, "tok-user"),
    "CGW308": lambda *all_: (
        all(refused(x) and "Invalid proxy URL" in x["says"] for x in all_[:3])
        and all("UnsupportedProxyProtocol" in x["says"] for x in all_[3:6])
        and all(x["requests"] == 1 for x in all_[6:10])
        and "ENOTFOUND" in all_[10]["says"]
    ),
    "CGW309": lambda *all_: all(refused(x) and "Invalid URL" in x["says"] for x in all_),
    "CGW310": lambda a, b, c, d, e: (
        a["authorization"].startswith("Basic ")
        and bearer(b, "tok")
        and c["authorization"] is None
        and refused(d)
        and bearer(e, "tok")
    ),
    "CGW311": lambda a, b: path(a, "/v1/messages") and path(b, "/v1/messages"),
    "CGW312": lambda a, b: path(a, "/model/") and path(b, "/v1/messages"),
    "CGW313": lambda a: refused(a) and "Not logged in" in a["says"],
    "CGW401": lambda *seen: all(map(empty_key, seen[:-2])) and all(bearer(x, "hlp-user") for x in seen[-2:]),
    "CGW402": lambda *seen: all(map(empty_key, seen)),
    "CGW403": lambda a, b: empty_key(a) and bearer(b, "hlp-user"),
    "CGW404": lambda a, b: empty_key(a) and empty_key(b),
    "CGW405": empty_key,
    "CGW409": lambda a: "t=set" in a["x-api-key"],
    "CGW410": empty_key,
    "CGW411": empty_key,
    "CGW412": lambda a, b: a["helper_runs"] == 1 and b["helper_runs"] == 2,
    "CGW413": lambda a, b: a["helper_runs"] == 2 and b["helper_runs"] == 2,
    "CGW415": lambda a: "t=set" in a["x-api-key"],
    "CGW501": lambda a: path(a, "/v1/v1/messages"),
    "CGW502": lambda a, b, c, d: (
        path(a, "/v1/messages/v1/messages")
        and path(b, "/v1/chat/completions/v1/messages")
        and path(c, "/v1/projects/p/locations/us-east5/projects/")
        and path(d, "/bedrock/model/model/")
    ),
    "CGW503": lambda a, b: path(a, "/projects/") and path(b, "/v1/projects/"),
    "CGW504": lambda *all_: all(refused(x) and "No projectId" in x["says"] for x in all_),
    "CGW505": lambda a, b: path(a, "/projects/fakeproj/locations/us-east5/") and path(b, "/model/us."),
    "CGW506": lambda a: path(a, "/anthropic/v1/messages"),
    "CGW507": lambda a: path(a, "/?team=llm%2Fv1%2Fmessages"),
    "CGW508": refused,
    "CGW509": refused,
    "CGW510": lambda a: refused(a) and "must be a Foundry resource name" in a["says"],
    "CGW511": lambda a, b, c, d: (
        path(a, "/model/") and path(b, "/v1/messages") and path(c, "/model/") and path(d, "/bedrock/model/")
    ),
    "CGW512": lambda a: path(a, "/bedrock/v1/messages"),
    "CGW513": lambda a, b: path(a, "/v1/messages") and "CONNECT api.anthropic.com:443" in b["also"],
    "CGW514": lambda a: path(a, "/model/"),
    "CGW516": lambda a, b: not discovers(a) and discovers(b),
    "CGW517": lambda a: refused(a) and "No workspace ID found" in a["says"],
    "CGW518": lambda a, b: "//inference-profiles" in a["also"][0] and "//" not in b["also"][0],
    "CGW519": lambda a, b, c: (
        a["model"] == "my-gw-model"
        and path(b, "/model/us.anthropic.")
        and c["model"] == "us.anthropic.claude-opus-5-5"
    ),
    "CGW530": lambda a, b: signed(a) and b["other_headers"]["x-litellm-api-key"].startswith("Bearer "),
    "CGW531": refused,
    "CGW601": lambda a, b, c, d: all(x["authorization"] is None for x in (a, b, c)) and bearer(d, "tok-user"),
    "CGW603": lambda a, b: bearer(a, "tok-user") and b["x-api-key"] == "k1" and b["authorization"] is None,
    "CGW604": lambda a, b: a["model"] != "my-model" and b["model"] == "my-model",
    "CGW605": lambda a: a["model"] == "claude-haiku-5-5",
    "CGW607": lambda a, b: refused(a) and bearer(b, TOK),
    "CGW608": lambda a, b: not discovers(a) and discovers(b),
    "CGW609": lambda a, b: not discovers(a) and discovers(b),
    "CGW610": lambda a: a["requests"] == 2 and a["helper_runs"] == 2,
    "CGW611": lambda a, b: refused(a) and refused(b),
    "CGW612": lambda a, b: a["model"] != "my-model" and b["model"] == "my-model",
}
RECORDED = {
    code: found
    for code in all_rules()
    if (found := [item.removeprefix("atlas:") for item in read_page(code).evidence if item.startswith("atlas:")])
}


@pytest.fixture(scope="module")
def recordings() -> dict[str, Seen]:
    with gzip.open(ATLAS / "observations.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows += [json.loads(line) for line in (ATLAS / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    return {f"{row['version']} {row['case']}": row["observed"] for row in rows}


@pytest.mark.parametrize("code", sorted(RECORDED))
def test_the_recordings_show_what_the_rule_says(code: str, recordings: dict[str, Seen]) -> None:
    seen = [recordings[name] for name in RECORDED[code]]
    assert CLAIMS[code](*seen), seen


def test_every_claim_belongs_to_a_rule() -> None:
    assert set(CLAIMS) == set(RECORDED)
