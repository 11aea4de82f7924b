"""The proof that an address on this machine is the recorder of `cgw trace`, so that a helper may answer it.

While a trace runs, a private file beside the helper's record names the recorder's address and its process, with the
time at which that process started. A project cannot write there, and as long as that process lives no other one has
its port. The guard reads the file only after it has found that a start does not lead to the profile's gateway; then
everything else is checked as always, with the recorder in place of the gateway.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.world.files import private_dir, read_private, write_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.helper.spec import Spec

_SCHEMA = "cgw-recorder-1"
_HERE = "http://127.0.0.1:"


def running(spec: Spec) -> str:
    """The origin of the recorder that records for this helper now; empty if there is none."""
    try:
        text = (read_private(_path(spec)) or b"").decode("ascii") if spec.record else ""
        schema, address, process, started = text.split(" ")
    except (CgwError, ValueError):
        return ""
    port = address.removeprefix(_HERE)
    if schema != _SCHEMA or not address.startswith(_HERE) or not port.isdigit() or not process.isdigit():
        return ""
    return address if started and started == _start_of(natural(process) or 0) else ""


@contextmanager
def announced(spec: Spec, address: str) -> Iterator[None]:
    """For as long as it lasts, the helper may answer the recorder at this address, which this process runs.

    Raises:
        CgwError: the file cannot be written.
    """
    path = _path(spec)
    private_dir(os.path.dirname(path))
    write_private(path, f"{_SCHEMA} {address} {os.getpid()} {_start_of(os.getpid())}".encode())
    try:
        yield
    finally:
        try:
            os.unlink(path)
        except OSError:
            pass  # it ends with this process: no other one started at the same time under its number


def _path(spec: Spec) -> str:
    return os.path.join(os.path.dirname(spec.record), "recorder")


def _start_of(process: int) -> str:
    """Boot and clock tick at which a process started; empty where the system does not tell, as without /proc."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return f"{boot}:{file.read().rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return ""
