#!/usr/bin/env bash
# tinyproxy answers a wrong proxy password with 401, as if the server behind it asked for one.
#
# Parts:    tinyproxy-bin 1.11.1 (Debian bookworm, unpacked without root), curl
# Expected: a proxy that does not accept a password says 407 with Proxy-Authenticate (RFC 9110, 15.5.8), as it does
#           where there is none; 401 is the origin's, and with CONNECT there is no origin yet.
# Seen:     without a password 407 with Proxy-Authenticate. With a wrong one 401 without it, for plain http and for
#           CONNECT. A client blames the gateway, and its key, for what the proxy said.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true; rm -rf "$work"' EXIT

(cd "$work" && apt-get download -q tinyproxy-bin=1.11.1-2.1+deb12u1 >&2 && dpkg -x tinyproxy-bin_*.deb debian)
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'Port %s\nListen 127.0.0.1\nBasicAuth u p\nLogFile "%s/log"\n' "$port" "$work" >"$work/conf"
"$work/debian/usr/bin/tinyproxy" -d -c "$work/conf" >/dev/null 2>&1 &
proxy=$!
for _ in $(seq 50); do
  curl -q -s -o /dev/null --proxy "http://127.0.0.1:$port" http://127.0.0.1:9/ && break
  sleep 0.1
done

answer() { # PROXY-URL TARGET: the proxy's status, and whether it asks for a password
  curl -q -s -o /dev/null -D "$work/head" --noproxy '' --proxy "$1" "$2" || true
  status=$(sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' "$work/head")
  if grep -qi '^proxy-authenticate:' "$work/head"; then echo "$status asks"; else echo "$status"; fi
}

seen=
for person in '' 'u:wrong@'; do
  for target in http://origin.invalid/ https://origin.invalid/; do
    line="${person:-none} ${target%%:*} $(answer "http://${person}127.0.0.1:$port" "$target")"
    echo "$line"
    seen+="$line"$'\n'
  done
done

[ "$seen" = "none http 407 asks
none https 407 asks
u:wrong@ http 401
u:wrong@ https 401
" ]
echo "as described"
