token=${VAULT_TOKEN:-${BAO_TOKEN:-}}
[ -n "$token" ] || { [ -r @token_file@ ] && read -r token <@token_file@; } || [ -n "$token" ] ||
  fail 'there is no Vault token: sign in with bao login or vault login' 77
case $token in *[!A-Za-z0-9._-]*) fail 'the Vault token holds an odd character' 77 ;; esac

if command -v curl >/dev/null 2>&1 && command -v jq >/dev/null 2>&1; then
  # -q: no .curlrc; -K -: the token comes on stdin; redirects are not followed
  body=$(printf 'header = "X-Vault-Token: %s"\n' "$token" |
    curl -q -s -K - --max-time 8 --noproxy '*' @curl@ -w '\n%{http_code}' @url@) ||
    fail 'the server @address@ cannot be reached'
  status=${body##*
}
  body=${body%
*}
  case $status in
    200) ;;
    403) fail 'the token has expired or may not read @path@: sign in again' 77 ;;
    404) fail 'there is no secret @path@' 2 ;;
    503) fail 'the server is sealed' ;;
    *) fail "the server answered $status" ;;
  esac
  value=$(printf '%s' "$body" | jq -er --arg field @field@ '@data@[$field] | strings') ||
    fail 'the secret @path@ has no text field @field_text@' 2
else
  tool=$(command -v bao || command -v vault) || fail 'neither curl and jq nor the bao or vault tool is installed'
  # -format: VAULT_FORMAT=json in the environment would put quotes around the key
  value=$(VAULT_ADDR=@address_word@ BAO_ADDR=@address_word@ VAULT_TOKEN=$token BAO_TOKEN=$token \
    "$tool" kv get -format=table -field=@field@ @secret@) || fail 'the server gave no secret @path@'
fi
