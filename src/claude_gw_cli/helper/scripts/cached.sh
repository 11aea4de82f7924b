cache=@cache@

# shellcheck disable=SC3013,SC3067  # -nt and -O: in dash, ksh, bash, zsh and busybox, and -nt in POSIX since 2024
warm() {
  # only a file of our own, never through a link; its directory is private
  [ -O "$cache/value" ] && [ ! -L "$cache/value" ] || return 1
  # origin guard: passes only where nothing is set that could lead the key elsewhere, and a project sets nothing at
  # all; everything else is decided by the run time
@guard@
  [ ! -e .claude/settings.json ] && [ ! -e .claude/settings.local.json ] || return 1
  # The user's and the administrator's settings are as they were when a start was last found good. A file can be
  # given an older time, but only by those who may write these files, and they decide where the key goes anyway.
  [ "${CLAUDE_CONFIG_DIR-$HOME/.claude}" = @user@ ] || return 1
  [ ! -e @settings@ ] || [ @record@ -nt @settings@ ] || return 1
  if [ -e @managed@ ]; then
    for file in @managed@/managed-settings.json @managed@/managed-settings.d @managed@/managed-settings.d/*.json; do
      [ ! -e "$file" ] || [ @record@ -nt "$file" ] || return 1
    done
  fi
  {
    read -r schema key identity boot fresh _ quiet generation length _ &&
      IFS= read -r value && read -r end
  } <"$cache/value" || return 1
  [ "$schema $key $length $end" = "@schema@ @key@ ${#value} end" ] || return 1
  case $value in '' | *[!!-~]*) return 1 ;; esac
  [ "$identity" = @identity@ ] || return 1
@watch@  # time since boot does not step; where the system has no such file, one process must be started
  if read -r now _ </proc/uptime && read -r booted </proc/sys/kernel/random/boot_id; then
    now=${now%.*} booted=${booted%%-*}
  else
    now=$(date +%s) booted=wall
  fi
  [ "$boot" = "$booted" ] && [ "$now" -lt "$fresh" ] || return 1
  # who asks: the client, behind the `sh -c` that it starts (some shells stay in between, some do not)
  asker=$PPID
  if read -r name <"/proc/$PPID/comm" && [ "$name" = sh ]; then
    read -r _ _ _ asker _ <"/proc/$PPID/stat" || return 1
  fi
  # a client that asks again for a value that it should still have was refused by the gateway
  [ "$now" -lt "$quiet" ] || [ ! -e "$cache/asked.$generation.$asker" ] || return 1
  true >"$cache/asked.$generation.$asker"
}

if warm 2>/dev/null; then
  printf '%s\n' "$value"
  exit
fi
