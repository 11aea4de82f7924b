#!/bin/sh
# apiKeyHelper @name@: runs the helper @name@ of the user who runs this. Written by cgw; holds no key.
helper=${XDG_CONFIG_HOME:-$HOME/.config}/cgw/helpers/@name@
mac="$HOME/Library/Application Support"
[ -x "$helper" ] || [ ! -d "$mac" ] || helper="$mac/cgw/helpers/@name@"
[ -x "$helper" ] || {
  echo "cgw: $helper is not installed; run: cgw helper install @name@" >&2
  exit 69
}
exec "$helper"
