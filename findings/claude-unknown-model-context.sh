#!/usr/bin/env bash
# The context that the client assumes for a model it does not know grew fivefold.
#
# Parts:    @anthropic-ai/claude-code 2.1.281 and 2.1.332 (npm)
# Expected: for a name that only a gateway knows, an update keeps the assumed context: it decides when a conversation
#           is compacted, and a model with 200,000 tokens refuses a longer one.
# Seen:     2.1.281 assumes 200,000 tokens, 2.1.332 a million, so the conversation is compacted only long after such a
#           model refuses it. CLAUDE_CODE_MAX_CONTEXT_TOKENS says the right number in both. (`-p /context` says what
#           the client assumes, and asks no gateway.)
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

context() { # VERSION [NAME=VALUE]: the size of the context in the client's own words
  local version=$1
  shift
  mkdir -p "$work/home"
  (cd "$work/home" && env -i HOME="$work/home" PATH="$PATH" ANTHROPIC_AUTH_TOKEN=sk-fake-0123456789 \
    ANTHROPIC_BASE_URL=http://127.0.0.1:9 ANTHROPIC_MODEL=my-model CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
    CLAUDE_CODE_MAX_RETRIES=0 "$@" \
    timeout 90 "$work/$version/node_modules/.bin/claude" -p /context 2>/dev/null </dev/null) |
    sed -n 's/^\*\*Tokens:\*\* [^/]*\/ \([^ ]*\) .*/\1/p'
}

for version in 2.1.281 2.1.332; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "@anthropic-ai/claude-code@$version" >&2
done
old=$(context 2.1.281)
new=$(context 2.1.332)
said="$(context 2.1.281 CLAUDE_CODE_MAX_CONTEXT_TOKENS=64000) $(context 2.1.332 CLAUDE_CODE_MAX_CONTEXT_TOKENS=64000)"
echo "2.1.281: $old; 2.1.332: $new; with CLAUDE_CODE_MAX_CONTEXT_TOKENS=64000: $said"
[ "$old" = 200k ] && [ "$new" = 1m ] && [ "$said" = "64k 64k" ]
echo "as described"
