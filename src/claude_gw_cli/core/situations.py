"""Every situation that `cgw doctor` knows: which rung of the ladder it breaks, what it means, what to type next.

Data only. The rungs are the ids of the probes, from the cable to the cloud: a situation of a higher rung proves
that the rungs below hold. Braces are filled from the profile and the moment (see ``diagnosis.About``).
"""

from __future__ import annotations

from claude_gw_cli.record import dataclass

LADDER = (
    "dns",
    "proxy",
    "tcp",
    "tls",
    "gateway.alive",
    "redirect",
    "gateway.route",
    "gateway.key",
    "gateway.model",
    "gateway.upstream",
    "gateway.body",
    "gateway.stream",
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: what a tired person should read."""

    rung: str
    cause: str
    help: str


_NEW_URL = "correct the address: cgw init {profile} --gateway-url URL"
_NEW_KEY = "ask for a new key, store it, then try it: cgw secret test {reference}"
_HEADER = (
    "make both sides agree: cgw init {profile} --key-header authorization\n"
    "or let the gateway read this header: cgw gateway snippet --profile {profile}"
)
_CA = "export NODE_EXTRA_CA_CERTS=/path/to/ca.pem (for good: [env] of the profile), then: cgw doctor"
_GATEWAY_OWNER = "tell whoever runs the gateway; the evidence is theirs to read"

SITUATIONS: dict[str, Situation] = {
    # -- the way to the gateway ---------------------------------------------------------------------------------
    "dns": Situation(
        "dns", "No DNS server that this machine asks knows the name {hop}.", "check spelling and VPN: nslookup {hop}"
    ),
    "proxy-invalid": Situation(
        "proxy",
        "The proxy setting cannot be used; Claude Code will not start with it.",
        "correct or unset HTTPS_PROXY",
    ),
    "proxy-refused": Situation(
        "proxy",
        "The corporate proxy {hop}:{hop_port} will not open a connection to {host}.",
        "go round it: export NO_PROXY={host}\nor ask for {host}:{port} to be allowed there",
    ),
    "proxy-auth": Situation(
        "proxy",
        "The corporate proxy {hop}:{hop_port} wants a user name and password.",
        "export HTTPS_PROXY=http://USER:PASSWORD@{hop}:{hop_port}\nor go round it: export NO_PROXY={host}",
    ),
    "refused": Situation(
        "tcp",
        "Nothing listens on {hop} port {hop_port}: it is not running there, or the port is wrong.",
        f"start it, or {_NEW_URL}",
    ),
    "no-connection": Situation(
        "tcp",
        "{hop} port {hop_port} does not answer: VPN off, or a firewall drops the packets.",
        f"connect the VPN, or {_NEW_URL}",
    ),
    "unreachable": Situation("tcp", "This machine has no route to {hop}.", "check network and VPN, then: cgw doctor"),
    "tls-untrusted": Situation(
        "tls",
        "The certificate of {host} comes from an authority that this machine does not trust (private CA "
        "or inspecting proxy).",
        _CA,
    ),
    "tls-self-signed": Situation(
        "tls", "The certificate of {host} is self-signed; nothing on this machine vouches for it.", _CA
    ),
    "tls-hostname": Situation(
        "tls",
        "The certificate is valid, but for another name than {host}.",
        f"use the name in the certificate: {_NEW_URL}",
    ),
    "tls-expired": Situation(
        "tls",
        "The certificate of {host} has expired (or this machine's clock is wrong).",
        f"check the clock: date\nthen {_GATEWAY_OWNER}",
    ),
    "tls-not-yet": Situation(
        "tls",
        "The certificate of {host} is not valid yet; this machine's clock is probably slow.",
        "check the clock: date",
    ),
    "tls-client-certificate": Situation(
        "tls",
        "{host} wants a client certificate.",
        "set CLAUDE_CODE_CLIENT_CERT and CLAUDE_CODE_CLIENT_KEY (PEM files) in [env] of the profile",
    ),
    "tls-files": Situation(
        "tls",
        "A certificate file of this configuration cannot be used.",
        "correct the variable that names it, then: cgw doctor",
    ),
    "tls-to-plain": Situation(
        "tls",
        "{host} port {port} speaks plain http; the gateway URL says https.",
        "cgw init {profile} --gateway-url {other_url}",
    ),
    "tls": Situation("tls", "{host} and this machine cannot agree on an encrypted connection.", _GATEWAY_OWNER),
    # -- is it a gateway ----------------------------------------------------------------------------------------
    "plain-to-tls": Situation(
        "gateway.alive",
        "{host} port {port} speaks TLS; the gateway URL says plain http.",
        "cgw init {profile} --gateway-url {other_url}",
    ),
    "hung-up": Situation(
        "gateway.alive",
        "{host} takes the connection and drops it without an answer.",
        f"is this really the gateway's port? {_NEW_URL}",
    ),
    "not-http": Situation("gateway.alive", "What listens on {host} port {port} does not speak HTTP.", _NEW_URL),
    "silent": Situation(
        "gateway.alive", "{host} takes the connection but does not answer within {seconds} s.", _GATEWAY_OWNER
    ),
    "gateway-down": Situation(
        "gateway.alive", "Something in front answers, but the gateway behind it is down.", _GATEWAY_OWNER
    ),
    # Measured with 2.1.330: a 307 is followed, and the Authorization header stays behind.
    "redirect": Situation(
        "redirect",
        "The gateway URL redirects to {location}. Claude Code follows it and leaves its Authorization header behind; "
        "cgw sends no key after a redirect.",
        "use the address that it points to: cgw init {profile} --gateway-url {redirected}",
    ),
    "front": Situation(
        "gateway.route",
        "A web page came back: a firewall (WAF), login page or load balancer answered in the gateway's place.",
        "ask for {host} to be reachable without it, and for its paths to be exempt from body inspection",
    ),
    "route": Situation(
        "gateway.route",
        "There is no {path} at this gateway: the URL has a part too many or too few, or this route is "
        "not switched on.",
        "give the gateway's root, without /v1: cgw init {profile} --gateway-url {root}\n"
        "or its own layout: --base-path PATH",
    ),
    # -- the gateway's key --------------------------------------------------------------------------------------
    "key-in-clear": Situation(
        "gateway.key",
        "The gateway URL is plain http to another machine: everybody on the way could read the key, so cgw does not "
        "send it.",
        "cgw init {profile} --gateway-url {other_url}\n"
        'or accept it in cgw.toml: [check] ignore = [{{ code = "{rule}", reason = "…" }}]',
    ),
    "key-unseen": Situation("gateway.key", "The gateway saw no key: it does not read the header {header}.", _HEADER),
    "key-malformed": Situation(
        "gateway.key",
        "The gateway found no key where it looks: it reads another header than {header}, or wants it as "
        "'Bearer KEY'.",
        _HEADER,
    ),
    "key-is-jwt": Situation(
        "gateway.key", "The key is a JWT and this gateway has JWT sign-in switched off.", _GATEWAY_OWNER
    ),
    "key-form": Situation(
        "gateway.key", "This is not a key of this gateway: LiteLLM's keys start with sk-.", _NEW_KEY
    ),
    "key-expired": Situation("gateway.key", "The key has expired.", _NEW_KEY),
    "key-blocked": Situation("gateway.key", "The key has been blocked by the gateway's administrator.", _NEW_KEY),
    "key-unknown": Situation(
        "gateway.key", "The gateway does not know this key (wrong, deleted, or of another gateway).", _NEW_KEY
    ),
    "key-not-master": Situation(
        "gateway.key",
        "The gateway does not know this key; it has no key database, so only its master key is accepted.",
        "cgw secret test {reference}\nIs this the key of {root}? Then the gateway's database is down.",
    ),
    "key-refused": Situation("gateway.key", "The gateway refuses the key; its own words are below.", _NEW_KEY),
    "key-route": Situation(
        "gateway.key",
        "The key is good, but not for {path}.",
        "ask for this route to be allowed for the key, or use another: cgw init {profile} --provider unified",
    ),
    "budget": Situation(
        "gateway.key", "The key's budget is used up.", "ask for a higher budget, or wait until it is reset"
    ),
    "rate-limited": Situation(
        "gateway.key",
        "Too many requests: the gateway or the cloud behind it is limiting this key.",
        "wait a minute, then: cgw doctor",
    ),
    "gateway-error": Situation("gateway.key", "The gateway broke while it checked the key.", _GATEWAY_OWNER),
    # -- the model ----------------------------------------------------------------------------------------------
    "model-denied": Situation(
        "gateway.model",
        "The key may not use the model {model}.",
        "use one that it may: cgw init {profile} --model NAME\nor ask for {model} to be allowed",
    ),
    "model-unknown": Situation(
        "gateway.model",
        "The gateway has no model called {model}.",
        "use one of its names: cgw init {profile} --model NAME\n"
        "or add the model there: cgw gateway snippet --profile {profile}",
    ),
    "model-upstream": Situation(
        "gateway.model",
        "The cloud behind the gateway does not offer the model {model} here.",
        "use another: cgw init {profile} --model NAME\nor another --region",
    ),
    # -- the cloud behind the gateway ---------------------------------------------------------------------------
    "upstream-credential-missing": Situation(
        "gateway.upstream",
        "Your key is fine. The gateway itself has no credential for the cloud behind it.",
        "whoever runs the gateway must add it: cgw gateway snippet --profile {profile}",
    ),
    "upstream-credential-rejected": Situation(
        "gateway.upstream",
        "Your key is fine. The cloud behind the gateway rejects the gateway's own credential.",
        "whoever runs the gateway must renew its cloud credential",
    ),
    "upstream-dead": Situation(
        "gateway.upstream", "Your key is fine. The gateway cannot reach the cloud behind it.", _GATEWAY_OWNER
    ),
    "upstream-silent": Situation(
        "gateway.upstream",
        "Your key is fine. The gateway gave no answer about {model} within {seconds} s: the cloud behind"
        " it is slow or not reachable.",
        _GATEWAY_OWNER,
    ),
    "upstream-error": Situation(
        "gateway.upstream", "Your key is fine. The gateway fails when it asks the cloud behind it.", _GATEWAY_OWNER
    ),
    # -- size and streaming -------------------------------------------------------------------------------------
    "body-blocked": Situation(
        "gateway.body",
        "Small requests pass, one of {size} with source code in it does not: a firewall (WAF) or size "
        "limit in front of the gateway.",
        "ask for {host} to be exempt from body inspection and for a limit of at least 32 MB",
    ),
    "stream-missing": Situation("gateway.stream", "A stream was asked for, and something else came.", _GATEWAY_OWNER),
    "stream-cut": Situation("gateway.stream", "The stream ended before the answer did.", _GATEWAY_OWNER),
    "stream-buffered": Situation(
        "gateway.stream",
        "The stream arrived in one piece: a proxy on the way collects it. Long answers will run into its timeout.",
        "switch buffering off there (nginx: proxy_buffering off), then: cgw doctor --live",
    ),
}
