#!/bin/sh
# One developer behind a LiteLLM gateway, with a virtual key in the environment variable LITELLM_KEY.
set -eu
: "${GATEWAY_URL:=http://localhost:4000}"

cgw init work --provider unified --gateway-url "$GATEWAY_URL" --secret env://LITELLM_KEY --yes

# For this shell. In a separate statement: eval "$(…)" alone would go on after a failure.
variables=$(cgw env --profile work --shell sh)
eval "$variables"
claude -p 'Say hello.'
