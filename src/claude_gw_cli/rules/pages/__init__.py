"""What a person reads about a rule, one TOML file a code: why it matters, where that was seen, two examples.

No check reads these files: `cgw rule`, SARIF and the tests do. A document of an example is a table, or its text where
TOML cannot say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.facts import packaged
from claude_gw_cli.record import dataclass, field

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A small configuration that shows a rule: environment and settings documents by scope.

    A settings document given as text is used unchanged (for files that are not JSON).
    """

    env: Mapping[str, str] = field(default_factory=dict)
    user: Document | str | None = None
    project: Document | str | None = None
    local: Document | str | None = None
    managed: Document | str | None = None
    parent: Document | None = None
    """``.claude/settings.json`` in the directory above, which the client does not read."""
    claude_json: Document | None = None
    agents: Mapping[str, str] = field(default_factory=dict)
    """Agent in ``.claude/agents`` of the project -> the model that its file names."""
    helper: str | None = None
    """Text of the script at ``~/bin/key.sh``; ``None`` if there is none."""
    helper_mode: int = 0o700
    profile: Profile | None = None
    profile_shared: bool = False
    """True if git tracks the profile's file."""
    gateway: Document | str | None = None
    """A LiteLLM ``config.yaml``."""
    file: str | None = None
    """A file of another format, checked alone."""
    text: str = ""
    """What ``file`` holds."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Variable -> state of the file that it names: ``ok``, ``missing``, ``unreadable``, ``not-pem``."""
    client: str | None = None
    """The client version; ``None`` is the newest known."""
    mode: int = 0o600
    """Permission bits of the settings files (managed files are always 0644)."""
    tracked: bool = False
    """True if git tracks the project's settings files."""
    ignored: bool = True
    """False if git neither tracks nor ignores them."""


@dataclass(frozen=True, slots=True)
class Page:
    """The content of one file."""

    why: str
    """What happens because of the mistake, in one paragraph."""
    evidence: tuple[str, ...]
    """Every source: ``atlas:VERSION CASE`` for a recording of the real client (tests/atlas), else as written.

    In the file ``VERSION: CASE CASE`` names recordings. Other sources start with ``documented:`` (a link, with a
    section or an anchor), ``measured:``, ``read:`` (in source code), ``reported:`` (an issue), ``changelog:`` or
    ``seen:``.
    """
    bad: Example
    good: Example


def read_page(code: str) -> Page:
    """The page of a rule.

    Raises:
        FileNotFoundError: no rule has this code.
    """
    data = packaged(f"rules/pages/{code}.toml")
    evidence: list[str] = []
    for line in data["evidence"]:
        kind, _, rest = line.partition(": ")
        evidence += [f"atlas:{kind} {case}" for case in rest.split()] if kind[0].isdigit() else [line]
    return Page(" ".join(data["why"].split()), tuple(evidence), _example(data["bad"]), _example(data["good"]))


def _example(data: dict[str, Any]) -> Example:
    if profile := data.get("profile"):
        data["profile"] = Profile(**profile | {"models": Models(**profile.get("models", {}))})
    return Example(**data)
