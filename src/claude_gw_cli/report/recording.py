"""A traced start as one line in the form of tests/atlas, without anything private. Pure.

Only what decides about credentials is kept. Every text that may be private is replaced, the same text always by the
same replacement; whitespace and unusual characters are kept, because they decide what the client does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from claude_gw_cli.core.observation import CREDENTIAL_HEADERS, Observation
from claude_gw_cli.core.snapshot import SettingsFile, Snapshot
from claude_gw_cli.facts.variables import VARIABLES

_PUBLIC = frozenset({"flag", "presence", "millis", "model"})
_LINE = re.compile(r"(?m)^([^:\r\n]*:[ \t]*)?([^\r\n]*)")  # ANTHROPIC_CUSTOM_HEADERS: the names stay
# What every recorder sets, or what only names this machine.
_LEFT_OUT = re.compile(
    r"(?i)HOME|PATH|.*_PROXY|CLAUDE_CONFIG_DIR|CLAUDE_CODE_(DISABLE_NONESSENTIAL_TRAFFIC|MAX_RETRIES)"
)


def anonymous(start: Snapshot, seen: Observation, recorder: str) -> str:
    """One line of JSON.

    Args:
        start: as the client made it, with its base URL on the recorder.
        seen: what arrived.
        recorder: the loopback gateway's URL.
    """
    words = _Replacements(recorder)
    config: dict[str, Any] = {"env": words.variables(start.process)}
    flags: list[str] = []
    for file in start.files:
        if file.status == "absent":
            continue
        document = _document(file, words)
        if file.scope == "flag":
            flags = ["--settings", document if isinstance(document, str) else json.dumps(document)]
        elif file.kind == "drop-in":
            drop_ins = config.setdefault("managed_d", {})
            drop_ins[f"{len(drop_ins):02}.json"] = document
        else:
            config[file.scope] = document
    given = start.arguments
    flags += [name for name, on in (("--bare", given.bare), ("--restricted", given.restricted)) if on]
    flags += [] if given.setting_sources is None else ["--setting-sources", ",".join(given.setting_sources)]
    flags += [] if given.model is None else ["--model", given.model]
    config |= {"flags": flags} if flags else {}
    if "{HELPER}" in json.dumps(config):
        config["helper"] = "echo private-helper"
    row = {"version": start.client_version, "case": "trace", "interactive": False, "config": config}
    return json.dumps({**row, "observed": _observed(seen, words, recorder)}, ensure_ascii=False) + "\n"


def _document(file: SettingsFile, words: _Replacements) -> object:
    """A settings document, or one that is as invalid as the original."""
    if file.status == "invalid":
        return "{"
    env = file.data.get("env")
    document: dict[str, Any] = {"env": words.variables(env)} if isinstance(env, Mapping) else {}
    if "apiKeyHelper" in file.data:
        document["apiKeyHelper"] = "{HELPER}" if file.data["apiKeyHelper"] else ""
    return document | ({"model": file.data["model"]} if "model" in file.data else {})


def _observed(seen: Observation, words: _Replacements, recorder: str) -> dict[str, Any]:
    found: dict[str, Any] = {"requests": seen.requests, "url": seen.url and seen.url.removeprefix(recorder)}
    found |= {
        name: words.credential(seen.headers[name]) if name in seen.headers else None for name in CREDENTIAL_HEADERS
    }
    found |= {"model": seen.model, "exit": seen.exit, "helper_runs": None}
    others = {name: words.credential(value) for name, value in seen.others.items()}
    return found | ({"other_headers": others} if others else {}) | ({"says": seen.says[:160]} if seen.says else {})


class _Replacements:
    """Text -> replacement, a different one for each text."""

    def __init__(self, recorder: str) -> None:
        self._recorder = recorder
        self._known: dict[str, str] = {}

    def variables(self, env: Mapping[str, object]) -> dict[str, object]:
        """The variables that matter to the client."""
        return {
            name: self._variable(VARIABLES[name].kind, value)
            for name, value in env.items()
            if name in VARIABLES and not _LEFT_OUT.fullmatch(name)
        }

    def _variable(self, kind: str, value: object) -> object:
        if not isinstance(value, str) or kind in _PUBLIC:
            return value
        if kind == "headers":
            return _LINE.sub(lambda line: (line[1] or "") + self.credential(line[2]), value)
        return value.replace(self._recorder, "{U}") if self._recorder in value else self.credential(value)

    def credential(self, text: str) -> str:
        """A replacement of the same kind; a scheme before the credential is not a secret."""
        scheme, space, rest = text.partition(" ")
        if space and scheme.lower() in ("bearer", "basic", "aws4-hmac-sha256"):
            return f"{scheme} {self.credential(rest)}"
        inner = text.strip()
        if not inner:
            return text
        odd = re.sub(r"[!-~]+", "", inner)
        known = self._known.setdefault(inner, f"private{len(self._known) + 1}" + (f"{odd}x" if odd else ""))
        return text.replace(inner, known)
