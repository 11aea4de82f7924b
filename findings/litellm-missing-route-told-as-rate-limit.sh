#!/usr/bin/env bash
# A route that the server behind LiteLLM does not have is reported as a rate limit, from the second request on.
#
# Parts:    litellm[proxy] 1.108.7, prisma below 1 (PyPI)
# Expected: a model behind an OpenAI-compatible server, configured as `openai/NAME` with `api_base`, is asked at the
#           server's /v1/chat/completions on /v1/messages, too, as `hosted_vllm/NAME` is; a route that is not there is 404.
# Seen:     /v1/messages asks the server for /v1/responses, which many such servers do not have: 404. The next request is
#           answered 429 "No deployments available" without asking the server, so Claude Code shows a rate limit, and
#           nothing names the route. After five seconds it is 404 again. With `hosted_vllm/NAME` and the same server all
#           is well. /v1/models lists both models alike.
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
"""An OpenAI-compatible server that has chat completions only, and notes the path of each request."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHOICE = {"index": 0, "message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
ANSWER = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE], "usage": USAGE}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open(sys.argv[1], "a") as log:
            log.write(self.path + "\n")
        known = self.path == "/v1/chat/completions"
        body = json.dumps(ANSWER if known else {"detail": "Not Found"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
echo $! >>"$work/pids"
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
upstream="http://127.0.0.1:$(cat "$work/port")/v1"
cat >"$work/config.yaml" <<YAML
model_list:
  - model_name: as-openai
    litellm_params: {model: openai/m, api_base: "$upstream", api_key: fake}
  - model_name: as-vllm
    litellm_params: {model: hosted_vllm/m, api_base: "$upstream", api_key: fake}
general_settings:
  master_key: sk-fake-0123456789
YAML

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check 'litellm[proxy]==1.108.7' 'prisma<1' >&2
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$work/venv/bin:$PATH" HOME="$work" LITELLM_LOCAL_MODEL_COST_MAP=True \
  "$work/venv/bin/litellm" --config "$work/config.yaml" --host 127.0.0.1 --port "$port" >"$work/litellm.log" 2>&1 &
echo $! >>"$work/pids"
url="http://127.0.0.1:$port"
for _ in $(seq 240); do curl -q -s -o /dev/null --noproxy '*' "$url/health/liveliness" && break; sleep 0.5; done

ask() { # MODEL ROUTE: the status, what the server was asked for, and how long to wait
  : >"$work/log"
  status=$(curl -q -s -o "$work/body" -D "$work/head" -w '%{http_code}' --noproxy '*' \
    -H 'Authorization: Bearer sk-fake-0123456789' -H 'content-type: application/json' \
    -d "{\"model\":\"$1\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}" "$url/v1/$2")
  asked=$(paste -sd' ' "$work/log")
  words=$(grep -o 'No deployments available' "$work/body" || true)
  echo "$1 /v1/$2: $status${asked:+, asked for $asked}${words:+, $words}"
}
seen="$(ask as-openai chat/completions)
$(ask as-openai messages)
$(ask as-openai messages)
$(ask as-vllm messages)"
sleep 6
seen+=$'\n'"after 6 s: $(ask as-openai messages)"
echo "$seen"
[ "$seen" = "as-openai /v1/chat/completions: 200, asked for /v1/chat/completions
as-openai /v1/messages: 404, asked for /v1/responses
as-openai /v1/messages: 429, No deployments available
as-vllm /v1/messages: 200, asked for /v1/chat/completions
after 6 s: as-openai /v1/messages: 404, asked for /v1/responses" ]
echo "as described"
