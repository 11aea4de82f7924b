"""The bytes of a body and its Content-Encoding: unpacked, or that the two contradict each other.

Claude Code 2.1.332 fails on every contradiction (measured with gzip, deflate, br and zstd on plain bodies, and with
gzip without a label): "The response could not be read (ZlibError)", or "empty or malformed response".
"""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import zlib

_MOST = 1_048_576
"""Bytes that one piece may become."""
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""How a packed body begins."""
_PLAIN = (b"{", b"[", b"<", b"event:", b"data:", b'"')
"""How a body begins that is not packed, where a text of these forms cannot be told from packed bytes by an error."""


class Packing:
    """One body under a Content-Encoding. ``problem`` says, after the first piece, how it is not what its label says.

    Pieces in ``br`` and ``zstd`` stay packed.
    """

    def __init__(self, label: str) -> None:
        label = label.strip().lower()
        self._label = "" if label == "identity" else label.removeprefix("x-")
        self._started = False
        self._decoder: zlib._Decompress | None = None
        self.problem = ""

    def unpack(self, piece: bytes) -> bytes:
        """The piece as it is read; as it is, where it cannot be unpacked."""
        if not self._started and piece:
            self._started = True
            self.problem = self._contradiction(piece)
        if self._label not in {"gzip", "deflate"} or self.problem:
            return piece
        import zlib

        if self._decoder is None:
            self._decoder = zlib.decompressobj(47 if self._label == "gzip" else 15)
        try:
            return bytes(self._decoder.decompress(piece, _MOST))
        except zlib.error:
            self.problem = f"content-encoding: {self._label}, and its body cannot be unpacked"
            return piece

    def _contradiction(self, piece: bytes) -> str:
        form = next((name for start, name in _MAGIC.items() if piece.startswith(start)), "")
        if not self._label:
            return f"its body is packed as {form}, and no content-encoding says so" if form else ""
        is_plain = piece.lstrip().startswith(_PLAIN) and not form
        return f"content-encoding: {self._label}, and its body is not packed" if is_plain else ""
