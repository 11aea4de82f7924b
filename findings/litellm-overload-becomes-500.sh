#!/usr/bin/env bash
# LiteLLM reports the overload of an Anthropic model as a fault of its own, after three requests, and without Retry-After.
#
# Parts:    litellm[proxy] 1.108.7, prisma below 1 (PyPI)
# Expected: a provider that is overloaded answers 529, or 429 where a limit is reached, with Retry-After. The gateway passes
#           both on, so that the client waits as long as it is told, or goes to its fallback model.
# Seen:                            529 of the provider           429 of the provider
#           anthropic/NAME         500 api_error                 429
#           hosted_vllm/NAME       529 overloaded_error          429
#           Retry-After is in none of them. LiteLLM obeys it itself: it waits and asks three times, with the configuration
#           that its documentation starts with, before the client hears anything. So each attempt of the client is three
#           requests to the provider, and with Retry-After: 20 the client sees nothing for a minute.
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
"""A provider that answers with the status that the model is called, and asks to wait for two seconds."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPES = {529: "overloaded_error", 429: "rate_limit_error"}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):  # HTTP/1.0: the answer ends with the connection
        status = int(json.loads(self.rfile.read(int(self.headers["content-length"])))["model"])
        with open(sys.argv[1], "a") as log:
            log.write(f"{status}\n")
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("retry-after", "2")
        self.end_headers()
        self.wfile.write(json.dumps({"type": "error", "error": {"type": TYPES[status], "message": "wait"}}).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
echo $! >>"$work/pids"
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
upstream="http://127.0.0.1:$(cat "$work/port")"
cat >"$work/config.yaml" <<YAML
model_list:
  - model_name: anthropic-529
    litellm_params: {model: anthropic/529, api_base: "$upstream", api_key: fake}
  - model_name: anthropic-429
    litellm_params: {model: anthropic/429, api_base: "$upstream", api_key: fake}
  - model_name: vllm-529
    litellm_params: {model: hosted_vllm/529, api_base: "$upstream/v1", api_key: fake}
  - model_name: vllm-429
    litellm_params: {model: hosted_vllm/429, api_base: "$upstream/v1", api_key: fake}
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

ask() { # MODEL: status, type, requests to the provider, whether it took the time of two waits, Retry-After
  local status seconds
  : >"$work/log"
  read -r status seconds < <(curl -q -s -D "$work/head" -o "$work/body" -w '%{http_code} %{time_total}\n' --noproxy '*' \
    -H 'Authorization: Bearer sk-fake-0123456789' -H 'content-type: application/json' \
    -d "{\"model\":\"$1\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}" "$url/v1/messages")
  echo "$status $(python3 -c 'import json, sys; print(json.load(sys.stdin)["error"]["type"])' <"$work/body")," \
    "$(wc -l <"$work/log") requests, $([ "${seconds%.*}" -ge 4 ] && echo waited)," \
    "$(grep -ci '^retry-after' "$work/head" || true) Retry-After"
}

seen=$(for model in anthropic-529 anthropic-429 vllm-529 vllm-429; do echo "$model: $(ask "$model")"; done)
echo "$seen"
[ "$seen" = "anthropic-529: 500 api_error, 3 requests, waited, 0 Retry-After
anthropic-429: 429 rate_limit_error, 3 requests, waited, 0 Retry-After
vllm-529: 529 overloaded_error, 3 requests, waited, 0 Retry-After
vllm-429: 429 rate_limit_error, 3 requests, waited, 0 Retry-After" ]
echo "as described"
