#!/bin/sh
# A job in Kubernetes. gateway.yaml is what `cgw env --shell kubernetes` prints of cgw.toml, without the example of a
# container; the key goes into a Secret from standard input, not into a file that is committed.
set -eu
cd "$(dirname "$0")"

printf '%s' "$GATEWAY_KEY" |
  kubectl create secret generic claude-code-gateway --from-file=GATEWAY_KEY=/dev/stdin --dry-run=client -o yaml |
  kubectl apply -f -
kubectl apply -k .
kubectl wait --for=condition=complete --timeout=5m job/claude
kubectl logs job/claude
