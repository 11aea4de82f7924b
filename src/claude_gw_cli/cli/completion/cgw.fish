# Profiles and helpers are files; cgw accepts no other names than these.
function __cgw_names
    set -l base $XDG_CONFIG_HOME
    string match -q '/*' -- $base; or set base "$HOME/@BELOW_HOME@"
    for name in (string replace -rf '(?s)^.*/([A-Za-z0-9][A-Za-z0-9._-]*)\.[a-z]+\z' '$1' -- $base/cgw/$argv[1]/*$argv[2])
        test -d $base/cgw/$argv[1]/$name$argv[2]; or echo $name
    end
end

# The values of kind $argv[1], for the word $argv[2]; fails where fish completes files itself.
function __cgw_values
    switch $argv[1]
        case ''
        case file
            return 1
        case directory
            __fish_complete_directories $argv[2]
        case helper
            __cgw_names helpers .spec
        case profile
            string match -qr -- '^[.~]|/' $argv[2]; and return 1
            __cgw_names profiles .toml
        case '*'
            __cgw_list $argv[1]
    end
    return 0
end

# Sets kind to the kind of the value of option $argv[1]; fails where it has none or is not known.
function __cgw_option --no-scope-shadowing
    set kind ''
    for entry in $options
        if string match -q -- "$argv[1]=*" $entry
            set kind (string replace -r '^[^=]*=([^\t]*)\t.*' '$1' -- $entry)
            return 0
        end
    end
    return 1
end

# Sets __cgw_found to the words to offer, each with what it means; fails where fish completes files itself.
function __cgw_find
    set -g __cgw_found
    set -l line (commandline -opc)
    set -l cur (commandline -ct)
    set -l next
    set -l options
    set -l arguments
    set -l repeats ''
    set -l kind ''
    set -l node ''
    set -l pending ''
    set -l ended ''
    set -l position 1
    set -l program 0
    set -l i 2

    __cgw_table ''
    while test $i -le (count $line)
        set -l word $line[$i]
        if test -n "$pending"
            set pending ''
        else if test -z "$ended" -a "$word" = --
            set ended yes
        else if test -z "$ended"; and string match -q -- '-?*' $word
            if not string match -q -- '*=*' $word; and __cgw_option $word
                set pending $word
            end
        else if string match -q -- $word\t'*' $next
            set node (string trim -- "$node $word")
            __cgw_table $node
        else if test "$arguments" = program
            set program $i
            break
        else
            set position (math $position + 1)
        end
        set i (math $i + 1)
    end

    set -l known ''
    if test $position -le (count $arguments)
        set known $arguments[$position]
    else if test -n "$repeats"
        set known $arguments[-1]
    end
    if test "$known" = program
        set known ''
        if test -n "$ended"; or string match -q -- '[!-]*' $cur
            set program $i
        end
    end

    if test $program -gt 0
        set -g __cgw_found (complete -C (string join ' ' -- (string escape -- $line[$program..-1]) $cur))
    else if test -n "$pending"
        __cgw_option $pending
        set -g __cgw_found (__cgw_values "$kind" $cur)
    else if test -z "$ended"; and string match -q -- '--*=*' $cur
        set -l option (string replace -r '=.*' '' -- $cur)
        __cgw_option $option; or return 0
        set -g __cgw_found (__cgw_values "$kind" (string replace -r '^[^=]*=' '' -- $cur))
        or return 1
        set -g __cgw_found $option=$__cgw_found
    else if test -z "$ended"; and string match -q -- '-*' $cur
        set -g __cgw_found (string replace -r '^([^=\t]*)[^\t]*' '$1' -- $options)
    else if set -q next[1]
        set -g __cgw_found $next
    else if test -n "$known"
        set -g __cgw_found (__cgw_values $known $cur)
    else if test -n "$ended"
        return 1
    else if test -z "$cur"
        set -g __cgw_found (string replace -r '^([^=\t]*)[^\t]*' '$1' -- $options)
    end
end

complete -c cgw -e
complete -c cgw -n __cgw_find -f -k -a '$__cgw_found'
