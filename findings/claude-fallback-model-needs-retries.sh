#!/usr/bin/env bash
# With retries switched off or set to one, the fallback model is not used for the overload that it is there for.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm)
# Expected: `--fallback-model` is for an overloaded model. A job that must not wait sets CLAUDE_CODE_MAX_RETRIES=0 and names a
#           fallback model: on 529 the client goes to it at once, as it does on 500.
# Seen:     answer          retries      requests                    result
#           529, 429        0            first                       error
#           529, 429        1            first first                 error
#           529, 429        2 or more    first first first second    the second model's answer
#           500             any          first second                the second model's answer, without a retry
#           The client counts three overloads before it changes the model, and an attempt that is not made does not count.
#           `fallbackModel` in the settings is the same. So the fallback of such a job works only behind a gateway that
#           reports the provider's 529 as 500, and not behind one that passes it on. 2.1.228 is the same.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""A gateway whose model `first` answers with the status that the path starts with, and whose other models work."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERROR = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "content": [], "stop_reason": None, "stop_sequence": None}


def events(model):
    yield {"type": "message_start", "message": MESSAGE | {"model": model, "usage": {"input_tokens": 1, "output_tokens": 1}}}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"answer of {model}"}}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}
    yield {"type": "message_stop"}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):  # HTTP/1.0: the answer ends with the connection
        model = json.loads(self.rfile.read(int(self.headers["content-length"])))["model"]
        with open(sys.argv[1], "a") as log:
            log.write(f"{model}\n")
        if model == "first":
            self.send_response(int(self.path.split("/")[1]))
            self.send_header("content-type", "application/json")
            self.send_header("retry-after", "1")
            self.end_headers()
            self.wfile.write(ERROR)
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in events(model):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
npm install --silent --no-audit --no-fund --prefix "$work/client" @anthropic-ai/claude-code@2.1.332 >&2

ask() { # STATUS RETRIES OPTION…: what was asked for, and what came back
  local url retries=$2
  url="http://127.0.0.1:$(cat "$work/port")/$1"
  shift 2
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 ANTHROPIC_BASE_URL="$url" \
    ANTHROPIC_MODEL=first CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES="$retries" \
    timeout 90 "$work/client/node_modules/.bin/claude" -p hello "$@" >"$work/out" 2>/dev/null </dev/null) || true
  echo "$(paste -sd' ' "$work/log"), $(grep -oE '^answer of second|Error' "$work/out" | head -1)"
}

seen=$(
  for status in 529 429 500; do
    for retries in 0 1 2; do
      echo "$status, $retries: $(ask "$status" "$retries" --fallback-model second)"
    done
  done
  for status in 529 500; do
    echo "settings, $status, 0: $(ask "$status" 0 --settings '{"fallbackModel": ["second"]}')"
  done
)
echo "$seen"
[ "$seen" = "529, 0: first, Error
529, 1: first first, Error
529, 2: first first first second, answer of second
429, 0: first, Error
429, 1: first first, Error
429, 2: first first first second, answer of second
500, 0: first second, answer of second
500, 1: first second, answer of second
500, 2: first second, answer of second
settings, 529, 0: first, Error
settings, 500, 0: first second, answer of second" ]
echo "as described"
