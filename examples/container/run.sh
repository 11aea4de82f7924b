#!/bin/sh
# Claude Code in a container. The variables go in by a file that only you can read and that is removed at once; they are
# neither in the image nor in the command line, which other users of the machine can see.
set -eu
cd "$(dirname "$0")"

cgw init work --provider unified --gateway-url "$GATEWAY_URL" --secret env://GATEWAY_KEY --yes
docker build --quiet --tag claude-code .

umask 077
file=$(mktemp)
trap 'rm -f "$file"' EXIT
cgw env --profile work --shell docker > "$file"
docker run --rm --env-file "$file" claude-code claude -p 'Say hello.'
