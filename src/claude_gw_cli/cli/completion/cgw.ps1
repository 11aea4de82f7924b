Register-ArgumentCompleter -Native -CommandName cgw, cgw.exe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $table = @{
@TABLE@
    }
    $lists = @{
@LISTS@
    }

    # Profiles and helpers are files; cgw accepts no other names than these.
    $names = {
        param($folder, $suffix)
        $base = if ($env:OS -eq 'Windows_NT') { $env:APPDATA }
            elseif ($env:XDG_CONFIG_HOME -like '/*') { $env:XDG_CONFIG_HOME }
            else { "$HOME/@BELOW_HOME@" }
        $path = [IO.Path]::Combine($base, 'cgw', $folder)
        if ([IO.Directory]::Exists($path)) {
            foreach ($file in [IO.Directory]::GetFiles($path, "*$suffix")) {
                $name = [IO.Path]::GetFileName($file)
                $name = $name.Substring(0, $name.Length - $suffix.Length)
                if ($name -cmatch '\A[A-Za-z0-9][A-Za-z0-9._-]*\z') { , @($name, $name) }
            }
        }
    }
    # The values of a kind; nothing where PowerShell completes files itself.
    $values = {
        param($kind, $word)
        if ($kind -eq 'profile' -and $word -notmatch '^[.~]|[\\/]') { & $names 'profiles' '.toml' }
        elseif ($kind -eq 'helper') { & $names 'helpers' '.spec' }
        elseif ($kind -and $lists.ContainsKey($kind)) { $lists[$kind] }
    }

    $node = ''; $pending = $null; $ended = $false; $position = 0
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        $row = $table[$node]
        if ($null -ne $pending) { $pending = $null }
        elseif (-not $ended -and $word -ceq '--') { $ended = $true }
        elseif (-not $ended -and $word.StartsWith('-')) {
            $option = $row.options | Where-Object { $_[0] -ceq $word -and $null -ne $_[2] }
            if ($option) { $pending = $option[2] }
        }
        elseif ($row.next | Where-Object { $_[0] -ceq $word }) { $node = "$node $word".Trim() }
        elseif ($row.arguments -contains 'program') { return }
        else { $position++ }
    }

    $row = $table[$node]
    $prefix = ''
    $known = if ($position -lt $row.arguments.Count) { $row.arguments[$position] }
        elseif ($row.repeats) { $row.arguments[-1] }
    $found = if ($null -ne $pending) { & $values $pending $wordToComplete }
        elseif (-not $ended -and $wordToComplete -match '^(--[^=]+)=(.*)$') {
            $spelling = $Matches[1]; $value = $Matches[2]
            $option = $row.options | Where-Object { $_[0] -ceq $spelling -and $null -ne $_[2] }
            if ($option) { $prefix = "$spelling="; & $values $option[2] $value }
        }
        elseif (-not $ended -and $wordToComplete.StartsWith('-')) { $row.options }
        elseif ($row.next) { $row.next }
        elseif ($known) { & $values $known $wordToComplete }
        elseif (-not $ended -and $wordToComplete -eq '') { $row.options }
    foreach ($item in $found) {
        $text = $prefix + $item[0]
        if ($text.StartsWith($wordToComplete, [StringComparison]::Ordinal)) {
            [Management.Automation.CompletionResult]::new($text, $item[0], 'ParameterValue', $item[1])
        }
    }
}
