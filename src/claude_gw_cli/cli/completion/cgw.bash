# Profiles and helpers are files; cgw accepts no other names than these.
_cgw_names() {
    local base=${XDG_CONFIG_HOME-} file name
    [[ $base == /* ]] || base="$HOME/@BELOW_HOME@"
    for file in "$base/cgw/$1"/*"$2"; do
        name=${file##*/}
        name=${name%"$2"}
        case $name in
            '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) ;;
            *) [[ -f $file ]] && candidates+=("$name") ;;
        esac
    done
}

# Without this, readline 4 and later offers nothing; older ones cannot change it while they complete.
_cgw_ask_readline() {
    ((BASH_VERSINFO[0] < 4)) || compopt -o "$1"
}

# The values of kind $1, for the word $2.
_cgw_values() {
    case $1 in
        '') ;;
        file) _cgw_ask_readline default ;;
        directory) _cgw_ask_readline dirnames ;;
        helper) _cgw_names helpers .spec ;;
        profile)
            case $2 in
                */* | .* | '~'*) _cgw_ask_readline default ;;
                *) _cgw_names profiles .toml ;;
            esac
            ;;
        *) _cgw_list "$1" ;;
    esac
}

# Sets kind to the kind of the value of option $1; fails where it has none or is not known.
_cgw_option() {
    local entry
    kind=
    for entry in $options; do
        if [[ $entry == "$1="* ]]; then
            kind=${entry#*=}
            return 0
        fi
    done
    return 1
}

_cgw() {
    local IFS=$' \t\n'
    local next options arguments kind word cur i
    local node='' pending='' ended='' known='' cut='' position=0 program=0
    local -a line=() starts=() kinds=() candidates=()
    COMPREPLY=()

    # Readline splits words at = and :, which are parts of cgw's words. Here is the line up to the cursor, as typed.
    local text=${COMP_LINE:0:COMP_POINT} space glued=
    for ((i = 0; i <= COMP_CWORD; i++)); do
        space=${text%%[![:space:]]*}
        text=${text#"$space"}
        word=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && word=$text
        text=${text#"$word"}
        if [[ $glued && ! $space && $word ]]; then
            line[${#line[@]}-1]+=$word
        else
            line+=("$word")
            starts+=("$i")
        fi
        glued=1
    done
    cur=${line[${#line[@]}-1]#[\"\']}

    _cgw_table ''
    for ((i = 1; i < ${#line[@]} - 1; i++)); do
        word=${line[i]}
        if [[ $pending ]]; then
            pending=
        elif [[ ! $ended && $word == -- ]]; then
            ended=1
        elif [[ ! $ended && $word == -?* ]]; then
            [[ $word == *=* ]] || ! _cgw_option "$word" || pending=$word
        elif [[ $next && " $next " == *" $word "* ]]; then
            node=${node:+$node }$word
            _cgw_table "$node"
        elif [[ $arguments == program ]]; then
            program=$i
            break
        else
            ((position++))
        fi
    done

    read -ra kinds <<<"$arguments"
    known=${kinds[position]-}
    if [[ ! $known && $arguments == *'*' ]]; then
        known=${kinds[${#kinds[@]}-1]}
    fi
    known=${known%'*'}
    [[ $known == none ]] && known=
    if [[ $known == program ]]; then
        known=
        [[ ! $ended && $cur != [!-]* ]] || program=$i
    fi

    if ((program)); then
        if declare -F _command_offset >/dev/null; then
            _command_offset "${starts[program]}"
        elif ((program == ${#line[@]} - 1)); then
            mapfile -t candidates < <(compgen -c -- "$cur")
        else
            _cgw_ask_readline default
        fi
    elif [[ $pending ]]; then
        _cgw_option "$pending"
        _cgw_values "$kind" "$cur"
    elif [[ ! $ended && $cur == --*=* ]]; then
        if _cgw_option "${cur%%=*}"; then
            cut=${cur%%=*}=
            _cgw_values "$kind" "${cur#*=}"
            candidates=("${candidates[@]/#/$cut}")
        fi
    elif [[ ! $ended && $cur == -* ]]; then
        for word in $options; do
            candidates+=("${word%%=*}")
        done
    elif [[ $next ]]; then
        read -ra candidates <<<"$next"
    elif [[ $known ]]; then
        _cgw_values "$known" "$cur"
    elif [[ $ended ]]; then
        _cgw_ask_readline default
    elif [[ ! $cur ]]; then
        for word in $options; do
            candidates+=("${word%%=*}")
        done
    fi

    # Readline replaces what follows the last of its own word breaks.
    cut=
    for word in : =; do
        if [[ $COMP_WORDBREAKS == *"$word"* && $cur == *"$word"* ]]; then
            space=${cur%"$word"*}$word
            ((${#space} > ${#cut})) && cut=$space
        fi
    done
    for word in "${candidates[@]}"; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$cut"}")
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/] ]] && _cgw_ask_readline nospace
    return 0
}

if ((BASH_VERSINFO[0] < 4)); then
    complete -o default -F _cgw cgw
else
    complete -F _cgw cgw
fi
