"""A rule as a page: what ``cgw rule CODE`` prints, and what is in docs/rules. Made from the rule and its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from claude_gw_cli.rules.pages import Document, Example, read_page
from claude_gw_cli.rules.rule import Rule

_SAFETY = {
    "safe": "`cgw check --fix` applies it; the fix cannot change which credential is sent.",
    "unsafe": "`cgw check --unsafe-fixes` applies it; the fix can change what is sent, so read `--diff` first.",
    None: "There is no automatic fix.",
}


def page(rule: Rule) -> str:
    """The rule's page in Markdown."""
    read = read_page(rule.code)
    parts = [
        f"# {rule.code} {rule.slug}",
        f"**{rule.severity}** · {rule.what}",
        read.why,
        f"## Bad\n\n{_example(read.bad)}",
        f"## Good\n\n{_example(read.good)}",
        f"## Fix\n\n{_SAFETY[rule.fix]}",
        f"## Applies to\n\n{_applies(rule)}",
    ]
    parts.append("## Evidence\n\n" + "\n".join(f"- {_evidence(item)}" for item in read.evidence))
    return "\n\n".join(parts) + "\n"


def index(rules: dict[str, Rule]) -> str:
    """The list of all rules in Markdown."""
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.slug} | {rule.severity} | {rule.what} |" for rule in rules.values()
    ]
    head = "# Rules\n\nEvery example on these pages is run by the tests.\n"
    table = "\n| code | name | severity | finds |\n|---|---|---|---|\n"
    return head + table + "\n".join(rows) + "\n\nFailures that carry a code: [failures](failures.md).\n"


def as_dict(rule: Rule) -> dict[str, Any]:
    """The rule for scripts."""
    read = read_page(rule.code)
    return {
        "code": rule.code,
        "slug": rule.slug,
        "severity": rule.severity,
        "what": rule.what,
        "why": read.why,
        "bad": _example(read.bad),
        "good": _example(read.good),
        "fix": rule.fix,
        "since": rule.since,
        "until": rule.until,
        "before": rule.before,
        "evidence": list(read.evidence),
        "url": rule.url,
    }


def _applies(rule: Rule) -> str:
    clients = "Every client version."
    if rule.since and rule.until:
        clients = f"Clients from {rule.since} to {rule.until}."
    elif rule.since and rule.before:
        clients = f"Clients since {rule.since} and before {rule.before}."
    elif rule.since or rule.before:
        clients = f"Clients since {rule.since}." if rule.since else f"Clients before {rule.before}."
    scope = (
        " Reported only when the full configuration is checked (`cgw check` without a path)." if rule.whole else ""
    )
    return clients + scope


def _evidence(item: str) -> str:
    if item.startswith("atlas:"):
        version, _, case = item.removeprefix("atlas:").partition(" ")
        return f"recording of client {version}, case `{case}`"
    return item


def text_of(given: Document | str) -> str:
    """A document as the text of its file."""
    return given if isinstance(given, str) else json.dumps(given, indent=2, ensure_ascii=False) + "\n"


def _example(example: Example) -> str:
    return "\n\n".join(_parts(example))


def _parts(example: Example) -> Iterator[str]:
    if example.client:
        yield f"Client {example.client}."
    if example.env:
        lines = "\n".join(f"{name}={value}" for name, value in example.env.items())
        yield f"Environment:\n\n```\n{lines}\n```"
    documents = (
        ("~/.claude/settings.json", example.user),
        ("PROJECT/.claude/settings.json", example.project),
        ("PROJECT/.claude/settings.local.json", example.local),
        ("managed-settings.json", example.managed),
        (".claude/settings.json of another directory", example.parent),
        ("~/.claude.json", example.claude_json),
    )
    for name, given in documents:
        if given is not None:
            mode = f"mode {example.mode:04o}" if example.mode != 0o600 and not name.startswith("managed") else ""
            tracked = "tracked by git" if example.tracked and name.startswith("PROJECT") else ""
            notes = ", ".join(filter(None, (mode, tracked)))
            noted = f" ({notes})" if notes else ""
            yield f"`{name}`{noted}:\n\n```json\n{text_of(given).rstrip()}\n```"
    for name, named in example.agents.items():
        agent = f"---\nname: {name}\ndescription: reviews changes\nmodel: {named}\n---\nYou review changes."
        yield f"`PROJECT/.claude/agents/{name}.md`:\n\n```markdown\n{agent}\n```"
    if example.helper is not None:
        yield f"`~/bin/key.sh` (mode {example.helper_mode:04o}):\n\n```sh\n{example.helper.rstrip()}\n```"
    for name, state in example.paths.items():
        yield f"The file that {name} names: {state}."
    if example.profile:
        profile, model = example.profile, example.profile.models.default
        given = {
            "provider": profile.provider, "gateway_url": profile.gateway_url, "credentials": profile.credentials,
            "auth": profile.auth, "key_header": profile.key_header, "secret": profile.secret,
            "project_id": profile.project_id, "min_client_version": profile.min_client_version,
            "models": model and {"default": model}, "env": dict(profile.env) or None,
            **{name: dict(table) for name, table in profile.tables.items()},
        }  # fmt: skip
        lines = "\n".join(f"{name} = {_toml(value)}" for name, value in given.items() if value is not None)
        yield f"Profile `{profile.name}`:\n\n```toml\n{lines}\n```"
    if example.file is not None:
        kind = example.file.rpartition(".")[2]
        yield f"`{example.file}`:\n\n```{kind}\n{example.text.rstrip()}\n```"
    if example.gateway is not None:
        noted = " (tracked by git)" if example.tracked else ""
        kind, text = (
            ("yaml", example.gateway) if isinstance(example.gateway, str) else ("json", text_of(example.gateway))
        )
        as_json = ", as JSON" if kind == "json" else ""
        yield f"LiteLLM `config.yaml`{noted}{as_json}:\n\n```{kind}\n{text.rstrip()}\n```"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + " }"
    return json.dumps(value)
