"""Edits inside a JSON text: only the objects on the path to a change are rewritten, every other byte is kept.

Only for text that ``jsontext.parse`` has accepted; use it through ``jsontext``.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import JsonValue, Pointer, content_start, pointer_text, quoted
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsonscan import members
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Raw:
    """A value exactly as it is to be written."""

    text: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the member (every occurrence), and up to ``prune`` of its containers when that leaves them empty."""

    prune: int = 0


Edit = tuple[Pointer, "JsonValue | Raw | Remove"]


def edit_valid(source: str, edits: Iterable[Edit]) -> str:
    """The valid JSON text ``source`` (or an empty one) with all edits made in order.

    Raises:
        UsageError: a container on the way is something other than an object (arrays only take existing indexes).
    """
    start = content_start(source)
    if start == len(source):
        source += "{}" if source.strip("\ufeff") else "{}\n"
    end = len(source.rstrip(" \t\r\n"))
    root = _take_apart(source[start:end])
    if root is None:
        raise UsageError("the file's top level is not an object")
    style = _Style.of(source, root)
    for pointer, change in edits:
        _apply(root, pointer, change, style)
    return source[:start] + root.render() + source[end:]


@dataclass(slots=True)
class _Item:
    """One member with the whitespace around it; ``name`` and ``colon`` are as written, and empty in an array."""

    lead: str
    spelled: str
    name: str
    colon: str
    value: str | _Node
    trail: str


@dataclass(slots=True)
class _Node:
    """An object or array in parts: joining all parts gives its text again."""

    brackets: str
    items: list[_Item] = field(default_factory=list)
    whitespace: str = ""
    """The text between the brackets if there is no member."""
    known: dict[str, _Item] = field(default_factory=dict)
    """The members by name once one was looked for, the last of those with the same name; ten thousand may be."""

    def render(self) -> str:
        parts = [
            item.lead
            + item.spelled
            + item.colon
            + (item.value if isinstance(item.value, str) else item.value.render())
            + item.trail
            for item in self.items
        ]
        return self.brackets[0] + (",".join(parts) if parts else self.whitespace) + self.brackets[1]

    def find(self, name: str) -> _Item | None:
        if not self.known:
            self.known = {item.name: item for item in self.items}
        return self.known.get(name)

    def remove(self, name: str) -> None:
        self.known = {}
        for index in reversed([at for at, item in enumerate(self.items) if item.name == name]):
            item = self.items.pop(index)
            if index == len(self.items) and index > 0:
                self.items[-1].trail = item.trail
            elif index == 0 and self.items:
                self.items[0].lead = item.lead
        if self.brackets == "[]":
            for index, item in enumerate(self.items):
                item.name = str(index)


@dataclass(frozen=True, slots=True)
class _Style:
    """How the file's author lays out objects; ``unit`` is ``None`` if everything is on one line."""

    newline: str
    unit: str | None
    colon: str

    @classmethod
    def of(cls, source: str, root: _Node) -> _Style:
        newline = "\r\n" if "\r\n" in source else "\n"
        if not root.items:
            return cls(newline, "  ", ": ")
        first = root.items[0]
        unit = first.lead.rpartition("\n")[2] if "\n" in first.lead else None
        return cls(newline, unit, first.colon)

    def spell(self, value: JsonValue, indent: str | None) -> str:
        """A value's text whose continuation lines start at ``indent``; ``None`` keeps it on one line."""
        if indent is None:
            return _dumps(value, comma="," if self.colon == ":" else ", ", colon=self.colon)
        text = _dumps(value, self.unit or "  ", colon=self.colon)
        return text.replace("\n", self.newline + indent)


def _dumps(value: JsonValue, indent: str = "", *, comma: str = ", ", colon: str = ": ") -> str:
    if isinstance(value, str) and value.isprintable():
        return quoted(value)
    import json  # takes most of an interpreter's start, and most commands edit nothing

    layout: dict[str, Any] = {"indent": indent or None, "separators": ("," if indent else comma, colon)}
    text = json.dumps(value, ensure_ascii=False, **layout)
    # A lone surrogate has no UTF-8 form; only the escape can represent it.
    broken = any("\ud800" <= char <= "\udfff" for char in text)
    return json.dumps(value, **layout) if broken else text


def _take_apart(text: str) -> _Node | None:
    if text[:1] not in {"{", "["}:
        return None
    node = _Node("{}" if text[0] == "{" else "[]")
    after = 1
    for member in members(text, 0):
        if node.items:
            before, _, after_comma = text[after : member.key_start].partition(",")
            node.items[-1].trail = before
            lead = after_comma
        else:
            lead = text[after : member.key_start]
        spelled = text[member.key_start : member.key_end]
        colon = text[member.key_end : member.start]
        node.items.append(_Item(lead, spelled, member.name, colon, text[member.start : member.end], ""))
        after = member.end
    if node.items:
        node.items[-1].trail = text[after:-1]
    else:
        node.whitespace = text[1:-1]
    return node


def _apply(root: _Node, pointer: Pointer, change: JsonValue | Raw | Remove, style: _Style) -> None:
    if not pointer:
        raise UsageError("an edit needs a member name")
    node, indent = root, "" if style.unit is not None else None
    path: list[tuple[_Node, str]] = []
    for depth, name in enumerate(pointer[:-1]):
        item = node.find(name)
        if item is None:
            if isinstance(change, Remove):
                return
            item = _insert(node, name, _Node("{}"), indent, style)
        if isinstance(item.value, str):
            taken = _take_apart(item.value)
            if taken is None:
                if isinstance(change, Remove):
                    return
                raise UsageError(f"{pointer_text(pointer[: depth + 1])} is not an object: nothing can be put in it")
            item.value = taken
        path.append((node, name))
        indent = _indent_of(item)
        node = item.value
    name = pointer[-1]
    if isinstance(change, Remove):
        node.remove(name)
        for (parent, own), _ in zip(reversed(path), range(change.prune), strict=False):
            inner = parent.find(own)
            if inner is None or not isinstance(inner.value, _Node) or inner.value.items:
                break
            parent.remove(own)
        return
    found = node.find(name)
    if found is None:
        found = _insert(node, name, "", indent, style)
    found.value = change.text if isinstance(change, Raw) else style.spell(change, _indent_of(found))


def _indent_of(item: _Item) -> str | None:
    """The indentation of the line that a member starts; ``None`` when it does not start one."""
    return item.lead.rpartition("\n")[2] if "\n" in item.lead else None


def _insert(node: _Node, name: str, value: str | _Node, indent: str | None, style: _Style) -> _Item:
    """A new last member, laid out like its siblings, or like the file where there are none."""
    if node.brackets == "[]":
        raise UsageError(f"there is no item {name} in the array")
    spelled = _dumps(name)
    if node.items:
        last = node.items[-1]
        lead = last.lead
        if not lead and last.colon.endswith(" "):
            lead = " "
        item = _Item(lead, spelled, name, last.colon, value, last.trail)
        last.trail = ""
    elif indent is None or style.unit is None:
        item = _Item("", spelled, name, style.colon, value, "")
    else:
        item = _Item(style.newline + indent + style.unit, spelled, name, style.colon, value, style.newline + indent)
    node.items.append(item)
    node.known[name] = item
    return item
