#!/usr/bin/env bash
# MLflow's gateway uses its stored key for every client but coding agents: Claude Code's placeholder is sent on in its place.
#
# Parts:    mlflow 3.17.2 (PyPI), @anthropic-ai/claude-code 2.1.332 (npm), python3, curl
# Expected: the gateway holds the provider's key; a client needs none, and what it sends as its own is replaced. Claude
#           Code does not start without a credential, so it is given a placeholder, as with other keyless gateways.
# Seen:     the gateway looks for "claude-cli" in User-Agent, and then sends the client's own Authorization or x-api-key to
#           the provider in place of the stored key. The same placeholder from curl is dropped, and the stored key goes
#           up. So the gateway is proven good with curl (200), and Claude Code is told "Invalid API key" by the provider,
#           for a key that no one meant for it. Without a credential Claude Code sends nothing. What helps is a
#           "User-Agent: NAME" in ANTHROPIC_CUSTOM_HEADERS beside the placeholder: then the stored key is used.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
touch "$work/pids"
cleanup() {
  while read -r pid; do kill -- "-$pid" 2>/dev/null || kill "$pid" 2>/dev/null || true; done <"$work/pids"
  sleep 1
  rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/provider.py" <<'PY'
"""A provider that knows one key, and notes which credential each request brings."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
USAGE = {"input_tokens": 1, "output_tokens": 1}
WHOLE = {**MESSAGE, "content": [{"type": "text", "text": "pong"}], "stop_reason": "end_turn", "usage": USAGE}
WRONG = {"type": "error", "error": {"type": "authentication_error", "message": "Invalid API key"}}


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        brought = [self.headers[name] for name in ("authorization", "x-api-key") if self.headers[name]]
        with open(sys.argv[1], "a") as log:
            log.write(" and ".join(brought) + "\n")
        known = brought == ["stored-key"]
        body = json.dumps(WHOLE if known else WRONG).encode()
        self.send_response(200 if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/provider.py" "$work/log" >"$work/port" &
echo $! >>"$work/pids"
npm install --silent --no-audit --no-fund --prefix "$work" @anthropic-ai/claude-code@2.1.332 >&2
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mlflow==3.17.2 2>/dev/null
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
url="http://127.0.0.1:$port"
(cd "$work" && exec setsid env -i PATH="$work/venv/bin:$PATH" HOME="$work" MLFLOW_DISABLE_TELEMETRY=true \
  MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES=http MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS=true \
  "$work/venv/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
  --backend-store-uri "sqlite:///$work/db" --default-artifact-root "$work/files") >"$work/mlflow.log" 2>&1 &
echo $! >>"$work/pids"
for _ in $(seq 360); do curl -q -sf -o /dev/null --noproxy '*' "$url/health" && break; sleep 0.5; done

cat >"$work/set_up.py" <<'PY'
"""An endpoint `claude-x` of the gateway, with a stored key, before the provider."""
import json
import sys
import urllib.request

URL, PROVIDER = sys.argv[1:]


def create(kind, **fields):
    url = f"{URL}/api/3.0/mlflow/gateway/{kind}/create"
    request = urllib.request.Request(url, json.dumps(fields).encode(), {"content-type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.load(answer)


about = {"api_base": f"http://127.0.0.1:{PROVIDER}/v1"}
secret = create("secrets", secret_name="s", secret_value={"api_key": "stored-key"}, provider="anthropic", auth_config=about)
model = create(
    "model-definitions", name="d", secret_id=secret["secret"]["secret_id"], provider="anthropic", model_name="claude-x"
)
config = {"model_definition_id": model["model_definition"]["model_definition_id"], "linkage_type": "PRIMARY", "weight": 1}
create("endpoints", name="claude-x", model_configs=[config], usage_tracking=False)
PY
python3 "$work/set_up.py" "$url" "$(cat "$work/port")"

base="$url/gateway/anthropic"
body='{"model":"claude-x","max_tokens":5,"messages":[{"role":"user","content":"ping"}]}'
by_curl() { # USER-AGENT: the status, and what went up
  : >"$work/log"
  status=$(curl -q -s -o /dev/null -w '%{http_code}' --noproxy '*' -A "$1" -H 'Authorization: Bearer placeholder' \
    -H 'content-type: application/json' -d "$body" "$base/v1/messages")
  echo "curl as ${1%%/*}: $status, to the provider: $(sort -u "$work/log")"
}
by_claude() { # NAME=VALUE: what went up, and what the client says
  : >"$work/log"
  mkdir -p "$work/home"
  words=$(cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_BASE_URL="$base" ANTHROPIC_MODEL=claude-x \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 "$@" \
    timeout 90 "$work/node_modules/.bin/claude" -p ping 2>&1 </dev/null) || true
  sent=$(sort -u "$work/log")
  case $* in *TOKEN*HEADERS*) set -- "${1%%=*} with another name" ;; esac
  echo "claude, ${1%%=*}: ${sent:-nothing} to the provider; $(grep -oE 'Invalid API key|Not logged in|pong' <<<"$words" | head -n 1)"
}
header=$'User-Agent: other/1'
seen="$(by_curl curl/8)
$(by_curl claude-cli/2.1.332)
$(by_claude ANTHROPIC_AUTH_TOKEN=placeholder)
$(by_claude ANTHROPIC_API_KEY=placeholder)
$(by_claude ANTHROPIC_AUTH_TOKEN=placeholder "ANTHROPIC_CUSTOM_HEADERS=$header")
$(by_claude ANTHROPIC_CUSTOM_HEADERS="$header")"
echo "$seen"
[ "$seen" = "curl as curl: 200, to the provider: stored-key
curl as claude-cli: 401, to the provider: Bearer placeholder
claude, ANTHROPIC_AUTH_TOKEN: Bearer placeholder to the provider; Invalid API key
claude, ANTHROPIC_API_KEY: placeholder to the provider; Invalid API key
claude, ANTHROPIC_AUTH_TOKEN with another name: stored-key to the provider; pong
claude, ANTHROPIC_CUSTOM_HEADERS: nothing to the provider; Not logged in" ]
echo "as described"
