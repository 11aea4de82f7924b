"""What goes wrong on the way to the gateway, and whether it is one. Data only."""

from __future__ import annotations

from claude_gw_cli.core.failures import FAILURES
from claude_gw_cli.core.situations.row import ADMIN, BYPASS, CA, NEW_URL, OTHER_URL, Situation

SITUATIONS: dict[str, Situation] = {
    # -- the way to the gateway ---------------------------------------------------------------------------------
    "dns": Situation(
        "dns", "The DNS servers of this machine do not know {hop}.", "check spelling and VPN: nslookup {hop}"
    ),
    "proxy-invalid": Situation(
        "proxy", "The proxy setting is invalid; Claude Code sends nothing with it.", "correct or unset that variable"
    ),
    "proxy-tls": Situation(
        "proxy",
        "Not checked: the proxy is reached by TLS (https://). Claude Code asks through it, cgw does not.",
        "try the client itself: claude -p hello",
    ),
    "proxy-refused": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} refuses to connect to {host}.",
        "bypass the proxy: export NO_PROXY={host}\nor ask for {host}:{port} to be allowed there",
    ),
    "proxy-auth": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} requires a user name and password.",
        f"export {{variable}}=http://USER:PASSWORD@{{hop}}:{{hop_port}}\n{BYPASS}",
    ),
    "proxy-password": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} does not accept the user name and password in {variable}.",
        f"correct them: export {{variable}}=http://USER:PASSWORD@{{hop}}:{{hop_port}}\n{BYPASS}",
    ),
    "proxy-dead": Situation(
        "proxy",
        "{variable} names the proxy {hop}:{hop_port}, which cannot be reached or does not answer; the gateway was "
        "not asked.",
        f"correct or unset {{variable}}\n{BYPASS}",
    ),
    "front-407": Situation(
        "gateway.route",
        "The answer 407 asks for a proxy's user name and password, but no proxy variable applies here: something "
        "between this machine and the gateway is a proxy.",
        "ask the network's administrator, and pass on the evidence",
    ),
    "refused": Situation(
        "tcp",
        "Nothing listens on {hop} port {hop_port}: it is not running there, or the port is wrong.",
        f"start it, or {NEW_URL}",
    ),
    "no-connection": Situation(
        "tcp",
        "{hop} port {hop_port} does not answer: the VPN is off, or a firewall drops the packets.",
        f"connect the VPN, or {NEW_URL}",
    ),
    "unreachable": Situation("tcp", "This machine has no route to {hop}.", "check network and VPN, then: cgw doctor"),
    "tls-untrusted": Situation(
        "tls", f"{FAILURES['CGW466'].what} It comes from a private CA or an inspecting proxy.", CA
    ),
    "tls-self-signed": Situation("tls", "The certificate of {host} is self-signed and not trusted.", CA),
    "tls-hostname": Situation(
        "tls",
        "The certificate is valid, but for another name than {host}.",
        f"use the name in the certificate: {NEW_URL}",
    ),
    "tls-expired": Situation(
        "tls",
        "The certificate of {host} has expired (or this machine's clock is wrong).",
        f"check the clock: date\nthen {ADMIN}",
    ),
    "tls-not-yet": Situation(
        "tls",
        "The certificate of {host} is not valid yet; this machine's clock is probably slow.",
        "check the clock: date",
    ),
    "tls-client-certificate": Situation(
        "tls",
        "{host} requires a client certificate.",
        "set CLAUDE_CODE_CLIENT_CERT and CLAUDE_CODE_CLIENT_KEY (PEM files) in [env] of the profile",
    ),
    "tls-files": Situation(
        "tls",
        "A certificate file of this configuration cannot be used.",
        "correct the variable that names it, then: cgw doctor",
    ),
    "tls-to-plain": Situation("tls", "{host} port {port} speaks plain http; the gateway URL says https.", OTHER_URL),
    "tls": Situation("tls", "{host} and this machine cannot agree on an encrypted connection.", ADMIN),
    # -- is it a gateway ----------------------------------------------------------------------------------------
    "plain-to-tls": Situation(
        "gateway.alive", "{host} port {port} speaks TLS; the gateway URL says plain http.", OTHER_URL
    ),
    "hung-up": Situation(
        "gateway.alive",
        "{host} accepts the connection and closes it without an answer.",
        f"check that this is the gateway's port; {NEW_URL}",
    ),
    "hung-up-here": Situation(
        "gateway.key",
        "{host} answered other requests, and closes the connection without an answer to this one: the gateway fails "
        "on it, or something before it blocks it.",
        ADMIN,
    ),
    "silent-here": Situation(
        "gateway.key", "{host} answered other requests, but not this one within {seconds} s.", ADMIN
    ),
    "not-http": Situation("gateway.alive", "The server on {host} port {port} does not use HTTP.", NEW_URL),
    "silent": Situation(
        "gateway.alive", "{host} accepts the connection but does not answer within {seconds} s.", ADMIN
    ),
    "gateway-down": Situation(
        "gateway.alive",
        "The gateway is down: this is its answer, or that of a proxy before it.",
        ADMIN,
    ),
    "fails-everywhere": Situation(
        "gateway.route",
        "Every request fails like this, also without a key and on another path: the server itself is broken, or "
        "what is before it.",
        ADMIN,
    ),
    # Measured with 2.1.330: a 307 is followed, without the Authorization header.
    "redirect": Situation(
        "redirect",
        "The gateway URL redirects to {location}. Claude Code follows it without the Authorization header; "
        "cgw sends no key after a redirect.",
        "use the URL that it redirects to: cgw profile set {profile} --gateway-url {redirected}",
    ),
    # The target is not the same path elsewhere.
    "redirect-away": Situation(
        "redirect",
        "A request to the gateway is redirected to {location}, which is another path{sign_in}. cgw sends no key "
        "after a redirect.",
        "ask for the gateway's paths to be reachable without a sign-in, or for the address that programs use",
    ),
    "path-too-long": Situation(
        "gateway.route",
        "Something before the gateway refuses the path {path} as too long (414).",
        "ask for a larger limit for the request line there (nginx: large_client_header_buffers, Apache: "
        "LimitRequestLine)\nor for a shorter address",
    ),
    "method-refused": Situation(
        "gateway.route",
        "The gateway, or something before it, does not take POST requests for {path} (405).",
        "ask for POST to be allowed there",
    ),
    "http2-only": Situation(
        "gateway.alive",
        "{host} port {port} speaks HTTP/2 only, and Claude Code speaks HTTP/1.1.",
        "ask for HTTP/1.1 to be enabled there (Envoy: codec_type AUTO; TLS: http/1.1 beside h2 in ALPN)",
    ),
    "sign-in": Situation(
        "gateway.route",
        "A sign-in in a browser is asked for instead of an answer{sign_in}: something before the gateway wants it "
        "of every request.",
        "ask for the gateway's paths to be reachable without a sign-in, or for the address that programs use",
    ),
    "unfinished": Situation(
        "gateway.alive",
        "{host} begins an answer and does not end it within {seconds} s: it is sent very slowly.",
        ADMIN,
    ),
    "front": Situation(
        "gateway.route",
        "A web page came back: a firewall (WAF), login page or load balancer answered instead of the gateway.",
        "ask for {host} to be reachable without it, and for its paths to be exempt from body inspection",
    ),
    "route": Situation(
        "gateway.route",
        "There is no {path} at this gateway: the address is another one's, or this route is not enabled.",
        "ask for the gateway's address and its paths\n"
        "where they are below another path: cgw profile set {profile} --base-path {base_path}",
    ),
    "route-elsewhere": Situation(
        "gateway.route",
        "There is no {path} at this gateway, but {elsewhere} is answered: the address has another path.",
        "cgw profile set {profile} --gateway-url {address}",
    ),
    "route-double-slash": Situation(
        "gateway.route",
        "Something before the gateway turns {path} into a path with two slashes at its start: {joined}, "
        "without the slash, is answered.",
        "let it remove the prefix with its slash (nginx: location PREFIX/ {{ proxy_pass http://GATEWAY/; }}, "
        "both with a slash at the end)",
    ),
    "route-encoded-slash": Situation(
        "gateway.route",
        "Something before the gateway does not pass on the encoded slash (%2F) of the model {model}: the same "
        "path without it is answered.",
        "keep it there (Apache: AllowEncodedSlashes NoDecode and ProxyPass … nocanon; nginx: proxy_pass without a "
        "path)\nor use a model name without a slash: cgw profile set {profile} --model NAME",
    ),
}
