"""Whose set-up is looked at: this user's on this machine, or one home directory of a tree. Only reads.

The person who runs cgw over a tree may read more than the owner of a home, who decides what is in it. So in a
tree only files inside the home that belong to its owner are read, of a limited size, and no link leads out of it.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator, Mapping

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import files, paths
from claude_gw_cli.world.ownership import Store

LARGEST = 4 << 20
"""Bytes of a file in another user's home; settings files and records have kilobytes."""
MOST = 200
"""Entries of a directory in a home that are looked at."""


@dataclass(frozen=True, slots=True)
class Home:
    """One home directory.

    Attributes:
        env: where cgw's directories are.
        root: the directory with its links resolved; empty for this user, whose records may name any place.
        owner: the user whose files are read.
        unreadable: why nothing can be read there; empty where it can.
    """

    env: Mapping[str, str]
    root: str = ""
    owner: int = 0
    unreadable: str = ""

    def read(self, path: str) -> bytes | None:
        """The content of a file at the place that it has now; ``None`` when there is none.

        Raises:
            FileError, RefusedError: it cannot be read, or does not belong to this home.
        """
        if not self.root:
            return files.read_bytes(path)
        self._check_inside(path)
        return files.read_owned(path, self.owner, LARGEST)

    def read_private(self, path: str) -> bytes | None:
        """As ``read``, for cgw's own files."""
        return self.read(path) if self.root else files.read_private(path)

    def placed(self, recorded: str, then: str) -> str | None:
        """Where a recorded path is now; ``None`` where it was outside of the home, which had the path ``then``."""
        if not self.root:
            return recorded
        inside = os.path.relpath(recorded, then) if files.is_below(recorded, then) else os.pardir
        return None if inside.startswith(os.pardir) else os.path.join(self.root, inside)

    def recorded(self, placed: str, then: str) -> str:
        """What a path in this home was when the home had the path ``then``."""
        return os.path.join(then, os.path.relpath(placed, self.root)) if self.root else placed

    def names(self, folder: str) -> list[str]:
        """The names in a directory, in order; an empty list when there is none.

        Raises:
            FileError, RefusedError: it cannot be read, or has more entries than are looked at.
        """
        if self.root:
            self._check_inside(folder)
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in itertools.islice(entries, MOST + 1 if self.root else None)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise files.failure("read", folder, error) from None
        if self.root and len(names) > MOST:
            raise FileError(f"{folder} has more than {MOST} entries")
        return sorted(names)

    def _check_inside(self, path: str) -> None:
        if not files.is_below(os.path.realpath(path), self.root):
            raise RefusedError(f"{path} leads out of the home directory")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One settings file that cgw wrote: its path then, its path now, its record, and the path of the home then."""

    file: str
    place: str
    store: Store
    then: str = ""


def own(env: Mapping[str, str]) -> Home:
    """This user's home on this machine."""
    return Home(env)


def below(tree: str) -> Iterator[tuple[str, Home]]:
    """Each home directory of a tree with its name, in order; a link is named and not followed.

    Raises:
        FileError, RefusedError: the tree cannot be read.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(tree) if entry.is_symlink() or entry.is_dir())
    except OSError as error:
        raise files.failure("read", tree, error) from None
    return _homes(tree, names)


def _homes(tree: str, names: list[str]) -> Iterator[tuple[str, Home]]:
    for name in names:
        path = os.path.join(tree, name)
        env = {"HOME": path}
        try:
            found = os.lstat(path)
        except OSError as error:
            yield name, Home(env, path, unreadable=error.strerror or str(error))
            continue
        if stat.S_ISLNK(found.st_mode):
            yield name, Home(env, path, unreadable="a link; not followed")
        elif not os.access(path, os.R_OK | os.X_OK):
            yield name, Home(env, path, unreadable="not readable for this user")
        else:
            real = os.path.realpath(path)
            yield name, Home({"HOME": real}, real, found.st_uid)


def recorded(home: Home) -> Iterator[Recorded | CgwError]:
    """Every settings file that cgw wrote from this home, or why a record cannot be read.

    A file outside of a home of a tree is not looked at.
    """
    state = paths.state_dir(home.env)
    root = os.path.join(state, "settings")
    for name in home.names(root):
        if name.startswith(".") or name == "digest.key":
            continue
        for record in ("record.json", "next.json"):
            try:
                data = home.read_private(os.path.join(root, name, record))
                if data is None:
                    continue
                found = from_json(data)
                file = str(found["file"])
                then = str(found.get("home", "")) or _home_of(file, home.root)
                place = home.placed(file, then)
            except CgwError as error:
                yield error
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                yield FileError(
                    f"{os.path.join(root, name, record)} is not a record that this version of cgw can read"
                )
            else:
                if place is not None:
                    if home.root and home.read_private(os.path.join(root, "digest.key")) is None:
                        yield FileError(
                            f"{os.path.join(root, 'digest.key')} is missing; its records cannot be compared"
                        )
                        return
                    yield Recorded(file, place, Store(state, place, name=name, read=home.read_private), then)
            break


def _home_of(file: str, root: str) -> str:
    """The home directory of a record that does not say it: the directory of the same name."""
    before, name, _ = file.partition(f"/{os.path.basename(root)}/")
    return before + name.rstrip("/")
