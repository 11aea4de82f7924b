#!/usr/bin/env bash
# `claude -p` prints only the last part of an answer that was cut at an output limit, with exit code 0.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm), python3
# Expected: where a gateway or CLAUDE_CODE_MAX_OUTPUT_TOKENS limits the tokens of one answer, the client prints what came,
#           or says that it is not whole. It asks for the rest by itself ("Resume directly"), so: all parts, joined.
# Seen:     the client asks for the rest up to three times, each a full request with the whole prompt, though retries are
#           off. Then text and JSON output hold the last part alone: of "one … ten" with four words an answer, "nine ten".
#           The exit code is 0, the JSON says "success", stderr is empty. With two words an answer it stops after four
#           requests, prints none of the eight words that were paid for, and names its own limit of 64000 tokens, which
#           was not reached. Only stream-json shows the other parts.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" @anthropic-ai/claude-code@2.1.332 >&2

cat >"$work/measure.py" <<'PY'
"""A gateway that gives so many words of ten in an answer, goes on where it stopped, and what the client prints."""
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENT = sys.argv[1]
WORDS = "one two three four five six seven eight nine ten".split()
limit, asked = [0], []


def text_of(message):
    blocks = message["content"]
    return blocks if isinstance(blocks, str) else " ".join(block.get("text", "") for block in blocks)


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        given = sum(len(text_of(message).split()) for message in body["messages"] if message["role"] == "assistant")
        most = min(limit[0], body["max_tokens"])
        part = WORDS[given : given + most]
        asked.append(" ".join(part))
        stop = "end_turn" if given + most >= len(WORDS) else "max_tokens"
        usage = {"input_tokens": 1, "output_tokens": len(part)}
        message = {"id": f"m{given}", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
        events = (
            {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " ".join(part)}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        )
        data = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(about, words, *options, **more):
    limit[0] = words
    asked.clear()
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"], "HOME": home, "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}",
            "ANTHROPIC_AUTH_TOKEN": "sk-fake-0123", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_MAX_RETRIES": "0", "ANTHROPIC_MODEL": "claude-opus-4-6", **more,
        }  # fmt: skip
        found = subprocess.run(
            [CLIENT, "-p", "count to ten", *options],
            env=env, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    print(f"{about}: {asked}\n  exit code {found.returncode}, stderr {found.stderr!r}, stdout {found.stdout.strip()[:70]!r}")
    return found.returncode, found.stdout.strip(), found.stderr


thirds = ["one two three four", "five six seven eight", "nine ten"]
assert ask("ten words an answer", 10) == (0, " ".join(WORDS), "")
assert ask("four words an answer", 4) == (0, "nine ten", "") and asked == thirds
assert ask("the client's own limit of four", 10, CLAUDE_CODE_MAX_OUTPUT_TOKENS="4") == (0, "nine ten", "")
assert asked == thirds
code, out, _ = ask("four words, JSON", 4, "--output-format", "json")
assert [json.loads(out)[name] for name in ("result", "subtype", "is_error")] == ["nine ten", "success", False]
code, out, _ = ask("four words, stream-json", 4, "--output-format", "stream-json", "--verbose")
messages = [json.loads(line) for line in out.splitlines()]
shown = [text_of(line["message"]) for line in messages if line["type"] == "assistant"]
assert shown == thirds, shown
code, out, _ = ask("two words an answer", 2)
assert code == 1 and len(asked) == 4 and "exceeded the 64000 output token maximum" in out and "one" not in out.split()
PY
env -i PATH="$PATH" HOME="$work" python3 "$work/measure.py" "$work/node_modules/.bin/claude"
echo "as described"
