"""The text of a profile <-> ``core.model.Profile``. The only room that knows pydantic."""

from __future__ import annotations

from claude_gw_cli import __version__
from claude_gw_cli.core import values
from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import FaultsError, UsageError, nearest, unknown_choice
from claude_gw_cli.core.model import PROFILE_TABLES, Auth, Credentials, KeyFormat, Models, Profile
from claude_gw_cli.core.patterns import MULTILINE, lazy
from claude_gw_cli.facts.modes import PROVIDERS
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import lru_cache, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel, ValidationError

_MOST = 100
"""Problems of one file that are told at once."""
_SCHEMA = 1
"""The newest format of a profile's text that this cgw reads; a text that does not say one has the first."""
_ADDRESS = lazy(r"(?is)(\s*https?://)([^/?#\\:@%\[\]]+)(.*)")
_HEAD = lazy(r"""^[^\S\n]*(?:\[[^\S\n]*)?["']?([^\n=\]"']{1,200})""", MULTILINE)
"""What a member or a table is called in its line."""
_WORD_END = lazy(r"(?<=\w)\b")
_CHOICES: Mapping[str, Any] = {
    "provider": PROVIDERS,
    "credentials": Credentials,
    "auth": Auth,
    "key_format": KeyFormat,
}


def parse(text: str, name: str, where: str) -> Profile:
    """A profile's text as a ``Profile``; ``where`` names the text in errors.

    Raises:
        UsageError: it is not a profile; ``FaultsError`` with all that is wrong where its members can be read.
    """
    try:
        data = from_toml(text)
    except ValueError as error:
        if text.lstrip()[:1] == "{":
            raise UsageError(
                f"{where} is JSON, and a profile is TOML",
                hint="For the set-up that is in force here, settings of Claude Code included: "
                "cgw init --from-current",
            ) from None
        raise UsageError(
            f"{where} is not valid TOML: {error}", hint='A line is: key = "text", with quotes on both sides.'
        ) from None
    _check_schema(data, where)
    faults = list(_faults(data, name, where, text))
    if len(faults) >= _MOST:
        raise FaultsError(faults)
    wrong = {fault.member for fault in faults}
    usable = {"provider": PROVIDERS[0]} | {key: data[key] for key in data if key not in wrong}
    profile = built(usable, name)
    faults += values.problems(profile, lambda member: f"{at(where, text, member)}: ")
    if faults:
        raise FaultsError(faults)
    return profile


def dumps(profile: Profile) -> str:
    """A profile as TOML: every decision spelled out, nothing that is unset."""
    from tomledit import Document

    return "# A cgw profile. It holds references to secrets, never secrets.\n" + Document(data_of(profile)).as_toml()


def data_of(profile: Profile) -> dict[str, object]:
    """The members of a profile as plain data, in the order of a profile's file."""
    from dataclasses import asdict

    data: dict[str, object] = {}
    for key, value in asdict(profile).items():
        if key in {"name", "models", "env", "headers", "tables"} or value is None:
            continue
        data[key] = value
    for key in ("models", "env", "headers"):
        table = {name: value for name, value in asdict(profile)[key].items() if value is not None}
        if table:
            data[key] = table
    data.update({key: dict(value) for key, value in profile.tables.items() if value})
    return data


def ascii_host(url: str) -> str:
    """An address whose host is in another script, with the host in its ASCII form; any other text as it is.

    The library ``idna`` comes with requests. It knows the rules that the client follows (UTS 46); the codec of the
    standard library knows those of 2003, under which some names are other hosts.
    """
    found = None if url.isascii() else _ADDRESS.fullmatch(url)
    if found is None:
        return url
    import idna

    try:
        return f"{found[1]}{idna.encode(found[2], uts46=True, transitional=False).decode()}{found[3]}"
    except (idna.IDNAError, UnicodeError):
        return url


def _faults(data: dict[str, Any], name: str, where: str, text: str) -> Iterator[UsageError]:
    """What pydantic finds wrong, each with the member of the file. It is strict and converts nothing."""
    from pydantic import ValidationError

    tables = [key for key in PROFILE_TABLES if not isinstance(data.get(key, {}), dict)]
    for key in tables:
        message = f"{at(where, text, key)}: {key} must be a table, such as [{key}]"
        yield UsageError(message, member=key)
    try:
        _document().model_validate(
            {"name": name} | {key: data[key] for key in data if key not in {*PROFILE_TABLES, "schema"}}
        )
    except ValidationError as error:
        yield from _explained(error, where, text)


def _check_schema(data: Mapping[str, Any], where: str) -> None:
    """Refuse a profile that says of itself that it is for a newer cgw, before a member is called unknown."""
    schema = data.get("schema", _SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise UsageError(f"{where}: schema = {schema!r} is not the number of a profile format")
    if schema > _SCHEMA:
        raise UsageError(
            f"{where} is written in profile format {schema}, and this cgw ({__version__}) reads {_SCHEMA}",
            hint="Update cgw: pipx upgrade claude-gw-cli    (or as you installed it)",
        )


def built(data: dict[str, Any], name: str) -> Profile:
    """Valid data as a profile. Its name is its file's, whatever the file says."""
    data.pop("schema", None)
    tables = {key: data.pop(key) for key in PROFILE_TABLES if key in data}
    models = Models(**data.pop("models", {}))
    profile = Profile(**{**data, "name": name, "models": models, "tables": tables})
    return replace(profile, gateway_url=ascii_host(profile.gateway_url))


@lru_cache(maxsize=64)
def _document() -> type[BaseModel]:
    """The strict pydantic model of a profile file, derived from the dataclasses so that there is one schema."""
    from collections.abc import Mapping
    from dataclasses import MISSING
    from dataclasses import fields as fields_of
    from typing import Literal, get_type_hints

    from pydantic import ConfigDict, Field, create_model

    config = ConfigDict(extra="forbid", strict=True)
    choices = {name: Literal.__getitem__(words) for name, words in _CHOICES.items()}
    words = {"Credentials": choices["credentials"], "Auth": choices["auth"], "KeyFormat": choices["key_format"]}

    def fields(kind: type, **replaced: object) -> dict[str, Any]:
        hints = get_type_hints(kind, localns={**words, "Mapping": Mapping})
        return {
            item.name: (
                replaced.get(item.name, hints[item.name]),
                Field(default_factory=item.default_factory)
                if item.default_factory is not MISSING
                else ...
                if item.default is MISSING
                else item.default,
            )
            for item in fields_of(kind)
            if item.name != "tables"
        }

    models = create_model("Models", __config__=config, **fields(Models))
    parts = fields(Profile, provider=choices["provider"], models=models, env=dict[str, str], headers=dict[str, str])
    parts["models"] = (models, Field(default_factory=models))
    document: type[BaseModel] = create_model("Profile", __config__=config, **parts)
    return document


def _explained(error: ValidationError, where: str, text: str) -> Iterator[UsageError]:
    """The problems of a validation error, in the words of the file."""
    # A misspelled key is also a missing one: the misspelling is what the person wants to hear.
    problems = sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")[:_MOST]
    nearest = {_nearest(str(item["loc"][-1])) for item in problems if item["type"] == "extra_forbidden"}
    for problem in problems:
        path = [str(part) for part in problem["loc"]]
        key, member = (path[-1], path[0]) if path else ("", "")
        place = at(where, text, member)
        value = problem.get("input")
        if problem["type"] == "extra_forbidden":
            yield _unknown_key(where, text, key, member)
        elif problem["type"] == "missing":
            if key not in nearest:
                yield UsageError(f"{where}: {key} is missing", hint=f'Add a line such as: {key} = "…"', member=member)
        elif problem["type"] == "literal_error":
            unknown = unknown_choice(key, str(value), _CHOICES[key])
            yield UsageError(f"{place}: {unknown.message}", hint=unknown.hint, member=member)
        else:
            message = f"{place}: {'.'.join(path)}: {problem['msg'].lower()}, found {type(value).__name__}"
            yield UsageError(message, member=member)


@lru_cache(maxsize=64)
def _nearest(key: str) -> str:
    """The member that is meant by a misspelled one; empty where none is near."""
    return nearest(key, [*_known(), *Models.__dataclass_fields__], 0.5)


def _known() -> list[str]:
    return [name for name in (*Profile.__dataclass_fields__, *PROFILE_TABLES) if name != "tables"]


def _unknown_key(where: str, text: str, key: str, member: str) -> UsageError:
    nearest = _nearest(key)
    return UsageError(
        f"{at(where, text, key)}: unknown key {key!r}",
        hint=f"Did you mean {nearest}?" if nearest else f"Known keys: {', '.join(_known())}",
        member=member,
    )


def at(where: str, text: str, key: str) -> str:
    """``FILE:LINE`` of a member, or just the file where it is not found, or where the text is of no file."""
    if where.startswith("profile "):
        return where
    row = _rows(text).get(key)
    return f"{where}:{row}" if row else where


@lru_cache(maxsize=2)
def _rows(text: str) -> dict[str, int]:
    """The first words of each line, as far as each of their ends -> the first such line; a key may be any of them."""
    found: dict[str, int] = {}
    row, before = 1, 0
    for line in _HEAD.finditer(text):
        row += text.count("\n", before, line.start())
        before = line.start()
        for end in _WORD_END.finditer(line[1]):
            found.setdefault(line[1][: end.start()], row)
    return found
