#!/usr/bin/env bash
set -euo pipefail
: "${WORK_KEY:?set it}"
export ANTHROPIC_BASE_URL="${ANTHROPIC_BASE_URL:-https://gateway.example.com/api/anthropic}"
export ANTHROPIC_AUTH_TOKEN="$WORK_KEY"
case "${1:-}" in
  --bedrock) export CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION="${AWS_REGION:-us-east-1}"; unset ANTHROPIC_BASE_URL ANTHROPIC_AUTH_TOKEN; shift;;
esac
echo "ANTHROPIC_BASE_URL=$ANTHROPIC_BASE_URL"
cat > ~/.claude/settings.json <<EOF
{"env": {"ANTHROPIC_BASE_URL": "https://x/v1"}}
EOF
grep -q ANTHROPIC_BASE_URL ~/.bashrc || echo 'export ANTHROPIC_BASE_URL=https://gateway.example.com/api/anthropic' >> ~/.bashrc
tmux new -d "ANTHROPIC_MODEL=opus claude"
exec claude "$@"
