#!/usr/bin/env bash
# One variable that says who started the client decides whether ANTHROPIC_API_KEY is used.
#
# Parts:    @anthropic-ai/claude-code 1.0.123, 1.0.124 and 2.1.332 (npm)
# Expected: `claude -p` uses ANTHROPIC_API_KEY, whoever started it; CLAUDE_CODE_ENTRYPOINT names the starter.
# Seen:     with CLAUDE_CODE_ENTRYPOINT=claude-vscode, which the VS Code extension sets, the key is ignored from 1.0.124
#           on unless it was approved in a session in a terminal before ("Not logged in · Please run /login"). With
#           other values, such as claude-desktop and sdk-ts, it is used. Nothing says that the key was seen.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""Notes that a message came with the key, and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.headers.get('x-api-key')}\n")
        self.send_response(400)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
gateway=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

sends() { # VERSION STARTER [CLAUDE.JSON]: prints "key" or "nothing"
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  echo "${3:-{\}}" >"$work/home/.claude.json"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_API_KEY=sk-fake-0123456789abcdef \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" CLAUDE_CODE_ENTRYPOINT="$2" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 60 "$work/$1/node_modules/.bin/claude" -p hello >/dev/null 2>&1 </dev/null) || true
  if grep -q sk-fake "$work/log"; then echo key; else echo nothing; fi
}

seen=
approved=$(printf '{"customApiKeyResponses": {"approved": ["%s"]}}' "$(printf %s sk-fake-0123456789abcdef | tail -c 20)")
for version in 1.0.123 1.0.124 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  line="$version claude-vscode: $(sends "$version" claude-vscode), approved: $(sends "$version" claude-vscode "$approved")"
  line+=", claude-desktop: $(sends "$version" claude-desktop)"
  echo "$line"
  seen+="$line"$'\n'
  rm -rf "${work:?}/$version"
done

[ "$seen" = "1.0.123 claude-vscode: key, approved: key, claude-desktop: key
1.0.124 claude-vscode: nothing, approved: key, claude-desktop: key
2.1.332 claude-vscode: nothing, approved: key, claude-desktop: key
" ]
echo "as described"
