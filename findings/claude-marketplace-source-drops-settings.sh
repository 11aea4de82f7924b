#!/usr/bin/env bash
# One marketplace source that the client does not know makes it drop the whole settings file, gateway included.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm)
# Expected: an entry of extraKnownMarketplaces that the client cannot use is skipped alone, the more so where its type
#           is only newer than the client; worse values cost no less.
# Seen:     `"source": 7` and an empty source object skip the entry, and the request goes to the gateway that the same
#           file names. An object whose type the client does not know drops the whole file: the client does not know
#           the gateway any more and says that it is not logged in. So a shared file with a marketplace type of a later
#           release takes the gateway from everybody who has not updated.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""Notes that a request came, and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        open(sys.argv[1], "a").write("request\n")
        self.send_response(400)
        self.send_header("content-length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
npm install --silent --no-audit --no-fund --prefix "$work/client" @anthropic-ai/claude-code@2.1.332 >&2

arrives() { # SOURCE: prints whether a request arrives at the gateway of a settings file with this marketplace source
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir -p "$work/home/.claude"
  printf '{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:%s", "ANTHROPIC_AUTH_TOKEN": "sk-fake-0123456789"},
           "extraKnownMarketplaces": {"team": {"source": %s}}}' "$(cat "$work/port")" "$1" >"$work/home/.claude/settings.json"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
    CLAUDE_CODE_MAX_RETRIES=0 timeout 60 "$work/client/node_modules/.bin/claude" -p hi >"$work/said" 2>&1 </dev/null) || true
  if [ -s "$work/log" ]; then echo request; else grep -o 'Not logged in' "$work/said" | head -n 1; fi
}

known=$(arrives '{"source": "github", "repo": "team/plugins"}')
number=$(arrives 7)
empty=$(arrives '{}')
later=$(arrives '{"source": "registry", "name": "team/plugins"}')
echo "known type: $known; number: $number; empty object: $empty; unknown type: $later"
[ "$known" = request ] && [ "$number" = request ] && [ "$empty" = request ] && [ "$later" = 'Not logged in' ]
echo "as described"
