#!/usr/bin/env bash
# CLAUDE_CODE_SUBAGENT_MODEL no longer wins over the model that an agent's own file names.
#
# Parts:    @anthropic-ai/claude-code 2.1.226 and 2.1.332 (npm)
# Expected: the variable sends every subagent to one model, as a gateway that serves few models needs it; an update
#           does not change which of two settings wins.
# Seen:     2.1.226 asks for the variable's model. 2.1.332 asks for the one that `model:` in .claude/agents/x.md names,
#           so a repository's agent file chooses a model that the gateway may not serve. With
#           CLAUDE_CODE_SUBAGENT_MODEL_FORCE=1 2.1.332 does as 2.1.226 did.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A gateway: lets the main conversation start one agent, and notes the model of every request by conversation."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def events(model, block, reason):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 1}}
    yield {"type": "message_start", "message": message}
    if block["type"] == "text":
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "text_delta", "text": block["text"]}
    else:
        yield {"type": "content_block_start", "index": 0, "content_block": {**block, "input": {}}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 9}}
    yield {"type": "message_stop"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = json.dumps(body.get("messages"))
        of_agent = "the-agents-task" in text and "start the agent" not in text
        with open(sys.argv[1], "a") as log:
            log.write(f"{'agent' if of_agent else 'main'} {body['model']}\n")
        names = {tool.get("name") for tool in body.get("tools") or []}
        tool = next((name for name in ("Agent", "Task") if name in names), None)
        if of_agent or "tool_result" in text or not tool:
            block, reason = {"type": "text", "text": "done"}, "end_turn"
        else:
            given = {"description": "d", "prompt": "the-agents-task", "subagent_type": "x"}
            block, reason = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": given}, "tool_use"
        data = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events(body["model"], block, reason))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

model() { # VERSION [NAME=VALUE]: prints the model that the agent's request asks for
  version=$1
  shift
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir -p "$work/home/.claude/agents"
  printf -- '---\nname: x\ndescription: for anything\nmodel: of-the-file\n---\nBe brief.\n' >"$work/home/.claude/agents/x.md"
  (cd "$work/home" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" CLAUDE_CODE_SUBAGENT_MODEL=of-the-variable \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 "$@" \
    timeout 90 "$work/$version/node_modules/.bin/claude" -p 'start the agent' >/dev/null 2>&1 </dev/null) || true
  sed -n 's/^agent //p' "$work/log" | sort -u
}

for version in 2.1.226 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done
old=$(model 2.1.226)
new=$(model 2.1.332)
forced=$(model 2.1.332 CLAUDE_CODE_SUBAGENT_MODEL_FORCE=1)
echo "2.1.226: $old; 2.1.332: $new; 2.1.332 with _FORCE=1: $forced"
[ "$old" = of-the-variable ] && [ "$new" = of-the-file ] && [ "$forced" = of-the-variable ]
echo "as described"
