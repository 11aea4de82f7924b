"""Take the names of environment variables from released clients, and compare them with ``facts/names.txt``.

    .venv/bin/python tests/atlas/names.py 2.1.333            print how a release and the table differ
    .venv/bin/python tests/atlas/names.py --write 2.1.333    make the table again, with that release added

Names are found in the client's package as text: after a dot, in quotes, as a member. That a package contains a name
does not prove that it reads the variable; that it does not contain the name proves that it does not read it, unless
it puts the name together from parts (``COMPOSED`` in the table).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import wrap

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).parent))

from laboratory import client

from claude_gw_cli.facts import names as table
from claude_gw_cli.facts.versions import version_key

_END = rb"""(?=["'`:,;)\]}=?!|&.\s+<>*(])"""
_OWN = re.compile(rb"""(?:\.|["'`{,])((?:ANTHROPIC|CLAUDE|DISABLE|ENABLE)_[A-Z0-9_]*[A-Z0-9])""" + _END)
_RELATED = re.compile(
    rb"""(?:env\.|["'`])((?:API_TIMEOUT|BASH_DEFAULT|BASH_MAX|CLOUD_ML|FALLBACK_FOR|FORCE|MAX|MCP|OTEL|SLASH_COMMAND|"""
    rb"""TASK_MAX|USE_BUILTIN|VERTEX_REGION)_[A-Z0-9_]*[A-Z0-9])""" + _END
)
PREFIXES = ("ANTHROPIC_", "CLAUDE_CODE_", "CLAUDE_", "DISABLE_", "ENABLE_", "MCP_", "OTEL_", "")
FILE = Path(table.__file__).with_suffix(".txt")


def names(version: str) -> set[str]:
    """The names in a release's package."""
    package = client(version).parents[1] / "@anthropic-ai"
    places = (package / "claude-code-linux-x64" / "claude", package / "claude-code" / "cli.js")
    data = next(place for place in places if place.exists()).read_bytes()
    return {item.decode() for pattern in (_OWN, _RELATED) for item in pattern.findall(data)}


def compare(version: str) -> int:
    """Print how a release differs from the table; return in how many names."""
    found = names(version)
    known = {name for name, span in table.spans().items() if span.has(version)}
    for name in sorted(found ^ known):
        print(f"{version} {name}: {'the client has it, the table not' if name in found else 'only the table has it'}")
    print(f"{version}: {len(found)} names, {len(found ^ known)} differ")
    return len(found ^ known)


def write(versions: list[str]) -> None:
    """Make the table again from these releases."""
    seen: dict[str, list[int]] = defaultdict(list)
    for index, version in enumerate(versions):
        for name in names(version):
            seen[name].append(index)
    ends = [*versions, ""]
    spans = {name: table.Span(["", *ends][places[0]], ends[places[-1] + 1]) for name, places in seen.items()}
    FILE.write_text(render(versions, spans))
    print(f"{len(seen)} names of {len(versions)} releases")


def render(versions: list[str], spans: Mapping[str, table.Span]) -> str:
    """The text of the table."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, span in sorted(spans.items()):
        prefix = next(item for item in PREFIXES if name.startswith(item))
        groups[span.after, span.before][prefix].append(name.removeprefix(prefix))
    lines = ["releases", *_wrapped(versions)]
    order = sorted(groups, key=lambda pair: [version_key(item or "0") for item in pair])
    for after, before in order:
        words = [word for prefix, rests in groups[after, before].items() for word in (f"{prefix}:", *rests)]
        lines += [f"{after}..{before}", *_wrapped(words)]
    return "\n".join(lines) + "\n"


def _wrapped(words: Iterable[str]) -> list[str]:
    return wrap(" ".join(words), 118, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def main() -> int:
    """Compare releases with the table, or make it again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="*", default=list(table.releases()))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        write(sorted({*table.releases(), *options.version}, key=version_key))
        return 0
    return 1 if sum(compare(version) for version in options.version) else 0


if __name__ == "__main__":
    sys.exit(main())
