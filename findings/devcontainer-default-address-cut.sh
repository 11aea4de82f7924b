#!/usr/bin/env bash
# A default address in devcontainer.json is cut at its first colon, silently.
#
# Parts:    @devcontainers/cli 0.89.0 (npm)
# Expected: `${localEnv:ANTHROPIC_BASE_URL:http://127.0.0.1:4000}`, in the documented form ${localEnv:NAME:default}, gives
#           the gateway's address where the variable is not set, as ${NAME:-http://127.0.0.1:4000} does in a shell and in
#           a compose file.
# Seen:     it gives "http", and "gw.corp.example:8443" gives "gw.corp.example"; a header with its name gives the name.
#           There is no warning and no way to escape a colon. It is not seen where the author works, because the
#           variable is set there: only those without it get "http". A variable that is set and empty
#           does not take the default.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --silent --no-audit --no-fund --prefix "$work" @devcontainers/cli@0.89.0 >&2
mkdir -p "$work/project/.devcontainer"
cat >"$work/project/.devcontainer/devcontainer.json" <<'JSON'
{
  "image": "debian",
  "remoteEnv": {
    "URL": "${localEnv:NOT_SET:http://127.0.0.1:4000}",
    "HOST": "${localEnv:NOT_SET:gw.corp.example:8443}",
    "HEADERS": "${localEnv:NOT_SET:X-Team: core}",
    "MODEL": "${localEnv:NOT_SET:claude-opus-5-5}",
    "SET": "${localEnv:IS_SET:http://127.0.0.1:4000}",
    "EMPTY": "${localEnv:IS_EMPTY:claude-opus-5-5}"
  }
}
JSON
env -i PATH="$PATH" HOME="$work" IS_SET=http://gw.corp.example:8443 IS_EMPTY= \
  "$work/node_modules/.bin/devcontainer" read-configuration --workspace-folder "$work/project" --docker-path /bin/true \
  >"$work/out" 2>"$work/err"
if grep -i -E 'warn|colon|default' "$work/err"; then exit 1; fi
seen=$(python3 -c '
import json, sys
for name, value in json.load(open(sys.argv[1]))["configuration"]["remoteEnv"].items():
    print(f"{name}={value}")' "$work/out")
echo "$seen"
[ "$seen" = "URL=http
HOST=gw.corp.example
HEADERS=X-Team
MODEL=claude-opus-5-5
SET=http://gw.corp.example:8443
EMPTY=" ]
echo "as described"
