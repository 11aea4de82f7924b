"""HTTP/1.1 on a socket: one request, and its answer piece by piece until a deadline for the whole of it.

h11 reads and writes; it does not wait. ``http.client`` has a time limit for each read, so a server that sends a byte
now and then is waited for without end. With h11 `cgw doctor` takes 11 to 13 times an interpreter that does nothing
before a healthy gateway on this machine (9 to 12 before).
"""

from __future__ import annotations

import time
from urllib.parse import quote

import h11

from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator

_HEAD = 131_072
"""Bytes of an answer's head that are read."""
_PIECE = 65_536
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_BEGINS = b"HTTP/"


class NotHttpError(Exception):
    """What came is not an HTTP answer; the words say what it is."""


class ClosedError(NotHttpError):
    """The connection was closed before there was an answer."""


class CutError(Exception):
    """The connection was closed in the middle of a body."""


class Exchange:
    """One request and its answer.

    Args:
        channel: a connected socket.
        deadline: on the monotonic clock.

    Attributes:
        status: of the first answer that is not an interim one.
        reason: the words behind it.
        headers: in the order sent, names in lower case.
    """

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        self._heard = b""
        self._closed = False
        self.status, self.reason = 0, ""
        self.headers: list[tuple[str, str]] = []

    def send(self, method: str, target: str, lines: Iterable[tuple[str, str]], body: bytes | None = b"") -> None:
        """Send a request; without a body (``None``) its head alone.

        Raises:
            ValueError: a part of it cannot be sent.
            OSError: the connection failed, and no body was sent: a server may refuse one early and say why.
        """
        headers = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in lines]
        try:
            data = self._http.send(h11.Request(method=method, target=quote(target, safe=_VISIBLE), headers=headers))
            if body is not None:
                data = (data or b"") + (self._http.send(h11.Data(body)) or b"")
                data += self._http.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError as error:
            raise ValueError(f"a request that cannot be sent: {error}") from None
        self._channel.settimeout(max(self._deadline - time.monotonic(), 0.01))
        try:
            self._channel.sendall(data or b"")
        except OSError:
            if not body:
                raise

    def read_head(self, *, interim: bool = False) -> None:
        """Read the answer's head; with ``interim`` the first one, be it an interim answer.

        Raises:
            TimeoutError: nothing whole by the deadline.
            OSError: the connection failed.
            NotHttpError: something else came.
        """
        event = self._event()
        while isinstance(event, h11.InformationalResponse) and not interim:
            event = self._event()
        if not isinstance(event, h11.Response | h11.InformationalResponse):
            raise NotHttpError("no status line")
        self.status, self.reason = event.status_code, event.reason.decode("latin-1")
        self.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]

    def header(self, name: str) -> str:
        """The last header of this (lower-case) name, or an empty text."""
        return next((value for sent, value in reversed(self.headers) if sent == name), "")

    def body(self) -> Iterator[bytes]:
        """The pieces of the body as they arrive.

        Raises:
            TimeoutError: it was not whole by the deadline.
            CutError: it ended too early.
        """
        try:
            while isinstance(event := self._event(), h11.Data):
                yield bytes(event.data)
        except TimeoutError:
            raise
        except (OSError, NotHttpError):
            raise CutError from None

    def _event(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(self._received())
        except h11.RemoteProtocolError as error:
            raise (ClosedError if self._closed else NotHttpError)(str(error)) from None
        return event

    def _received(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._channel.settimeout(left)
        data = self._channel.recv(_PIECE)
        self._closed = not data
        if len(self._heard) < len(_BEGINS):
            self._heard += data[: len(_BEGINS)]
            if not _BEGINS.startswith(self._heard[: len(_BEGINS)]):
                raise NotHttpError("no status line")
        return data
