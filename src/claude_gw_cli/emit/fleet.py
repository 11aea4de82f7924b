r"""Managed settings as the tools of a fleet take them: files, property lists, registry, Intune and Jamf.

Where the client looks and what it accepts there was read in its own package (2.1.112): the preference domain
``com.anthropic.claudecode`` below ``/Library/Managed Preferences``, converted by ``plutil -convert json``, which
fails for dates and data; ``HKLM\SOFTWARE\Policies\ClaudeCode``, value ``Settings``, one line of ``reg query``,
which prints in the console's code page. So every text here is ASCII, and the registry's JSON is one line. Nothing was
run on macOS or Windows.
"""

from __future__ import annotations

import json
import plistlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.record import dataclass

DOMAIN = "com.anthropic.claudecode"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pypi.org/project/claude-gw-cli/")
_SCHEMA_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is deployed: the settings, the profile's name, and where a JSON file of it belongs."""

    document: Document
    name: str
    file: str = "managed-settings.json"
    """Below the managed directory; a drop-in is ``managed-settings.d/NN-name.json``."""


Files = tuple[tuple[str, str], ...]
"""Names and texts of files; the first is what is printed."""


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of fleet: the client's platform there, the files, and what to do with them."""

    platform: str
    """As ``sys.platform``."""
    render: Callable[[Policy], Files]
    deploy: str
    """What an administrator does with the files; ``{file}`` is the policy's."""
    drop_in: bool = False
    """Whether the client reads drop-ins there; the other places hold one document."""


def _dumped(value: Document, indent: int | None = 2) -> str:
    """JSON of printable ASCII."""
    return json.dumps(value, indent=indent).replace("\x7f", "\\u007f")


def _json(policy: Policy) -> Files:
    return ((policy.file.rpartition("/")[2], _dumped(policy.document) + "\n"),)


def _plist(policy: Policy) -> Files:
    return ((f"{DOMAIN}.plist", _property_list(policy.document)),)


def _mobileconfig(policy: Policy) -> Files:
    """A configuration profile. Its identifiers depend on the profile's name only: a new version replaces the old."""
    identifier = f"{DOMAIN}.cgw.{policy.name}"
    payload = {
        "PayloadType": DOMAIN,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.settings",
        "PayloadUUID": _uuid(f"{identifier}.settings"),
        "PayloadDisplayName": "Claude Code managed settings",
        **policy.document,
    }
    profile = {
        "PayloadContent": [payload],
        "PayloadDisplayName": f"Claude Code: gateway profile {policy.name}",
        "PayloadIdentifier": identifier,
        "PayloadScope": "System",
        "PayloadType": "Configuration",
        "PayloadUUID": _uuid(identifier),
        "PayloadVersion": 1,
    }
    return ((f"{DOMAIN}.mobileconfig", _property_list(profile)),)


def _registry(policy: Policy) -> Files:
    value = _dumped(policy.document, None).replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "Windows Registry Editor Version 5.00",
        "",
        r"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]",
        f'"Settings"="{value}"',
        "",
    ]
    return (("ClaudeCode.reg", "\r\n".join(lines)),)


_POWERSHELL = r"""# {what} the managed settings of Claude Code, profile {name}. Written by cgw; holds no key.
# {run}
$ErrorActionPreference = 'Stop'
# ProgramW6432: in the 32-bit host ProgramFiles is another directory, which Claude Code does not read.
$root = if ($env:ProgramW6432) {{ $env:ProgramW6432 }} else {{ $env:ProgramFiles }}
$path = Join-Path $root 'ClaudeCode\{file}'
$wanted = @'
{json}
'@ -replace "`r`n", "`n"
"""
_DETECT = r"""$found = if (Test-Path -LiteralPath $path) {{ [System.IO.File]::ReadAllText($path) }} else {{ '' }}
if ($found -ceq $wanted) {{
  Write-Output "$path is as it must be"
  exit 0
}}
Write-Output "$path is missing or differs"
exit 1
"""
_REMEDIATE = r"""New-Item -ItemType Directory -Path (Split-Path -Parent $path) -Force | Out-Null
# Written beside it and renamed: Claude Code does not start with a file that is cut short.
$new = "$path.new"
[System.IO.File]::WriteAllText($new, $wanted, (New-Object System.Text.UTF8Encoding($false)))
Move-Item -LiteralPath $new -Destination $path -Force
Write-Output "Wrote $path"
"""


def _intune(policy: Policy) -> Files:
    """A pair for Intune's remediations. The second alone also works as a platform script."""

    def script(what: str, run: str, body: str) -> str:
        text = (_POWERSHELL + body).format(
            what=what,
            run=run,
            name=policy.name,
            file=policy.file.replace("/", "\\"),
            json=_dumped(policy.document),
        )
        return text.replace("\n", "\r\n")

    host = "In Intune: run with the logged-on credentials: No; run in 64-bit PowerShell: Yes."
    return (
        ("Remediate-ClaudeCode.ps1", script("Writes", host, _REMEDIATE)),
        ("Detect-ClaudeCode.ps1", script("Checks", f"{host} Exit code 1: remediate.", _DETECT)),
    )


def _jamf(policy: Policy) -> Files:
    """The property list for an upload, and a schema for Jamf's form with the same values as defaults."""
    uploaded = _plist(policy)
    schema = {
        "title": DOMAIN,
        "description": f"Managed settings of Claude Code, profile {policy.name}",
        "properties": {
            name: _schema(name, value, order) for order, (name, value) in enumerate(policy.document.items())
        },
    }
    return (*uploaded, (f"{DOMAIN}.schema.json", _dumped(schema) + "\n"))


def _schema(name: str, value: object, order: int) -> dict[str, Any]:
    found: dict[str, Any] = {"title": name, "property_order": order, "type": _SCHEMA_TYPES[type(value)]}
    if isinstance(value, dict):
        found["properties"] = {key: _schema(key, item, place) for place, (key, item) in enumerate(value.items())}
    elif isinstance(value, list) and value:
        found |= {"items": {"type": _SCHEMA_TYPES[type(value[0])]}, "default": value}
    else:
        found["default"] = value
    return found


def _property_list(value: Document) -> str:
    try:
        data = plistlib.dumps(dict(value), sort_keys=False)
        kept = plistlib.loads(data) == value
    except (TypeError, ValueError, OverflowError, ExpatError) as error:
        raise UsageError(f"a property list cannot hold these settings: {error}") from None
    if not kept:
        raise UsageError("a property list cannot hold these settings: it changes carriage returns in texts")
    # Characters beyond ASCII as references: the same text in whatever encoding a tool stores it.
    return data.decode().encode("ascii", "xmlcharrefreplace").decode().replace("\x7f", "&#127;")


def _uuid(text: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, text)).upper()


TARGETS: dict[str, Target] = {
    "linux": Target("linux", _json, "Deploy it as /etc/claude-code/{file}, owned by root, mode 0644.", drop_in=True),
    "macos-plist": Target(
        "darwin", _plist, f"Give it to the device management as custom settings of the domain {DOMAIN}."
    ),
    "macos-mobileconfig": Target(
        "darwin", _mobileconfig, "Give it to the device management as a configuration profile (it may sign it)."
    ),
    "windows-registry": Target(
        "win32", _registry, "Import it as an administrator: reg import FILE, or with the fleet's own tool."
    ),
    "windows-json": Target(
        "win32", _json, r"Deploy it as C:\Program Files\ClaudeCode\{file}; ProgramData is not read.", drop_in=True
    ),
    "intune": Target(
        "win32",
        _intune,
        "The script alone is a platform script. With --out DIR both scripts of a remediation are written.",
        drop_in=True,
    ),
    "jamf": Target(
        "darwin",
        _jamf,
        f"Upload it under Application & Custom Settings, domain {DOMAIN}. With --out DIR the schema for "
        "Jamf's form is written, too.",
    ),
}
NAMES = tuple(TARGETS)
