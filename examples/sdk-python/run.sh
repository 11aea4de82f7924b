#!/bin/sh
# An agent in Python. `cgw run` gives it the gateway's variables, the key included, and nothing is written to a file.
# In code: cgw env --shell sdk-python prints what the option env takes.
set -eu
cd "$(dirname "$0")"

python3 -m venv .venv
.venv/bin/pip install --quiet --requirement requirements.txt
cgw init work --provider unified --gateway-url "$GATEWAY_URL" --secret env://GATEWAY_KEY --yes
cgw run --profile work -- .venv/bin/python agent.py
