module cgw-completion {
    # Profiles and helpers are files; cgw accepts no other names than these.
    def names [folder: string, suffix: string] {
        let own = ($env.XDG_CONFIG_HOME? | default "")
        let base = (if ($own | str starts-with "/") { $own } else { $env.HOME | path join "@BELOW_HOME@" })
        let path = ($base | path join "cgw" $folder)
        if not ($path | path exists) { return [] }
        ls --all $path
        | where type != dir
        | get name
        | where {|file| $file ends-with $suffix }
        | each {|file| $file | path basename | str substring 0..<(0 - ($suffix | str length)) }
        | where {|name| $name =~ '\A[A-Za-z0-9][A-Za-z0-9._-]*\z' }
    }
    def profile [] { names profiles .toml }
    def helper [] { names helpers .spec }
@LISTS@

@EXTERNS@
}

use cgw-completion *
