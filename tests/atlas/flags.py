"""Measure what the client's options and agents do to a request: python tests/atlas/flags.py [VERSION ...].

A line of flags.jsonl is one start: ``version``, ``case`` and ``config`` as in the other recordings, ``observed``, and
``fields``: the names in anthropic-beta and the effort that the body says (null where nothing was sent). The cases are
below; each release that the file has, or that is named, is measured again. Exit code 1 when a prediction is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "real")]

import laboratory  # noqa: E402 - these folders are not packages

from claude_gw_cli.world.loopback.gateway import Gateway  # noqa: E402
from claude_gw_cli.world.trace import carries_prompt  # noqa: E402

FILE = HERE / "flags.jsonl"
WORKERS = 2
BASE = {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": "t", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
BEDROCK = {
    "CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1", "AWS_REGION": "us-east-1",
    "ANTHROPIC_BEDROCK_BASE_URL": "{U}/bedrock",
}  # fmt: skip
ROOT, MINE, OTHER = "{W}/.claude/agents/rev.md", "{H}/.claude/agents/rev.md", "{H}/other/.claude"
LEADS = ["--agent", "rev"]
Row = dict[str, Any]


def agent(model: str, name: str = "rev") -> str:
    """An agent's file."""
    line = f"model: {model}\n" if model else ""
    return f"---\nname: {name}\ndescription: reviews\n{line}---\nYou review.\n"


def inline(**members: str) -> str:
    """The text after ``--agents``."""
    return json.dumps({"rev": {"description": "reviews", "prompt": "You review.", **members}})


def start(*flags: str, env: Mapping[str, str] | None = None, **config: Any) -> Row:
    """A configuration with a gateway and a token."""
    return {"env": {**BASE, **(env or {})}, **({"flags": list(flags)} if flags else {}), **config}


def with_agents(texts: Mapping[str, str], *flags: str, **config: Any) -> Row:
    """A configuration with agents' files."""
    return start(*flags, files=dict(texts), **config)


ADMIN, PLUGIN, INSTALLED = (
    "{W}/../managed/.claude/agents/rev.md",
    "{H}/plug",
    "{H}/.claude/plugins/cache/mk/demo/1.0.0",
)
SKILLS = "{H}/.claude/skills/demo"
FROM_PLUGIN = ["--plugin-dir", PLUGIN]


def plugin(root: str, texts: Mapping[str, str], **manifest: Any) -> dict[str, str]:
    """The files of a plugin called demo."""
    about = json.dumps({"name": "demo", "version": "1.0.0", "description": "d", **manifest})
    return {f"{root}/.claude-plugin/plugin.json": about, **{f"{root}/{path}": text for path, text in texts.items()}}


def installed(texts: Mapping[str, str]) -> dict[str, str]:
    """The files of the plugin demo@mk as `claude plugin install` leaves them."""
    about = {"scope": "user", "installPath": INSTALLED, "version": "1.0.0", "installedAt": "2026-11-30T00:00:00.000Z"}
    source = {"source": "directory", "path": "{H}/market"}
    market = {"name": "mk", "owner": {"name": "o"}, "plugins": [{"name": "demo", "source": "./demo"}]}
    return {
        **plugin(INSTALLED, texts),
        **plugin("{H}/market/demo", texts),
        "{H}/.claude/plugins/installed_plugins.json": json.dumps({"version": 2, "plugins": {"demo@mk": [about]}}),
        "{H}/.claude/plugins/known_marketplaces.json": json.dumps(
            {"mk": {"source": source, "installLocation": "{H}/market", "lastUpdated": "2026-11-30T00:00:00.000Z"}}
        ),
        "{H}/market/.claude-plugin/marketplace.json": json.dumps(market),
    }


LEADING = {"agents/rev.md": agent("haiku"), "settings.json": '{"agent":"rev"}'}
AGENT, SWITCHED_ON = {"agents/rev.md": agent("haiku")}, {"enabledPlugins": {"demo@mk": True}}
OPUS, MODEL = {"ANTHROPIC_MODEL": "opus"}, {"model": "haiku"}
CASES: dict[str, Row] = {
    "agent.flag": with_agents({ROOT: agent("haiku")}, *LEADS),
    "agent.variable": with_agents({ROOT: agent("haiku")}, *LEADS, env=OPUS),
    "agent.model-flag": with_agents({ROOT: agent("haiku")}, *LEADS, "--model", "opus"),
    "agent.model-default": with_agents({ROOT: agent("haiku")}, *LEADS, "--model", "default"),
    "agent.key.project": with_agents({ROOT: agent("haiku")}, project={"agent": "rev"}, env=OPUS),
    "agent.key.user": with_agents({MINE: agent("haiku")}, user={"agent": "rev", "model": "opus"}),
    "agent.key.settings-flag": with_agents({ROOT: agent("haiku")}, "--settings", '{"agent":"rev"}'),
    "agent.key.local": with_agents(
        {ROOT: agent("haiku"), "{W}/.claude/agents/b.md": agent("opus", "b")},
        project={"agent": "b"},
        local={"agent": "rev"},
    ),
    "agent.key.empty-flag": with_agents({ROOT: agent("haiku")}, "--agent", "", project={"agent": "rev"}),
    "agent.key.unknown": start(project={"agent": "nope"}, env=OPUS),
    "agent.unknown": start("--agent", "nope"),
    "agent.own": start("--agent", "Explore", env=OPUS),
    "agent.own.statusline": start("--agent", "statusline-setup", env=OPUS),
    "agent.file-name": with_agents({"{W}/.claude/agents/rev.md": agent("haiku", "other")}, *LEADS),
    "agent.no-description": with_agents({ROOT: "---\nname: rev\nmodel: haiku\n---\nx\n"}, *LEADS),
    "agent.folder-in-folder": with_agents({"{W}/.claude/agents/x/y.md": agent("haiku")}, *LEADS),
    "agent.above": with_agents({"{W}/../.claude/agents/rev.md": agent("haiku")}, *LEADS),
    "agent.project-over-user": with_agents({ROOT: agent("haiku"), MINE: agent("opus")}, *LEADS),
    "agent.any-model": with_agents({ROOT: agent("gateway-model")}, *LEADS),
    "agent.inherit": with_agents({ROOT: agent("Inherit")}, *LEADS, env=OPUS),
    "agent.no-model": with_agents({ROOT: agent("")}, *LEADS, env=OPUS),
    "agent.tools": with_agents({ROOT: agent("opus\ntools: Read")}, *LEADS),
    "agent.json.tools": start(*LEADS, "--agents", '{"rev":{"description":"d","prompt":"p","tools":["Read"]}}'),
    "agent.number": with_agents({ROOT: agent("42")}, *LEADS, env=OPUS),
    "agent.quoted": with_agents({ROOT: agent('"haiku" # small')}, *LEADS),
    "agent.replaced": with_agents(
        {ROOT: agent("haiku")}, *LEADS, env={"ANTHROPIC_DEFAULT_HAIKU_MODEL": "gateway-small"}
    ),
    "agent.not-available": with_agents(
        {ROOT: agent("haiku")}, *LEADS, env={"ANTHROPIC_MODEL": "sonnet"}, project={"availableModels": ["sonnet"]}
    ),
    "agent.json": with_agents({ROOT: agent("opus")}, *LEADS, "--agents", inline(model="haiku")),
    "agent.json.no-model": with_agents({ROOT: agent("haiku")}, *LEADS, "--agents", inline(), env=OPUS),
    "agent.json.bare": start("--bare", *LEADS, "--agents", inline(model="haiku"), env={"ANTHROPIC_API_KEY": "k"}),
    "agent.sources.user": with_agents({ROOT: agent("haiku")}, *LEADS, "--setting-sources", "user"),
    "agent.sources.project": with_agents({ROOT: agent("haiku")}, *LEADS, "--setting-sources", "project"),
    "agent.config-dir": with_agents(
        {"{H}/c/agents/rev.md": agent("haiku")}, *LEADS, env={"CLAUDE_CONFIG_DIR": "{H}/c"}
    ),
    "agent.restricted": with_agents({ROOT: agent("haiku")}, "--restricted", *LEADS),
    "agent.simple": with_agents({ROOT: agent("haiku")}, env={"CLAUDE_CODE_SIMPLE": "1"}, project={"agent": "rev"}),
    "agent.safe-mode": with_agents({ROOT: agent("opus")}, "--safe-mode", project={"agent": "rev", **MODEL}),
    "agent.safe-variable": with_agents(
        {ROOT: agent("opus")}, project={"agent": "rev", **MODEL}, env={"CLAUDE_CODE_SAFE_MODE": "1"}
    ),
    "agent.add-dir": with_agents(
        {f"{OTHER}/agents/rev.md": agent("haiku"), MINE: agent("opus")}, "--add-dir", "{H}/other", *LEADS
    ),
    "agent.admin": with_agents({ADMIN: agent("haiku")}, *LEADS),
    "agent.admin.not-below": with_agents({"{W}/../managed/agents/rev.md": agent("haiku")}, *LEADS),
    "agent.admin.over-project": with_agents({ADMIN: agent("haiku"), ROOT: agent("opus")}, *LEADS),
    "agent.admin.over-json": with_agents({ADMIN: agent("haiku")}, *LEADS, "--agents", inline(model="opus")),
    "agent.admin.key": with_agents({ADMIN: agent("haiku")}, managed={"agent": "rev"}, env=OPUS),
    "agent.admin.safe-mode": with_agents({ADMIN: agent("haiku")}, "--safe-mode", managed={"agent": "rev"}),
    "agent.admin.bare": with_agents({ADMIN: agent("haiku")}, "--bare", *LEADS, env={"ANTHROPIC_API_KEY": "k"}),
    "agent.admin.restricted": with_agents({ADMIN: agent("haiku")}, "--restricted", *LEADS),
    "agent.admin.sources": with_agents({ADMIN: agent("haiku")}, "--setting-sources", "", *LEADS),
    "plugin.flag": with_agents(plugin(PLUGIN, AGENT), *FROM_PLUGIN, "--agent", "demo:rev"),
    "plugin.name-alone": with_agents(plugin(PLUGIN, AGENT), *FROM_PLUGIN, *LEADS),
    "plugin.key": with_agents(plugin(PLUGIN, AGENT), *FROM_PLUGIN, project={"agent": "demo:rev"}, env=OPUS),
    "plugin.folder": with_agents(
        plugin(PLUGIN, {"agents/x/rev.md": agent("haiku")}), *FROM_PLUGIN, "--agent", "demo:x:rev"
    ),
    "plugin.manifest": with_agents(
        plugin(PLUGIN, {"other/rev.md": agent("haiku")}, agents=["./other/rev.md"]),
        *FROM_PLUGIN, "--agent", "demo:rev",
    ),
    "plugin.no-manifest": with_agents(
        {f"{PLUGIN}/agents/rev.md": agent("haiku")}, *FROM_PLUGIN, "--agent", "plug:rev"
    ),
    "plugin.user-first": with_agents({**plugin(PLUGIN, AGENT), MINE: agent("sonnet")}, *FROM_PLUGIN, *LEADS),
    "plugin.leads": with_agents(plugin(PLUGIN, LEADING), *FROM_PLUGIN, env=OPUS),
    "plugin.leads.model-flag": with_agents(
        plugin(PLUGIN, LEADING), *FROM_PLUGIN, "--model", "sonnet"
    ),
    "plugin.leads.after-user": with_agents(
        {**plugin(PLUGIN, LEADING), "{H}/.claude/agents/b.md": agent("sonnet", "b")},
        *FROM_PLUGIN, user={"agent": "b"},
    ),
    "plugin.bare": with_agents(
        plugin(PLUGIN, AGENT), "--bare", *FROM_PLUGIN, "--agent", "demo:rev", env={"ANTHROPIC_API_KEY": "k"}
    ),
    "plugin.restricted": with_agents(plugin(PLUGIN, AGENT), "--restricted", *FROM_PLUGIN, "--agent", "demo:rev"),
    "plugin.installed": with_agents(installed(AGENT), "--agent", "demo:rev", user=SWITCHED_ON),
    "plugin.installed.project": with_agents(installed(AGENT), "--agent", "demo:rev", project=SWITCHED_ON),
    "plugin.installed.leads": with_agents(
        installed(LEADING), user=SWITCHED_ON, env=OPUS
    ),
    "plugin.installed.off": with_agents(
        installed(AGENT), "--agent", "demo:rev", user={"enabledPlugins": {"demo@mk": False}}
    ),
    "plugin.installed.restricted": with_agents(
        installed(AGENT), "--restricted", "--agent", "demo:rev", user=SWITCHED_ON
    ),
    "plugin.installed.sources": with_agents(
        installed(AGENT), "--setting-sources", "project", "--agent", "demo:rev", user=SWITCHED_ON
    ),
    "plugin.skills": with_agents(plugin(SKILLS, AGENT), "--agent", "demo:rev"),
    "plugin.skills.leads": with_agents(plugin(SKILLS, LEADING), env=OPUS),
    "plugin.skills.off": with_agents(
        plugin(SKILLS, AGENT), "--agent", "demo:rev", user={"enabledPlugins": {"demo@skills-dir": False}}
    ),
    "plugin.skills.restricted": with_agents(plugin(SKILLS, AGENT), "--restricted", "--agent", "demo:rev"),
    "plugin.skills.sources": with_agents(
        plugin(SKILLS, AGENT), "--setting-sources", "project", "--agent", "demo:rev"
    ),
    "plugin.skills.project": with_agents(plugin("{W}/.claude/skills/demo", AGENT), "--agent", "demo:rev"),
    "managed.available": start("--managed-settings", '{"availableModels":["sonnet"]}', "--model", "haiku"),
    "managed.enforced": start(
        "--managed-settings", '{"availableModels":["sonnet"],"enforceAvailableModels":true}'
    ),
    "managed.others": start(
        "--managed-settings", '{"apiKeyHelper":"echo k","env":{"ANTHROPIC_AUTH_TOKEN":"z"},"model":"haiku"}'
    ),
    "root.settings": with_agents(
        {f"{OTHER}/settings.json": json.dumps(MODEL)}, "--project-config-root", "{H}/other", project={"model": "opus"}
    ),
    "root.local": with_agents(
        {f"{OTHER}/settings.local.json": json.dumps(MODEL)},
        "--project-config-root={H}/other",
        local={"model": "opus"},
    ),
    "root.base-url": with_agents(
        {f"{OTHER}/settings.json": json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "theirs"}})},
        "--project-config-root",
        "{H}/other",
        project={"env": {"ANTHROPIC_AUTH_TOKEN": "mine"}},
    ),
    "root.agent": with_agents(
        {f"{OTHER}/agents/rev.md": agent("haiku"), ROOT: agent("opus")}, "--project-config-root", "{H}/other", *LEADS
    ),
    "root.relative": start("--project-config-root", "../other"),
    "root.missing": start("--project-config-root", "{H}/none"),
    "effort.flag": start("--effort", "low"),
    "effort.variable": start("--effort", "low", env={"CLAUDE_CODE_EFFORT_LEVEL": "high"}),
    "effort.key": start("--effort", "high", project={"effortLevel": "low"}),
    "effort.unknown": start("--effort", "none"),
    "effort.xhigh.sonnet-4-6": start("--effort", "xhigh", "--model", "claude-sonnet-4-6"),
    "effort.xhigh.opus-4-6": start(
        "--model", "claude-opus-4-6", env={"CLAUDE_CODE_EFFORT_LEVEL": "xhigh"}
    ),
    "effort.max.opus-4-6": start("--effort", "max", "--model", "claude-opus-4-6"),
    "effort.xhigh.unknown": start("--effort", "xhigh", "--model", "gateway-model"),
    "betas.million": start("--betas", "context-1m-2025-08-07"),
    "betas.other": start("--betas", "other-2025-01-01", "more-2025-01-01"),
    "tools.one": start("--tools", "Bash"),
    "tools.default": start("--tools", "default"),
    "tools.bedrock": start("--tools", "Bash", "Read", env=BEDROCK),
    "bare": start("--bare", env={"ANTHROPIC_API_KEY": "k"}),
    "simple.bedrock": start(env={**BEDROCK, "CLAUDE_CODE_SIMPLE": "1"}),
}  # fmt: skip


def rows() -> list[Row]:
    """Every line of the file."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] if FILE.exists() else []


def measured(version: str, case: str, program: Path) -> Row:
    """One start of the real client."""
    config = CASES[case]
    with Gateway(any_path=True) as gateway, laboratory.staged(config, gateway.url, version) as stage:
        command = laboratory.with_own_etc([str(program)], stage)
        seen = laboratory.observe(command, stage.env, stage.work, stage.args, gateway, timeout=60.0)
        prompt = next((item for item in gateway.requests if carries_prompt(item)), None)
        body = json.loads(prompt.body) if prompt else {}
        names = (
            {*(prompt.header("anthropic-beta") or "").split(","), *body.get("anthropic_beta", ())} if prompt else ()
        )
        effort = (body.get("output_config") or {}).get("effort")
        fields = {"betas": sorted(filter(None, names)), "effort": effort} if prompt else None
        observed = laboratory.recorded(seen, gateway.url, None)
        return {"version": version, "case": case, "config": config, "observed": observed, "fields": fields}


def disagreements(row: Row) -> list[str]:
    """What a recording shows otherwise than cgw predicts."""
    found = laboratory.disagreements(row)
    if row["fields"] is not None:
        said = {item.name: item.value for item in laboratory.predicted(row["version"], row["config"]).fields}
        told = {"betas": sorted((said["anthropic-beta"] or "").split(",")), "effort": said["output_config.effort"]}
        start = f"{row['version']} {row['case']}"
        found += [f"{start}: {key}: predicted {told[key]}, sent {row['fields'][key]}" for key in told]
        found = [line for line in found if f"predicted {told['betas']}, sent {told['betas']}" not in line]
        found = [line for line in found if f"effort: predicted {told['effort']}, sent {told['effort']}" not in line]
    return found


def main(versions: Iterable[str]) -> int:
    """Measure and write; exit code 1 when a prediction is wrong."""
    import parts

    known = rows()
    wanted = list(versions) or sorted({row["version"] for row in known})
    for version in wanted:
        program = parts.client(version)
        if missing := parts.npm(f"claude-{version}", f"@anthropic-ai/claude-code@{version}", program):
            print(f"missing: {missing[0]}", file=sys.stderr)
            return 2
        with ThreadPoolExecutor(WORKERS) as pool:
            fresh = list(pool.map(lambda case, of=version, at=program: measured(of, case, at), CASES))
        known = [row for row in known if row["version"] != version] + fresh
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in known), encoding="utf-8")
    wrong = [line for row in known for line in disagreements(row)]
    print("\n".join([f"{len(known)} starts, {len(wrong)} disagree with the prediction", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
