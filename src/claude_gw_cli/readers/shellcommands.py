"""Commands that set variables: ``env``, ``alias``, ``docker run -e``, ``sh -c``; and those that print text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers.common import Assignment, Piece, Text, Unknown, is_name, joined, passed_to_build
from claude_gw_cli.readers.shelltext import printf_b

if TYPE_CHECKING:
    from tree_sitter import Node

    from claude_gw_cli.readers.shell import Script

STARTERS = frozenset({"exec", "command", "nohup", "time", "builtin", "npx", "bunx", "nice", "caffeinate", "setsid"})
"""Commands whose arguments are a command line."""
_CONTAINERS = (
    "docker podman nerdctl kubectl docker-compose podman-compose systemd-run apptainer singularity devcontainer"
)
_NO_EXPORT = "setenv EXPORT Export exprot exort exporrt expor epxort expot"
_OPTIONS = ("-e", "--env", "-E", "--setenv", "--remote-env", "--from-literal", "--build-arg")
_FORMAT = lazy(r"%(?P<text>[sb])|%(?P<percent>%)|(?P<other>%[^%]*)|(?P<plain>[^%]+)")
Command = Callable[["Script", "list[Node]", "list[str | None]"], None]


def _set(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    if texts[:1] in (["-a"], ["+a"]) or texts[1:2] == ["allexport"]:
        script.exports_all = (texts[0] or "").startswith("-")
    elif len(arguments) > 2 and (texts[0] or "").startswith("-") and texts[1] and is_own(texts[1]):
        item = Assignment(texts[1], script.value(arguments[2]), *script.place(arguments[1]))
        script.scopes.lose(item, "this is how fish sets a variable")


def _env(script: Script, arguments: list[Node], _texts: list[str | None]) -> None:
    with script.scopes.inner():
        for item in arguments:
            if not pair(script, item) and not script.text(item).startswith("-"):
                break


def pair(script: Script, node: Node, value: Text | None = None, *, to_build: bool = False) -> bool:
    """Export what one argument ``A=b`` says; false for another argument."""
    value = script.value(node) if value is None else value
    name, sign, rest = value[0].partition("=") if value and isinstance(value[0], str) else ("", "", "")
    if not sign or not is_name(name):
        return False
    item = Assignment(name, joined([rest, *value[1:]]), *script.place(node))
    script.scopes.export(passed_to_build(item) if to_build else item)
    return True


def _launchctl(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    if texts[:1] == ["setenv"] and len(arguments) == 3 and texts[1]:
        script.scopes.export(Assignment(texts[1], script.value(arguments[2]), *script.place(arguments[1])))


def _systemctl(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    if "set-environment" in texts:
        for item in arguments[texts.index("set-environment") + 1 :]:
            pair(script, item)


def _container(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    """``-e A=b``, ``--env A=b``, ``--env=A=b``."""
    with script.scopes.inner():
        for index, item in enumerate(arguments):
            value = script.value(item)
            first = value[0] if value and isinstance(value[0], str) else ""
            if first.partition("=")[0] in _OPTIONS:
                pair(script, item, joined([first.partition("=")[2], *value[1:]]))
            elif index and texts[index - 1] in _OPTIONS:
                pair(script, item, value, to_build=texts[index - 1] == "--build-arg")


def _alias(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    for node, text in zip(arguments, texts, strict=True):
        inner = next((item for item in node.named_children if item.type in {"raw_string", "string"}), None)
        if "=" in script.text(node) and inner is not None:
            script.nested(inner, text and text.partition("=")[2])


def _shell(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    """``sh -c 'script'``."""
    at = next((index for index, text in enumerate(texts[:3], 1) if text and text[0] == "-" and text[-1] == "c"), None)
    if at is not None and at < len(arguments):
        script.nested(arguments[at], texts[at])


def _eval(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    if len(arguments) == 1:
        script.nested(arguments[0], texts[0])


def _no_export(script: Script, arguments: list[Node], _texts: list[str | None]) -> None:
    """``setenv A b`` or ``EXPORT A=b``, unless the script itself defines such a command."""
    if not arguments or script.has_setenv:
        return
    name, sign, _ = script.text(arguments[0]).partition("=")
    value = [*script.value(arguments[0 if sign else -1])]
    if sign and value and isinstance(value[0], str):
        value[0] = value[0].partition("=")[2]
    script.scopes.lose(Assignment(name, joined(value), *script.place(arguments[0])), "the shell has no such command")


def _echo(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    escapes = False
    while texts and texts[0] and len(texts[0]) > 1 and texts[0][0] == "-" and not texts[0][1:].strip("neE"):
        escapes |= "e" in texts[0]
        arguments, texts = arguments[1:], texts[1:]
    if arguments:
        pieces = (piece for index, node in enumerate(arguments) for piece in (" " * (index > 0), *script.value(node)))
        found = joined(pieces)
        script.prints(_unescaped(found) if escapes else found, arguments[0])


def _printf(script: Script, arguments: list[Node], texts: list[str | None]) -> None:
    if not arguments or texts[0] is None or texts[0] == "-v":
        return
    rest = [script.value(node) for node in arguments[1:]]
    found: list[Piece] = []
    while True:
        before = len(rest)
        for part in _FORMAT.finditer(texts[0]):
            if part["text"]:
                value = rest.pop(0) if rest else ()
                found += _unescaped(value) if part["text"] == "b" else value
            else:
                found += (
                    (printf_b(part["plain"] or part["percent"]),) if not part["other"] else (Unknown(part["other"]),)
                )
        if not rest or len(rest) == before:  # the format is used again for further arguments
            break
    script.prints(joined(found), arguments[1] if len(arguments) > 1 and texts[0].startswith("%") else arguments[0])


def _unescaped(value: Text) -> Text:
    return joined(printf_b(piece) if isinstance(piece, str) else piece for piece in value)


COMMANDS: Mapping[str, Command] = {
    "set": _set,
    "launchctl": _launchctl,
    "systemctl": _systemctl,
    "alias": _alias,
    "eval": _eval,
    "echo": _echo,
    **dict.fromkeys(_NO_EXPORT.split(), _no_export),
    "printf": _printf,
    **dict.fromkeys(("env", "cross-env", "cross-env-shell", "sudo", "doas"), _env),
    **dict.fromkeys(_CONTAINERS.split(), _container),
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), _shell),
}
