#!/usr/bin/env bash
# HTTPS_PROXY also carries requests to a plain-http gateway, with the key readable for the proxy.
#
# Parts:    @anthropic-ai/claude-code 2.1.278 and 2.1.332 (npm), curl
# Expected: HTTPS_PROXY is for https addresses; a gateway at http://gw.corp.example is asked directly, as curl does it.
# Seen:     both releases send POST http://gw.corp.example/v1/messages to the proxy of HTTPS_PROXY, Authorization
#           included. curl with the same variables does not ask the proxy. ALL_PROXY alone is ignored by 2.1.278, and
#           does the same in 2.1.332.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/proxy.py" <<'PY'
"""A forward proxy that notes each request line with its Authorization, and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def note(self):
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.command} {self.path} {self.headers['authorization']}\n")
        self.send_response(502)
        self.end_headers()

    do_POST = do_GET = do_CONNECT = note


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/proxy.py" "$work/log" >"$work/port" &
proxy=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
address="http://127.0.0.1:$(cat "$work/port")"

asked() { # VARIABLE PROGRAM [ARG ...]: prints what the proxy was asked
  variable=$1
  shift
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" "$variable=$address" \
    ANTHROPIC_BASE_URL=http://gw.corp.example ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 60 "$@" >/dev/null 2>&1 </dev/null) || true
  if [ -s "$work/log" ]; then sed 's/?beta=true//' "$work/log" | sort -u; else echo nothing; fi
}

seen="curl HTTPS_PROXY: $(asked HTTPS_PROXY curl -q -s -m 5 http://gw.corp.example/)"$'\n'
for version in 2.1.278 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  for variable in HTTPS_PROXY ALL_PROXY; do
    seen+="$version $variable: $(asked "$variable" "$work/$version/node_modules/.bin/claude" -p hello)"$'\n'
  done
  rm -rf "${work:?}/$version"
done
echo "$seen"
carried='POST http://gw.corp.example/v1/messages Bearer sk-fake-0123456789'
[ "$seen" = "curl HTTPS_PROXY: nothing
2.1.278 HTTPS_PROXY: $carried
2.1.278 ALL_PROXY: nothing
2.1.332 HTTPS_PROXY: $carried
2.1.332 ALL_PROXY: $carried
" ]
echo "as described"
