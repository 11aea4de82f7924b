#!/usr/bin/env bash
# A prompt that a gateway refuses with 400 or 422 is sent to it six times or more, with retries switched off.
#
# Parts:    @anthropic-ai/claude-code 2.1.300 and 2.1.332 (npm)
# Expected: a refusal that has nothing to do with the form of the request (no budget left, a key that is not known, no such
#           model) is final: with CLAUDE_CODE_MAX_RETRIES=0, and with `x-should-retry: false` in the answer, there is one
#           request, as there is for 401, 403 and 415.
# Seen:                       2.1.300   2.1.332
#           422               one       six, within a second or so
#           400               two       six
#           403               one       one
#           422, Vertex       two       eight, and six requests of one token for other models
#           The six differ in anthropic-beta and in the `thinking` field: the client looks for what the gateway may not
#           know, whatever the answer says. The last three list each tool in full, so that a prompt of 49 kB takes 380 kB.
#           A gateway that counts requests or refusals for each key sees six of each. LiteLLM answers 422 where the
#           budget is used up, and without a database 400 where the key is wrong. With
#           CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1 there is one request. Nothing is printed but the last refusal.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""A gateway that refuses each prompt with the status that its path starts with, and notes betas and size."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY = b'{"type":"error","error":{"type":"budget_exceeded","message":"Budget has been exceeded! Current cost: 1, Max budget: 1"}}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        size = len(self.rfile.read(int(self.headers["content-length"])))
        with open(sys.argv[1], "a") as log:
            log.write(f"{size} {self.headers['anthropic-beta']}\n")
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(BODY)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(BODY)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
for version in 2.1.300 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done

requests() { # VERSION STATUS [NAME=VALUE…]: how many there were, and how many of them were short
  local version=$1 url
  url="http://127.0.0.1:$(cat "$work/port")/$2"
  shift 2
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="$url" ANTHROPIC_VERTEX_BASE_URL="$url" CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
    CLAUDE_CODE_MAX_RETRIES=0 "$@" timeout 90 "$work/$version/node_modules/.bin/claude" -p hello >"$work/out" 2>/dev/null </dev/null) || true
  grep -q 'Budget has been exceeded' "$work/out" || echo 'other words:'
  awk '$1 > 10000 { long++ } $1 <= 10000 { short++ } END { print long (short ? "+" short : "") }' "$work/log"
}
vertex=(CLAUDE_CODE_USE_VERTEX=1 CLAUDE_CODE_SKIP_VERTEX_AUTH=1 CLOUD_ML_REGION=us-east5 ANTHROPIC_VERTEX_PROJECT_ID=p)

seen="422 $(requests 2.1.300 422) $(requests 2.1.332 422)"
sizes=$(awk 'NR == 1 { first = $1 } { sum += $1 } END { print (sum > 6 * first) ? "more than six times the size" : "of one size" }' "$work/log")
betas=$(cut -d' ' -f2 "$work/log" | sort -u | wc -l)
seen+="
400 $(requests 2.1.300 400) $(requests 2.1.332 400)
403 $(requests 2.1.300 403) $(requests 2.1.332 403)
vertex $(requests 2.1.300 422 "${vertex[@]}") $(requests 2.1.332 422 "${vertex[@]}")
without betas $(requests 2.1.332 422 CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1)
$sizes, $betas lists of betas"
echo "$seen"
[ "$seen" = "422 1 6
400 2 6
403 1 1
vertex 2 8+6
without betas 1
more than six times the size, 4 lists of betas" ]
echo "as described"
