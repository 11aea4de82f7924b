#!/usr/bin/env bash
# Half of the libraries refuse a token whose algorithm has the fully specified name "Ed25519".
#
# Parts:    PyJWT 2.15.1, Authlib 1.9.10, joserfc 1.8.0, cryptography (PyPI); jose 6.2.18 (npm)
# Expected: RFC 9864 deprecates the name "EdDSA" in favour of "Ed25519"; libraries that verify the one signature verify
#           the other, because key and bytes are the same.
# Seen:     joserfc and jose verify a token that says "Ed25519". PyJWT and Authlib refuse it as an unknown algorithm,
#           and the same token with the name "EdDSA" passes in all four. So an issuer that follows the RFC locks out a
#           gateway built on PyJWT or Authlib.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check 'PyJWT[crypto]==2.15.1' 'Authlib==1.9.10' 'joserfc==1.8.0' >&2
npm install --silent --no-audit --no-fund --prefix "$work/node" jose@6.2.18 >&2

cat >"$work/verify.py" <<'PY'
import base64
import json
import sys

import jwt
from authlib.jose import JsonWebKey, JsonWebToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OKPKey


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


key = Ed25519PrivateKey.generate()
public = {"kty": "OKP", "crv": "Ed25519", "x": b64(key.public_key().public_bytes_raw())}
name = sys.argv[1]
signed = f"{b64(json.dumps({'alg': name, 'typ': 'JWT'}).encode())}.{b64(json.dumps({'sub': 'me'}).encode())}"
token = f"{signed}.{b64(key.sign(signed.encode()))}"
checks = {
    "PyJWT": lambda: jwt.decode(token, key.public_key(), algorithms=[name]),
    "Authlib": lambda: JsonWebToken([name]).decode(token, JsonWebKey.import_key(public)),
    "joserfc": lambda: joserfc_jwt.decode(token, OKPKey.import_key(public), algorithms=[name]),
}
for library, check in checks.items():
    try:
        check()
        print(library, "verifies")
    except Exception as error:
        print(library, "refuses", type(error).__name__, file=sys.stderr)
        print(library, "refuses")
print(json.dumps({"token": token, "key": public}), file=open(sys.argv[2], "w"))
PY
cat >"$work/node/verify.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { importJWK, jwtVerify } from 'jose'
const [file, name] = process.argv.slice(2)
const { token, key } = JSON.parse(readFileSync(file, 'utf8'))
const verified = await importJWK(key, name).then(found => jwtVerify(token, found)).then(() => true, () => false)
console.log('jose', verified ? 'verifies' : 'refuses')
JS

seen() { # NAME: what each library does with a token that has this algorithm name
  "$work/venv/bin/python" -W ignore "$work/verify.py" "$1" "$work/token"
  node "$work/node/verify.mjs" "$work/token" "$1"
}

old=$(seen EdDSA)
new=$(seen Ed25519)
printf 'EdDSA\n%s\nEd25519\n%s\n' "$old" "$new"
[ "$old" = "$(printf '%s verifies\n' PyJWT Authlib joserfc jose)" ]
[ "$new" = "$(printf '%s\n' 'PyJWT refuses' 'Authlib refuses' 'joserfc verifies' 'jose verifies')" ]
echo "as described"
