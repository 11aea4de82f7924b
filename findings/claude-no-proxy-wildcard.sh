#!/usr/bin/env bash
# NO_PROXY=*.corp.example is obeyed, then ignored, then obeyed again, from one release of the client to another.
#
# Parts:    @anthropic-ai/claude-code 2.1.112, 2.1.278 and 2.1.280 (npm)
# Expected: an entry of NO_PROXY that keeps a gateway off the corporate proxy keeps doing so after an update; and
#           where an entry is not understood, that is said.
# Seen:     NO_PROXY         2.1.112   2.1.278   2.1.280
#           *.corp.example   direct    PROXY     direct
#           corp.example     PROXY     direct    direct
#           .corp.example    direct    direct    direct
#           Nothing is printed in any case. Only the form with a leading dot works in all of them.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/proxy.py" <<'PY'
"""A forward proxy that notes each CONNECT and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        with open(sys.argv[1], "a") as log:
            log.write(self.path + "\n")
        self.send_response(502)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/proxy.py" "$work/log" >"$work/port" &
proxy=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

way() { # VERSION PATTERN: prints "PROXY" or "direct"
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL=https://gw.corp.example HTTPS_PROXY="http://127.0.0.1:$(cat "$work/port")" NO_PROXY="$2" \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 60 "$work/$1/node_modules/.bin/claude" -p hello >/dev/null 2>&1 </dev/null) || true
  if grep -q gw.corp.example "$work/log"; then echo PROXY; else echo direct; fi
}

seen=
for version in 2.1.112 2.1.278 2.1.280; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  for pattern in '*.corp.example' corp.example .corp.example other.example; do
    line="$version $pattern $(way "$version" "$pattern")"
    echo "$line"
    seen+="$line"$'\n'
  done
  rm -rf "${work:?}/$version"
done

# other.example is the control: the proxy is used where nothing exempts the gateway
[ "$seen" = "2.1.112 *.corp.example direct
2.1.112 corp.example PROXY
2.1.112 .corp.example direct
2.1.112 other.example PROXY
2.1.278 *.corp.example PROXY
2.1.278 corp.example direct
2.1.278 .corp.example direct
2.1.278 other.example PROXY
2.1.280 *.corp.example direct
2.1.280 corp.example direct
2.1.280 .corp.example direct
2.1.280 other.example PROXY
" ]
echo "as described"
