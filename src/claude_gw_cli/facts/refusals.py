"""Why a client does not start -> the command that mends it. One row for each kind of reason that a prediction gives.

The reasons are the client's own words: ``core.predict``, ``core.arguments``, ``facts.providers``, ``facts.starters``.
``{profile}`` is the profile in use, ``{found}`` what the pattern's group found.
"""

from __future__ import annotations

NOT_LOGGED_IN = "Please run /login"
_APPLY = "cgw settings apply --profile {profile}, or cgw run --profile {profile} -- claude"
SIGN_IN = {
    "login": "claude auth login",
    "static": 'eval "$(cgw env --profile {profile})", or for one start: cgw run --profile {profile} -- claude',
}
"""``auth`` of a profile -> what gives a start its key; settings alone do it with a helper only."""
_UPDATE = "claude update"
_AWS_LOGIN = "aws sso login, or aws configure"
_GOOGLE_LOGIN = "gcloud auth application-default login"
_AZURE_LOGIN = "az login"
_SET = "cgw profile set {profile} "

STEPS: tuple[tuple[str, str], ...] = (
    (NOT_LOGGED_IN, _APPLY),
    (r"^Invalid API key · Fix external API key$", "cgw helper test, or without a helper: cgw check"),
    (r"^Invalid (?:API key|auth token) ·", "cgw check, then store the key again: cgw secret set REF"),
    (r"^Invalid ANTHROPIC_CUSTOM_HEADERS|is an invalid header", "correct ANTHROPIC_CUSTOM_HEADERS: cgw check"),
    (r"the header (\S+) cannot be set", "remove the line {found} from ANTHROPIC_CUSTOM_HEADERS: cgw check"),
    (r"^Invalid proxy URL in (\w+)", "unset {found}, or correct it: export {found}=http://HOST:PORT"),
    (r"UnsupportedProxyProtocol", "unset the proxy variable, or give it an http:// proxy: cgw check"),
    (r"bubblewrap", "install bubblewrap: sudo apt install bubblewrap, or sudo dnf install bubblewrap"),
    (r"older than the minimum version", _UPDATE),
    (r"newer than the maximum version.*\((\S+)\)", "npm install -g @anthropic-ai/claude-code@{found}"),
    (r"allow Claude Code to use", "the administrator's: cgw settings render --scope managed --profile {profile}"),
    (r"require a first-party login", "claude auth login; the administrator can change it: cgw rule CGW213"),
    (r"Managed settings document", "the administrator's: cgw check, then correct the file"),
    (r"Settings file not found: (.+)", "correct the path after --settings: ls -l {found}"),
    (r"--settings$", "correct the JSON after --settings"),
    (r"configuration file at (.+) is corrupted", "correct it, or move it away: mv {found} {found}.broken"),
    (r"unknown option", _UPDATE),
    (r"option '(\S+)' argument missing", "give a value: {found} VALUE"),
    (r"--setting-sources", "name known sources: --setting-sources user,project,local"),
    (r"AWS credentials", _AWS_LOGIN),
    (r"Google Cloud credentials", _GOOGLE_LOGIN),
    (r"ChainedTokenCredential", _AZURE_LOGIN),
    (r"azureADTokenProvider", "cgw profile set {profile} auth=static, then: " + _APPLY),
    (r"projectId|ANTHROPIC_VERTEX_PROJECT_ID is required", _SET + "project_id=PROJECT"),
    (r"AWS region|AWS_REGION is required|CLOUD_ML_REGION is required", _SET + "region=REGION"),
    (r"No workspace ID", _SET + "workspace_id=ID"),
    (r"Must provide one of", _SET + "gateway_url=URL, then: " + _APPLY),
    (r"mutually exclusive", "unset ANTHROPIC_FOUNDRY_RESOURCE"),
    (r"ANTHROPIC_FOUNDRY_RESOURCE", _SET + "gateway_url=URL, then: " + _APPLY),
    (r"Path parameters", "remove the model from CLAUDE_CODE_EXTRA_BODY: cgw check"),
    (r"Invalid URL", _SET + "gateway_url=URL, then: " + _APPLY),
    (r"Cannot use multiple providers", "leave one of them: cgw env --shell action --profile {profile}"),
    (r"settings input", "correct the action's input settings: cgw settings render --profile {profile}"),
    (r"required when using", "cgw env --shell action --profile {profile}"),
)
"""(Pattern of the reason, what to do): the first that matches."""
WITHOUT_PROFILE: tuple[tuple[str, str], ...] = (
    (r"Cannot use multiple providers", "leave one of these variables and inputs in the action's step"),
    (r"projectId|ANTHROPIC_VERTEX_PROJECT_ID is required", "set ANTHROPIC_VERTEX_PROJECT_ID"),
    (r"AWS region|AWS_REGION is required", "set AWS_REGION"),
    (r"CLOUD_ML_REGION is required", "set CLOUD_ML_REGION"),
    (r"No workspace ID", "set ANTHROPIC_AWS_WORKSPACE_ID"),
    (r"allow Claude Code to use", "ask the administrator, whose managed settings decide: cgw check"),
    (r"azureADTokenProvider", "claude update"),
    (r"Must provide one of|ANTHROPIC_FOUNDRY_RESOURCE", "set ANTHROPIC_FOUNDRY_BASE_URL"),
    (r"settings input", "correct the action's input settings: a JSON object, or the path of a file with one"),
    (r"Invalid URL", "write the base URL with its scheme, http://HOST:PORT or https://HOST:PORT: cgw check"),
)
"""The same where there is no profile to change."""
