"""TLS as the client does it: whom it trusts, what it sends of itself, and what is wrong with a certificate."""

from __future__ import annotations

import os
import threading

from claude_gw_cli.core.errors import CgwError, FileError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import files, regular
from claude_gw_cli.world.probe.trouble import Trouble, how_it_ended

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Mapping

SWITCH = "NODE_TLS_REJECT_UNAUTHORIZED"
CA_FILES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
"""NODE_EXTRA_CA_CERTS counts in every client, SSL_CERT_FILE in 2.1.330 and not in 2.0.45 (measured)."""
OWN = ("CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
"""The object identifier 1.3.6.1.4.1.11591.4.11, in DER."""
# OpenSSL's X509_V_ERR_* numbers.
_CHAIN = {
    9: "tls-not-yet",
    10: "tls-expired",
    18: "tls-self-signed",
    19: "tls-untrusted",
    20: "tls-untrusted",
    21: "tls-untrusted",
    62: "tls-hostname",
    64: "tls-hostname",
}
_ABOUT_OURS = tuple(
    f"ALERT_{said}"
    for said in (
        "UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "CERTIFICATE_UNKNOWN",
        "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED", "DECRYPT_ERROR",
    )
)  # fmt: skip
"""Alerts of a server: it has seen no certificate but the client's."""
_NO_ROOT = "unable to get issuer certificate"
"""A CA that is known, without the one that issued it: the client trusts none below (measured, 2.1.330)."""
_LISTED = 8
"""Names of a certificate that are shown."""
OF_AN_AUTHORITY = frozenset({"tls-self-signed", "tls-untrusted"})
CERTIFICATE = frozenset(_CHAIN.values())
"""Situations of a certificate, which the client does not mind under `SWITCH`."""


class Trust:
    """Which certificates a client with these variables accepts. The stores are read once, at the first connection.

    Attributes:
        accepts_any: it accepts any certificate (`SWITCH` is 0; measured from 1.0.60 to 2.1.330).
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.accepts_any = env.get(SWITCH) == "0"
        self._env = env
        self._made: dict[bool, ssl.SSLContext] = {}
        self._turn = threading.Lock()

    def secured(self, channel: socket.socket, name: str, seconds: float, *, checks: bool = True) -> ssl.SSLSocket:
        """The channel after a handshake; without ``checks`` with any certificate.

        Raises:
            Trouble: what prevents it.
        """
        channel.settimeout(seconds)
        with self._turn:  # probes run side by side, and reading the stores takes seconds where they are large
            if checks not in self._made:
                self._made[checks] = trust(self._env) if checks else _with_own(accepting_any(), self._env)
        try:
            return self._made[checks].wrap_socket(channel, server_hostname=name)
        except OSError as error:
            raise tls_trouble(error) from None

    def about_files(self, detail: str) -> tuple[str, str]:
        """What is wrong with the CA files that lead to no certificate (``. One. Two``), and the name of the step.

        ``detail`` is OpenSSL's reason.
        """
        named = {name: path for name in CA_FILES if (path := self._env.get(name))}
        unread = {name: why for name, path in named.items() if (why := _unread(path))}
        said = [f". The client ignores {name}={named[name]}: {why}" for name, why in unread.items()]
        lacks = "the authority above that CA" if detail == _NO_ROOT else "that CA"
        said += [f". {name}={path} does not have {lacks}" for name, path in named.items() if name not in unread]
        extra = CA_FILES[0]
        if detail == _NO_ROOT and extra in named:
            return "".join(said), "ca_root"
        return "".join(said), "ca_unread" if extra in unread else "ca_added" if extra in named else "ca"


def trust(env: Mapping[str, str]) -> ssl.SSLContext:
    """The certificates that the client trusts, and its own one if it has one.

    A file of CAs that cannot be read is ignored, as the client ignores it (measured, 2.1.330).

    Raises:
        Trouble: the client's own certificate cannot be used.
    """
    import ssl
    from contextlib import suppress

    context = ssl.create_default_context()
    # Python 3.13 sets both and the client neither (measured with 2.1.332): it takes a CA without keyUsage, and not an
    # issuing CA whose root is missing.
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
    context.set_ciphers("DEFAULT:@SECLEVEL=1")  # it takes a certificate with RSA of 1024 bits (measured with 2.1.330)
    context.set_alpn_protocols(["http/1.1"])
    for name in CA_FILES:
        if env.get(name):
            with suppress(OSError, FileError):
                regular.check(env[name])
                context.load_verify_locations(env[name])
    return _with_own(context, env)


def _with_own(context: ssl.SSLContext, env: Mapping[str, str]) -> ssl.SSLContext:
    """With the client's own certificate, if it has one that it can read."""
    name = OWN[0]
    if not env.get(name) or own_unread(env):
        return context
    phrase, key = env.get("CLAUDE_CODE_CLIENT_KEY_PASSPHRASE", ""), env[OWN[1]]
    try:
        context.load_cert_chain(env[name], key, lambda: phrase)
    except (OSError, ValueError):
        raise Trouble("tls-files", f"{name}={env[name]}: not usable with its key") from None
    if _is_by_scrypt(key):
        again = f"openssl pkcs8 -topk8 -in {key} -out NEW.key"
        raise Trouble("tls-files", f"{key}: the client cannot read a key encrypted with scrypt; {again}")
    return context


def own_unread(env: Mapping[str, str]) -> str:
    """Why the client presents none of the certificates that are set for it; empty if it presents one, or none is set.

    It goes on without one where a file is missing, is a folder or has no PEM text, and with one of the two variables
    alone (measured, 2.1.332); a pair that does not fit together stops it.
    """
    for name in OWN:
        if not env.get(name):
            return f"{name} is not set" if any(map(env.get, OWN)) else ""
        path = env[name]
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            continue  # a pipe can be read once
        try:
            problem = "" if b"-----BEGIN " in (files.read_bytes(path) or b"") else "it has no PEM text"
        except CgwError as error:
            problem = error.message
        if problem:
            return f"the client ignores {name}={path}: {problem}"
    return ""


def accepting_any(protocol: str = "http/1.1") -> ssl.SSLContext:
    """A context that checks no certificate and speaks this protocol (ALPN)."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    return context


def certificate_words(channel: socket.socket) -> dict[str, str]:
    """What a server's certificate says: ``names`` (those it is valid for) and ``issuer``; empty where it has none."""
    import ssl

    from cryptography import x509

    given = channel.getpeercert(binary_form=True) if isinstance(channel, ssl.SSLSocket) else None
    if not given:
        return {}
    try:
        found = x509.load_der_x509_certificate(given)
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [
            *alternative.get_values_for_type(x509.DNSName),
            *map(str, alternative.get_values_for_type(x509.IPAddress)),
        ]
    except x509.ExtensionNotFound:
        names = []  # a name in the subject alone counts nowhere
    except ValueError:
        return {}  # it is damaged
    listed = names[:_LISTED] + ([f"{len(names) - _LISTED} more"] if len(names) > _LISTED else [])
    return {"names": ", ".join(listed) or "(none)", "issuer": found.issuer.rfc4514_string()}


def _unread(path: str) -> str:
    """Why a file of CAs is not read; empty if it is."""
    import ssl

    try:
        regular.check(path)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except FileError:
        return "it is not a regular file"
    except ssl.SSLError:
        return "it has no PEM certificate"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _is_by_scrypt(path: str) -> bool:
    """Whether the passphrase of a key counts through scrypt (RFC 7914), which the client cannot compute.

    Measured with 2.1.227, 2.1.281 and 2.1.332 ("FailedToOpenSocket", no connection); 2.1.100 reads such keys.
    """
    from base64 import b64decode

    try:
        text = (files.read_bytes(path) or b"").partition(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")[2]
    except CgwError:
        return False  # a pipe, which is read by now
    return _SCRYPT in b64decode(text.partition(b"-----END")[0])


def is_of_tls(error: Exception) -> bool:
    """Whether an error comes from TLS, not from the connection below it."""
    import ssl

    return isinstance(error, ssl.SSLError)


def tls_trouble(error: Exception) -> Trouble:
    """The situation behind a failed handshake (or a TLS alert that comes later)."""
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(_CHAIN.get(error.verify_code, "tls-untrusted"), error.verify_message)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or type(error).__name__
        if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}:
            return Trouble("tls-to-plain", reason)
        if "NO_APPLICATION_PROTOCOL" in reason:
            return Trouble("http2-only", reason)
        if "UNRECOGNIZED_NAME" in reason:
            return Trouble("misdirected", reason)
        if any(said in reason for said in _ABOUT_OURS):
            return Trouble("tls-client-certificate-refused", reason)
        if "CERTIFICATE_REQUIRED" in reason:
            return Trouble("tls-client-certificate", reason)
        is_closed = "EOF" in reason or "EOF" in type(error).__name__
        return Trouble("tls", "the connection was closed during the TLS handshake" if is_closed else reason)
    if isinstance(error, TimeoutError):
        return Trouble("silent", "no answer to the TLS handshake")
    return Trouble("tls", f"TLS handshake: {how_it_ended(error)}")
