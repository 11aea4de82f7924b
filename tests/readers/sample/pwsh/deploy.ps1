$outputs = az deployment group show -g rg -n main --query properties.outputs | ConvertFrom-Json
$settings = @{
    env = @{
        CLAUDE_CODE_USE_FOUNDRY    = '1'
        ANTHROPIC_FOUNDRY_BASE_URL = $outputs.gatewayUrl.value
        'ANTHROPIC_MODEL'          = "opus-$Stage"
    }
}
$settings | ConvertTo-Json | Set-Content settings.json
