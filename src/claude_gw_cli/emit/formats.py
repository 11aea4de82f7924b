"""The file formats: a paragraph of formats.txt for each. Light: on the hot path of `cgw env`."""

from __future__ import annotations

from claude_gw_cli.tables import records


class Format:
    """A file format.

    Attributes:
        module: the file of its renderer, imported when it is asked for.
        usage: what a person types, and where the text goes.
        key: how its reader gets the gateway's key, with NAME for the secret's name: the text never has the key, or
            only with ``--resolve`` if ``resolves``. Empty: the text has the key itself.
        exported: the same where the job gets the key itself, and an earlier step exports it as the variable NAME.
        resolves: whether the key itself can be written instead.
        local: whether its reader is on this machine, where a profile's key helper answers.
        watch: the command of the format that names a file whose change counts; empty if it has none.
        exposed: who can read a key that is written.
        notes: what the readers of such a text do that a person does not expect.
    """

    __slots__ = ("exported", "exposed", "key", "local", "module", "notes", "resolves", "usage", "watch")

    def __init__(self, row: dict[str, list[str]]) -> None:
        given = {name: values[0] for name, values in row.items()}
        self.module = given["module"]
        self.usage = given["usage"]
        self.key = given.get("key", "")
        self.exported = given.get("exported", "")
        self.resolves = "resolves" not in given
        self.local = "local" in given
        self.watch = given.get("watch", "")
        self.exposed = given.get("exposed", "keep the file to yourself (chmod 600) and do not commit it")
        self.notes = given.get("notes", "")


FILE_FORMATS = {row["name"][0]: Format(row) for row in records("emit/formats.txt")}


def secret_name(dialect: str, reference: str, taken: frozenset[str]) -> str:
    """The name under which a format's reader finds the key.

    Args:
        dialect: the format.
        reference: where the profile has the key; ``env://NAME`` gives the name.
        taken: names that the text itself unsets.
    """
    scheme, _, name = reference.partition("://")
    if scheme != "env" or name in taken or not (name.isascii() and name.isidentifier()):
        return "LLM_GATEWAY_KEY"
    if dialect != "action":
        return name
    # GitHub's names have no case, and those with this prefix are its own
    return "LLM_GATEWAY_KEY" if name.upper().startswith("GITHUB_") else name.upper()
