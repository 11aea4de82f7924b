#!/usr/bin/env bash
# A patch release of the Agent SDK began to read the person's settings files, so the same program asks another gateway.
#
# Parts:    @anthropic-ai/claude-agent-sdk 0.2.88 and 0.2.89 (npm)
# Expected: `query()` without settingSources reads no settings file, as the type documentation of both releases says;
#           a program that gives its gateway in process.env keeps using it after `npm update`.
# Seen:     0.2.88: the request goes to the ANTHROPIC_BASE_URL of the environment. 0.2.89: it goes to the one in
#           ~/.claude/settings.json, with the token from there. The documentation of the option still says in 0.2.89
#           that no settings are loaded when it is omitted.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
touch "$work/pids"
cleanup() {
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$work/pids"
  rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/server.py" <<'PY'
"""A gateway that notes the token of each model request and answers with an error."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.headers['authorization']}\n")
        body = b'{"type":"error","error":{"type":"invalid_request_error","message":"enough"}}'
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
for name in environment settings; do
  python3 "$work/server.py" "$work/$name.log" >"$work/$name.port" &
  echo $! >>"$work/pids"
  for _ in $(seq 50); do [ -s "$work/$name.port" ] && break; sleep 0.1; done
done

asked() { # VERSION: prints which gateway was asked, and with whose token
  npm install --silent --no-audit --no-fund --prefix "$work/$1" "@anthropic-ai/claude-agent-sdk@$1" >&2
  cat >"$work/$1/ask.mjs" <<'JS'
import { query } from "@anthropic-ai/claude-agent-sdk";
try {
  for await (const _ of query({ prompt: "hello", options: { maxTurns: 1 } }));
} catch {}
JS
  rm -f "$work"/*.log
  rm -rf "${work:?}/home" && mkdir -p "$work/home/.claude"
  cat >"$work/home/.claude/settings.json" <<JSON
{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:$(cat "$work/settings.port")", "ANTHROPIC_AUTH_TOKEN": "of-settings"}}
JSON
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=of-environment \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/environment.port")" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 90 node "$work/$1/ask.mjs" >/dev/null 2>&1 </dev/null) || true
  for name in environment settings; do
    [ ! -s "$work/$name.log" ] || echo "$name: $(sort -u "$work/$name.log" | head -n 1)"
  done
  types=$(find "$work/$1/node_modules/@anthropic-ai/claude-agent-sdk" -maxdepth 1 -name '*.d.ts' -exec cat {} +)
  tr -d '\n*' <<<"$types" | tr -s ' ' | grep -q -i 'when omitted or empty, no filesystem settings are loaded' && echo 'documented: none'
}

old=$(asked 0.2.88)
new=$(asked 0.2.89)
printf '0.2.88\n%s\n0.2.89\n%s\n' "$old" "$new"
[ "$old" = "$(printf 'environment: Bearer of-environment\ndocumented: none')" ]
[ "$new" = "$(printf 'settings: Bearer of-settings\ndocumented: none')" ]
echo "as described"
