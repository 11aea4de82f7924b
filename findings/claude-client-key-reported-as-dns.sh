#!/usr/bin/env bash
# A client certificate that the client cannot use is reported as a network fault, and no connection is made.
#
# Parts:    @anthropic-ai/claude-code 2.1.100 and 2.1.332 (npm), openssl, python3
# Expected: with CLAUDE_CODE_CLIENT_CERT and CLAUDE_CODE_CLIENT_KEY, a wrong passphrase, or a renewed certificate beside
#           the old key, is named as such, as 2.1.100 does for the passphrase; a gateway that asks for no certificate
#           is reached all the same.
# Seen:     2.1.332 says "Can't reach the API server — check your internet or DNS (FailedToOpenSocket)" for both, opens
#           no connection at all, not even to a gateway that asks for no certificate, and has nothing on stderr. The
#           same sentence is said of a host name that does not exist. 2.1.100: "ERR_OSSL_BAD_DECRYPT".
#           The files are as they should be: openssl and curl read each of them.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
touch "$work/pids"
cleanup() {
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$work/pids"
  rm -rf "$work"
}
trap cleanup EXIT

cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca 2>/dev/null
signed() { # NAME EXTENSIONS: NAME.pem for the key in NAME.key
  openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo "$2") -out "$1.pem" 2>/dev/null
}
for name in server person renewed; do openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.key; done
signed server subjectAltName=DNS:localhost
signed person extendedKeyUsage=clientAuth
signed renewed extendedKeyUsage=clientAuth
openssl pkcs8 -topk8 -in person.key -passout pass:right -out locked.key

cat >server.py <<'PY'
"""A gateway with TLS that notes each connection, and answers with a refusal: python server.py LOG ask|ask-not."""
import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
if sys.argv[2] == "ask":
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations("ca.pem")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    with open(sys.argv[1], "a") as log:
        log.write("connection\n")
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            request = secured.makefile("rb")
            length = 0
            while (line := request.readline().lower()) not in (b"\r\n", b""):
                length = int(line.partition(b":")[2]) if line.startswith(b"content-length:") else length
            request.read(length)
            secured.sendall(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    except OSError:
        connection.close()
PY
for kind in ask ask-not; do
  python3 server.py $kind.log $kind >$kind.port 2>/dev/null &
  echo $! >>pids
  for _ in $(seq 50); do [ -s $kind.port ] && break; sleep 0.1; done
done

said() { # VERSION KIND|URL CERTIFICATE KEY PASSPHRASE: what the client says, and whether it made a connection
  local url=$2 code=0
  [ ! -e "$2.port" ] || url="https://localhost:$(cat "$2.port")"
  rm -rf home ./*.log && mkdir home
  (cd home && env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 ANTHROPIC_BASE_URL="$url" \
    NODE_EXTRA_CA_CERTS="$work/ca.pem" CLAUDE_CODE_CLIENT_CERT="$work/$3.pem" CLAUDE_CODE_CLIENT_KEY="$work/$4.key" \
    CLAUDE_CODE_CLIENT_KEY_PASSPHRASE="$5" CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0 \
    timeout 90 "$work/$1/node_modules/.bin/claude" -p hello >"$work/out" 2>"$work/err" </dev/null) || code=$?
  [ "$code" = 1 ] && [ ! -s err ]
  connections=none
  if compgen -G '*.log' >/dev/null; then connections=some; fi
  echo "$connections, $(sed -E 's/^API Error: //; s/^400 .*/400/' out)"
}

for version in 2.1.100 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done
seen="right           2.1.332: $(said 2.1.332 ask person locked right)
old key         2.1.332: $(said 2.1.332 ask renewed locked right)
old key, unused 2.1.332: $(said 2.1.332 ask-not renewed locked right)
passphrase      2.1.332: $(said 2.1.332 ask person locked wrong)
passphrase      2.1.100: $(said 2.1.100 ask person locked wrong)
no such host    2.1.332: $(said 2.1.332 https://gateway.invalid person locked right)"
echo "$seen"
curl -q -s -o /dev/null --noproxy '*' --cacert ca.pem --cert person.pem --key locked.key --pass right "https://localhost:$(cat ask.port)/"
network="Can't reach the API server — check your internet or DNS"
[ "$seen" = "right           2.1.332: some, 400
old key         2.1.332: none, $network (FailedToOpenSocket)
old key, unused 2.1.332: none, $network (FailedToOpenSocket)
passphrase      2.1.332: none, $network (FailedToOpenSocket)
passphrase      2.1.100: none, Unable to connect to API (ERR_OSSL_BAD_DECRYPT)
no such host    2.1.332: none, $network (ENOTFOUND)" ]
echo "as described"
