#!/bin/sh
# The key is in the operating system's keyring. Claude Code asks a helper script for it, so it is in no file and in no
# variable, and a rotated key is picked up by running sessions.
set -eu
: "${GATEWAY_URL:=http://localhost:4000}"

# The key is read from standard input (or asked for on a terminal), never from the command line.
printf '%s' "$NEW_KEY" | cgw secret set keyring://cgw/work
unset NEW_KEY

cgw init work --provider unified --gateway-url "$GATEWAY_URL" --auth helper --secret keyring://cgw/work --yes
cgw settings apply --scope user --profile work
cgw helper test work

claude -p 'Say hello.'
