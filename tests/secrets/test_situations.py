"""The table of ``situations``: no cell is empty, each possible one is produced here, and each real proof exists."""

from __future__ import annotations

import base64
import importlib.util
import inspect
import json
import os
import shlex
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.reference import FORMS, parse
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import PLACES, pin
from claude_gw_cli.secrets.stores import PRESETS

from .conftest import Fake
from .situations import REAL, REASONS, SITUATIONS, cells
from .store_tools import TOOLS
from .test_oauth import Issuer

KEY = "cgw-canary-5c1e07"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
CELLS = cells()
# What a field holds that is not a key.
NOT_TEXT = (None, True, 1.50, [KEY], {"key": KEY})


@dataclass
class Case:
    """What is asked: a reference, the environment of the installation, what a project sets later, and the tables."""

    reference: str
    env: dict[str, str]
    tables: dict[str, Any] = field(default_factory=dict)
    seconds: float = 9


# The table itself


def test_every_source_has_a_row_and_every_cell_an_outcome_or_a_reason() -> None:
    assert {source for source, _ in CELLS} == set(FORMS), "each source has a row in TABLE of situations.py"
    assert set(FORMS) >= set(PRESETS), "each store has a form in core/reference.py"
    assert set(TOOLS) == {*PRESETS, "exec"}, "each store has a row in TOOLS of store_tools.py"
    used = {cell.rstrip("+!") for cell in CELLS.values()}
    assert used == {"K", "2", "69", "77", *REASONS}
    marked = {place for place, cell in CELLS.items() if cell.endswith(("+", "!"))}
    assert marked == {(source, situation) for source, tests in REAL.items() for situation in tests}


def _module(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / "real" / name
    spec = importlib.util.spec_from_file_location(f"proof_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks for its module there
    spec.loader.exec_module(module)
    return module


def test_every_real_proof_exists_and_expects_what_its_cell_says() -> None:
    modules: dict[str, ModuleType] = {}
    for source, tests in REAL.items():
        for situation, node in tests.items():
            place, outcome = (source, situation), CELLS[source, situation].rstrip("+!")
            file, _, rest = node.partition("::")
            name, bracket, parameter = rest.partition("[")
            test = getattr(modules.setdefault(file, _module(file)), name, None)
            assert test is not None, node
            if not bracket:
                assert outcome == "K" or outcome in inspect.getsource(test) or "refusal" in inspect.getsource(test)
                continue
            mark = next(mark for mark in test.pytestmark if mark.name == "parametrize")
            values = mark.args[1]
            if isinstance(values, dict):
                expected = values[parameter.removesuffix("]")]
                assert (("K", 0) if isinstance(expected, str) else (str(expected[0]), 1))[0] == outcome, place
            else:
                first = [str(value[0] if isinstance(value, tuple) else value) for value in values]
                assert any(parameter.startswith(value) for value in first), node


# The fake tools, servers and files


def _stored(situation: str) -> Iterator[tuple[str, str]]:
    """A secret's text, and the field that is asked for, for the situations of what is stored."""
    match situation:
        case "lines":
            yield f"{KEY}\nuser: me\n", ""
        case "field":
            yield json.dumps({"key": KEY, "n": 1}), "#key"
        case "no field":
            yield json.dumps({"key": KEY, "user": "me"}), "#nope"
            yield json.dumps({"key": KEY, "user": "me"}), ""
        case "not text":
            yield from ((json.dumps({"key": value}), "#key") for value in NOT_TEXT)
        case _:
            yield KEY, ""


def _program(folder: Path, name: str, body: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _tool(source: str, situation: str, folder: Path) -> Iterator[Case]:
    """A store that is read by its tool, or ``exec:``."""
    tool, row = TOOLS[source], PRESETS.get(source)
    names = (*row.selects, *row.credentials) if row else ()
    env = dict.fromkeys(names, "mine") | {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}
    plain = tool.reference.format(dir=folder)
    _program(folder, "show", "")  # so that exec:'s program is there
    name = os.path.basename(shlex.split(row.arguments(parse(plain))[0])[0]) if row else "show"
    out = folder / "out"

    def case(reference: str, body: str, printed: str | bytes = "", seconds: float = 9) -> Case:
        out.write_bytes(printed if isinstance(printed, bytes) else printed.encode())
        _program(folder, name, body)
        return Case(reference, env, seconds=seconds)

    if situation in tool.said:
        fragment = "#nope" if situation == "no field" else ""
        yield case(plain + fragment, f"printf '%s\\n' {shlex.quote(tool.said[situation])} >&2; exit 1")
    elif situation == "stopped":
        yield case(plain, "sleep 60", seconds=1.5)
    elif situation == "question":
        asks = "read -r x && echo QUESTION >&2; (exec 3</dev/tty) 2>/dev/null && echo QUESTION >&2; "
        yield case(plain, asks + '[ -n "$DISPLAY$GPG_TTY" ] && echo QUESTION >&2; echo cannot ask >&2; exit 6')
    elif situation == "folder":
        reference, words, code = tool.folder
        (folder / "mine" / "team").mkdir(parents=True, exist_ok=True)
        env["PASSWORD_STORE_DIR"] = str(folder / "mine")
        if source == "exec":
            reference = f"exec:{folder}"
        stream = "" if code == 0 else ">&2"
        yield case(reference.format(dir=folder), f"cat {out} {stream}; exit {code}", words)
    elif situation in tool.named:
        reference, word = (text.format(dir=folder) for text in tool.named[situation])
        found = f'for word; do [ "$word" = {shlex.quote(word)} ] && exec cat {out}; done; exit 9'
        yield case(reference, found, tool.prints(KEY))
    elif situation == "binary":
        yield case(plain, f"cat {out}", tool.binary)
    elif situation == "project":
        right = "".join(f'case "${name}" in mine*) ;; *) echo evil-0123456789; exit;; esac; ' for name in names)
        yield case(plain, f'{right}[ "$HOME" = {folder} ] && cat {out}', tool.prints(KEY))
    elif situation == "field" and row and row.picks_field:
        yield case(f"{plain}#key", f'case " $* " in *" key "*) cat {out};; esac', KEY)
    else:
        for text, fragment in _stored(situation):
            if (source == "exec" and fragment) or (source == "sops" and situation == "no field" and not fragment):
                continue  # exec: has no field, sops:// always one
            reference = plain.partition("#")[0] + fragment if fragment or "#" not in plain else plain
            exec_ = tool.lines(text) if situation == "lines" else tool.prints(text)
            yield case(reference, f"cat {out}", exec_)


def _env(situation: str, folder: Path) -> Iterator[Case]:
    for text, fragment in _stored(situation):
        value = {"binary": "\udc89PNG"}.get(situation, text)
        yield Case(f"env://K{fragment}", {} if situation == "missing" else {"K": value, "HOME": str(folder)})


def _file(situation: str, folder: Path) -> Iterator[Case]:
    for text, _ in _stored(situation):
        path = folder / "key"
        path.touch(0o600)
        path.write_bytes(b"\x89PNG\xff" if situation == "binary" else text.encode())
        name = {"missing": "/nope", "folder": ""}.get(situation, "/key")
        yield Case(f"file://{'~' if situation == 'project' else folder}{name or '/'}", {"HOME": str(folder)})


def _vault(situation: str, folder: Path, server: Fake) -> Iterator[Case]:
    path = "/v1/secret/data/llm"
    env = {"VAULT_TOKEN": "hvs.x", "VAULT_ADDR": server.url, "HOME": str(folder)}
    if situation == "stopped":
        with socket.socket() as closed:  # bound, and nothing listens
            closed.bind(("127.0.0.1", 0))
            yield Case("vault://secret/llm#key", env | {"VAULT_ADDR": f"http://127.0.0.1:{closed.getsockname()[1]}"})
        return
    server.put("/v1/auth/token/lookup-self", 403, {"errors": ["permission denied"]})
    for text, fragment in _stored(situation):
        if situation == "no field" and not fragment:
            continue  # vault:// always names a field
        document = json.loads(text) if text.startswith("{") else {"key": text}
        body = {"data": {"data": document, "metadata": {"version": 2}}}
        refused = {"missing": 404, "folder": 404, "locked": 503, "signed out": 403}.get(situation, 200)
        asked = f"{path}?version=1" if situation == "version" else path
        server.put(asked, refused, body if refused == 200 else {"errors": ["no"]})
        options = "?version=1" if situation == "version" else ""
        yield Case(f"vault://secret/llm{options}{'#nope' if fragment == '#nope' else '#key'}", env)


def _jwt(situation: str, folder: Path) -> Iterator[Case]:
    locked = serialization.BestAvailableEncryption(b"pw") if situation == "question" else serialization.NoEncryption()
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "key.pem"
    path.touch(0o600)
    path.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*kinds, locked))
    if situation == "binary":
        path.write_bytes(b"\x89PNG\xff")
    name = {"missing": f"{folder}/nope", "folder": str(folder), "project": "~/key.pem"}.get(situation, str(path))
    reference = "jwt://w#key" if situation == "field" else "jwt://w"
    yield Case(reference, {"HOME": str(folder)}, {"jwt": {"w": {"key": f"file://{name}", "aud": "gw"}}})


def _oauth(situation: str, folder: Path, server: Issuer) -> Iterator[Case]:
    url = f"http://127.0.0.1:{server.server_address[1]}/token"
    table = {"token_url": url, "client_id": "c", "client_secret": "env://S"}
    env = {"S": "client-secret", "HOME": str(folder)}
    values: tuple[object, ...] = NOT_TEXT if situation == "not text" else (KEY,)
    for value in values:
        server.answer(200, {"access_token": f"{KEY}\nx" if situation == "lines" else value, "expires_in": 600})
        if situation == "signed out":
            server.answer(401, {"error": "invalid_client"})
        if situation == "binary":
            server.answer(200, b"\x89PNG\xff")
        if situation == "stopped":
            table["token_url"] = "http://127.0.0.1:1/token"
        if situation == "missing":
            table["client_secret"] = f"file://{folder}/nope"
        yield Case("oauth://w#key" if situation == "field" else "oauth://w", env, {"oauth": {"w": table}})


def _ci_token(situation: str, folder: Path, server: Fake) -> Iterator[Case]:
    """GitHub's way, in which a request is made."""
    claims = base64.urlsafe_b64encode(json.dumps({"aud": "gw", "exp": time.time() + 300}).encode()).decode()
    token = f"eyJh.{claims.rstrip('=')}.{KEY}"
    env = {"GITHUB_ACTIONS": "true", "HOME": str(folder), REQUEST_TOKEN: "request-token"}
    env |= {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/token?api-version=2"}
    if situation == "missing":
        env = {"HOME": str(folder)}
    if situation == "stopped":
        env["ACTIONS_ID_TOKEN_REQUEST_URL"] = "http://127.0.0.1:1/token"
    if situation == "signed out":
        yield Case("ci-token://gw", {name: value for name, value in env.items() if not name.startswith("ACTIONS")})
        server.put("/token?api-version=2&audience=gw", 403, {"message": "no"})
        yield Case("ci-token://gw", env)
        return
    values: tuple[object, ...] = NOT_TEXT if situation == "not text" else (token,)
    for value in values:
        told = b"\x89PNG" if situation == "binary" else {"value": f"{token}\nx" if situation == "lines" else value}
        server.put("/token?api-version=2&audience=gw", 200, told)
        yield Case("ci-token://gw#key" if situation == "field" else "ci-token://gw", env)


UNIT = [place for place, cell in CELLS.items() if cell.rstrip("+") in {"K", "2", "69", "77"}]


@pytest.mark.parametrize(("source", "situation"), UNIT)
def test_a_helper_gets_what_the_cell_says(
    source: str, situation: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    match source:
        case "env":
            cases = _env(situation, tmp_path)
        case "file":
            cases = _file(situation, tmp_path)
        case "vault":
            cases = _vault(situation, tmp_path, request.getfixturevalue("fake"))
        case "jwt":
            cases = _jwt(situation, tmp_path)
        case "oauth":
            cases = _oauth(situation, tmp_path, request.getfixturevalue("situation_issuer"))
        case "ci-token":
            cases = _ci_token(situation, tmp_path, request.getfixturevalue("fake"))
        case _:
            cases = _tool(source, situation, tmp_path)
    count = 0
    for case in cases:
        _check(case, source, situation)
        count += 1
    assert count


def _check(case: Case, source: str, situation: str) -> None:
    """Ask as an installed helper does: what was pinned, in the environment of a project that names other stores."""
    names = (*PLACES, *(PRESETS[source].selects if source in PRESETS else ()), "VAULT_ADDR", "BAO_ADDR", "HTTP_PROXY")
    names += ("ACTIONS_ID_TOKEN_REQUEST_URL",)
    hostile = dict.fromkeys(names, "/nowhere") | {"DISPLAY": ":9", "GPG_TTY": "/dev/tty"}
    hostile |= {name: case.env[name] for name in ("VAULT_TOKEN", "K", "S", REQUEST_TOKEN) if name in case.env}
    if source in PRESETS:
        hostile |= {name: case.env[name] for name in PRESETS[source].credentials if name in case.env}
    start = time.monotonic()
    value, shown, outcome = "", "", "K"
    try:
        pinned = pin(case.reference, Context(Grant("own"), case.env, tables=case.tables))
        later = Context(Grant("helper"), hostile, start + case.seconds, tables=pinned.tables)
        value = resolve(pinned.reference, later).value.reveal()
    except CgwError as error:
        outcome, shown = str(error.exit_code), f"{error.message}\n{error.hint}"
        if not error.hint:
            outcome += " without a next step"
    assert outcome == CELLS[source, situation].rstrip("+"), (case.reference, outcome, shown)
    if outcome == "K":
        assert value == KEY or (source in {"jwt", "ci-token"} and value.count(".") == 2), (case.reference, value)
    assert KEY not in shown
    assert "QUESTION" not in shown
    if situation == "question" and source in TOOLS:
        assert "cannot ask" in shown or "locked" in shown, shown
    assert time.monotonic() - start < case.seconds + 5


@pytest.fixture
def situation_issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_table_has_every_pair() -> None:
    assert set(CELLS) == set(product(FORMS, SITUATIONS))
