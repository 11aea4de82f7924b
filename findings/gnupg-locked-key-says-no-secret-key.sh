#!/usr/bin/env bash
# gpg says "No secret key" of a key that is there and only locked, when it may not ask for the passphrase.
#
# Parts:    gpg and gpg-agent 2.2.40-1.1+deb12u2 (Debian 12; taken out of the packages, nothing is installed)
# Expected: with --pinentry-mode error, which the manual describes as "Return a Pinentry error", a locked key fails with
#           words of its own, so that a script can tell "unlock it" from "the key is not on this machine".
# Seen:     the last line is "decryption failed: No secret key" for both, word for word, with exit code 2 for both.
#           The status lines have DECRYPTION_FAILED for both. A script has to ask again to tell them apart:
#           --list-secret-keys knows the locked key and not the absent one.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'GNUPGHOME=$work/k gpgconf --kill all 2>/dev/null || true; rm -rf "$work"' EXIT

version=2.2.40-1.1+deb12u2
(cd "$work" && apt-get download -qq "gpg=$version" "gpg-agent=$version" && for deb in *.deb; do dpkg -x "$deb" debian; done)
mkdir -m 700 "$work/k"
gpg() {
  env -i PATH="$PATH" HOME="$work" GNUPGHOME="$work/k" LC_ALL=C.UTF-8 "$work/debian/usr/bin/gpg" \
    --agent-program "$work/debian/usr/bin/gpg-agent" --batch --quiet "$@"
}
agent() { env -i PATH="$PATH" HOME="$work" GNUPGHOME="$work/k" gpg-connect-agent --no-autostart "$@"; }

for name in locked absent; do
  gpg --pinentry-mode loopback --passphrase secret --quick-gen-key "$name@example.com" rsa2048 encr never 2>/dev/null
  echo text | gpg --trust-model always --encrypt -r "$name@example.com" -o "$work/$name.gpg"
done
grip=$(gpg --with-colons --with-keygrip --list-secret-keys absent@example.com | awk -F: '$1 == "grp" { print $10; exit }')
rm "$work/k/private-keys-v1.d/$grip.key"
agent reloadagent /bye >/dev/null # forgets the passphrase

said() { # NAME: the last line of stderr and the exit code
  local code=0
  gpg --pinentry-mode error --decrypt "$work/$1.gpg" >/dev/null 2>"$work/$1.err" </dev/null || code=$?
  echo "$(tail -n 1 "$work/$1.err") ($code)"
}
locked=$(said locked)
absent=$(said absent)
echo "locked: $locked"
echo "absent: $absent"
[ "$locked" = "gpg: decryption failed: No secret key (2)" ] && [ "$absent" = "$locked" ]
gpg --list-secret-keys locked@example.com >/dev/null # it is there
if gpg --list-secret-keys absent@example.com >/dev/null 2>&1; then exit 1; fi
plain=$(gpg --pinentry-mode loopback --passphrase secret --decrypt "$work/locked.gpg" 2>/dev/null)
[ "$plain" = text ]
echo "as described"
