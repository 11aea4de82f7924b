#!/usr/bin/env bash
# With nonessential traffic switched off, a middle range of releases still sends an extra request to the gateway.
#
# Parts:    @anthropic-ai/claude-code 2.1.200, 2.1.280 and 2.1.332 (npm)
# Expected: CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 leaves the model requests only, in every release that knows the
#           name; and a request that precedes them goes to a path that the gateway has.
# Seen:     requests of `claude -p hello`, with CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
#           2.1.200   HEAD /            then POST /v1/messages
#           2.1.280   HEAD /api/hello   then POST /v1/messages
#           2.1.332                          POST /v1/messages
#           Without the variable, 2.1.332 sends HEAD /api/hello, too. The request carries no credential: a gateway that
#           counts refused requests for each address, or alerts on unknown paths, sees one for every start.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""A gateway that notes each request and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def note(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        credential = self.headers.get("Authorization") or self.headers.get("x-api-key")
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.command} {self.path.split('?')[0]} {'key' if credential else 'bare'}\n")
        self.send_response(400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = note


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

requests() { # VERSION [NAME=VALUE…]: prints the requests in one line
  local version=$1
  shift
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" CLAUDE_CODE_MAX_RETRIES=0 DISABLE_TELEMETRY=1 \
    DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 "$@" \
    timeout 60 "$work/$version/node_modules/.bin/claude" -p hello >/dev/null 2>&1 </dev/null) || true
  sort -u "$work/log" | paste -sd, -
}

seen=
for version in 2.1.200 2.1.280 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  line="$version off: $(requests $version CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1)"
  echo "$line"
  seen+="$line"$'\n'
done
line="2.1.332 on: $(requests 2.1.332)"
echo "$line"
seen+="$line"$'\n'

[ "$seen" = "2.1.200 off: HEAD / bare,POST /v1/messages key
2.1.280 off: HEAD /api/hello bare,POST /v1/messages key
2.1.332 off: POST /v1/messages key
2.1.332 on: HEAD /api/hello bare,POST /v1/messages key
" ]
echo "as described"
