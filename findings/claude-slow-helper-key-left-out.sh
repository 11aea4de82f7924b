#!/usr/bin/env bash
# Beside ANTHROPIC_AUTH_TOKEN, a helper's key is sent only if the helper is quicker than the client's start.
#
# Parts:    @anthropic-ai/claude-code 2.0.45 and 2.1.332 (npm)
# Expected: the same settings give the same headers: with a token and an apiKeyHelper, Authorization has the token and
#           x-api-key has the helper's key, as 2.0.45 sends them however slow the helper is. A front that reads the one
#           and a gateway that reads the other can both be passed.
# Seen:     2.1.332 starts the helper and does not wait for it. A helper that answers at once: both headers. One that takes
#           eight seconds, as a store does that asks the network: the request goes without x-api-key, nothing is printed,
#           and the gateway says that there is no key. Without the token the client does wait, and sends the key in both
#           headers. So a set-up that passes every test with a cached key fails with a cold cache.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""A gateway that notes both credential headers of each model request, and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.headers['authorization']}, {self.headers['x-api-key'] or 'no x-api-key'}\n")
        self.send_response(415)
        self.send_header("content-length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
for version in 2.0.45 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done

sent() { # VERSION HELPER [NAME=VALUE]: the credential headers of the first request
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir -p "$work/home/.claude"
  printf '{"apiKeyHelper": "%s"}' "$2" >"$work/home/.claude/settings.json"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ${3:+"$3"} ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 90 "$work/$1/node_modules/.bin/claude" -p hello >/dev/null 2>"$work/err" </dev/null) || true
  if grep -i helper "$work/err"; then return 1; fi
  head -n 1 "$work/log"
}

quick='echo helper-key'
slow='sleep 8; echo helper-key'
seen="quick, token 2.0.45:  $(sent 2.0.45 "$quick" ANTHROPIC_AUTH_TOKEN=token)
slow, token  2.0.45:  $(sent 2.0.45 "$slow" ANTHROPIC_AUTH_TOKEN=token)
quick, token 2.1.332: $(sent 2.1.332 "$quick" ANTHROPIC_AUTH_TOKEN=token)
slow, token  2.1.332: $(sent 2.1.332 "$slow" ANTHROPIC_AUTH_TOKEN=token)
slow, alone  2.1.332: $(sent 2.1.332 "$slow")"
echo "$seen"
[ "$seen" = "quick, token 2.0.45:  Bearer token, helper-key
slow, token  2.0.45:  Bearer token, helper-key
quick, token 2.1.332: Bearer token, helper-key
slow, token  2.1.332: Bearer token, no x-api-key
slow, alone  2.1.332: Bearer helper-key, helper-key" ]
echo "as described"
