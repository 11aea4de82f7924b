#!/usr/bin/env bash
# effortLevel in the user's settings.json no longer counts; the same key in a project's local settings does.
#
# Parts:    @anthropic-ai/claude-code 2.1.278 and 2.1.332 (npm)
# Expected: a settings key means the same in every settings file; files differ only in which one wins.
# Seen:     2.1.278 sends output_config.effort "low" for either file. 2.1.332 with its default model sends "low" only
#           for .claude/settings.local.json; with the key in ~/.claude/settings.json it sends "medium", silently.
#           A gateway's bill and latency then depend on the file, not on the value.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A gateway that notes the effort of every streamed request and refuses it."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "what is the effort" in json.dumps(body.get("messages")):
            with open(sys.argv[1], "a") as log:
                log.write(f"{(body.get('output_config') or {}).get('effort', 'none')}\n")
        answer = b'{"type": "error", "error": {"type": "invalid_request_error", "message": "noted"}}'
        self.send_response(400)
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

effort() { # VERSION FILE: prints the effort of the prompt's request with effortLevel in that file
  : >"$work/log"
  rm -rf "${work:?}/home" "${work:?}/repo" && mkdir -p "$work/home/.claude" "$work/repo/.claude"
  echo '{"effortLevel": "low"}' >"$work/$2"
  (cd "$work/repo" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 90 "$work/$1/node_modules/.bin/claude" -p 'what is the effort' >/dev/null 2>&1 </dev/null) || true
  sort -u "$work/log"
}

for version in 2.1.278 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done
user=home/.claude/settings.json
local=repo/.claude/settings.local.json
seen="$(effort 2.1.278 "$user") $(effort 2.1.278 "$local") $(effort 2.1.332 "$user") $(effort 2.1.332 "$local")"
echo "user and local settings, 2.1.278 then 2.1.332: $seen"
[ "$seen" = "low low medium low" ]
echo "as described"
