"""The members of a profile that an option can give: one table for ``cgw init``, ``cgw profile set`` and their checks.

A member's place is its path in the file: ``gateway_url``, ``models.opus``, ``vault.address``, ``jwt.*.key`` (``*``
is the name of one of several tables). Its option is made from the path. Imported for help pages: rows only.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "number", "flag", "texts", "list", "toml"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member.

    Attributes:
        path: its place in the file.
        help: one sentence for help pages; ``{choices}`` is replaced.
        choices: the only values, or the place of these values.
        completes: what a shell offers as its value.
        metavar: the word for its value on help pages.
        kind: ``text``; ``number`` is a whole number; ``flag`` is true or false; ``texts`` is one text or a list of
            them; ``list`` a list of texts; ``toml`` any value as TOML writes it.
    """

    path: str
    help: str
    choices: tuple[str, ...] | str = ()
    completes: str = ""
    metavar: str | None = None
    kind: Kind = "text"

    @property
    def table(self) -> str:
        """The table that it is in: ``vault``, ``jwt``; ``""`` for none, and for models, which have no section."""
        first, _, rest = self.path.partition(".")
        return first if rest and first != "models" else ""

    @property
    def name(self) -> str:
        """Its name within its table."""
        return self.path.rpartition(".")[2]

    @property
    def keyword(self) -> str:
        """The keyword of its option: ``gateway_url``, ``model``, ``opus_model``, ``vault_address``, ``jwt_key``."""
        if self.path.startswith("models."):
            return "model" if self.name == "default" else f"{self.name}_model"
        return self.path.replace(".*.", "_").replace(".", "_")

    @property
    def option(self) -> str:
        """``--vault-address``."""
        return "--" + self.keyword.replace("_", "-")


def _reference(path: str, help: str) -> Member:  # noqa: A002 - as everywhere in command tables
    return Member(path, help, completes="reference", metavar="REF")


def _file(path: str, help: str) -> Member:  # noqa: A002 - as above
    return Member(path, help, completes="file", metavar="FILE")


MEMBERS: tuple[Member, ...] = (
    Member("provider", "API format that the gateway offers: {choices}.", "facts.modes:PROVIDERS"),
    Member("gateway_url", "The gateway's root URL."),
    Member("base_path", "Path below the root, for gateways whose paths are not LiteLLM's."),
    Member("credentials", "Who holds the cloud credential: {choices}.", ("proxy", "client")),
    Member("auth", "How the key reaches the client: {choices}.", ("static", "helper", "login")),
    _reference("secret", "Reference to the gateway key, not the key itself."),
    Member("key_header", "Header from which the gateway reads its key."),
    Member("key_format", "How the key is written in its header: {choices}; default: by header.", ("bearer", "bare")),
    Member("front", "Reverse proxy before the gateway, such as nginx or caddy."),
    _reference("front_auth", "Reference to USER:PASSWORD for that proxy, sent as Basic beside the key."),
    Member("project_id", "Google Cloud project, for Google's providers."),
    Member("region", "Cloud region, for the providers of AWS and Google."),
    Member("workspace_id", "Workspace of Claude Platform on AWS."),
    Member("min_client_version", "Oldest Claude Code version that uses this profile."),
    Member("models.default", "Model with which the client starts."),
    Member("models.opus", "The gateway's model for 'opus'."),
    Member("models.sonnet", "The gateway's model for 'sonnet'."),
    Member("models.haiku", "The gateway's model for 'haiku'."),
    Member("vault.address", "Address of the Vault or OpenBao server; default: VAULT_ADDR.", metavar="URL"),
    Member("vault.namespace", "Namespace on the server; default: VAULT_NAMESPACE."),
    _file("vault.ca_file", "Certificates that sign the server's; default: VAULT_CACERT."),
    _file("vault.client_cert", "Certificate of this machine, for the connection or auth 'cert'."),
    _file("vault.client_key", "Its private key."),
    Member("vault.proxy", "Proxy to the server; default: VAULT_PROXY_ADDR.", metavar="URL"),
    Member("vault.mount", "Where the secrets engine is mounted, if the server may not be asked."),
    Member("vault.kv_version", "Its version, 1 or 2, if the server may not be asked."),
    Member(
        "vault.auth",
        "Login method: {choices}.",
        ("token", "approle", "kubernetes", "jwt", "userpass", "cert", "aws", "gcp"),
    ),
    Member("vault.auth_mount", "Where the login method is mounted, if not at its name."),
    _reference("vault.token", "Reference to a token; default: VAULT_TOKEN, then ~/.vault-token."),
    _file("vault.token_file", "File with the token, instead of ~/.vault-token."),
    Member("vault.role", "Role, for auth kubernetes, jwt, cert, aws and gcp."),
    Member("vault.role_id", "Role id, for auth approle."),
    _reference("vault.secret_id", "Reference to the secret id, for auth approle."),
    Member("vault.secret_id_wrapped", "true: the secret id is in a wrapping token.", metavar="BOOL", kind="flag"),
    _file("vault.secret_id_file", "Where an unwrapped secret id is kept; default: cgw's state directory."),
    _reference("vault.jwt", "Reference to the token for auth jwt, kubernetes and gcp."),
    _file("vault.jwt_file", "File with that token, as the platform mounts it."),
    Member("vault.username", "User name, for auth userpass."),
    _reference("vault.password", "Reference to the password, for auth userpass."),
    _reference("vault.access_key", "Reference to the access key id, for auth aws."),
    _reference("vault.secret_key", "Reference to the secret access key, for auth aws."),
    _reference("vault.session_token", "Reference to the session token, for auth aws."),
    Member("vault.region", "AWS region, for auth aws."),
    Member("vault.server_id", "Value of X-Vault-AWS-IAM-Server-ID, for auth aws."),
    _reference("jwt.*.key", "Reference to the signing key: PEM, JSON Web Key or shared secret."),
    Member("jwt.*.transit", "Key of Vault's transit engine that signs instead.", metavar="MOUNT/KEY"),
    Member("jwt.*.algorithm", "Algorithm, where the key's type leaves a choice."),
    Member("jwt.*.kid", "Key id in the token's header."),
    Member("jwt.*.iss", "Issuer."),
    Member("jwt.*.sub", "Subject; may have {user}, {host} and {team}."),
    Member("jwt.*.aud", "Audience: one, or a list as TOML writes it.", kind="texts"),
    Member("jwt.*.team", "The text for {team}."),
    Member("jwt.*.lifetime", "Seconds for which a token is valid.", metavar="SECONDS", kind="number"),
    Member(
        "jwt.*.claims", 'Further claims, as TOML writes a table: { groups = ["a"] }.', metavar="TABLE", kind="toml"
    ),
    Member("oauth.*.token_url", "Address of the issuer's token endpoint.", metavar="URL"),
    Member("oauth.*.client_id", "Client id."),
    _reference("oauth.*.client_secret", "Reference to the client secret."),
    Member("oauth.*.grant", "Grant: {choices}.", ("client_credentials", "token_exchange", "jwt_bearer")),
    Member(
        "oauth.*.client_auth",
        "How the client proves who it is: {choices}.",
        ("basic", "post", "client_secret_basic", "client_secret_post"),
    ),
    Member("oauth.*.scope", "Scope that is asked for."),
    Member("oauth.*.audience", "Audience that is asked for."),
    Member("oauth.*.resource", "Resource that is asked for.", metavar="URL"),
    _reference("oauth.*.subject_token", "Reference to the token to exchange, for token_exchange."),
    Member("oauth.*.subject_token_type", "Its type; default: a JWT."),
    _reference("oauth.*.actor_token", "Reference to the acting party's token, for token_exchange."),
    _reference("oauth.*.assertion", "Reference to the signed assertion, for jwt_bearer."),
    _reference(
        "oauth.*.client_assertion", "Reference to a token that proves who the client is, instead of a secret."
    ),
    Member("oauth.*.actor_token_type", "Its type."),
    Member("oauth.*.requested_token_type", "Type of the token that is asked for."),
    _file("oauth.*.ca_file", "Certificates that sign the issuer's."),
    Member("oauth.*.proxy", "Proxy to the issuer.", metavar="URL"),
    Member("helper.cache", "Where the helper keeps keys: {choices}.", ("file", "keyring", "none")),
    Member("helper.hold_seconds", "How long it keeps a key without an expiry.", metavar="SECONDS", kind="number"),
    Member("helper.ttl_seconds", "How long the client keeps a key.", metavar="SECONDS", kind="number"),
    Member(
        "helper.pass_env",
        "Further variables that its program may see, with commas between.",
        metavar="NAMES",
        kind="list",
    ),
)

KEYWORDS = {item.keyword: item for item in MEMBERS}
SECTIONS = {
    "vault": "[vault], for vault:// references",
    "jwt": "[jwt.NAME], for jwt:// references",
    "oauth": "[oauth.NAME], for oauth:// references",
    "helper": "[helper]",
}
"""Table -> its heading on help pages."""
NAMED = frozenset(item.table for item in MEMBERS if ".*." in item.path)
"""Tables of which a profile can have several, each with a name."""


def names(table: str) -> frozenset[str]:
    """The names that a table may have."""
    return frozenset(item.name for item in MEMBERS if item.table == table)


def check_names(table: str, content: Mapping[str, object], where: str) -> None:
    """Refuse a table with a name that is not known.

    Args:
        table: ``vault``, ``jwt``, ``oauth`` or ``helper``.
        content: the table.
        where: how to call it: ``[jwt.work]``.

    Raises:
        UsageError: says the nearest name and all of them.
    """
    known = names(table)
    for name in content:
        if name not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(name, known, 1)
            guess = f"Did you mean {nearest[0]}? " if nearest else ""
            raise UsageError(f"{where} has no key {name!r}", hint=f"{guess}Known keys: {', '.join(sorted(known))}")
