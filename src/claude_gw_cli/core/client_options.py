"""A profile's ``[client]`` table: what it makes of the client's variables and settings. Pure.

The rows are ``facts.client_options``; nothing here names an option but the mapping of tiers.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, unknown_choice
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import MODELS, VARIABLES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.model import Plan, Profile
    from claude_gw_cli.facts.client_options import Option

_ABSOLUTE = lazy(r"/.|[A-Za-z]:[\\/].")
_EXPECTED = {
    "switch": "true or false",
    "count": "a whole number",
    "seconds": "a number of seconds",
    "word": "a word",
    "model": "a model's name",
    "file": "an absolute path: the client expands neither ~ nor $HOME",
    "command": "a command line",
}


def check(name: str, value: object, variables: Mapping[str, str]) -> None:
    """Refuse a member of ``[client]`` that is not valid.

    Args:
        name: the member.
        value: as parsed.
        variables: the profile's ``[env]``, which must not say the same again.

    Raises:
        UsageError: names the member.
    """
    from claude_gw_cli.facts.client_options import BY_NAME

    row = BY_NAME.get(name)
    if row is None:
        raise unknown_choice("[client] member", name, BY_NAME)
    _check(row, value)
    if row.variable in variables:
        raise UsageError(f"[client] {name} and [env] {row.variable} say the same thing", hint="Remove one of them.")


def repository_problems(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Members that a repository's profile may not have, and why."""
    if table:
        from claude_gw_cli.facts.client_options import BY_NAME
    for name in table:
        if name in BY_NAME and BY_NAME[name].only_own:
            yield name, f"a repository's profile may not set [client] {name}: it names a file or a program"


def variables(profile: Profile) -> Iterator[tuple[str, str]]:
    """The variables of the table, by the client's own names."""
    for row, value in _rows(profile):
        if row.variable and (text := _text(row, value)):
            yield row.variable, text


def settings(profile: Profile) -> Iterator[tuple[str, str]]:
    """The top-level members of settings.json."""
    yield from ((row.setting, str(value)) for row, value in _rows(profile) if row.setting)


def too_new(profile: Profile, oldest: str) -> Iterator[Option]:
    """Options that a release does not obey."""
    for row, value in _rows(profile):
        written = row.setting or _text(row, value)
        if written and row.since and version_key(oldest) < version_key(row.since):
            yield row


def named_models(plan: Plan) -> list[str]:
    """The models that a plan names anywhere: not the client's own words for one, such as ``inherit``."""
    from claude_gw_cli.facts.models import ALIASES, NO_NAMES

    named = {item.name: item.before for item in plan.sets if item.name in MODELS}
    names = [model for name, model in named.items() if VARIABLES[name].instead not in named]
    return [name for name in names if name not in ALIASES and name not in NO_NAMES]


def serves_every_tier(profile: Profile) -> bool:
    """Whether the client does not know the default model: the gateway then hardly has the client's own ones."""
    name = (profile.models.default or "").lower()
    if not name or profile.tables.get("client", {}).get("tiers") is False:
        return False
    from claude_gw_cli.facts.fields import KNOWN
    from claude_gw_cli.facts.models import ALIASES, NO_NAMES

    bare = name.partition("[")[0]
    return not (lazy(KNOWN, needs=("claude-",)).search(name) or bare in ALIASES or bare in NO_NAMES)


def _rows(profile: Profile) -> Iterator[tuple[Option, object]]:
    if table := profile.tables.get("client"):
        from claude_gw_cli.facts.client_options import BY_NAME

        yield from ((BY_NAME[name], value) for name, value in table.items())


def _check(row: Option, value: object) -> None:
    expected = _EXPECTED[row.kind]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match row.kind:
        case "switch":
            right = isinstance(value, bool)
        case "count" | "seconds":
            right = number and (row.kind == "seconds" or isinstance(value, int)) and row.low <= value <= row.high  # type: ignore[operator]
            expected += f" from {row.low} to {row.high}"
        case "word":
            right = value in dict(row.words)
            expected = f"one of: {', '.join(dict(row.words))}"
        case "model":
            right = isinstance(value, str) and value.isprintable() and bool(value) and " " not in value
        case "file":
            right = isinstance(value, str) and value.isprintable() and bool(_ABSOLUTE.match(value))
        case "command":
            right = isinstance(value, str) and value.isprintable() and bool(value.strip())
    if not right:
        raise UsageError(f"[client] {row.name} is {expected}", hint=f"What it does: {row.what}.".replace("`", ""))


def _text(row: Option, value: object) -> str:
    if row.kind == "switch":
        return row.on if value else row.off
    if row.kind == "seconds" and isinstance(value, int | float):
        return str(round(value * 1000))
    return dict(row.words).get(str(value), str(value))
