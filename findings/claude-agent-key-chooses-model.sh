#!/usr/bin/env bash
# The key `agent` in a project's settings chooses the model of the conversation, over ANTHROPIC_MODEL and every key `model`.
#
# Parts:    @anthropic-ai/claude-code 2.1.101 and 2.1.332 (npm)
# Expected: ANTHROPIC_MODEL in the environment is the model of the conversation, as it is where a project's settings
#           have the key `model`; an agent's own model is for the agent when it is started as a subagent.
# Seen:     where .claude/settings.json has "agent": "rev", the model in .claude/agents/rev.md is asked for. It counts
#           also before a `model` of the user's settings. Nothing is printed. Only --model is stronger. With the file
#           in place and no key, nothing changes. Where availableModels does not list the agent's model, 2.1.101 asks
#           for it all the same; 2.1.332 asks for its own default, not for the model of ANTHROPIC_MODEL, which is listed.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/server.py" <<'PY'
"""A gateway that notes the model of each prompt, and refuses it."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with open(sys.argv[1], "a") as log:
            log.write(body.get("model", "") + "\n")
        self.send_response(403)
        self.send_header("content-length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/server.py" "$work/log" >"$work/port" &
server=$!
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

model() { # VERSION PROJECT-SETTINGS USER-SETTINGS [OPTION ...]: the model of the first request
  local version=$1 project=$2 user=$3
  shift 3
  : >"$work/log"
  rm -rf "${work:?}/home" && mkdir -p "$work/home/.claude" "$work/home/project/.claude/agents"
  echo "$user" >"$work/home/.claude/settings.json"
  echo "$project" >"$work/home/project/.claude/settings.json"
  printf -- '---\nname: rev\ndescription: reviews\nmodel: haiku\n---\nYou review.\n' \
    >"$work/home/project/.claude/agents/rev.md"
  (cd "$work/home/project" && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_MODEL=from-the-variable \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 60 "$work/$version/node_modules/.bin/claude" -p "$@" hello >/dev/null 2>&1 </dev/null) || true
  head -n 1 "$work/log"
}

seen=
for version in 2.1.101 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
  seen+="$version, no key: $(model "$version" '{}' '{}')
$version, key model: $(model "$version" '{"model": "opus"}' '{}')
$version, key agent: $(model "$version" '{"agent": "rev"}' '{}')
$version, key agent, user's model: $(model "$version" '{"agent": "rev"}' '{"model": "opus"}')
$version, key agent, --model: $(model "$version" '{"agent": "rev"}' '{}' --model from-the-option)
$version, key agent, not available: $(model "$version" '{"agent": "rev", "availableModels": ["from-the-variable"]}' '{}')
"
done
echo "$seen"

[ "$seen" = "2.1.101, no key: from-the-variable
2.1.101, key model: from-the-variable
2.1.101, key agent: claude-haiku-4-5-20251001
2.1.101, key agent, user's model: claude-haiku-4-5-20251001
2.1.101, key agent, --model: from-the-option
2.1.101, key agent, not available: claude-haiku-4-5-20251001
2.1.332, no key: from-the-variable
2.1.332, key model: from-the-variable
2.1.332, key agent: claude-haiku-5-5
2.1.332, key agent, user's model: claude-haiku-5-5
2.1.332, key agent, --model: from-the-option
2.1.332, key agent, not available: claude-opus-5-5
" ]
echo "as described"
