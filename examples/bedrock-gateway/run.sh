#!/bin/sh
# Bedrock format; the gateway holds the AWS credential. The key file is readable by its owner only.
set -eu
: "${GATEWAY_URL:=http://localhost:4000}"

cgw init bedrock --provider bedrock --gateway-url "$GATEWAY_URL" --region eu-west-1 --secret "file://$KEY_FILE" --yes
variables=$(cgw env --profile bedrock --shell sh)
eval "$variables"
claude -p 'Say hello.'

# Back to where the shell was.
eval "$(cgw env --profile bedrock --shell sh --unset)"
