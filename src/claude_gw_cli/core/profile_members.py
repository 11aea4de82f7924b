"""The members of a profile that an option can give: one table for ``cgw init``, ``cgw profile set`` and their checks.

A member's place is its path in the file: ``gateway_url``, ``models.opus``, ``vault.address``, ``jwt.*.key`` (``*``
is the name of one of several tables). Its option is made from the path. The rows are in profile_members.txt.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError, guess
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "number", "flag", "texts", "list", "toml"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member.

    Attributes:
        path: its place in the file.
        help: one sentence for help pages; ``{choices}`` is replaced.
        choices: the only values, or the place of these values.
        completes: what a shell offers as its value.
        metavar: the word for its value on help pages.
        kind: ``text``; ``number`` is a whole number; ``flag`` is true or false; ``texts`` is one text or a list of
            them; ``list`` a list of texts; ``toml`` any value as TOML writes it.
    """

    path: str
    help: str
    choices: tuple[str, ...] | str = ()
    completes: str = ""
    metavar: str | None = None
    kind: Kind = "text"

    @property
    def table(self) -> str:
        """The table that it is in: ``vault``, ``jwt``; ``""`` for none, and for models, which have no section."""
        first, _, rest = self.path.partition(".")
        return first if rest and first != "models" else ""

    @property
    def name(self) -> str:
        """Its name within its table."""
        return self.path.rpartition(".")[2]

    @property
    def keyword(self) -> str:
        """The keyword of its option: ``gateway_url``, ``model``, ``opus_model``, ``vault_address``, ``jwt_key``."""
        if self.path.startswith("models."):
            return "model" if self.name == "default" else f"{self.name}_model"
        return self.path.replace(".*.", "_").replace(".", "_")

    @property
    def option(self) -> str:
        """``--vault-address``."""
        return "--" + self.keyword.replace("_", "-")


_USUAL = {"reference": ("reference", "REF"), "file": ("file", "FILE")}
"""What a shell offers for a member, and the word for its value."""


def _member(row: str) -> Member:
    head, _, help_ = row.partition(": ")
    path, *more = head.split("; ")
    given = dict(item.partition(" ")[::2] for item in more)
    completes, metavar = next((_USUAL[name] for name in given if name in _USUAL), ("", given.get("metavar")))
    choices, kind = given.get("choices", ""), given.get("kind", "text")
    return Member(path, help_, choices if ":" in choices else tuple(choices.split()), completes, metavar, kind)  # type: ignore[arg-type]  # a Kind


MEMBERS: tuple[Member, ...] = tuple(map(_member, rows("core/profile_members.txt")))

KEYWORDS = {item.keyword: item for item in MEMBERS}
SECTIONS = {
    "vault": "[vault], for vault:// references",
    "jwt": "[jwt.NAME], for jwt:// references",
    "oauth": "[oauth.NAME], for oauth:// references",
    "helper": "[helper]",
}
"""Table -> its heading on help pages."""
NAMED = frozenset(item.table for item in MEMBERS if ".*." in item.path)
"""Tables of which a profile can have several, each with a name."""


def names(table: str) -> frozenset[str]:
    """The names that a table may have."""
    return frozenset(item.name for item in MEMBERS if item.table == table)


def check_names(table: str, content: Mapping[str, object], where: str) -> None:
    """Refuse a table with a name that is not known.

    Args:
        table: ``vault``, ``jwt``, ``oauth`` or ``helper``.
        content: the table.
        where: how to call it: ``[jwt.work]``.

    Raises:
        UsageError: says the nearest name and all of them.
    """
    known = names(table)
    for name in content:
        if name not in known:
            hint = f"{guess(name, known)}Known keys: {', '.join(sorted(known))}"
            raise UsageError(f"{where} has no key {name!r}", hint=hint)
