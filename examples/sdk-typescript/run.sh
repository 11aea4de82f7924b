#!/bin/sh
# An agent in TypeScript or JavaScript. `cgw run` gives it the gateway's variables, the key included, and nothing is
# written to a file. In code: cgw env --shell sdk-ts prints what the option env takes.
set -eu
cd "$(dirname "$0")"

npm install
cgw init work --provider unified --gateway-url "$GATEWAY_URL" --secret env://GATEWAY_KEY --yes
cgw run --profile work -- node agent.js
