"""TLS inside TLS: what a proxy behind `https://` carries, as a plain socket that a second handshake can use."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_PIECE = 65_536
"""Bytes that are carried at once."""


def relayed(outer: ssl.SSLSocket, seconds: float) -> socket.socket:
    """A socket whose bytes travel inside ``outer``, which is closed with it or after so many idle seconds."""
    near, far = socket.socketpair()
    threading.Thread(target=_carry, args=(outer, far, seconds), daemon=True).start()
    return near


def _carry(outer: ssl.SSLSocket, far: socket.socket, seconds: float) -> None:
    import ssl

    with suppress(OSError), outer, far:
        while ready := [outer] if outer.pending() else select.select([outer, far], [], [], seconds)[0]:
            for source in ready:
                outer.settimeout(0)  # a TLS record may hold nothing for us
                try:
                    data = source.recv(_PIECE)
                except ssl.SSLWantReadError:
                    continue
                if not data:
                    return
                outer.settimeout(seconds)
                (far if source is outer else outer).sendall(data)
