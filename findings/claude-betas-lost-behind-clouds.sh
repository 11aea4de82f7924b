#!/usr/bin/env bash
# ANTHROPIC_BETAS is sent in every mode by 2.1.113; later releases send it on the first-party route only, silently.
#
# Parts:    @anthropic-ai/claude-code 2.1.113, 2.1.190 and 2.1.332 (npm)
# Expected: a beta name in ANTHROPIC_BETAS reaches a gateway in the Bedrock and Vertex modes as it did before an update
#           (in the body's anthropic_beta at Bedrock, in the header anthropic-beta at Vertex), or its loss is said.
# Seen:               first-party   Bedrock   Vertex
#           2.1.113   sent          sent      sent
#           2.1.190   sent          lost      lost
#           2.1.332   sent          lost      lost
#           Nothing is printed. "lost" means that a model request was made and did not carry the name.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/gateway.py" <<'PY'
"""A gateway that notes which beta names a model request carries, and refuses it."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        head = self.headers.get("anthropic-beta") or ""
        with open(sys.argv[1], "a") as log:
            log.write("sent\n" if "fake-beta-2026-01-01" in head + body else "lost\n")
        self.send_response(400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self):
        self.send_response(400)
        self.end_headers()

    do_GET = do_HEAD


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/gateway.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
url="http://127.0.0.1:$(cat "$work/port")"

beta() { # VERSION NAME=VALUE…: prints "sent" or "lost" (nothing where no model request was made)
  local version=$1
  shift
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 "$@" \
    timeout 60 "$work/$version/node_modules/.bin/claude" -p hello >/dev/null 2>&1 </dev/null) || true
  sort -u "$work/log" | paste -sd, -
}

first=("ANTHROPIC_BASE_URL=$url")
bedrock=(CLAUDE_CODE_USE_BEDROCK=1 CLAUDE_CODE_SKIP_BEDROCK_AUTH=1 AWS_REGION=us-east-1 "ANTHROPIC_BEDROCK_BASE_URL=$url")
vertex=(CLAUDE_CODE_USE_VERTEX=1 CLAUDE_CODE_SKIP_VERTEX_AUTH=1 CLOUD_ML_REGION=us-east5 ANTHROPIC_VERTEX_PROJECT_ID=p
  "ANTHROPIC_VERTEX_BASE_URL=$url")
names=ANTHROPIC_BETAS=fake-beta-2026-01-01

seen=
for version in 2.1.113 2.1.190 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  row="$version $(beta $version "${first[@]}" $names) $(beta $version "${bedrock[@]}" $names) $(beta $version "${vertex[@]}" $names)"
  echo "$row"
  seen+="$row"$'\n'
  rm -rf "${work:?}/$version"
done

[ "$seen" = "2.1.113 sent sent sent
2.1.190 sent lost lost
2.1.332 sent lost lost
" ]
echo "as described"
