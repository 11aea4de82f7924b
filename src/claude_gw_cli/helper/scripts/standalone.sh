#!/bin/sh
# apiKeyHelper @name@: prints the key for @origin@. Written by cgw @version@; needs no cgw; holds references, no key.
# Needs: @needs@
set -u

fail() {
  printf 'key helper @name@: %s\n' "$1" >&2
  exit "${2:-69}"
}

# origin guard: the key is for this gateway only; a project's settings can redirect the client
gateway() {
@guard@
  return 0
}
gateway || fail 'the client would send the key to another address than @origin@' 77
connection() {
@connection@
  return 0
}
connection || fail 'a proxy, certificate or socket variable changes how requests travel' 77
for settings in .claude/settings.json .claude/settings.local.json; do
  [ -e "$settings" ] || continue
  # zeros: UTF-16, which the client reads; escapes: names in another spelling
  harmless=
  if command -v tr >/dev/null && [ -f "$settings" ]; then
    harmless=$(LC_ALL=C tr '\000' '\001' <"$settings" | LC_ALL=C grep -c @mentions@)
  fi
  [ "$harmless" = 0 ] || fail "$settings may change where the client sends the key" 77
done

@body@
case $value in '' | *[!!-~]*) fail 'the value is not one line of printable characters' 2 ;; esac
printf '%s\n' "$value"
