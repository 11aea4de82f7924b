"""HTTP/1.1 on a socket: one request, and its answer piece by piece until a deadline.

``http.client`` has a time limit for each read, so a server that sends a byte now and then is waited for without end;
and importing it takes as long as all questions to a gateway on this machine.
"""

from __future__ import annotations

import time

from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator

_LINE = 65_536
_LINES = 200
_PIECE = 65_536
_EMPTY = frozenset({204, 304})
_SWITCHING = 101


class NotHttpError(Exception):
    """What came is not an HTTP answer; the words say what it is."""


class ClosedError(NotHttpError):
    """The connection was closed before there was an answer."""


class CutError(Exception):
    """The connection was closed in the middle of a body."""


def head(method: str, target: str, lines: Iterable[tuple[str, str]]) -> bytes:
    """The first bytes of a request.

    Raises:
        ValueError: a part of it would be read as another line, or cannot be sent.
    """
    text = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines)]
    if any("\r" in line or "\n" in line for line in text):
        raise ValueError("a line break in a header")
    return "\r\n".join([*text, "", ""]).encode("latin-1")


class Reply:
    """An answer: its head is read at once, its body on request.

    Args:
        channel: a connected socket.
        deadline: on the monotonic clock.

    Attributes:
        status: of the first answer that is not an interim one.
        reason: the words behind it.
        headers: in the order sent, names in lower case.
        length: bytes of the body; ``None`` where only its end shows it.

    Raises:
        TimeoutError: nothing whole by the deadline.
        OSError: the connection failed.
        NotHttpError: something else came.
    """

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self._rest = b""
        self.status, self.reason, self.headers = self._head()
        while 100 <= self.status < 200 and self.status != _SWITCHING:
            self.status, self.reason, self.headers = self._head()
        size = self.header("content-length")
        self._chunked = "chunked" in self.header("transfer-encoding").lower()
        self.length = int(size) if size.isdecimal() and not self._chunked else None
        if self.status in _EMPTY:
            self.length = 0

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
            if not self._chunked:
                yield from self._bytes(self.length)
                return
            while size := int(self._line().partition(b";")[0], 16):
                yield from self._bytes(size)
                self._line()
        except TimeoutError:
            raise
        except (OSError, NotHttpError, ValueError):
            raise CutError from None

    def _head(self) -> tuple[int, str, list[tuple[str, str]]]:
        first = self._line()
        version, _, rest = first.partition(b" ")
        code, _, reason = rest.strip().partition(b" ")
        if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit():
            raise NotHttpError("no status line")
        headers: list[tuple[str, str]] = []
        for _ in range(_LINES):
            line = self._line()
            if not line:
                return int(code), reason.decode("latin-1"), headers
            if line[:1] in b" \t" and headers:
                headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.decode('latin-1').strip()}")
                continue
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.strip().lower(), value.strip()))
        raise NotHttpError("more headers than expected")

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            if len(self._rest) > _LINE:
                raise NotHttpError("a line without an end")
            if not (piece := self._received()):
                raise ClosedError("closed without an answer")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")

    def _bytes(self, size: int | None) -> Iterator[bytes]:
        while size is None or size > 0:
            piece, self._rest = self._rest or self._received(), b""
            if not piece:
                if size:
                    raise ClosedError
                return
            if size is not None:
                piece, self._rest = piece[:size], piece[size:]
                size -= len(piece)
            yield piece

    def _received(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._channel.settimeout(left)
        return self._channel.recv(_PIECE)
