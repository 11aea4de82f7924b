"""What a model's answer looks like on each provider's wire. Pure bytes: no sockets here.

Formats: Anthropic Messages (JSON and server-sent events), Vertex (the same, other path), Bedrock
(JSON, or the events inside AWS event-stream frames).
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator, Mapping

EVENT_STREAM = "application/vnd.amazon.eventstream"
SSE = "text/event-stream; charset=utf-8"
JSON = "application/json"


def message(model: str, text: str) -> dict[str, object]:
    """A complete, non-streamed Messages answer of ``model`` that says ``text``."""
    return {
        "id": "msg_cgwloopback",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def events(model: str, text: str) -> Iterator[Mapping[str, object]]:
    """The same answer as the events of a stream, in the order in which the API sends them."""
    start = {**message(model, text), "content": [], "stop_reason": None}
    yield {"type": "message_start", "message": start}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 1},
    }
    yield {"type": "message_stop"}


def server_sent_events(model: str, text: str) -> bytes:
    """The stream as Messages and Vertex send it."""
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events(model, text)
    )


def event_stream(model: str, text: str) -> bytes:
    """The stream as Bedrock sends it: each event base64 in a ``chunk`` frame."""
    return b"".join(frame(event) for event in events(model, text))


def frame(event: Mapping[str, object]) -> bytes:
    """One AWS event-stream message.

    Layout (big endian): total length, header length, CRC-32 of those eight bytes, headers, payload,
    CRC-32 of everything before it. A header is name length (1), name, type 7 = string, length (2), value.
    """
    inner = base64.b64encode(json.dumps(event).encode()).decode()
    payload = json.dumps({"bytes": inner}).encode()
    headers = b"".join(
        struct.pack("!B", len(name)) + name + struct.pack("!BH", 7, len(value)) + value
        for name, value in (
            (b":event-type", b"chunk"),
            (b":content-type", b"application/json"),
            (b":message-type", b"event"),
        )
    )
    prelude = struct.pack("!II", 12 + len(headers) + len(payload) + 4, len(headers))
    body = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return body + struct.pack("!I", zlib.crc32(body))
