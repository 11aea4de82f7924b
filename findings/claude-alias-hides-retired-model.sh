#!/usr/bin/env bash
# An alias that means a retired model is asked for without the notice that the model's own name gets.
#
# Parts:    @anthropic-ai/claude-code 2.1.331 (npm)
# Expected: "⚠ Claude Sonnet 4.5 was retired on November 30, 2026. Consider switching to a newer model." whichever way
#           the model was named; and advice that names a model which is still there.
# Seen:     in Vertex mode the alias `sonnet` means Claude Sonnet 4.5 in this release. Its full name gets the notice, the
#           alias none, and neither does a full name with --output-format json. After the 404 both are told to switch to
#           claude-sonnet-4@20250514, whose last day in the client's own table was September 14, 2026.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A cloud that has none of the models, and notes which ones it was asked for."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open(sys.argv[1], "a") as log:
            log.write(self.path.rpartition("/")[2].partition(":")[0] + "\n")
        body = b'{"type": "error", "error": {"type": "not_found_error", "message": "model not found"}}'
        self.send_response(404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
npm install --silent --no-audit --no-fund --prefix "$work" @anthropic-ai/claude-code@2.1.331 >&2

start() { # MODEL [OPTION ...]: the model that was asked for, how many notices, the model that is advised
  local model=$1
  shift
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" METADATA_SERVER_DETECTION=none ANTHROPIC_MODEL="$model" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 CLAUDE_CODE_USE_VERTEX=1 \
    CLAUDE_CODE_SKIP_VERTEX_AUTH=1 ANTHROPIC_VERTEX_PROJECT_ID=team CLOUD_ML_REGION=us-east5 \
    ANTHROPIC_VERTEX_BASE_URL="http://127.0.0.1:$(cat "$work/port")" \
    timeout 60 "$work/node_modules/.bin/claude" -p "$@" hello >"$work/out" 2>&1 </dev/null) || true
  echo "$(head -n 1 "$work/log"), $(grep -cE '(was|will be) retired on November 30, 2026' "$work/out") notices," \
    "$(grep -oE 'switch to claude-[a-z0-9@-]+' "$work/out" | head -n 1)"
}
seen="name: $(start claude-sonnet-4-5@20250929)
alias: $(start sonnet)
name, JSON: $(start claude-sonnet-4-5@20250929 --output-format json)"
echo "$seen"

[ "$seen" = "name: claude-sonnet-4-5@20250929, 1 notices, switch to claude-sonnet-4@20250514
alias: claude-sonnet-4-5@20250929, 0 notices, switch to claude-sonnet-4@20250514
name, JSON: claude-sonnet-4-5@20250929, 0 notices, switch to claude-sonnet-4@20250514" ]
echo "as described"
