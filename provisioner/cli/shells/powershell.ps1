# PowerShell completion for provisioner. An empty answer lets PowerShell complete files.
Register-ArgumentCompleter -Native -CommandName provisioner -ScriptBlock {
    param($current, $ast, $cursor)
    $words = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $program = "$($ast.CommandElements[0])"
    $before = @($words | Select-Object -Skip 1)
    & $program __complete "=$current" @before 2>$null | Where-Object { $_ -and -not $_.StartsWith(':') } | ForEach-Object {
        $word, $text = $_ -split "`t", 2
        if (-not $text) { $text = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $text)
    }
}
