#!/usr/bin/env bash
# LiteLLM's litellm_key_header_name stopped being exclusive, so a placeholder in Authorization is now taken for the key.
#
# Parts:    litellm[proxy] 1.106.12 and 1.108.7, prisma below 1 (PyPI)
# Expected: with `litellm_key_header_name: x-gateway-key` the key is read from that header alone, as the setting's
#           documentation says; other headers may carry anything, such as a cloud's own token.
# Seen:     1.106.12 accepts the master key in x-gateway-key only, and says 401 for Authorization and
#           x-litellm-api-key. 1.108.7 accepts it in all three. Where a front removes x-gateway-key, 1.106.12 says that
#           no key was passed in; 1.108.7 looks up the cloud's token from Authorization as a key, and says 400, "No
#           connected db.", which names neither the header nor the front.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
touch "$work/pids"
cleanup() {
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$work/pids"
  rm -rf "$work"
}
trap cleanup EXIT
cat >"$work/config.yaml" <<'YAML'
model_list:
  - model_name: m
    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:9", api_key: fake}
general_settings:
  master_key: sk-fake-0123456789
  litellm_key_header_name: x-gateway-key
YAML

answers() { # VERSION: prints the status for the key in each header, then what is said where only another token arrives
  python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install -q --disable-pip-version-check "litellm[proxy]==$1" 'prisma<1' >&2
  port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  env -i PATH="$work/$1/bin:$PATH" HOME="$work" LITELLM_LOCAL_MODEL_COST_MAP=True \
    "$work/$1/bin/litellm" --config "$work/config.yaml" --host 127.0.0.1 --port "$port" >"$work/$1.log" 2>&1 &
  echo $! >>"$work/pids"
  url="http://127.0.0.1:$port"
  for _ in $(seq 240); do curl -q -s -o /dev/null --noproxy '*' "$url/health/liveliness" && break; sleep 0.5; done
  for header in x-gateway-key Authorization x-litellm-api-key; do
    status=$(curl -q -s -o /dev/null -w '%{http_code}' --noproxy '*' -H "$header: Bearer sk-fake-0123456789" "$url/v1/models")
    echo "$header $status"
  done
  curl -q -s -w ' %{http_code}\n' --noproxy '*' -H 'Authorization: Bearer ya29.a-cloud-token' "$url/v1/models" >"$work/said"
  grep -q 'No connected db' "$work/said" && words='No connected db' || words='other words'
  echo "cloud token alone: $(sed 's/.* //' "$work/said" | tail -n 1) $words"
}

old=$(answers 1.106.12)
new=$(answers 1.108.7)
printf '1.106.12\n%s\n1.108.7\n%s\n' "$old" "$new"
[ "$old" = "x-gateway-key 200
Authorization 401
x-litellm-api-key 401
cloud token alone: 401 other words" ]
[ "$new" = "x-gateway-key 200
Authorization 200
x-litellm-api-key 200
cloud token alone: 400 No connected db" ]
echo "as described"
