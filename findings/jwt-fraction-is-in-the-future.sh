#!/usr/bin/env bash
# A token whose times have fractions of a second is refused until the clock shows the next full second.
#
# Parts:    PyJWT 2.15.1, Authlib 1.9.10, joserfc 1.8.0 (PyPI); jose 6.2.18 (npm)
# Expected: RFC 7519 allows fractions in iat and nbf ("non-integer values can be represented"). A token that was issued
#           0.2 seconds ago by the same clock is not from the future, and what is accepted does not depend on where in a
#           second it is checked.
# Seen:     Authlib and joserfc cut the present time to full seconds, but not the token's: iat and nbf of 0.2 seconds ago
#           are "in the future", if no full second has begun since. jose does the same with nbf, and with iat where
#           maxTokenAge is given. PyJWT cuts the token's time, too, and accepts both. A second later all four accept.
#           An issuer that writes Python's time.time() is so refused now and then by a gateway, and only with fresh
#           tokens: a key helper's first request fails and the next one passes.
set -euo pipefail
shopt -s inherit_errexit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check 'PyJWT==2.15.1' 'Authlib==1.9.10' 'joserfc==1.8.0' >&2
npm install --silent --no-audit --no-fund --prefix "$work/node" jose@6.2.18 >&2

cat >"$work/verify.py" <<'PY'
"""For each library and claim: what it does with a token of 0.2 seconds ago, within the same second and later."""
import base64
import hashlib
import hmac
import json
import time

import jwt
from authlib.jose import JsonWebToken
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OctKey

KEY = b"k" * 32


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(claims):
    signed = b64(b'{"alg":"HS256","typ":"JWT"}') + b"." + b64(json.dumps(claims).encode())
    return (signed + b"." + b64(hmac.new(KEY, signed, hashlib.sha256).digest())).decode()


def joserfc(text):
    found = joserfc_jwt.decode(text, OctKey.import_key(KEY), algorithms=["HS256"])
    joserfc_jwt.JWTClaimsRegistry().validate(found.claims)


def said(check, text):
    try:
        check(text)
    except Exception as error:
        return f"refused ({error})"
    return "accepted"


CHECKS = {
    "PyJWT": lambda text: jwt.decode(text, KEY, algorithms=["HS256"]),
    "Authlib": lambda text: JsonWebToken(["HS256"]).decode(text, KEY).validate(),
    "joserfc": joserfc,
}
for name, check in CHECKS.items():
    for claim in ("iat", "nbf"):
        while True:  # until both times are in one second
            issued = time.time() - 0.2
            text = token({claim: issued})
            first = said(check, text)
            if int(time.time()) == int(issued):
                break
            time.sleep(0.05)
        time.sleep(1)
        print(f"{name} {claim}: {first}, {said(check, text)}")
PY
cat >"$work/node/verify.mjs" <<'JS'
import { SignJWT, jwtVerify } from 'jose'
const key = new TextEncoder().encode('k'.repeat(32))
const pause = ms => new Promise(done => setTimeout(done, ms))
for (const [title, claim, options] of [['iat', 'iat', {}], ['nbf', 'nbf', {}], ['iat, maxTokenAge', 'iat', { maxTokenAge: '10m' }]]) {
  for (;;) {
    const issued = Date.now() / 1000 - 0.2
    const token = await new SignJWT({ [claim]: issued }).setProtectedHeader({ alg: 'HS256' }).sign(key)
    const said = () => jwtVerify(token, key, options).then(() => 'accepted', error => `refused (${error.message})`)
    const first = await said()
    if (Math.floor(Date.now() / 1000) === Math.floor(issued)) {
      await pause(1000)
      console.log(`jose ${title}: ${first}, ${await said()}`)
      break
    }
    await pause(50)
  }
}
JS

seen="$("$work/venv/bin/python" -W ignore "$work/verify.py")
$(node "$work/node/verify.mjs")"
echo "$seen"
[ "$(sed -E 's/ \(.*\)//' <<<"$seen")" = "PyJWT iat: accepted, accepted
PyJWT nbf: accepted, accepted
Authlib iat: refused, accepted
Authlib nbf: refused, accepted
joserfc iat: refused, accepted
joserfc nbf: refused, accepted
jose iat: accepted, accepted
jose nbf: refused, accepted
jose iat, maxTokenAge: refused, accepted" ]
echo "as described"
