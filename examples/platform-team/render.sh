#!/bin/sh
# What a platform team deploys: managed settings for Linux and macOS, and the one helper that they name. The helper
# holds no user's path and no key: each person's own Vault token counts (`vault login`).
set -eu
cd "$(dirname "$0")"
out=${1:-dist}
mkdir -p "$out/linux" "$out/macos"

render() {
  cgw settings render --profile ./platform.toml --trust-repository --scope managed --for "$1" --out "$out/$2"
}
render linux linux/managed-settings.json # to /etc/claude-code
render macos-mobileconfig macos/claude-code.mobileconfig
# Windows needs a helper_path of Windows, so a second profile: --for windows-json, windows-registry or intune.

# To /usr/local/lib/cgw/helper, owned by root, mode 0755. It needs neither Python nor cgw on the machines.
cgw helper install ./platform.toml --trust-repository --out "$out/linux/helper" --standalone --force

cgw check "$out/linux"
