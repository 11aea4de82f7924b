"""Facts beside the packaged ones, in the user's data directory: the bundle in use, and what was learned here.

Commands that predict call ``load`` first; where there are no such files that is one look at the disk. A file that
cannot be used is reported and ignored: the packaged facts always work. The helper's guard uses no others.
"""

from __future__ import annotations

import os

from claude_gw_cli import __version__
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, UsageError
from claude_gw_cli.facts.newest import NEWEST, SIGNERS
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.bundle import Bundle
    from claude_gw_cli.core.learn import Learned


@dataclass(frozen=True, slots=True)
class Stored:
    """The bundle on disk."""

    bundle: Bundle
    signer: str
    """The line of the public key that signed it; empty where ``--allow-unsigned`` let it in."""
    sha256: str
    source: str
    """The file or address that it came from."""

    @property
    def label(self) -> str:
        """What tells it from any other bundle."""
        return f"{self.bundle.newest} bundle {self.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class Known:
    """All facts on this machine."""

    bundle: Stored | None = None
    learned: tuple[Learned, ...] = ()
    problems: tuple[str, ...] = ()
    """Files that cannot be used, and why."""

    @property
    def bundle_counts(self) -> bool:
        """False without a bundle, and where the packaged facts are newer."""
        return self.bundle is not None and not _is_behind(self.bundle.bundle)

    @property
    def newest(self) -> str:
        """The newest release that is covered."""
        return self.bundle.bundle.newest if self.bundle is not None and self.bundle_counts else NEWEST

    @property
    def label(self) -> str:
        """Names the facts that are in force, apart from the learned ones."""
        packaged = f"{NEWEST} packaged {__version__}"
        return self.bundle.label if self.bundle is not None and self.bundle_counts else packaged

    @property
    def used(self) -> tuple[Learned, ...]:
        """What was learned and still counts: no update has come that covers the release."""
        from claude_gw_cli.facts.versions import version_key

        covered = version_key(self.newest)
        return tuple(
            item for item in self.learned if version_key(item.version) > covered or item.against == self.label
        )


def signers_file(env: Mapping[str, str]) -> str:
    """The user's own list of public keys that may sign bundles, one a line."""
    return os.path.join(paths.config_dir(env), "facts-signers")


def load(env: Mapping[str, str], *, learned: bool = True) -> Known:
    """Read what is there and let it count in this process; ``learned=False`` leaves out what was learned here."""
    known = Known()
    if os.path.isdir(paths.facts_dir(env)):
        known = _read(env)
        known = known if learned else replace(known, learned=())
    _use(known)
    return known


def _use(known: Known) -> None:
    from claude_gw_cli.facts.overlay import Overlay, merged
    from claude_gw_cli.facts.versions import use

    rows = known.bundle.bundle.rows if known.bundle is not None and known.bundle_counts else Overlay()
    for item in known.used:
        rows = merged(rows, item.rows)
    use(rows)


def _read(env: Mapping[str, str]) -> Known:
    from claude_gw_cli.core import bundle, learn

    problems: list[str] = []

    def document(name: str) -> dict[str, Any]:
        path = os.path.join(paths.facts_dir(env), name)
        try:
            data = files.read_private(path)
            return {} if data is None else dict(from_json(data))
        except (CgwError, ValueError, TypeError) as error:
            reason = error.message if isinstance(error, CgwError) else f"{path} is not a JSON object"
            problems.append(f"{reason}; it is not used (cgw facts reset removes it)")
            return {}

    stored, learned = None, []
    if found := document("bundle.json"):
        try:
            content = bundle.parse(found["text"].encode())
            stored = Stored(content, *(str(found[name]) for name in ("signer", "sha256", "source")))
        except (CgwError, KeyError, AttributeError):
            problems.append(f"{paths.facts_dir(env)}/bundle.json cannot be used (cgw facts reset removes it)")
    for version, item in document("learned.json").items():
        try:
            learned.append(learn.read(version, item))
        except (KeyError, TypeError, ValueError, AttributeError):
            problems.append(f"what was learned from {version} cannot be used (cgw facts reset removes it)")
    return Known(stored, tuple(learned), tuple(problems))


def install(
    data: bytes, source: str, env: Mapping[str, str], *, sha256: str | None, unsigned: bool, older: bool
) -> Stored:
    """Verify a bundle and make it the one in use; on any error the one before stays.

    Args:
        data: the whole file.
        source: where it came from.
        env: the environment of cgw.
        sha256: what the file's SHA-256 has to be.
        unsigned: accept it without a signature, on the strength of ``sha256`` alone.
        older: accept it in place of a later one.

    Raises:
        RefusedError: it is not signed by a trusted key, was changed, is not what ``sha256`` says, or is older.
        UsageError: it is not complete, or of another schema.
    """
    import json

    from claude_gw_cli.core import bundle
    from claude_gw_cli.core.digest import sha256_hex
    from claude_gw_cli.world.download import without_query
    from claude_gw_cli.world.sshsig import verified

    shown, digest = without_query(source), sha256_hex(data)
    if sha256 is not None and sha256.lower().strip() != digest:
        raise RefusedError(
            f"{shown} does not match --sha256: its SHA-256 is {digest}",
            hint="It is not what was confirmed. Ask its publisher for the hash that is right now.",
        )
    text, signature = bundle.split(data)
    signer = ""
    if not (unsigned and sha256 is not None):
        if not signature:
            raise RefusedError(
                f"{shown} has no signature at its end: it is not a facts bundle, is cut off, or is not signed",
                hint="To accept exactly this file without one: --allow-unsigned --sha256 HEX",
            )
        signer = verified(text, signature, signers(env))
    new = bundle.parse(text)
    _check_age(new, _read(env).bundle, older=older)
    stored = Stored(new, signer, digest, source)
    files.private_dir(paths.facts_dir(env))
    document = {"signer": signer, "sha256": digest, "source": source, "text": text.decode()}
    files.write_private(os.path.join(paths.facts_dir(env), "bundle.json"), json.dumps(document).encode())
    return stored


def _check_age(new: Bundle, old: Stored | None, *, older: bool) -> None:
    if _is_behind(new):
        raise RefusedError(
            f"the bundle's facts ({new.newest}, made with cgw {new.cgw}) are older than those of this cgw "
            f"({NEWEST}, {__version__}); nothing was changed"
        )
    if old is not None and new.issued < old.bundle.issued and not older:
        raise RefusedError(
            f"the bundle was made {new.issued}, before the one in use ({old.bundle.issued}); nothing was changed",
            hint="To go back to it all the same, add --allow-older; to the packaged facts: cgw facts reset",
        )


def _is_behind(bundle: Bundle) -> bool:
    """Whether the packaged facts are newer: a later release, or the same one in a later cgw."""
    from claude_gw_cli.facts.versions import version_key

    theirs = (version_key(bundle.newest), version_key(bundle.cgw))
    return theirs < (version_key(NEWEST), version_key(__version__))


def signers(env: Mapping[str, str]) -> tuple[str, ...]:
    """The public keys that may sign: the project's, and those in the user's own file.

    Raises:
        RefusedError: the user's file belongs to another user, or others may write or read it.
    """
    text = (files.read_private(signers_file(env)) or b"").decode("utf-8", "replace")
    own = (line.strip() for line in text.splitlines())
    return (*SIGNERS, *(line for line in own if line and not line.startswith("#")))


def read_file(path: str, limit: int) -> bytes:
    """A bundle's file.

    Raises:
        FileError, UsageError: there is none, or it is too large for one.
    """
    try:
        if os.stat(path).st_size > limit:
            raise UsageError(f"{path} is larger than {limit} bytes; a facts bundle is not")
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    return files.read_bytes(path) or b""


def keep_learned(new: Learned, env: Mapping[str, str]) -> None:
    """Keep what was learned from a release, in place of what was known of it before."""
    import json

    from claude_gw_cli.core import learn

    kept = {item.version: item for item in _read(env).learned} | {new.version: new}
    files.private_dir(paths.facts_dir(env))
    document = {version: learn.as_dict(item) for version, item in kept.items()}
    files.write_private(os.path.join(paths.facts_dir(env), "learned.json"), json.dumps(document, indent=1).encode())


def reset(env: Mapping[str, str]) -> list[str]:
    """Remove the bundle and everything that was learned; returns the files that were there."""
    removed = []
    for name in ("bundle.json", "learned.json"):
        path = os.path.join(paths.facts_dir(env), name)
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        removed.append(path)
    files.remove_dirs(paths.facts_dir(env), 2)
    return removed
