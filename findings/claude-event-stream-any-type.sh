#!/usr/bin/env bash
# The client reads an answer as an event stream whatever its content type says.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm)
# Expected: a streamed answer that is not text/event-stream is refused, as the standard asks for event streams (HTML,
#           9.2), or at least reported: a page or JSON text of a proxy could be in its place.
# Seen:     the same events are shown as an answer with text/event-stream, text/plain, application/json, text/html and
#           without a content type. So a gateway whose answers have the wrong type, or none, works; checks of a gateway
#           that look at the type find a fault that no client of this kind has.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""Streams one answer, with the content type that a file names."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "x", "content": [], "stop_reason": None,
           "usage": {"input_tokens": 1, "output_tokens": 1}}
EVENTS = [
    {"type": "message_start", "message": MESSAGE},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "pong"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        with open(sys.argv[1]) as file:
            if kind := file.read().strip():
                self.send_header("content-type", kind)
        self.end_headers()
        for event in EVENTS:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/kind" >"$work/port" &
gateway=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
npm install --silent --no-audit --no-fund --prefix "$work/client" @anthropic-ai/claude-code@2.1.332 >&2

seen=
for kind in text/event-stream text/plain application/json text/html ''; do
  echo "$kind" >"$work/kind"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  said=$(cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 60 "$work/client/node_modules/.bin/claude" -p hello 2>&1 </dev/null) || true
  line="${kind:-none}: ${said%%$'\n'*}"
  echo "$line"
  seen+="$line"$'\n'
done

[ "$seen" = "text/event-stream: pong
text/plain: pong
application/json: pong
text/html: pong
none: pong
" ]
echo "as described"
