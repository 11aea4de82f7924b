"""The connection of a source: one HTTP request at a time with the standard library, and its answer.

A cold helper sends one or two requests; importing ``requests`` for them would take longer than all the rest. Its
words are used here, because hvac calls a session with them to sign in.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from email.message import Message
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from claude_gw_cli import __version__
from claude_gw_cli.core.errors import FileError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.proxies import encoded
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass
from claude_gw_cli.secrets.text import shown
from claude_gw_cli.world import regular

if TYPE_CHECKING:
    from typing import Self

MAX_BODY = 2_000_000
"""Bytes of an answer that are read; a key has at most 16,384."""
_IN_A_PATH = "/!$&'*+,:;=@[]~()"
_BAD_ESCAPE = lazy(r"%(?![0-9A-Fa-f]{2})")
Certificate = str | tuple[str, str]
"""The file of a client's certificate and key, or one file each."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read to its end."""

    status_code: int
    headers: Message
    """Names in any case."""
    content: bytes

    @property
    def ok(self) -> bool:
        """Whether the server did what was asked."""
        return self.status_code < 400


class Session:
    """Requests that follow a source's table (``ca_file``, ``proxy``) and no redirect. The environment has no say.

    Attributes:
        verify: the file or folder of the CAs, or true for the public ones.
        cert: the client's own certificate.
        proxies: what hvac asks a session for; the proxy is ``proxy``.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.verify: str | bool = str(table["ca_file"]) if table.get("ca_file") else True
        self.cert: Certificate | None = None
        self.proxies: dict[str, str] = {}
        self.proxy = str(table.get("proxy") or "")
        self._open: dict[object, http.client.HTTPConnection] = {}

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        json: object = None,
        data: Mapping[str, str] | None = None,
        cert: Certificate | None = None,
        **_: object,
    ) -> Response:
        """Send a request and read the answer.

        Raises:
            OSError, http.client.HTTPException, ValueError: no answer; see ``http.unreachable``.
            CgwError: the answer is too long, or a file of the table cannot be used.
        """
        parts = urlsplit(url)
        kept = _IN_A_PATH if _BAD_ESCAPE.search(parts.path) else f"{_IN_A_PATH}%"
        query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
        target = quote(parts.path or "/", safe=kept) + (f"?{query}" if query else "")
        sent = {"User-Agent": f"claude-gw-cli/{__version__}", "Accept": "*/*", **headers}
        body: bytes | None = None
        if data is not None:
            body, sent["Content-Type"] = urlencode(data).encode(), "application/x-www-form-urlencoded"
        elif json is not None:
            from json import dumps

            body, sent["Content-Type"] = dumps(json).encode(), "application/json"
        connection = self._connection(parts, cert or self.cert, timeout)
        try:
            connection.request(method.upper(), target, body, sent)
            with connection.getresponse() as answer:
                return _read(answer, url)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._open.values():
            if connection.sock is not None:
                try:
                    connection.sock.shutdown(socket.SHUT_RDWR)  # a thread that is left behind may read from it
                except OSError:
                    pass  # the server was first
            connection.close()

    def _connection(self, parts: SplitResult, cert: Certificate | None, timeout: float) -> http.client.HTTPConnection:
        """The connection to the URL's origin; the one that is there, as long as the server keeps it."""
        origin = (parts.scheme, parts.netloc, cert)
        found = self._open.get(origin)
        if found is None:
            host = parts.hostname or ""
            if parts.scheme == "https":
                found = self._tls_connection(host, parts.port, self._context(parts.netloc, cert), timeout)
            else:
                found = http.client.HTTPConnection(host, parts.port, timeout=timeout)
            self._open[origin] = found
        found.timeout = timeout
        if found.sock is not None:
            found.sock.settimeout(timeout)
        return found

    def _tls_connection(
        self, host: str, port: int | None, context: ssl.SSLContext, timeout: float
    ) -> http.client.HTTPConnection:
        if not self.proxy:
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        proxy = urlsplit(self.proxy if "://" in self.proxy else f"http://{self.proxy}")
        if not proxy.hostname or proxy.scheme not in {"http", "https"}:
            raise ValueError("a proxy is http://HOST:PORT or https://HOST:PORT")
        found: http.client.HTTPConnection
        if proxy.scheme == "https":
            found = _OverTls(proxy, (self._context(proxy.netloc, None), context), timeout)
        else:
            found = http.client.HTTPSConnection(proxy.hostname, proxy.port or 80, timeout=timeout, context=context)
        headers = {"Proxy-Authorization": f"Basic {encoded(proxy.netloc)}"} if proxy.username is not None else {}
        found.set_tunnel(host, port or 443, headers)
        return found

    def _context(self, address: str, cert: Certificate | None) -> ssl.SSLContext:
        import os

        import certifi  # a system may have no public CAs for Python

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies chain and name
        file = ""
        try:
            file = self.verify if isinstance(self.verify, str) else certifi.where()
            regular.check(file)
            context.load_verify_locations(**{"capath" if os.path.isdir(file) else "cafile": file})
            if cert:
                file, key = (cert, None) if isinstance(cert, str) else cert
                for name in filter(None, (key, file)):
                    regular.check(name)
                # An encrypted key would ask on the terminal: the empty password makes that an error.
                context.load_cert_chain(file, key, password="")
        except OSError as error:  # a file that is not PEM is one, too
            raise failure("CGW469", address, shown(f"{file}: {error.strerror or error}")) from None
        except FileError as error:
            raise failure("CGW469", address, shown(error.message)) from None
        return context


class _OverTls(http.client.HTTPConnection):
    """A connection through a proxy that itself speaks TLS: one handshake inside the other, by a part of urllib3."""

    def __init__(self, proxy: SplitResult, contexts: tuple[ssl.SSLContext, ssl.SSLContext], timeout: float) -> None:
        super().__init__(proxy.hostname or "", proxy.port or 443, timeout=timeout)
        self._contexts = contexts
        self._there = ""

    def set_tunnel(self, host: str, port: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        self._there = host
        super().set_tunnel(host, port, headers)

    def connect(self) -> None:
        from urllib3.util.ssltransport import SSLTransport

        proxy, inner = self._contexts
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = proxy.wrap_socket(plain, server_hostname=self.host)
        self._tunnel()  # type: ignore[attr-defined]  # as HTTPConnection.connect does
        self.sock = SSLTransport(self.sock, inner, server_hostname=self._there)


def _read(answer: http.client.HTTPResponse, url: str) -> Response:
    content = answer.read(MAX_BODY + 1)
    if len(content) <= MAX_BODY and answer.length:
        raise http.client.IncompleteRead(content, answer.length)
    if len(content) <= MAX_BODY and answer.headers.get("Content-Encoding", "identity").lower() in {"gzip", "deflate"}:
        import zlib

        try:
            content = zlib.decompressobj(47).decompress(content, MAX_BODY + 1)
        except zlib.error:
            raise failure("CGW465", url, "an answer that cannot be decompressed") from None
    if len(content) > MAX_BODY:
        raise failure("CGW465", url, f"an answer of more than {MAX_BODY} bytes")
    return Response(answer.status, answer.headers, content)
