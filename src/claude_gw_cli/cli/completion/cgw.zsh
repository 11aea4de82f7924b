# Profiles and helpers are files; cgw accepts no other names than these.
_cgw_names() {
    local base=${XDG_CONFIG_HOME-} file name
    [[ $base == /* ]] || base="$HOME/@BELOW_HOME@"
    for file in $base/cgw/$1/*$2(N-.); do
        name=${${file:t}%$2}
        [[ $name == [A-Za-z0-9]* && $name != *[^A-Za-z0-9._-]* ]] && entries+=("$name")
    done
}

# Offers entries, each a word and perhaps a tab and what it means; $1 says what they are, more goes to compadd.
_cgw_offer() {
    local title=$1 entry word
    local -a described=() open=() rest=("${@:2}")
    for entry in "${entries[@]}"; do
        word=${${entry%%$'\t'*}//:/\\:}
        [[ $entry == *$'\t'* ]] && word+=:${entry#*$'\t'}
        if [[ ${entry%%$'\t'*} == *[:/] ]]; then open+=("$word"); else described+=("$word"); fi
    done
    (( $#described )) && _describe -t "$title" "$title" described "${rest[@]}"
    (( $#open )) && _describe -t "$title" "$title" open -S '' "${rest[@]}"
}

# The values of kind $1.
_cgw_values() {
    local -a entries=()
    case $1 in
        '') return ;;
        file) _files; return ;;
        directory) _files -/; return ;;
        helper) _cgw_names helpers .spec ;;
        profile)
            if [[ $PREFIX == (*/*|.*|\~*) ]]; then _files; return; fi
            _cgw_names profiles .toml ;;
        *) _cgw_list $1 ;;
    esac
    _cgw_offer $1
}

# Sets kind to the kind of the value of option $1; fails where it has none or is not known.
_cgw_option() {
    local entry
    kind=
    for entry in "${options[@]}"; do
        if [[ $entry == "$1="* ]]; then
            kind=${${entry%%$'\t'*}#*=}
            return 0
        fi
    done
    return 1
}

_cgw() {
    emulate -L zsh
    setopt extended_glob
    local -a next=() options=() arguments=() entries=()
    local kind= word= node= pending= ended= known= cur=$PREFIX repeats=
    local -i i position=0 program=0

    _cgw_table ''
    for (( i = 2; i < CURRENT; i++ )); do
        word=$words[i]
        if [[ -n $pending ]]; then
            pending=
        elif [[ -z $ended && $word == -- ]]; then
            ended=1
        elif [[ -z $ended && $word == -?* ]]; then
            [[ $word == *=* ]] || ! _cgw_option $word || pending=$word
        elif [[ -n ${(M)next:#${(b)word}$'\t'*} ]]; then
            node=${node:+$node }$word
            _cgw_table $node
        elif [[ $arguments == program ]]; then
            program=$i
            break
        else
            (( position++ ))
        fi
    done

    if (( position < $#arguments )); then
        known=$arguments[position+1]
    elif [[ -n $repeats ]]; then
        known=$arguments[-1]
    fi
    if [[ $known == program ]]; then
        known=
        [[ -z $ended && $cur != [^-]* ]] || program=$i
    fi

    if (( program )); then
        shift $(( program - 1 )) words
        (( CURRENT -= program - 1 ))
        _normal -p cgw
    elif [[ -n $pending ]]; then
        _cgw_option $pending
        _cgw_values "$kind"
    elif [[ -z $ended && $cur == --*=* ]]; then
        if _cgw_option ${cur%%=*}; then
            compset -P '*='
            _cgw_values "$kind"
        fi
    elif [[ -z $ended && $cur == -* ]]; then
        _cgw_options
    elif (( $#next )); then
        entries=("${next[@]}")
        _cgw_offer command
    elif [[ -n $known ]]; then
        _cgw_values $known
    elif [[ -n $ended ]]; then
        _files
    elif [[ -z $cur ]]; then
        _cgw_options
    fi
}

_cgw_options() {
    local entry
    for entry in "${options[@]}"; do
        entries+=("${${entry%%$'\t'*}%%=*}"$'\t'"${entry#*$'\t'}")
    done
    _cgw_offer option
}

if (( ! $+functions[compdef] )); then
    autoload -Uz compinit
    compinit -i -d ${${(%):-%x}:A:h}/zcompdump # beside this script, so that it goes with it
fi
compdef _cgw cgw
