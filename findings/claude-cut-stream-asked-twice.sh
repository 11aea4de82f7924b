#!/usr/bin/env bash
# A streamed answer that is cut off is asked for a second time, without streaming, and nothing says so.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm)
# Expected: a proxy's time limit that cuts a streamed answer is an error, a warning, or one retry of the same kind,
#           which CLAUDE_CODE_MAX_RETRIES=0 turns off.
# Seen:     the client drops what it had received, sends the same request once more with "stream": false, prints that
#           answer and exits 0. Standard error is empty. So a gateway meters two requests for each answer that its
#           front cuts, and the person only sees that answers are slow. CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK=1
#           turns it off: then the client says that the connection was closed, and exits 1.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work/client" @anthropic-ai/claude-code@2.1.332 >&2

cat >"$work/server.py" <<'PY'
"""Answers a streamed request with half an answer and a closed connection, any other one completely."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": None,
           "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 1}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with open(sys.argv[1], "a") as log:
            log.write(f"stream={body.get('stream', 'unset')}\n")
        self.send_response(200)
        if not body.get("stream"):
            text = json.dumps({**MESSAGE, "content": [{"type": "text", "text": "whole"}], "stop_reason": "end_turn"})
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())
            return
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in (
            {"type": "message_start", "message": {**MESSAGE, "content": []}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hal"}},
        ):
            data = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()
        self.close_connection = True


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY

python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

ask() { # [NAME=VALUE ...]; sets status, answer, said
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  status=0
  answer=$(cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
    CLAUDE_CODE_MAX_RETRIES=0 "$@" "$work/client/node_modules/.bin/claude" -p hello 2>"$work/said" </dev/null) || status=$?
  said=$(cat "$work/said")
}

ask
echo "default:       exit $status, printed '$answer', stderr '$said', requests: $(tr '\n' ' ' <"$work/log")"
[ "$status" = 0 ] && [ "$answer" = whole ] && [ -z "$said" ]
[ "$(cat "$work/log")" = "$(printf 'stream=True\nstream=False')" ]

ask CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK=1
echo "fallback off:  exit $status, printed '$answer', requests: $(tr '\n' ' ' <"$work/log")"
[ "$status" = 1 ] && [ "$(cat "$work/log")" = stream=True ]
echo "as described"
