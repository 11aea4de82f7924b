#!/bin/sh
# apiKeyHelper @name@: prints the key for @origin@. Written by cgw @version@; holds references, no key.
# Write it again with: cgw helper install @name@      See what it does with: cgw helper show @name@

@warm@python=@python@
[ -x "$python" ] || {
  echo "cgw: $python is gone; install cgw again, then run: cgw helper install @name@" >&2
  exit 69
}
# -I -S: neither PYTHONPATH nor the working directory nor a user's site directory can put code in here
exec "$python" -I -S -c '
import sys
sys.path += sys.argv[2:]
try:
    from claude_gw_cli.helper.runtime import main
except ImportError:
    sys.exit("cgw: its installation has moved; write this helper again: cgw helper install")
sys.exit(main(sys.argv[1:2]))
' @spec@ @paths@
