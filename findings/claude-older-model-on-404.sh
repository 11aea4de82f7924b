#!/usr/bin/env bash
# Where the cloud does not have its default model, the newest client answers with an older one, silently.
#
# Parts:    @anthropic-ai/claude-code 2.1.331 and 2.1.332 (npm)
# Expected: a model that the provider answers with 404 is an error that names it, as with a full name in ANTHROPIC_MODEL
#           and in the release before; another model only where --fallback-model or the key fallbackModel names one.
# Seen:     in the Foundry and Vertex modes 2.1.332 goes on to Sonnet 5, then to Sonnet 4.6, if nothing or only the alias
#           `sonnet` names the model. It prints that model's answer and nothing else, with exit code 0. Where none is
#           there, the error in Foundry mode names the last one that was tried, which nothing configures. In the
#           first-party mode (ANTHROPIC_BASE_URL) there is no such attempt.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A cloud that has the one model whose name is in a file; it notes the model of each request."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG, HAS = sys.argv[1:]


def events(model):
    message = {"id": "m", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
               "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"I am {model}"}}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
           "usage": {"output_tokens": 1}}
    yield {"type": "message_stop"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.partition("?")[0]
        model = body.get("model") or path.rpartition("/")[2].partition(":")[0]
        with open(LOG, "a") as log:
            log.write(model + "\n")
        if model != open(HAS).read().strip():
            status, kind = 404, "application/json"
            text = json.dumps({"type": "error", "error": {"type": "not_found_error", "message": f"model: {model}"}})
        elif body.get("stream") or path.endswith(":streamRawPredict"):
            status, kind = 200, "text/event-stream"
            text = "".join(f"event: {item['type']}\ndata: {json.dumps(item)}\n\n" for item in events(model))
        else:
            status, kind = 200, "application/json"
            text = json.dumps({"id": "m", "type": "message", "role": "assistant", "model": model,
                               "content": [{"type": "text", "text": f"I am {model}"}], "stop_reason": "end_turn",
                               "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}})
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
echo none >"$work/has"
python3 "$work/server.py" "$work/log" "$work/has" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
url="http://127.0.0.1:$(cat "$work/port")"

foundry="CLAUDE_CODE_USE_FOUNDRY=1 ANTHROPIC_FOUNDRY_API_KEY=sk-fake-0123456789 ANTHROPIC_FOUNDRY_BASE_URL=$url"
vertex="CLAUDE_CODE_USE_VERTEX=1 CLAUDE_CODE_SKIP_VERTEX_AUTH=1 ANTHROPIC_VERTEX_PROJECT_ID=team CLOUD_ML_REGION=us-east5
  ANTHROPIC_VERTEX_BASE_URL=$url"
first="ANTHROPIC_BASE_URL=$url ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789"

start() { # VERSION WHAT THE CLOUD HAS [NAME=VALUE ...]: the models that were asked for, the exit code, what was printed
  local version=$1 code=0
  echo "$2" >"$work/has"
  shift 2
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" METADATA_SERVER_DETECTION=none \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 "$@" \
    timeout 60 "$work/$version/node_modules/.bin/claude" -p hello >"$work/out" 2>&1 </dev/null) || code=$?
  echo "$(uniq "$work/log" | tr '\n' ' ')exit $code: $(grep -v ' retired on ' "$work/out" | cut -c1-66 | head -n 1)"
}

for version in 2.1.331 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done
# shellcheck disable=SC2086 # each mode is several words
seen="foundry: $(start 2.1.332 claude-sonnet-4-6 $foundry)
foundry, none: $(start 2.1.332 none $foundry)
foundry, alias: $(start 2.1.332 claude-sonnet-5 $foundry ANTHROPIC_MODEL=sonnet)
foundry, name: $(start 2.1.332 claude-sonnet-5 $foundry ANTHROPIC_MODEL=claude-sonnet-5-5)
foundry, 2.1.331: $(start 2.1.331 claude-sonnet-4-0 $foundry)
vertex, alias: $(start 2.1.332 claude-sonnet-5 $vertex ANTHROPIC_MODEL=sonnet)
first party, alias: $(start 2.1.332 claude-sonnet-5 $first ANTHROPIC_MODEL=sonnet)"
echo "$seen"

[ "$seen" = "foundry: claude-sonnet-5-5 claude-sonnet-5 claude-sonnet-4-6 exit 0: I am claude-sonnet-4-6
foundry, none: claude-sonnet-5-5 claude-sonnet-5 claude-sonnet-4-6 exit 1: There's an issue with the selected model (claude-sonnet-4-6). It m
foundry, alias: claude-sonnet-5-5 claude-sonnet-5 exit 0: I am claude-sonnet-5
foundry, name: claude-sonnet-5-5 exit 1: The model claude-sonnet-5-5 is not available on your foundry deplo
foundry, 2.1.331: claude-sonnet-4-5 exit 1: The model claude-sonnet-4-5 is not available on your foundry deplo
vertex, alias: claude-sonnet-5-5 claude-sonnet-5 exit 0: I am claude-sonnet-5
first party, alias: claude-sonnet-5-5 exit 1: There's an issue with the selected model (claude-sonnet-5-5). It m" ]
echo "as described"
