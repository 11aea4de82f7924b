#!/bin/sh
# The key is in Vault or OpenBao. Claude Code asks a helper for it, and the helper asks Vault with the token that
# `vault login` or `bao login` left in your home directory. The key is in no settings file and in no variable.
set -eu
: "${GATEWAY_URL:=http://localhost:4000}"
: "${VAULT_ADDR:?the address of your Vault, for example https://vault.example.com:8200}"

cgw init work --provider unified --gateway-url "$GATEWAY_URL" --auth helper --secret vault://secret/llm#key --yes
cgw settings apply --scope user --profile work
cgw helper test work

claude -p 'Say hello.'
