#!/bin/sh
# Vertex AI with this machine's own Google credential. The Google token takes the Authorization header, so the gateway's
# key travels in x-litellm-api-key, which a LiteLLM gateway reads by default.
set -eu
: "${GATEWAY_URL:=http://localhost:4000}"

cgw init vertex --provider vertex --credentials client --gateway-url "$GATEWAY_URL" \
  --project-id "$PROJECT_ID" --region us-east5 --secret env://LITELLM_KEY --yes

# A header key is fixed when the client starts: `cgw run` fetches it at each start.
cgw run --profile vertex -- claude -p 'Say hello.'
