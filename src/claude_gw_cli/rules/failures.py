"""The failures that carry a code: what a secret source or a probe can meet, for ``cgw rule CODE``.

A rule judges what is written in files; a failure happens while a key is fetched, so it has no example and no fix.
The sources have their own short words for each (``secrets/vault_errors`` and its neighbours); here is the longer
account. A test holds both sets of codes against each other.
"""

from __future__ import annotations

from typing import Any

from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE
from claude_gw_cli.record import dataclass
from claude_gw_cli.rules.rule import DOCS_URL

_EXITS = {
    EXIT_FINDINGS: "a finding",
    EXIT_USAGE: "invalid configuration",
    EXIT_UNAVAILABLE: "a source is unavailable",
    EXIT_REFUSED: "permission or credential refused",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure.

    Attributes:
        code: for ever, as a rule's.
        slug: its name.
        exit_code: of the command that meets it.
        what: one sentence.
        why: how it comes about.
        remedy: what to do.
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
        *("CGW450", "vault-odd-language", _DOWN, "The server's answer is no JSON object."),
        "The address leads to something else than Vault or OpenBao: a proxy's page, a sign-in page, a web site.",
        "Check `address` of `[vault]` (or `VAULT_ADDR`): `curl ADDRESS/v1/sys/health` must answer JSON.",
    ),
    (
        *("CGW452", "vault-bad-request", _WRONG, "The server does not understand the request (400)."),
        "The path is not one that its engine knows, or a login lacks data.",
        "Compare the path with `bao kv list MOUNT`, and the keys of `[vault]` with the login method's.",
    ),
    (
        *("CGW453", "vault-not-readable", _WRONG, "This path cannot be read (405)."),
        "It names a folder, or something that can only be written.",
        "Name a secret: `bao kv list MOUNT` shows folders with a slash at their end.",
    ),
    (
        *("CGW454", "vault-behind", _DOWN, "The node has not caught up with a recent write (412)."),
        "Reads follow writes only after replication.",
        "Try again in a few seconds.",
    ),
    (
        *("CGW455", "vault-rate-limit", _DOWN, "The server asks for fewer requests (429)."),
        "Its quota is used up. A helper leaves the server alone for as long as it asks, at most a minute.",
        "Wait; ask its operator for a larger quota if this comes back. A standby node may say this of itself too.",
    ),
    (
        *("CGW456", "vault-recovery-standby", _DOWN, "The node is a disaster-recovery standby (472)."),
        "Such a node serves nothing until it is promoted.",
        "Use the primary's address.",
    ),
    (
        *("CGW457", "vault-performance-standby", _DOWN, "The node is a performance standby (473)."),
        "It cannot serve this request itself.",
        "Use the address of the cluster, not of one node.",
    ),
    (
        *("CGW458", "vault-uninitialised", _DOWN, "The server is not initialised (501)."),
        "A new server holds nothing until its operator has initialised it.",
        "Its operator runs `bao operator init`. Is this the server that you meant?",
    ),
    (
        *("CGW459", "vault-sealed", _DOWN, "The server is sealed, or in maintenance (503)."),
        "After a restart nobody can read anything until its keys are given.",
        "Its operator runs `bao operator unseal`.",
    ),
    (
        *("CGW460", "vault-redirect", _NO, "The server sends us to another address; the token is not sent there."),
        "A standby node forwards by redirect, and so would somebody who wants the token.",
        "If the new address is right, make it the `address` of `[vault]`.",
    ),
    (
        *("CGW461", "vault-deleted", _DOWN, "This version of the secret was deleted or destroyed."),
        "KV version 2 keeps the entry and drops the data.",
        "Write a new version, or `bao kv undelete` (a destroyed one cannot come back).",
    ),
    (
        *("CGW462", "vault-no-field", _WRONG, "The secret has no field of this name."),
        "The message lists the fields that there are; their values are not shown.",
        "Name one of them behind the `#` of the reference.",
    ),
    (
        *("CGW463", "vault-not-text", _WRONG, "The field is not text."),
        "A key is one line of text; the field holds a number, a list or a table.",
        "Store the key as a string.",
    ),
    (
        *("CGW464", "vault-failed", _DOWN, "The server failed (5xx)."),
        "An error of its own, or of a proxy before it.",
        "Try again; look at the server's log.",
    ),
    (
        *("CGW465", "vault-unexpected", _DOWN, "The server gave an unexpected answer."),
        "Its status is none that Vault documents for this request.",
        "Check address and path; is there a proxy in between?",
    ),
    (
        *("CGW466", "tls-untrusted", _DOWN, "The server's TLS certificate is not trusted."),
        "Its authority is not a usual one. `REQUESTS_CA_BUNDLE` has no say: a project's settings can set it.",
        "Name your company's authority: `ca_file` in `[vault]` or `[oauth.NAME]`, or `VAULT_CACERT`.",
    ),
    (
        *("CGW467", "source-timeout", _DOWN, "The server did not answer in time."),
        "A helper has nine seconds in all, because the client says after ten that it is taking a while.",
        "Is the VPN up? Try `curl -m 5 ADDRESS`.",
    ),
    (
        *("CGW468", "source-unreachable", _DOWN, "The server cannot be reached."),
        "No such name, nobody listens there, or the connection was cut.",
        "Check the address, DNS and VPN: `curl -m 5 ADDRESS`.",
    ),
    (
        *("CGW469", "source-set-up", _WRONG, "A certificate file or the proxy of the table cannot be used."),
        "The file does not exist or is no PEM file, or the proxy's address is malformed.",
        "Check `ca_file`, `client_cert`, `client_key` and `proxy` in the profile's table.",
    ),
    (
        *("CGW470", "vault-token-expired", _NO, "The Vault token has expired or was revoked."),
        "The server does not know the token any more: it was asked about the token itself.",
        "Sign in again (`bao login`, `vault login`), or let the profile sign in: `auth` in `[vault]`.",
    ),
    (
        *("CGW471", "vault-login-refused", _NO, "The login was refused."),
        "Wrong role, secret, certificate or audience, or the method is mounted elsewhere.",
        "Check the login's keys in `[vault]`, and `auth_mount` where the method has a mount of its own.",
    ),
    (
        *("CGW472", "vault-denied", _NO, "The token may not read this path, or there is no such mount."),
        "The token is valid; its policies do not cover the path. Vault does not say which of the two it is.",
        "Ask for a policy with `read` on it; for KV version 2 that is `MOUNT/data/PATH`.",
    ),
    (
        *("CGW473", "vault-wrapping-spent", _NO, "The wrapped secret id was used before or has expired."),
        "A wrapping token can be opened once. If it was not you, somebody else has the secret id.",
        "If you did not use it, tell your security team. Ask for a new one.",
    ),
    (
        *("CGW474", "vault-missing", _WRONG, "There is no such secret."),
        "The path is wrong, or `/data/` stands in it, which cgw adds by itself for KV version 2.",
        "`bao kv list MOUNT` shows what is there.",
    ),
    (
        *("CGW475", "vault-no-token", _NO, "There is no Vault token, or the token file cannot be read."),
        "Neither `VAULT_TOKEN` nor the token file (`~/.vault-token`, `token_file`, `jwt_file`) gives one.",
        'Sign in (`bao login`, `vault login`), or set `auth = "approle"` with its keys in `[vault]`.',
    ),
    (
        *("CGW481", "jwt-algorithm", _WRONG, "The algorithm does not go with the signing key."),
        "The key's type decides: a PEM file is never an HMAC secret, and `none` does not exist.",
        "Leave `algorithm` out of `[jwt.NAME]`, or name one of those in the message.",
    ),
    (
        *("CGW482", "jwt-weak-key", _WRONG, "The signing key is too short."),
        "RFC 7518 asks for an HMAC secret as long as its hash, and for 2048 bits of RSA.",
        "`openssl rand -base64 48`, or `openssl genpkey -algorithm ed25519`.",
    ),
    (
        *("CGW483", "jwt-public-key", _WRONG, "The signing key is a public key or a certificate."),
        "Only a private key can sign; the public one belongs to the gateway.",
        "Name the private key in `[jwt.NAME]`.",
    ),
    (
        *("CGW484", "jwt-encrypted-key", _WRONG, "The private key is encrypted."),
        "Nobody is there to type its passphrase when a helper runs.",
        "Keep it unencrypted in a store or a private file, or sign with Vault: `transit` in `[jwt.NAME]`.",
    ),
    (
        *("CGW485", "jwt-unreadable-key", _WRONG, "The private key cannot be read as PEM."),
        "It was cut, re-wrapped, or is in another format.",
        "`openssl pkey -in FILE -noout` must accept it.",
    ),
    (
        *("CGW490", "oauth-refused", _NO, "The issuer refused the request for a token (400, 401, 403)."),
        "Wrong client, secret, scope or audience; the message repeats the issuer's own word for it.",
        "Check `client_id`, `client_secret`, `scope` and `audience` of `[oauth.NAME]`.",
    ),
    (
        *("CGW491", "oauth-no-token", _DOWN, "The issuer's answer holds no access token."),
        "The address leads to something else than a token endpoint.",
        "Check `token_url` of `[oauth.NAME]`.",
    ),
    (
        *("CGW492", "oauth-failed", _DOWN, "The issuer failed or sends us elsewhere."),
        "Its status is neither success nor a refusal; redirects are not followed with a secret in hand.",
        "Check `token_url` of `[oauth.NAME]`; try again later.",
    ),
    (
        *("CGW901", "trace-differs", EXIT_FINDINGS, "The client sent something else than `cgw explain` predicts."),
        "The client's release is newer than what cgw knows, or a part of the set-up is out of its sight.",
        "Trust what was observed. Please report the difference with the output of `cgw trace --format json`.",
    ),
)

FAILURES: dict[str, Failure] = {row[0]: Failure(*row) for row in _ROWS}


def find_failure(name: str) -> Failure | None:
    """The failure with this code (any case) or slug."""
    named = next((item for item in FAILURES.values() if item.slug == name.lower()), None)
    return FAILURES.get(name.upper()) or named


def failure_page(failure: Failure) -> str:
    """The failure in Markdown."""
    parts = (
        f"# {failure.code} {failure.slug}",
        f"**exit {failure.exit_code}** ({_EXITS[failure.exit_code]}) · {failure.what}",
        failure.why,
        f"## What to do\n\n{failure.remedy}",
    )
    return "\n\n".join(parts) + "\n"


def failure_index() -> str:
    """All failures in Markdown."""
    rows = [f"| {item.code} | {item.what} {item.why} | {item.remedy} |" for item in FAILURES.values()]
    head = "# Failures\n\nWhat can go wrong while a key is fetched or a client is watched.\n"
    return head + "\n| code | what happened | what to do |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def failure_as_dict(failure: Failure) -> dict[str, Any]:
    """The failure for scripts."""
    return {
        **{name: getattr(failure, name) for name in ("code", "slug", "exit_code", "what", "why", "remedy")},
        "url": f"{DOCS_URL}:{failure.code}",
    }
