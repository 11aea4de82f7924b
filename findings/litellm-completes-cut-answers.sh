#!/usr/bin/env bash
# LiteLLM turns an answer that breaks off into a complete one, with a stop reason that the model did not give.
#
# Parts:    litellm[proxy] 1.108.7, prisma below 1 (PyPI); @anthropic-ai/claude-code 2.1.332 (npm)
# Expected: an OpenAI-compatible server whose stream ends without finish_reason and without [DONE] (its process was ended,
#           or its front's time was up) gave half an answer. The gateway says so, or lets the stream end without
#           message_stop, so that the client sees it: Claude Code asks again for such an answer.
# Seen:     behind `hosted_vllm/NAME` LiteLLM adds "stop_reason": "end_turn", a count of tokens and message_stop on
#           /v1/messages, and "finish_reason":"stop" on /v1/chat/completions. Claude Code prints the half answer and exits
#           with 0 after one request. Behind `anthropic/NAME` the same break reaches the client as it is: it asks again
#           and prints the whole answer. A true end for lack of tokens ("length") does come through as max_tokens.
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
"""A server of both forms whose streams break off after one word; without streaming it gives the whole answer."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
USAGE = {"input_tokens": 1, "output_tokens": 1}
START = {"type": "message_start", "message": MESSAGE | {"content": [], "stop_reason": None, "usage": USAGE}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
HALF = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "half "}}
WHOLE = MESSAGE | {"content": [{"type": "text", "text": "whole"}], "stop_reason": "end_turn", "usage": USAGE}


def chunk(text, reason):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):  # HTTP/1.0: the answer ends with the connection
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        chat = self.path.endswith("/chat/completions")
        with open(sys.argv[1], "a") as log:
            log.write(f"{'stream' if body.get('stream') else 'whole'}\n")
        self.send_response(200)
        if not body.get("stream"):
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(WHOLE).encode())
            return
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if chat:
            reason = "length" if "to the limit" in json.dumps(body["messages"]) else None
            self.wfile.write(f"data: {json.dumps(chunk('half ', reason))}\n\n".encode())
            if reason:
                self.wfile.write(b"data: [DONE]\n\n")
        else:
            for event in (START, BLOCK, HALF):
                self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


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
  - model_name: vllm
    litellm_params: {model: hosted_vllm/m, api_base: "$upstream/v1", api_key: fake}
  - model_name: anthropic
    litellm_params: {model: anthropic/claude-opus-5-5, api_base: "$upstream", api_key: fake}
general_settings:
  master_key: sk-fake-0123456789
YAML

npm install --silent --no-audit --no-fund --prefix "$work/client" @anthropic-ai/claude-code@2.1.332 >&2
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check 'litellm[proxy]==1.108.7' 'prisma<1' >&2
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$work/venv/bin:$PATH" HOME="$work" LITELLM_LOCAL_MODEL_COST_MAP=True \
  "$work/venv/bin/litellm" --config "$work/config.yaml" --host 127.0.0.1 --port "$port" >"$work/litellm.log" 2>&1 &
echo $! >>"$work/pids"
url="http://127.0.0.1:$port"
for _ in $(seq 240); do curl -q -s -o /dev/null --noproxy '*' "$url/health/liveliness" && break; sleep 0.5; done

end() { # MODEL ROUTE WORDS: how the stream ends
  curl -q -s -o "$work/body" --noproxy '*' -H 'Authorization: Bearer sk-fake-0123456789' -H 'content-type: application/json' \
    -d "{\"model\":\"$1\",\"max_tokens\":5,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"$3\"}]}" "$url/v1/$2"
  grep -oE '"(stop_reason|finish_reason)": ?"[a-z_]+"|"type": ?"message_stop"' "$work/body" | tr -d ' "' | paste -sd' '
}
client() { # MODEL: exit code, what is printed, what the server was asked for
  local code=0
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir "$work/home"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 ANTHROPIC_BASE_URL="$url" \
    ANTHROPIC_MODEL="$1" CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 120 "$work/client/node_modules/.bin/claude" -p hello >"$work/out" 2>/dev/null </dev/null) || code=$?
  echo "$code, $(xargs <"$work/out"), $(paste -sd' ' "$work/log")"
}

seen="vllm messages: $(end vllm messages hi)
vllm chat: $(end vllm chat/completions hi)
vllm messages, to the limit: $(end vllm messages 'to the limit')
anthropic messages: $(end anthropic messages hi)
client, vllm: $(client vllm)
client, anthropic: $(client anthropic)"
echo "$seen"
[ "$seen" = "vllm messages: stop_reason:end_turn type:message_stop
vllm chat: finish_reason:stop
vllm messages, to the limit: stop_reason:max_tokens type:message_stop
anthropic messages: 
client, vllm: 0, half, stream
client, anthropic: 0, whole, stream whole" ]
echo "as described"
