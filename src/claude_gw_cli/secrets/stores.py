"""The stores that are read by their own command-line tools: one row each. A new store is a new row and its test.

Sources: the tools' help texts and reference pages. Measured with the real tool: pass 1.7.4, awscli 1.46.2, sops
3.11.0, age 1.1.1, keepassxc-cli 2.7.4; signed out only: bw 2026.9.0, az 2.91.0. Other rows follow documented output.
"""

from __future__ import annotations

from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import store_checks
from claude_gw_cli.secrets import store_commands as commands
from claude_gw_cli.secrets.store_commands import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.core.reference import Reference

_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
NETWORK = (*_CERTIFICATES, *PROXIES, *NO_PROXY)
"""How a tool gets out; pinned by value for every store, but for a proxy with a password in its address."""

_GPG = ("GNUPGHOME", "PASSWORD_STORE_DIR")
_GPG_WORDS = (
    ("no secret key", "locked"),
    ("no pinentry", "locked"),
    ("inappropriate ioctl", "locked"),
    ("decryption failed", "locked"),
    ("is not in the password store", "missing"),
    ("not found", "missing"),
)
_UNLOCK_PASS = (
    "Unlock its GPG key in a terminal, then try again: pass show {path}\n"
    "If that fails too, the private key is not on this machine: gpg --list-secret-keys"
)
_AWS_SELECTS = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE"),
    *("AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    *(
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_STS_REGIONAL_ENDPOINTS",
    ),
    *("AWS_EC2_METADATA_DISABLED", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_DATA_PATH"),
)
_AWS_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# With its five tries the tool says after 15 s that the server does not answer (1.46); a helper has nine.
_AWS_FIXED = {"AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off", "AWS_MAX_ATTEMPTS": "2"}
_AWS_OPTIONS = {"region": "--region", "profile": "--profile"}
_AWS_WORDS = (
    ("resourcenotfoundexception", "missing"),
    ("parameternotfound", "missing"),
    ("parameterversionnotfound", "missing"),
    ("invalidrequestexception", "missing"),  # the secret is marked for deletion
    ("accessdenied", "denied"),
    ("error loading sso token", "signed-out"),
    ("sso session", "signed-out"),
    ("aws sso login", "signed-out"),
    ("aws login", "signed-out"),
    ("login session token", "signed-out"),
    ("session token not found", "signed-out"),
    ("requestexpired", "signed-out"),
    ("unauthorizedssotoken", "signed-out"),
    ("unable to locate credentials", "signed-out"),
    ("token has expired", "signed-out"),
    ("expiredtoken", "signed-out"),
    ("invalidclienttokenid", "signed-out"),
    ("unrecognizedclientexception", "signed-out"),
    ("must specify a region", "setting"),
    ("config profile", "setting"),
)
_AWS_NEXT = {
    "signed-out": "Sign in: aws sso login, or set AWS_PROFILE or AWS_ACCESS_KEY_ID where the helper is installed",
    "setting": "Add ?region=eu-west-1 or ?profile=NAME to the reference, or set AWS_REGION or AWS_PROFILE.",
    "missing": "Check name and region: aws secretsmanager list-secrets, or aws ssm describe-parameters",
}
_GCLOUD = ("CLOUDSDK_CONFIG", "CLOUDSDK_ACTIVE_CONFIG_NAME", "CLOUDSDK_CORE_ACCOUNT", "CLOUDSDK_CORE_PROJECT")


def _gcloud(arguments: Callable[[Reference], list[str]]) -> Store:
    return Store(
        arguments,
        (*_GCLOUD, "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
        ("CLOUDSDK_AUTH_ACCESS_TOKEN",),
        {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"},
        {"account": "--account"},
        words=(
            ("not_found", "missing"),
            ("permission_denied", "denied"),
            ("gcloud auth login", "signed-out"),
            ("reauthentication", "signed-out"),
        ),
        next_step={"signed-out": "Sign in: gcloud auth login"},
    )


def _az(arguments: Callable[[Reference], list[str]]) -> Store:
    return Store(
        arguments,
        ("AZURE_CONFIG_DIR", "AZURE_CLOUD_NAME"),
        fixed={"AZURE_CORE_COLLECT_TELEMETRY": "false", "AZURE_CORE_NO_COLOR": "true"},
        options={"subscription": "--subscription"},
        secret=commands.member(),
        words=(
            ("az login", "signed-out"),
            ("aadsts", "signed-out"),
            ("secretnotfound", "missing"),
            ("secretdisabled", "missing"),
            ("forbidden", "denied"),
        ),
        next_step={"signed-out": "Sign in: az login"},
    )


PRESETS: dict[str, Store] = {
    "op": Store(
        commands.op,
        ("OP_ACCOUNT", "OP_CONNECT_HOST", "OP_CONFIG_DIR"),
        ("OP_SERVICE_ACCOUNT_TOKEN", "OP_CONNECT_TOKEN"),
        options={"account": "--account"},
        words=(
            ("prompt dismissed", "locked"),
            ("isn't a vault", "missing"),
            ("isn't an item", "missing"),
            ("isn't a field", "missing"),
            ("could not find", "missing"),
            ("more than one", "ambiguous"),
            ("not currently signed in", "signed-out"),
            ("session expired", "signed-out"),
            ("no accounts configured", "signed-out"),
        ),
        next_step={
            "signed-out": "Sign in: op signin, or use a service account: OP_SERVICE_ACCOUNT_TOKEN",
            "locked": "Unlock the 1Password app, or use a service account: OP_SERVICE_ACCOUNT_TOKEN",
        },
    ),
    "pass": Store(
        lambda ref: ["pass", "show", ref.path],
        (*_GPG, "PASSWORD_STORE_GPG_OPTS"),
        first_line=True,
        check=store_checks.folder_of_pass,
        words=_GPG_WORDS,
        next_step={"locked": _UNLOCK_PASS, "missing": "List what is there: pass ls"},
    ),
    "gopass": Store(
        commands.gopass,
        (*_GPG, "GOPASS_HOMEDIR", "GOPASS_CONFIG", "GOPASS_GPG_OPTS"),
        ("GOPASS_AGE_PASSWORD",),
        {"GOPASS_NO_NOTIFY": "true", "GOPASS_NO_REMINDER": "true"},
        picks_field=True,
        words=(("flag provided but not defined", "other-tool"), *_GPG_WORDS),
        next_step={
            "locked": _UNLOCK_PASS.replace("pass show", "gopass show", 1),
            "missing": "List what is there: gopass ls",
            "other-tool": "Debian's package gopass is another program. Install https://www.gopass.pw, or use pass://",
        },
    ),
    "security": Store(
        commands.security,
        secret=commands.keychain,
        words=(("could not be found", "missing"), ("interaction is not allowed", "locked")),
        next_step={"locked": "Unlock it: security unlock-keychain"},
    ),
    "aws-sm": Store(
        commands.aws("secretsmanager", "get-secret-value", "--secret-id"),
        _AWS_SELECTS,
        _AWS_CREDENTIALS,
        _AWS_FIXED,
        {**_AWS_OPTIONS, "version": "--version-id", "stage": "--version-stage"},
        commands.member("SecretString"),
        words=_AWS_WORDS,
        next_step=_AWS_NEXT,
    ),
    "aws-ssm": Store(
        commands.aws("ssm", "get-parameter", "--name"),
        _AWS_SELECTS,
        _AWS_CREDENTIALS,
        _AWS_FIXED,
        _AWS_OPTIONS,
        commands.parameter,
        words=_AWS_WORDS,
        next_step=_AWS_NEXT,
    ),
    "gcloud-secret": _gcloud(commands.gcloud_secret),
    "gcloud-identity": _gcloud(lambda ref: ["gcloud", "auth", "print-identity-token", f"--audiences={ref.path}"]),
    "az-keyvault": _az(commands.az_secret),
    "az-token": _az(
        lambda ref: [
            *("az", "account", "get-access-token", "--resource", ref.path),
            *("--query", "accessToken", "--output", "json"),
        ]
    ),
    "bw": Store(
        lambda ref: ["bw", "get", "password", ref.path, "--nointeraction"],
        ("BITWARDENCLI_APPDATA_DIR",),
        ("BW_SESSION",),
        words=(
            ("not logged in", "signed-out"),
            ("vault is locked", "locked"),
            ("more than one result", "ambiguous"),
            ("not found", "missing"),
        ),
        next_step={
            "signed-out": 'Sign in: bw login, then export BW_SESSION="$(bw unlock --raw)" and cgw helper install',
            "locked": 'Unlock it: export BW_SESSION="$(bw unlock --raw)", then cgw helper install',
        },
    ),
    "sops": Store(
        lambda ref: ["sops", "--decrypt", "--output-type", "json", ref.path],
        (
            *("SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_GPG_EXEC", "GNUPGHOME"),
            *(
                "VAULT_ADDR",
                "VAULT_NAMESPACE",
                "GOOGLE_APPLICATION_CREDENTIALS",
                "AZURE_TENANT_ID",
                "AZURE_CLIENT_ID",
            ),
            *_AWS_SELECTS,
        ),
        ("SOPS_AGE_KEY", "VAULT_TOKEN", "AZURE_CLIENT_SECRET", *_AWS_CREDENTIALS),
        is_file=True,
        check=store_checks.documents_of_sops,
        words=(
            ("non-existent file", "missing"),
            ("metadata not found", "setting"),
            ("failed to get the data key", "denied"),
        ),
        next_step={
            "denied": "Name the key that decrypts the file, then cgw helper install: export SOPS_AGE_KEY_FILE=/path\n"
            "or try it yourself: sops --decrypt {path}",
            "setting": "The file is not encrypted by sops: sops --encrypt --in-place {path}",
            "missing": "Check the path.",
        },
    ),
    "age": Store(
        commands.age,
        is_file=True,
        first_line=True,
        words=(
            ("failed to open input", "missing"),
            ("failed to open file", "missing"),
            ("passphrase", "locked"),
            ("no identity matched", "denied"),
            ("failed to read header", "setting"),
        ),
        next_step={
            "locked": "Use an identity file without a passphrase that only you can read (chmod 600).",
            "denied": "The file is encrypted for other recipients: name the right ?identity=",
            "setting": "The file is not encrypted by age: {path}",
        },
    ),
    "keepassxc": Store(
        commands.keepassxc,
        fixed={"QT_QPA_PLATFORM": "offscreen"},
        picks_field=True,
        is_file=True,
        words=(
            ("could not find entry", "missing"),
            ("unknown attribute", "missing"),
            ("failed to open database", "missing"),
            ("invalid credentials", "denied"),
            ("key file", "denied"),
        ),
        next_step={
            "missing": "List what is there: keepassxc-cli ls -R --no-password --key-file FILE {path}",
            "denied": "The database opens with another key file, or with a password as well.",
        },
    ),
    "infisical": Store(
        commands.infisical,
        ("INFISICAL_API_URL", "INFISICAL_DOMAIN"),
        ("INFISICAL_TOKEN",),
        {"INFISICAL_DISABLE_UPDATE_CHECK": "true"},
        words=(("login", "signed-out"), ("token", "signed-out"), ("not found", "missing")),
        next_step={"signed-out": "Sign in: infisical login, or set INFISICAL_TOKEN and cgw helper install"},
    ),
    "doppler": Store(
        commands.doppler,
        ("DOPPLER_API_HOST", "DOPPLER_CONFIG_DIR"),
        ("DOPPLER_TOKEN",),
        {"DOPPLER_ENABLE_VERSION_CHECK": "false"},
        words=(("could not find", "missing"), ("token", "signed-out"), ("unauthorized", "signed-out")),
        next_step={"signed-out": "Sign in: doppler login, or set DOPPLER_TOKEN and cgw helper install"},
    ),
    "akeyless": Store(
        lambda ref: ["akeyless", "get-secret-value", "--name", ref.path],
        ("AKEYLESS_GATEWAY_URL",),
        options={"profile": "--profile"},
        words=(("not found", "missing"), ("unauthorized", "signed-out"), ("configure", "signed-out")),
        next_step={"signed-out": "Sign in: akeyless configure"},
    ),
    "lite": Store(lambda ref: ["lite", "auth", "print-token"]),  # noqa: ARG005  # it takes no arguments
}
