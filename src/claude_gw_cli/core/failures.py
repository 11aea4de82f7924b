"""Every failure that carries a code: what happened, why, and what to do next. The only place for these texts.

Secret sources raise them (``failure``), and ``cgw rule CODE`` and docs/rules/failures.md show them. The failures that
``cgw doctor`` finds at the gateway have no codes; they are in ``core.situations``.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import (
    EXIT_FINDINGS,
    EXIT_REFUSED,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
    CgwError,
    RefusedError,
    UnavailableError,
    UsageError,
)
from claude_gw_cli.record import dataclass

_ERRORS = {EXIT_UNAVAILABLE: UnavailableError, EXIT_REFUSED: RefusedError, EXIT_USAGE: UsageError}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure. Texts are Markdown, and may have ``{host}`` for the server that was asked.

    Attributes:
        code: permanent, as a rule's.
        slug: its name.
        exit_code: of the command that meets it.
        what: one sentence.
        why: how it happens.
        remedy: what to do next.
    """

    code: str
    slug: str
    exit_code: int
    what: str
    why: str
    remedy: str


_DOWN, _NO, _WRONG = EXIT_UNAVAILABLE, EXIT_REFUSED, EXIT_USAGE

_ROWS: tuple[tuple[str, str, int, str, str, str], ...] = (
    (
        *(
            "CGW450",
            "vault-odd-language",
            _DOWN,
            "The server is not Vault or OpenBao: it answers no JSON.",
        ),
        "The URL leads to something else: a proxy's page, a sign-in page, a web site.",
        "Check `address` of `[vault]` (or `VAULT_ADDR`): `curl ADDRESS/v1/sys/health` must answer JSON.",
    ),
    (
        *("CGW452", "vault-bad-request", _WRONG, "The server does not accept the request (400)."),
        "Its engine does not know the path, or a login lacks data.",
        "Compare the path with `bao kv list MOUNT`, and the keys of `[vault]` with the login method's.",
    ),
    (
        *("CGW453", "vault-not-readable", _WRONG, "This path cannot be read (405)."),
        "It is a folder, or can only be written.",
        "Give the path of a secret: `bao kv list MOUNT` shows folders with a slash at the end.",
    ),
    (
        *("CGW454", "vault-behind", _DOWN, "This node has not caught up with a recent write (412)."),
        "Reads see a write only after replication.",
        "Try again in a few seconds.",
    ),
    (
        *("CGW455", "vault-rate-limit", _DOWN, "The server asks for fewer requests (429)."),
        "Its quota is used up. A helper waits as long as the server asks, at most a minute. Standby nodes do too.",
        "Wait; if this happens again, ask the server's administrator for a larger quota.",
    ),
    (
        *("CGW456", "vault-recovery-standby", _DOWN, "This node is a disaster-recovery standby (472)."),
        "Such a node serves no requests until it is promoted.",
        "Use the URL of the primary.",
    ),
    (
        *("CGW457", "vault-performance-standby", _DOWN, "This node is a performance standby (473)."),
        "It cannot serve this request itself.",
        "Use the URL of the cluster, not of one node.",
    ),
    (
        *("CGW458", "vault-uninitialised", _DOWN, "The server is not initialised (501)."),
        "A new server holds nothing until its administrator has initialised it.",
        "Check that this is the right server; if so, its administrator runs `bao operator init`.",
    ),
    (
        *("CGW459", "vault-sealed", _DOWN, "The server is sealed, or in maintenance (503)."),
        "After a restart the server cannot read any secret until it is unsealed.",
        "Its administrator runs `bao operator unseal`.",
    ),
    (
        *("CGW460", "vault-redirect", _NO, "The server redirects to another URL; the token is not sent there."),
        "A standby node redirects, but so does an attacker who wants the token.",
        "If the new URL is right, set it as `address` of `[vault]`.",
    ),
    (
        *("CGW461", "vault-deleted", _DOWN, "This version of the secret was deleted or destroyed."),
        "KV version 2 keeps the entry and removes the data.",
        "Write a new version, or restore it: `bao kv undelete` (a destroyed version cannot be restored).",
    ),
    (
        *("CGW462", "vault-no-field", _WRONG, "The secret does not have this field."),
        "The message lists the names of its fields; their values are not shown.",
        "Give one of them after the `#` of the reference.",
    ),
    (
        *("CGW463", "vault-not-text", _WRONG, "The field is not text."),
        "A key is one line of text; the field holds a number, a list or a table.",
        "Store the key as a string.",
    ),
    (
        *("CGW464", "vault-failed", _DOWN, "The server failed (5xx)."),
        "The error is in the server, or in a proxy before it.",
        "Try again, or read the server's log.",
    ),
    (
        *("CGW465", "vault-unexpected", _DOWN, "The server gave an unexpected answer."),
        "Vault does not document this status for this request.",
        "Check URL and path, and whether a proxy is on the way.",
    ),
    (
        *("CGW466", "tls-untrusted", _DOWN, "The TLS certificate of {host} is not trusted."),
        "It is from a private CA or an inspecting proxy. `REQUESTS_CA_BUNDLE` is ignored: a project could set it.",
        'Name your CA: `ca_file = "/path/to/ca.pem"` in `[vault]` or `[oauth.NAME]`, or `VAULT_CACERT`.',
    ),
    (
        *("CGW467", "source-timeout", _DOWN, "{host} did not answer in time."),
        "A helper has nine seconds in total, because the client reports a slow helper after ten.",
        "Check the VPN; try `curl -m 5 {host}`.",
    ),
    (
        *("CGW468", "source-unreachable", _DOWN, "{host} cannot be reached."),
        "The name does not exist, no server listens there, or the connection was cut.",
        "Check the URL, DNS and VPN: `curl -m 5 {host}`.",
    ),
    (
        *(
            "CGW469",
            "source-set-up",
            _WRONG,
            "A certificate file or proxy of the profile cannot be used.",
        ),
        "The file does not exist or is not a PEM file, or the proxy's URL is invalid.",
        "Check `ca_file`, `client_cert`, `client_key` and `proxy` in the profile's table.",
    ),
    (
        *("CGW470", "vault-token-expired", _NO, "The Vault token has expired or was revoked."),
        "The server does not know the token any more: it was asked about the token itself.",
        "Sign in again (`vault login -address={host}`, or `bao login`), or let the profile do it: `[vault] auth`.",
    ),
    (
        *("CGW471", "vault-login-refused", _NO, "The login was refused."),
        "Wrong role, secret, certificate or audience, a second factor is needed, or the method is mounted elsewhere.",
        "Check the login's keys in `[vault]`, and `auth_mount` if the method is mounted elsewhere.",
    ),
    (
        *("CGW472", "vault-denied", _NO, "The token may not read this path, or there is no such mount."),
        "The token is valid; its policies do not cover the path. Vault does not say which of the two it is.",
        "Ask for a policy with `read` on it; for KV version 2 that is `MOUNT/data/PATH`.",
    ),
    (
        *("CGW473", "vault-wrapping-spent", _NO, "The wrapped secret id was used before or has expired."),
        "A wrapping token can be opened once. If it was not you, another person or program has the secret id.",
        "If you did not use it, tell your security team. Then ask for a new one.",
    ),
    (
        *("CGW474", "vault-missing", _DOWN, "There is no such secret."),
        "The path is wrong, or contains `/data/`, which cgw itself adds for KV version 2.",
        "See what exists: `bao kv list MOUNT`; leave `/data/` out of the path.",
    ),
    (
        *("CGW475", "vault-no-token", _NO, "There is no Vault token, or the token file cannot be read."),
        "`VAULT_TOKEN` is not set, and the token file (`~/.vault-token`, `token_file`, `jwt_file`) gives none.",
        'Sign in (`vault login -address={host}`, or `bao login`), or set `auth = "approle"` with keys in `[vault]`.',
    ),
    (
        *("CGW481", "jwt-algorithm", _WRONG, "The algorithm does not work with this signing key."),
        "The key's type decides: a PEM file is never an HMAC secret, and `none` is not supported.",
        "Leave `algorithm` out of `[jwt.NAME]`, or use one of those in the message.",
    ),
    (
        *("CGW482", "jwt-weak-key", _WRONG, "The signing key is too short."),
        "RFC 7518 requires an HMAC secret at least as long as its hash, and 2048 bits for RSA.",
        "Make one: `openssl rand -base64 48`, or `openssl genpkey -algorithm ed25519`.",
    ),
    (
        *("CGW483", "jwt-public-key", _WRONG, "The signing key is a public key or a certificate: it cannot sign."),
        "Only a private key can sign; the public key belongs to the gateway.",
        "Give the private key in `[jwt.NAME]`.",
    ),
    (
        *("CGW484", "jwt-encrypted-key", _WRONG, "The private key is encrypted."),
        "A helper runs without a terminal, so its passphrase cannot be typed.",
        "Keep it unencrypted in a store or a private file, or sign with Vault: `transit` in `[jwt.NAME]`.",
    ),
    (
        *("CGW485", "jwt-unreadable-key", _WRONG, "The private key cannot be read as PEM."),
        "It was cut, re-wrapped, or has another format.",
        "`openssl pkey -in FILE -noout` must accept it.",
    ),
    (
        *("CGW490", "oauth-refused", _NO, "The issuer refused the request for a token (400, 401, 403)."),
        "Wrong client, secret, scope or audience; the message contains the issuer's own error.",
        "Check `client_id`, `client_secret`, `scope`, `audience` and `client_auth` (basic, post) of `[oauth.NAME]`.",
    ),
    (
        *("CGW491", "oauth-no-token", _DOWN, "The issuer's answer has no access token."),
        "The URL is not a token endpoint.",
        "Check `token_url` of `[oauth.NAME]`.",
    ),
    (
        *("CGW492", "oauth-failed", _DOWN, "The issuer failed or redirected the request."),
        "Its status is neither success nor a refusal. A redirect is not followed, because the request has a secret.",
        "Check `token_url` of `[oauth.NAME]`; try again later.",
    ),
    (
        *("CGW493", "ci-none", _DOWN, "No CI system that gives a job an identity token is seen here."),
        "`ci-token://` works in a CI job. GitHub Actions, GitLab, CircleCI, Bitbucket are known by their variables.",
        "In another CI system export `CGW_ID_TOKEN`. On your own machine use a profile with another reference.",
    ),
    (
        *("CGW494", "ci-no-identity", _NO, "The CI system gives this job no identity token."),
        "The job's definition must ask for it, and some jobs never get one: pull requests from forks, for example.",
        "Add to the job what the message says, and run it from a branch of the repository itself.",
    ),
    (
        *("CGW495", "ci-audience", _WRONG, "The identity token is for another audience."),
        "Who receives it would refuse it: Vault with `invalid audience (aud) claim`, others without a reason.",
        "Use one audience in three places: `ci-token://AUDIENCE`, the job's definition, and the receiver's role.",
    ),
    (
        *("CGW496", "ci-expired", _NO, "The identity token has expired."),
        "GitLab, CircleCI and Bitbucket make it when the job starts; it ends with the job's timeout, or in an hour.",
        "Fetch the key at the start of the job, or give the job a timeout that covers it.",
    ),
    (
        *("CGW497", "ci-no-token", _DOWN, "The CI system's answer is not an identity token."),
        "It failed, or a variable holds something else than the token.",
        "Start the job again; if you set `CGW_ID_TOKEN` yourself, check its value.",
    ),
    (
        *("CGW901", "trace-differs", EXIT_FINDINGS, "The client did not send what `cgw explain` predicts."),
        "The client's release is newer than what cgw knows, or cgw cannot see a part of the set-up.",
        "Trust what was observed. Please report the difference with the output of `cgw trace --format json`.",
    ),
)

FAILURES: dict[str, Failure] = {row[0]: Failure(*row) for row in _ROWS}


def failure(code: str, title: str = "", said: str = "", *, host: str = "") -> CgwError:
    """The error for a failure: ``title: what happened: details``, with the remedy as its hint.

    Args:
        code: its code; not CGW901, which is a finding.
        title: what was asked for, as a secret reference.
        said: details, such as the server's own words; nothing secret.
        host: the URL that was asked, where the texts name it.
    """
    row = FAILURES[code]
    what = row.what[0].lower() + row.what[1:].removesuffix(".")
    parts = (title, what.replace("{host}", host), said)
    hint = row.remedy.replace("`", "").replace("{host}", host)
    return _ERRORS[row.exit_code](": ".join(part for part in parts if part), hint=hint, code=code)
