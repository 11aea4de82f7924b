"""The helper script: POSIX sh that answers from the cache with builtins alone, else gives way to the interpreter.

It starts no process on the warm path, because each one costs more than all the rest (measured: 1.0 ms without,
2.5 ms with one `date`, 25 ms and more for Python). It reads the file that ``cache`` writes; change both together.
Whatever it does not understand it leaves to the run time; it never decides that a key may *not* be printed. The texts
are in the folder ``scripts``.
"""

from __future__ import annotations

import os

from claude_gw_cli.facts.transport import OTHER_FLAGS, WATCHED
from claude_gw_cli.helper.cache import SCHEMA
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.tables import packaged_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_gw_cli.helper.spec import Spec

_MARK = "# apiKeyHelper "
"""How the second line of each of these scripts begins."""


def render(spec: Spec, spec_path: str, python: str, paths: Sequence[str], version: str) -> str:
    """The script's text.

    Args:
        spec: the compiled helper.
        spec_path: where it is.
        python: the interpreter, absolute.
        paths: folders of cgw and its libraries, absolute.
        version: of cgw, for the comment.
    """
    # where a credential comes from the environment and nothing is cached, there is no warm path
    warm = _warm(spec) if spec.cache and not spec.keep else ""
    return filled_in(
        "helper",
        name=spec.name,
        origin=spec.origin,
        version=version,
        warm=warm,
        python=quote(python),
        spec=quote(spec_path),
        paths=" ".join(quote(path) for path in paths),
    )


def render_cmd(spec_path: str, python: str, paths: Sequence[str]) -> str:
    """The same for Windows, where the client uses cmd.exe; written by the documented rules, not run here.

    A batch file cannot answer from the cache by itself: every call starts the interpreter.
    """
    words = " ".join(f'"{word}"'.replace("%", "%%") for word in (spec_path, *paths))
    code = "import sys; sys.path += sys.argv[2:]; "
    code += "from claude_gw_cli.helper.runtime import main; sys.exit(main(sys.argv[1:2]))"
    return f'@echo off\r\n"{python.replace("%", "%%")}" -I -S -c "{code}" {words}\r\n'


def filled_in(script: str, **values: object) -> str:
    """One of the scripts in the folder ``scripts``, with a value for each ``@name@``."""
    import re

    text = packaged_text(f"helper/scripts/{script}.sh")
    return re.sub("@([a-z_]+)@", lambda found: str(values[found[1]]), text)


def quote(text: str) -> str:
    """A shell word: bare where that is plain to read, else in single quotes."""
    if text and all(char.isascii() and (char.isalnum() or char in "/._-+:@%") for char in text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def render_shared(name: str) -> str:
    """A script for one absolute path on every machine: it gives way to the helper of the user who runs it."""
    return filled_in("shared", name=name)


def written_for_others(text: str) -> tuple[str, bool] | None:
    """Whose helper a script for other machines or users is; ``None`` for any other text.

    Returns:
        The helper's name, and whether the script runs that helper of the user (else it needs no cgw).
    """
    line = text.partition("\n")[2].partition("\n")[0]
    name, _, does = line.removeprefix(_MARK).partition(": ")
    if not line.startswith(_MARK) or "Written by cgw" not in does:
        return None
    runs = does.startswith("runs the helper")
    return (name, runs) if runs or "needs no cgw" in does else None


def digest(data: bytes) -> str:
    """SHA-256 of a script, in hexadecimal: tells whether it is as it was installed."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _warm(spec: Spec) -> str:
    return filled_in(
        "cached",
        cache=quote(spec.cache),
        schema=SCHEMA,
        key=spec.key,
        guard=f"{guard_lines(spec)}\n{_settled(spec)}",
        user=quote(spec.user),
        settings=quote(os.path.join(spec.user, "settings.json")),
        record=quote(spec.record),
        managed=quote(spec.managed),
        identity='"' + ("|".join(_fingerprint(name) for name in spec.ambient) or "none") + '"',
        watch="".join(
            f'  [ "$cache/value" -nt {quote(path)} ] || return 1\n'
            for file in spec.watch
            for path in (file, os.path.dirname(file))
        ),
    )


def guard_lines(spec: Spec) -> str:
    """The quick half of ``guard.check``: passes only what is plainly the profile's gateway."""
    flags = [*(pair.split(" ")[0] for pair in spec.route), *OTHER_FLAGS]
    own = next((pair.split(" ")[0] for pair in spec.route if pair.split(" ")[1] == spec.variable), "")
    word = f"${{{own}-}}:${{{spec.variable}-}}" if own else f"${{{spec.variable}-}}"
    head = "1:" if own else ""
    idle = "${CLAUDE_CODE_ENTRYPOINT+client}" + ("${ANTHROPIC_BASE_URL+set}" if own else "")
    lines = [
        f"  case {word} in",
        f"    {quote(head + spec.origin)} | {quote(head + spec.origin + '/')}*) ;;",
        f'    {":" if own else quote("")}) [ -z "{idle}" ] || return 1 ;;',
        "    *) return 1 ;;",
        "  esac",
    ]
    others = "".join(f"${{{flag}-}}" for flag in flags if flag != own)
    if others:
        lines.append(f'  [ -z "{others}" ] || return 1')
    return "\n".join(lines)


def _settled(spec: Spec) -> str:
    """Passes only if proxies, certificates and the like are what they were when the helper was installed."""
    known = dict(pair.partition(" ")[::2] for pair in spec.wiring)
    now = "|".join(f"${{{name}-}}" for name in WATCHED)
    return f'  [ "{now}" = {quote("|".join(known.get(name, "") for name in WATCHED))} ] || return 1'


def _fingerprint(name: str) -> str:
    """Length and last eight characters of a variable, as ``cache.fingerprint``."""
    return f'${{#{name}}}:${{{name}#"${{{name}%????????}}"}}'
