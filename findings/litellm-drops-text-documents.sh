#!/usr/bin/env bash
# LiteLLM leaves text documents and search results out of what an OpenAI-compatible server gets, without a word.
#
# Parts:    litellm[proxy] 1.108.7, prisma below 1 (PyPI)
# Expected: /v1/messages takes `document` and `search_result` blocks, in a prompt and in the result of a tool. A server that
#           knows text and images only gets their text, as the gateway does with other blocks, or the request is refused.
# Seen:     behind hosted_vllm/NAME a document with a text source and a search result are gone: a prompt keeps its other
#           blocks only, and the result of a tool that consists of them arrives as an empty string. A PDF arrives as an
#           `image_url` of type application/pdf. The answer is 200, and the model answers about a text it never saw.
#           Behind anthropic/NAME all of them arrive as they were sent.
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
"""A server of both forms that keeps the last request and answers it."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1, "output_tokens": 1, "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None, "usage": USAGE}
MESSAGE |= {"content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn"}
CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}
CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE], "usage": USAGE}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):  # HTTP/1.0: the answer ends with the connection
        with open(sys.argv[1], "wb") as log:
            log.write(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(CHAT if self.path.endswith("/chat/completions") else MESSAGE).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/last" >"$work/port" &
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

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check 'litellm[proxy]==1.108.7' 'prisma<1' >&2
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$work/venv/bin:$PATH" HOME="$work" LITELLM_LOCAL_MODEL_COST_MAP=True \
  "$work/venv/bin/litellm" --config "$work/config.yaml" --host 127.0.0.1 --port "$port" >"$work/litellm.log" 2>&1 &
echo $! >>"$work/pids"
url="http://127.0.0.1:$port"
for _ in $(seq 240); do curl -q -s -o /dev/null --noproxy '*' "$url/health/liveliness" && break; sleep 0.5; done

cat >"$work/ask.py" <<'PY'
"""Send one block with a question, in a prompt and as a tool's result, and say how the server got it."""
import json
import pathlib
import sys
import urllib.request

URL, LAST = sys.argv[1], pathlib.Path(sys.argv[2])
TEXT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "banana"}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}}
RESULT = {"type": "search_result", "source": "u", "title": "t", "content": [{"type": "text", "text": "banana"}]}
OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def prompt(block):
    return [{"role": "user", "content": [block, {"type": "text", "text": "Which word?"}]}]


def tool(block):
    use = {"type": "tool_use", "id": "a", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "a", "content": [block]}
    return [{"role": "user", "content": "Which word?"}, {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]


def got(sent, block):
    arrived = json.loads(LAST.read_text())["messages"][-1]
    if "pdf" in json.dumps(block):
        kinds = ("image_url", "document")
        return next((kind for kind in kinds if f'"type": "{kind}"' in json.dumps(arrived)), "gone")
    return "there" if "banana" in json.dumps(arrived) else f"gone, {arrived['content']!r}" if sent is tool else "gone"


for model in ("vllm", "anthropic"):
    for name, block in (("text", TEXT), ("search", RESULT), ("pdf", PDF)):
        for form in (prompt, tool):
            body = {"model": model, "max_tokens": 5, "messages": form(block)}
            body["tools"] = [{"name": "read", "description": "d", "input_schema": {"type": "object", "properties": {}}}]
            headers = {"authorization": "Bearer sk-fake-0123456789", "content-type": "application/json"}
            with OPEN(urllib.request.Request(URL + "/v1/messages", json.dumps(body).encode(), headers)) as answer:
                print(model, name, form.__name__, answer.status, got(form, block))
PY
seen=$(python3 "$work/ask.py" "$url" "$work/last")
echo "$seen"
[ "$seen" = "vllm text prompt 200 gone
vllm text tool 200 gone, ''
vllm search prompt 200 gone
vllm search tool 200 gone, ''
vllm pdf prompt 200 image_url
vllm pdf tool 200 image_url
anthropic text prompt 200 there
anthropic text tool 200 there
anthropic search prompt 200 there
anthropic search tool 200 there
anthropic pdf prompt 200 document
anthropic pdf tool 200 document" ]
echo "as described"
