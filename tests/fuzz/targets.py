"""What is fuzzed: each target takes any bytes, and raises where cgw does not keep its promise.

The promise: only cgw's own errors, with a defined exit code other than 70; nothing that a terminal obeys in what is
shown; the credential of the set-up in no message.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from email.message import Message
from threading import Thread
from unittest.mock import patch

from claude_gw_cli import readers, secrets
from claude_gw_cli.core import bundle, expiry
from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import EXIT_BUG, CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.jsontext import JsonError, decode, encode, parse, set_value
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.masking import masked_json, masked_line, masked_text
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.pasted import key_in
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.predict.custom import parse_custom_headers
from claude_gw_cli.core.predict.gates import is_proxy, is_url
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.predict.proxy import unsupported
from claude_gw_cli.core.predict.target import _joined
from claude_gw_cli.core.proxies import choose_way, reason
from claude_gw_cli.core.reference import parse as parse_reference
from claude_gw_cli.core.resemblance import resemblance
from claude_gw_cli.core.secret import checked
from claude_gw_cli.core.snapshot import ClientArguments, SettingsFile, Snapshot
from claude_gw_cli.core.terminal import escaped
from claude_gw_cli.core.wrap import wrapped
from claude_gw_cli.facts.gateways import find_kind
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.helper import cache
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.readers.common import NotReadableError
from claude_gw_cli.report import findings as reports
from claude_gw_cli.report.explain import as_dict
from claude_gw_cli.report.human import human
from claude_gw_cli.rules.assigned import by_process
from claude_gw_cli.rules.context import Gateway, RuleContext
from claude_gw_cli.rules.engine import run
from claude_gw_cli.secrets import jwt_keys
from claude_gw_cli.secrets.session import Response, Session
from claude_gw_cli.world.ownership import Store
from claude_gw_cli.world.probe.http1 import CutError, Exchange, NotHttpError
from claude_gw_cli.world.profile_text import parse as parse_profile
from claude_gw_cli.world.tree import gateway_config

CANARY = "cgw-canary-4417-fuzz-Zq9xW2"
DECLARED = (CgwError, NotReadableError)
_PLAIN = ClientArguments()
_OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys: control characters, and marks that reorder a line."""


class BrokenPromiseError(Exception):
    """What a target found."""


def _judged(error: Exception) -> None:
    """An error that may be raised."""
    if getattr(error, "exit_code", 2) == EXIT_BUG:
        raise BrokenPromiseError(f"exit 70: {error}")
    _shown(f"{error} {getattr(error, 'hint', '')}")


def _shown(text: str) -> None:
    """What is shown, as it reaches the terminal."""
    if CANARY in text:
        raise BrokenPromiseError("the credential is shown")
    if _OBEYED.search(escaped(text)):
        raise BrokenPromiseError("a control character reaches the terminal")


def _reported(context: RuleContext, text: str) -> None:
    lines = text.split("\n")

    def line_of(_file: str, line: int) -> str | None:
        return lines[line - 1] if line <= len(lines) else None

    found: list[Finding] = list(run(context))
    for finding in found[:50]:
        _shown(human(finding, line_of))
        json.dumps(reports.as_dict(finding))


def _start(files: tuple[SettingsFile, ...], process: Mapping[str, str] | None = None) -> Snapshot:
    return Snapshot(
        process=process or {},
        files=files,
        cwd="/w",
        home="/h",
        config_dir="/h/.claude",
        client_version=NEWEST,
        now=1e9,
    )


def settings(data: bytes) -> None:
    """A settings file as a text: read, masked, edited."""
    text, encoding = decode(data)
    if encode(text, encoding) != data:
        raise BrokenPromiseError("decoding loses bytes")
    try:
        parse(text)
    except JsonError as error:
        return _judged(error)
    masked_json(text)
    try:
        edited = set_value(text, ("env", "ANTHROPIC_BASE_URL"), "http://127.0.0.1:1")
    except DECLARED as error:
        return _judged(error)
    if parse(edited).get(("env", "ANTHROPIC_BASE_URL")) != "http://127.0.0.1:1":
        raise BrokenPromiseError("an edit does not hold")
    return None


def start(data: bytes) -> None:
    """A client's start with a settings file: predicted, judged, reported."""
    text, _ = decode(data)
    source = document("user", "/h/.claude/settings.json", text, _PLAIN, kind="settings", version=NEWEST)
    snapshot = _start((source,))
    as_dict(predict(snapshot))
    _reported(RuleContext(snapshot), text)


def profile(data: bytes) -> None:
    """A profile: TOML, validated, planned."""
    try:
        found = parse_profile(data.decode("utf-8", "replace"), "work", "work.toml")
        make_plan(found)
    except DECLARED as error:
        _judged(error)


def gateway(data: bytes) -> None:
    """A gateway's configuration: YAML, and its rules."""
    text = data.decode("utf-8", "replace")
    found, fault, at = gateway_config(text)
    context = RuleContext(_start(()), whole=False, gateway=Gateway("c.yaml", found, 0o644, False, fault, at))
    _reported(context, text)


def formats(data: bytes) -> None:
    """Every format that `cgw check` reads; the first byte chooses the format."""
    if not data:
        return None
    reader = readers.READERS[data[0] % len(readers.READERS)]
    text = data[1:].decode("utf-8", "surrogateescape")
    try:
        starts = readers.read(reader, text, "/w/file")
    except DECLARED as error:
        return _judged(error)
    if not starts:
        return None
    source = SettingsFile("process", "/w/file", "loaded", text)
    _reported(by_process(RuleContext(_start(()), whole=False), source, starts), text)
    return None


_RELEASES = (NEWEST, "2.1.100", "1.0.60")
"""Each reads proxies in another way."""
_HOSTS = ("https://gw.example", "http://10.1.2.3:8080", "https://[fd00::1]")


def _way(url: str, variables: Mapping[str, str], version: str) -> None:
    way = choose_way(url, variables, version)
    _shown(masked_text(f"{reason(way, url)} {unsupported(way)}"))


def _address(text: str, version: str, _: str) -> None:
    _joined(text, "/v1/messages", version, proxied=False)
    is_url(text)
    _way(text, {"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,.example"}, version)
    resemblance(text, ("https://gateway.example",))
    gateway_root(text)


def _proxy(text: str, version: str, host: str) -> None:
    is_proxy("HTTPS_PROXY", text, version)
    _way(host, {"HTTPS_PROXY": text}, version)


def _masked(text: str, _: str, __: str) -> None:
    """A line of any file, before a key that everybody recognizes."""
    if CANARY in masked_line(f"{text}\nANTHROPIC_API_KEY=sk-ant-api03-{CANARY}"):
        raise BrokenPromiseError("the credential is shown")
    masked_text(text)
    wrapped(escaped(text), 40)
    key_in(text)


GRAMMARS: tuple[Callable[[str, str, str], object], ...] = (
    lambda text, version, _: parse_custom_headers(text, version),
    _address,
    _proxy,
    lambda text, version, host: _way(host, {"HTTPS_PROXY": "http://p", "NO_PROXY": text}, version),
    lambda text, _, __: parse_reference(text),
    lambda text, version, _: parse_arguments(text.split("\n"), version),
    _masked,
    lambda text, _, __: expiry.ttl_from(text),
)
"""The reader of a text; it gets the text, a release and a host."""


def variables(data: bytes) -> None:
    """Texts with a grammar, each by its own reader; the first byte chooses reader, release and host."""
    if not data:
        return
    rest, grammar = divmod(data[0], len(GRAMMARS))
    release, host = rest % len(_RELEASES), rest // len(_RELEASES) % len(_HOSTS)
    try:
        GRAMMARS[grammar](
            data[1:].decode("utf-8", "surrogateescape").replace("\0", ""), _RELEASES[release], _HOSTS[host]
        )
    except DECLARED as error:
        _judged(error)


def helper(data: bytes) -> None:
    """What a program prints for a key, and a token's own end."""
    text = data.decode("utf-8", "replace")
    try:
        value = checked(text, "exec:x").reveal()
    except DECLARED as error:
        return _judged(error)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise BrokenPromiseError("a key that no header can carry")
    expiry.token_end(value, 1e9)
    return None


_TABLES: dict[str, dict[str, object]] = {
    "vault": {"address": "http://127.0.0.1:1", "token": "env://T"},
    "oauth": {"o": {"token_url": "http://127.0.0.1:1/t", "client_id": "me", "client_secret": "env://T"}},
}


def answers(data: bytes) -> None:
    """The answer of a Vault server or a token endpoint: its status, two headers and its body."""
    if len(data) < 3:
        return None
    statuses = (200, 200, 200, 204, 301, 400, 401, 403, 404, 412, 429, 473, 500, 501, 503)
    status, reference = statuses[data[0] % len(statuses)], ("vault://secret/a#key", "oauth://o")[data[1] % 2]
    message = Message()
    head, _, body = data[2:].partition(b"\n\n")
    for name, value in zip(("Retry-After", "Date"), head.split(b"\n"), strict=False):
        message[name] = value.decode("latin-1").replace("\r", "")
    response = Response(status, message, body or head)
    context = secrets.Context(Grant("typed"), {"T": CANARY, "VAULT_TOKEN": CANARY}, None, _TABLES, clock=lambda: 1e9)
    with (  # without the thread that a deadline needs
        patch.object(Session, "request", lambda *_a, **_k: response),
        patch.object(Thread, "start", Thread.run),
        patch.object(Thread, "join", lambda *_a: None),
    ):
        try:
            fetched = secrets.resolve(reference, context)
        except DECLARED as error:
            return _judged(error)
    _shown(" ".join(fetched.facts.values()))
    if fetched.expires_at is not None and not 0 < fetched.expires_at < 1e300:
        raise BrokenPromiseError("an end that is no time")
    return None


def http(data: bytes) -> None:
    """A gateway's answer as it comes from the network."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data[:60_000])
        theirs.shutdown(socket.SHUT_WR)
        try:
            reply = Exchange(ours, time.monotonic() + 5)
            reply.send("GET", "/", [("host", "h")])
            reply.read_head()
            body = b"".join(reply.body())
        except (NotHttpError, CutError):
            return
    find_kind(body.decode("utf-8", "replace"), ())


def keys(data: bytes) -> None:
    """A signing key: PEM, JWK, a shared secret."""
    try:
        key, algorithms, _ = jwt_keys.load(data.decode("utf-8", "replace"))
        for algorithm in algorithms:
            jwt_keys.check_length(key, algorithm)
    except DECLARED as error:
        _judged(error)


def state(data: bytes) -> None:
    """Cgw's own files after a crash or an edit: the helper's file, its cache, a settings record, a facts bundle."""
    text = data.decode("utf-8", "replace")

    def recorded(absent: str) -> Store:
        def read(path: str) -> bytes | None:
            return b"k" * 32 if path.endswith("key") else None if path.endswith(absent) else data

        return Store("/nowhere", "/h/.claude/settings.json", read=read)

    with patch.object(cache, "read_private", lambda _: data):
        entry = cache.Cache("/nowhere", "k", "i", ())
        entry.load()
        entry.failure()
    for reader in (
        lambda: specs.loads(text, "/x/work.spec"),
        lambda: bundle.parse(data),
        lambda: recorded("next.json").load("{}"),
        lambda: recorded("nothing").load('{"env": {"A": "1"}}'),
    ):
        try:
            reader()
        except DECLARED as error:
            _judged(error)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (settings, start, profile, gateway, formats, variables, helper, answers, http, keys, state)
}
