"""Which files with a usual name are Claude Code's, a gateway's or a profile: other programs have a settings.json too.

Decided by the text. In a ``.claude`` directory and in a managed one every file is the client's; elsewhere a file must
contain something that only the client reads, or another program's working file would be reported as broken.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.jsontext import JsonError, parse
from claude_gw_cli.core.model import PROFILE_TABLES
from claude_gw_cli.core.patterns import MULTILINE, lazy
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.hints import Any
from claude_gw_cli.readers import filled_in, is_template, plain_name

# A member's name, which no prose and no list of variables in another program's settings has.
_NAMES = (
    r"ANTHROPIC_\w+|CLAUDE_\w+|DISABLE_TELEMETRY|DISABLE_ERROR_REPORTING|DISABLE_AUTOUPDATER|CLOUD_ML_REGION"
    r"|API_TIMEOUT_MS|apiKeyHelper|awsAuthRefresh|awsCredentialExport|gcpAuthRefresh|otelHeadersHelper|forceLogin\w+"
    r"|allowedProviders|requiredMinimumVersion|requiredMaximumVersion"
)
_STARTS = tuple(name.removesuffix(r"\w+").lower() for name in _NAMES.split("|"))
_OWN_MEMBER = lazy(rf'"(?:{_NAMES})"\s*:', needs=_STARTS)
_RULES = ("allow", "ask", "deny", "defaultMode", "additionalDirectories")
# A settings.json of VS Code and editors based on it, which may hold comments, and which Claude Code never reads.
_EDITORS = "claudeCode|chat|editor|extensions|files|git|python|telemetry|terminal|workbench"
_EDITOR = lazy(rf'"(?:{_EDITORS})\.\w', needs=tuple(f'"{name}.' for name in _EDITORS.lower().split("|")))
# Directories of other agents, whose settings have permissions, too.
_AGENTS = ("gemini", "qwen", "cursor", "codex", "opencode", "windsurf", "copilot", "factory", "kiro")
_OTHER_AGENT = lazy(rf"(?:^|/)(?:\.|dot_)(?:{'|'.join(_AGENTS)})(?:/|$)", needs=_AGENTS)
_SETTINGS = frozenset({"settings.json", "settings.local.json", "managed-settings.json"})
_OWN_KEYS = frozenset(
    {"apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh", "otelHeadersHelper"}
)
_OTHER_PROGRAMS = frozenset({"package.json", "devcontainer.json", ".devcontainer.json", ".mcp.json", "vercel.json"})
_PROFILE = lazy(r"^[ \t]*(provider|gateway_url|credentials|auth|secret|key_header)\s*=", MULTILINE)
_LITELLM = lazy(r"^(?:model_list|litellm_settings|general_settings|router_settings)\s*:", MULTILINE)


def is_an_editors(folder: str, name: str, text: str) -> bool:
    """An editor's own settings, with or without the extension of Claude Code."""
    own = os.path.basename(folder)
    return own == ".vscode" or (name == "settings.json" and own != ".claude" and bool(_EDITOR.search(text)))


def is_the_clients_place(folder: str, name: str) -> bool:
    """A place that only the client reads."""
    return os.path.basename(folder) in {".claude", "managed-settings.d"} or name == "managed-settings.json"


def is_settings(folder: str, name: str, text: str) -> bool:
    """A settings document of the client, found in a directory that is searched."""
    if is_the_clients_place(folder, name):
        return True
    if is_an_editors(folder, name, text):
        return False
    if _OWN_MEMBER.search(text):
        return True
    if '"permissions"' not in text or _is_of_another_agent(folder):
        return False
    try:
        document: Any = parse(text).value
    except JsonError:
        return False
    permissions = document.get("permissions") if isinstance(document, dict) else None
    return isinstance(permissions, dict) and any(key in permissions for key in _RULES)


def is_settings_under_another_name(folder: str, name: str, text: str) -> bool:
    """Settings for ``claude --settings FILE``, an example or a backup: JSON with nothing but the client's own keys.

    In a ``.claude`` directory, and where the name says so, one member that only the client reads is enough.
    """
    plain = plain_name(name)
    if not plain.endswith(".json") or plain in _OTHER_PROGRAMS or is_an_editors(folder, plain, text):
        return False
    if filled_in(text, name) is not None or (_is_of_another_agent(folder) and not _OWN_MEMBER.search(text)):
        return False
    try:
        document: Any = parse(text).value
    except JsonError:
        says_so = os.path.basename(folder) == ".claude" or "settings" in plain
        return says_so and not is_template(name) and bool(_OWN_MEMBER.search(text))
    keys = set(document) if isinstance(document, dict) else set()
    own = keys & _OWN_KEYS or any(
        isinstance(member, str) and member.startswith(("ANTHROPIC_", "CLAUDE_"))
        for member in (document["env"] if "env" in keys and isinstance(document["env"], dict) else ())
    )
    known = {key for key in keys if key in KNOWN or key.startswith(("//", "_", "$"))}
    if plain in _SETTINGS:
        return is_settings(folder, plain, text) or (bool(keys) and known == keys)
    return bool(own or keys & {"permissions", "hooks"}) and known == keys


def _is_of_another_agent(folder: str) -> bool:
    return bool(_OTHER_AGENT.search(folder.replace("\\", "/")))


def is_ours(kind: str, name: str, folder: str, text: str) -> bool:
    """Whether a file with a usual name is what its name says."""
    if kind == "gateway":
        return is_gateway(text)
    if kind == "settings":
        return is_settings(folder, name, text)
    return is_profile(text) if name == "cgw.toml" else is_profile_text(text, folder)


def is_profile_text(text: str, folder: str | None = None) -> bool:
    """Whether a TOML file of any name is a profile: one of its members comes before the first table.

    One that was met in a directory has the address or two others, unless the directory is one of profiles.
    """
    found = set(_PROFILE.findall(text.partition("\n[")[0]))
    is_named = folder is None or os.path.basename(folder) == "profiles"
    return bool(found) and (is_named or "gateway_url" in found or len(found) > 1)


def is_gateway(text: str) -> bool:
    """A configuration of LiteLLM: one of its tables is at the top level, not inside a chart or a manifest."""
    return bool(_LITELLM.search(text))


def is_profile(text: str) -> bool:
    """A ``cgw.toml`` with more than a repository's own tables; invalid TOML is treated as a profile, too."""
    try:
        return not from_toml(text).keys() <= set(PROFILE_TABLES)
    except ValueError:
        return True
