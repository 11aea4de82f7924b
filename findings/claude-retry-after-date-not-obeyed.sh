#!/usr/bin/env bash
# Retry-After as a date is ignored, and one of more than a minute ends the attempts.
#
# Parts:    @anthropic-ai/claude-code 2.1.332 (npm), anthropic 0.125.0 (PyPI: the SDK, for comparison), python3
# Expected: RFC 9110 has two forms of Retry-After, seconds and a date; Anthropic's own SDK obeys both. A wait that is
#           too long is shortened, as the SDK does; the retries that are allowed are then made.
# Seen:     with three retries allowed and a gateway that is busy once (529), "5" is obeyed: the next request comes after
#           5 s. A date 6 s ahead is ignored: the next request comes within 3 s, so a gateway that says when is asked
#           too early, and the retries may be spent before that moment. "61" makes the client fail at once, with no second
#           request, and its error does not say that no retry was made. The SDK waits for the date, and retries after "61".
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" @anthropic-ai/claude-code@2.1.332 >&2
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check anthropic==0.125.0 2>/dev/null

cat >"$work/measure.py" <<'PY'
"""A gateway that is busy once, and how long each client waits before it asks again."""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anthropic

CLIENT = sys.argv[1]
BUSY = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "claude-x", "stop_sequence": None}
USAGE = {"input_tokens": 1, "output_tokens": 1}
TEXT = {"type": "text", "text": "pong"}
WHOLE = {**MESSAGE, "content": [TEXT], "stop_reason": "end_turn", "usage": USAGE}
EVENTS = (
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None, "usage": USAGE}},
    {"type": "content_block_start", "index": 0, "content_block": {**TEXT, "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "pong"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": USAGE},
    {"type": "message_stop"},
)
times, wait = [], [""]


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        times.append(time.monotonic())
        if len(times) == 1:
            after = formatdate(time.time() + 6, usegmt=True) if wait[0] == "date" else wait[0]
            return self.answer(529, json.dumps(BUSY), "application/json", after)
        if not body.get("stream"):
            return self.answer(200, json.dumps(WHOLE), "application/json")
        events = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)
        return self.answer(200, events, "text/event-stream")

    def answer(self, status, text, kind, after=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        if after:
            self.send_header("retry-after", after)
        self.end_headers()
        self.wfile.write(text.encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{server.server_address[1]}"


def claude():
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"], "HOME": home, "ANTHROPIC_BASE_URL": URL, "ANTHROPIC_AUTH_TOKEN": "sk-fake-0123",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "3",
        }  # fmt: skip
        found = subprocess.run(
            [CLIENT, "-p", "ping"], env=env, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, timeout=120
        )
        return found.stdout.decode().strip()


def sdk():
    with anthropic.Anthropic(base_url=URL, auth_token="sk-fake-0123", max_retries=3) as client:
        answer = client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "ping"}])
        return answer.content[0].text


def measure(ask, value):
    times.clear()
    wait[0] = value
    said = ask()
    gap = times[1] - times[0] if len(times) > 1 else None
    seconds = "no second request" if gap is None else f"asked again after {gap:.1f} s"
    print(f"{ask.__name__:7} Retry-After: {value:5} {seconds}; {said[:60]}")
    return gap


gaps = {(ask.__name__, value): measure(ask, value) for ask in (claude, sdk) for value in ("5", "date", "61")}
assert gaps["claude", "5"] >= 5
assert gaps["claude", "date"] < 3
assert gaps["claude", "61"] is None
assert gaps["sdk", "5"] >= 5
assert gaps["sdk", "date"] >= 4  # a date has whole seconds
assert gaps["sdk", "61"] < 5
PY
env -i PATH="$PATH" HOME="$work" "$work/venv/bin/python" "$work/measure.py" "$work/node_modules/.bin/claude"
echo "as described"
