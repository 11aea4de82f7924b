#!/usr/bin/env bash
# A custom User-Agent line counts in one spelling only: `User-Agent: x` is sent, `user-agent: x` is dropped silently.
#
# Parts:    @anthropic-ai/claude-code 2.1.133, 2.1.136 and 2.1.332 (npm), python3
# Expected: names of HTTP headers have no case (RFC 9110), so a line of ANTHROPIC_CUSTOM_HEADERS that replaces a header of
#           the client does so in any spelling, or in none; a line that does not count is told.
# Seen:     2.1.133 sends the custom value for each spelling. From 2.1.136 on only the client's own spelling, "User-Agent",
#           replaces it; with "user-agent" or "USER-AGENT" the client's value goes out, without a word. Lower case is how
#           HTTP/2, logs and many gateways' pages write names. A header of the person's own (X-Team) goes out in each
#           spelling.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A gateway that notes two headers of every model request and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if self.path.startswith("/v1/messages"):
            with open(sys.argv[1], "a") as log:
                log.write(f"{self.headers['user-agent'].split('/')[0]}+{self.headers['x-team']}\n")
        answer = b'{"type": "error", "error": {"type": "permission_error", "message": "noted"}}'
        self.send_response(403)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

sent() { # VERSION NAME NAME: what arrives with these two custom header names
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_CUSTOM_HEADERS="$2: mine/1"$'\n'"$3: team" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 90 "$work/$1/node_modules/.bin/claude" -p ping >/dev/null 2>"$work/err" </dev/null) || true
  [ ! -s "$work/err" ]
  sort -u "$work/log"
}

seen=
for version in 2.1.133 2.1.136 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  line="$version: User-Agent $(sent $version User-Agent X-Team), user-agent $(sent $version user-agent x-team)"
  line+=", USER-AGENT $(sent $version USER-AGENT X-TEAM)"
  echo "$line"
  seen+="$line"$'\n'
done
[ "$seen" = '2.1.133: User-Agent mine+team, user-agent mine+team, USER-AGENT mine+team
2.1.136: User-Agent mine+team, user-agent claude-cli+team, USER-AGENT claude-cli+team
2.1.332: User-Agent mine+team, user-agent claude-cli+team, USER-AGENT claude-cli+team
' ]
echo "as described"
