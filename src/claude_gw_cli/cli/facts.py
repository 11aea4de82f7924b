"""``cgw facts``: which facts about client releases are in force, taking newer ones, and the way back."""

from __future__ import annotations

import os

from claude_gw_cli.cli.out import info, write_json, write_lines
from claude_gw_cli.core.errors import EXIT_OK, UsageError
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.newest import NEWEST
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world import facts as world

if TYPE_CHECKING:
    from claude_gw_cli.core.learn import Learned


def read_here() -> world.Known:
    """Let the facts of this machine count; what is wrong with their files is said."""
    known = world.load(os.environ)
    for problem in known.problems:
        info(f"cgw: {problem}")
    return known


def show(*, format_: str = "human") -> int:
    """Print the facts in force and where they come from."""
    known = read_here()
    if format_ == "json":
        write_json(_document(known))
        return EXIT_OK
    from claude_gw_cli import __version__

    bundle = known.bundle
    said = "packaged" if not known.bundle_counts else "from the bundle"
    lines = [
        _line("in force", f"{known.newest}, {said}"),
        _line("packaged", f"{NEWEST}, with cgw {__version__}"),
        _line("releases", f"{_oldest()} to {known.newest}"),
    ]
    if bundle is None:
        lines.append(_line("bundle", "none; take one with: cgw facts update FILE|URL"))
    else:
        counts = "" if known.bundle_counts else "; not used: the packaged facts are newer"
        lines += [
            _line("bundle", f"{bundle.bundle.newest}, made {bundle.bundle.issued}{counts}"),
            _line("", f"from {bundle.source}"),
            _line("", f"signed by {_comment(bundle.signer)}" if bundle.signer else "not signed"),
            _line("", f"sha256 {bundle.sha256}"),
        ]
    lines += [line for item in known.learned for line in described(item, used=item in known.used)]
    if not known.learned:
        lines.append(_line("learned", "nothing; measure your client with: cgw trace --learn"))
    if about := _about_client(_client()):
        lines.append(_line("client", about))
    lines.append(_line("signers", f"the project's, and those in {world.signers_file(os.environ)}"))
    write_lines("".join(f"{line}\n" for line in lines))
    return EXIT_OK


def _line(name: str, text: str) -> str:
    return f"{name:<9} {text}"


def described(item: Learned, *, used: bool = True) -> list[str]:
    """A learned release as a person reads it."""
    state = "" if used else "; not used: the facts in force cover it"
    lines = [_line("learned", f"{item.version}, from {counted(item.starts, 'start')}{state}")]
    lines += [_line("", change) for change in item.changes]
    lines += [_line("", f"not explained: {line}") for line in item.left]
    return lines if len(lines) > 1 else [*lines, _line("", "nothing differs from the facts")]


def _comment(signer: str) -> str:
    """A key by its comment, else by its beginning."""
    words = signer.split(maxsplit=2)
    return words[2] if len(words) > 2 else words[1][:24] + "…"


def _client() -> str | None:
    from claude_gw_cli.world.client import installed_version

    return installed_version(os.environ)


def _about_client(version: str | None) -> str:
    if version is None:
        return "no Claude Code is installed here"
    from claude_gw_cli.core.predict.sentences import about_release

    return about_release(version).removesuffix(".") or f"{version}, covered"


def _oldest() -> str:
    """The oldest release of which the facts say anything."""
    from claude_gw_cli.facts.models import DEFAULTS
    from claude_gw_cli.facts.versions import version_key

    return min((since for rows in DEFAULTS.values() for since, _ in rows), key=version_key)


def _document(known: world.Known) -> dict[str, Any]:
    """The published shape of ``cgw facts show --format json``."""
    from claude_gw_cli import __version__
    from claude_gw_cli.facts.versions import version_key

    client, stored = _client(), known.bundle
    bundle = None
    if stored is not None:
        bundle = {
            "newest": stored.bundle.newest,
            "issued": stored.bundle.issued,
            "cgw": stored.bundle.cgw,
            "source": stored.source,
            "sha256": stored.sha256,
            "signer": stored.signer or None,
            "in_force": known.bundle_counts,
        }
    return {
        "schema_version": 1,
        "in_force": {"newest": known.newest, "source": "bundle" if known.bundle_counts else "packaged"},
        "packaged": {"newest": NEWEST, "cgw": __version__},
        "releases": {"oldest": _oldest(), "newest": known.newest},
        "bundle": bundle,
        "learned": [
            {
                "version": item.version,
                "starts": item.starts,
                "in_force": item in known.used,
                "changes": list(item.changes),
                "not_explained": list(item.left),
            }
            for item in known.learned
        ],
        "client": {
            "version": client,
            "covered": client is not None and version_key(client) <= version_key(known.newest),
        },
        "signers": world.signers_file(os.environ),
        "problems": list(known.problems),
    }


def update(*, source: str, sha256: str | None = None, allow_unsigned: bool = False, allow_older: bool = False) -> int:
    """Take a bundle into use."""
    from claude_gw_cli.core.bundle import LARGEST
    from claude_gw_cli.core.masking import masked_text

    if allow_unsigned and sha256 is None:
        raise UsageError(
            "--allow-unsigned needs --sha256: without a signature only the exact file can be trusted",
            hint="cgw facts update FILE --allow-unsigned --sha256 HEX",
        )
    if source.lower().startswith(("http://", "https://")):
        from claude_gw_cli.world.download import download

        data = download(source, limit=LARGEST, what="facts bundle")
    else:
        data = world.read_file(source, LARGEST)
    stored = world.install(
        data, masked_text(source), os.environ, sha256=sha256, unsigned=allow_unsigned, older=allow_older
    )
    signed = f"signed by {_comment(stored.signer)}" if stored.signer else "accepted by its SHA-256, not signed"
    info(f"cgw: facts up to {stored.bundle.newest} are in force, {signed}")
    if stored.bundle.left_out:
        info(f"cgw: {counted(stored.bundle.left_out, 'row')} for a newer cgw not used: pipx upgrade claude-gw-cli")
    return EXIT_OK


def reset() -> int:
    """Go back to the packaged facts: remove the bundle and what was learned."""
    removed = world.reset(os.environ)
    for path in removed:
        info(f"cgw: removed {path}")
    info(f"cgw: the packaged facts are in force, up to {NEWEST}")
    return EXIT_OK
