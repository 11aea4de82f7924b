key=@key@
[ -n "$key" ] || fail 'the signing key is missing: @reference@'
[ "${#key}" -ge 32 ] || fail 'the signing key is shorter than 32 characters' 2

url64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# HMAC-SHA256 (RFC 2104) from plain hashes: openssl would take the key as an argument, which anybody can read
# shellcheck disable=SC2059  # an octal escape in the format is how printf makes any byte
padded() {
  for byte in $bytes; do printf "\\$(printf %03o $((byte ^ $1)))"; done
}
bytes=$(printf %s "$key" | od -An -v -tu1)
if [ "$(printf %s "$key" | wc -c)" -gt 64 ]; then
  bytes=$(printf %s "$key" | openssl dgst -sha256 -binary | od -An -v -tu1)
fi
# shellcheck disable=SC2086  # the words are the bytes
set -- $bytes
while [ $# -lt 64 ]; do set -- "$@" 0; done
bytes=$*

issued=$(($(date +%s) - @backdated@))
head=$(printf %s @header@ | url64)
body=$(printf '%s"iat":%s,"nbf":%s,"exp":%s,"jti":"%s"}' @claims@ \
  "$issued" "$issued" "$((issued + @lifetime@))" "$(openssl rand -hex 16)" | url64)
inner=$({ padded 54; printf %s "$head.$body"; } | openssl dgst -sha256 -binary | od -An -v -tu1)
signature=$({
  padded 92
  # shellcheck disable=SC2059  # as above
  for byte in $inner; do printf "\\$(printf %03o "$byte")"; done
} | openssl dgst -sha256 -binary | url64) || fail 'openssl failed'
value=$head.$body.$signature
