"""Every situation that `cgw doctor` knows: which probe fails, what it means, and what to type next.

Data only. The probes are in the order in which they run, from the network to the cloud: if a later probe fails, the
earlier ones have passed. Braces are filled in from the profile and the request (see ``diagnosis.About``). Failures
while a key is fetched are in ``core.failures``.
"""

from __future__ import annotations

from claude_gw_cli.core.failures import FAILURES
from claude_gw_cli.record import dataclass

PROBES = (
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
    """One row: the probe that fails, what is wrong, and what to do."""

    probe: str
    cause: str
    help: str


KEY_FINE = "Your key is fine. "
"""How a cause begins that only a key that was accepted can have."""
_NEW_URL = "correct the URL: cgw init {profile} --gateway-url URL"
_OTHER_URL = "cgw init {profile} --gateway-url {other_url}"
_NEW_KEY = "ask for a new key, store it, then try it: cgw secret test {reference}"
_HEADER = (
    "use the same header on both sides, such as: cgw init {profile} --key-header {try_header}\n"
    "or let the gateway read this header: {snippet}"
)
_CA = "export NODE_EXTRA_CA_CERTS=/path/to/ca.pem (permanently: [env] of the profile), then: cgw doctor"
_BYPASS = "or bypass the proxy: export NO_PROXY={host}"
_ADMIN = "tell the gateway's administrator, and pass on the evidence"

SITUATIONS: dict[str, Situation] = {
    # -- the way to the gateway ---------------------------------------------------------------------------------
    "dns": Situation(
        "dns", "The DNS servers of this machine do not know {hop}.", "check spelling and VPN: nslookup {hop}"
    ),
    "proxy-invalid": Situation(
        "proxy", "The proxy setting is invalid; Claude Code will not start with it.", "correct or unset that variable"
    ),
    "proxy-refused": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} refuses to connect to {host}.",
        "bypass the proxy: export NO_PROXY={host}\nor ask for {host}:{port} to be allowed there",
    ),
    "proxy-auth": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} requires a user name and password.",
        f"export {{variable}}=http://USER:PASSWORD@{{hop}}:{{hop_port}}\n{_BYPASS}",
    ),
    "proxy-password": Situation(
        "proxy",
        "The proxy {hop}:{hop_port} does not accept the user name and password in {variable}.",
        f"correct them: export {{variable}}=http://USER:PASSWORD@{{hop}}:{{hop_port}}\n{_BYPASS}",
    ),
    "proxy-dead": Situation(
        "proxy",
        "{variable} names the proxy {hop}:{hop_port}, which cannot be reached or does not answer; the gateway was "
        "not asked.",
        f"correct or unset {{variable}}\n{_BYPASS}",
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
        f"start it, or {_NEW_URL}",
    ),
    "no-connection": Situation(
        "tcp",
        "{hop} port {hop_port} does not answer: the VPN is off, or a firewall drops the packets.",
        f"connect the VPN, or {_NEW_URL}",
    ),
    "unreachable": Situation("tcp", "This machine has no route to {hop}.", "check network and VPN, then: cgw doctor"),
    "tls-untrusted": Situation(
        "tls", f"{FAILURES['CGW466'].what} It comes from a private CA or an inspecting proxy.", _CA
    ),
    "tls-self-signed": Situation("tls", "The certificate of {host} is self-signed and not trusted.", _CA),
    "tls-hostname": Situation(
        "tls",
        "The certificate is valid, but for another name than {host}.",
        f"use the name in the certificate: {_NEW_URL}",
    ),
    "tls-expired": Situation(
        "tls",
        "The certificate of {host} has expired (or this machine's clock is wrong).",
        f"check the clock: date\nthen {_ADMIN}",
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
    "tls-to-plain": Situation("tls", "{host} port {port} speaks plain http; the gateway URL says https.", _OTHER_URL),
    "tls": Situation("tls", "{host} and this machine cannot agree on an encrypted connection.", _ADMIN),
    # -- is it a gateway ----------------------------------------------------------------------------------------
    "plain-to-tls": Situation(
        "gateway.alive", "{host} port {port} speaks TLS; the gateway URL says plain http.", _OTHER_URL
    ),
    "hung-up": Situation(
        "gateway.alive",
        "{host} accepts the connection and closes it without an answer.",
        f"check that this is the gateway's port; {_NEW_URL}",
    ),
    "hung-up-here": Situation(
        "gateway.key",
        "{host} answered other requests, and closes the connection without an answer to this one: the gateway fails "
        "on it, or something before it blocks it.",
        _ADMIN,
    ),
    "silent-here": Situation(
        "gateway.key", "{host} answered other requests, but not this one within {seconds} s.", _ADMIN
    ),
    "silent-at-the-end": Situation(
        "gateway.key",
        "{host} answers so slowly that the time for all probes was over before it answered this one.",
        f"try again: cgw doctor\nif that stays so, {_ADMIN}",
    ),
    "not-http": Situation("gateway.alive", "The server on {host} port {port} does not use HTTP.", _NEW_URL),
    "silent": Situation(
        "gateway.alive", "{host} accepts the connection but does not answer within {seconds} s.", _ADMIN
    ),
    "gateway-down": Situation(
        "gateway.alive",
        "The gateway is down: this is its answer, or that of a proxy before it, without a key.",
        _ADMIN,
    ),
    "fails-everywhere": Situation(
        "gateway.route",
        "Every request fails like this, also without a key and on another path: the server itself is broken, or "
        "what is before it.",
        _ADMIN,
    ),
    # Measured with 2.1.330: a 307 is followed, without the Authorization header.
    "redirect": Situation(
        "redirect",
        "The gateway URL redirects to {location}. Claude Code follows it without the Authorization header; "
        "cgw sends no key after a redirect.",
        "use the URL that it redirects to: cgw init {profile} --gateway-url {redirected}",
    ),
    # The target is not the same path elsewhere.
    "redirect-away": Situation(
        "redirect",
        "A request to the gateway is redirected to {location}, which is another path: a sign-in page, perhaps. cgw "
        "sends no key after a redirect.",
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
        "Something before the gateway does not take POST requests for {path} (405).",
        "ask for POST to be allowed there",
    ),
    "http2-only": Situation(
        "gateway.alive",
        "{host} port {port} speaks HTTP/2 only, and Claude Code speaks HTTP/1.1.",
        "ask for HTTP/1.1 to be enabled there (Envoy: codec_type AUTO; TLS: http/1.1 beside h2 in ALPN)",
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
        "where they are below another path: cgw init {profile} --base-path {base_path}",
    ),
    "route-elsewhere": Situation(
        "gateway.route",
        "There is no {path} at this gateway, but {elsewhere} is answered: the address has another path.",
        "cgw init {profile} --gateway-url {address}",
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
        "path)\nor use a model name without a slash: cgw init {profile} --model NAME",
    ),
    # -- the gateway's key --------------------------------------------------------------------------------------
    "key-in-clear": Situation(
        "gateway.key",
        "The gateway URL is plain http to another machine: anyone on the network path could read the key, so cgw "
        "does not send it.",
        f'{_OTHER_URL}\nor accept it in cgw.toml: [check] ignore = [{{{{ code = "{{rule}}", reason = "…" }}}}]',
    ),
    "key-unseen": Situation("gateway.key", "The gateway saw no key: it does not read the header {header}.", _HEADER),
    "key-malformed": Situation(
        "gateway.key",
        "The gateway found no key: it reads another header than {header}, or requires it as 'Bearer KEY'.",
        _HEADER,
    ),
    "key-is-jwt": Situation("gateway.key", "The key is a JWT, but this gateway has JWT sign-in disabled.", _ADMIN),
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
        "The gateway does not know this key; it has no key database, so it accepts only its master key.",
        "cgw secret test {reference}\nIs this the key of {root}? Then the gateway's database is down.",
    ),
    "key-refused": Situation("gateway.key", "The gateway refuses the key; its own message is below.", _NEW_KEY),
    "key-not-the-profiles": Situation(
        "gateway.key",
        "The gateway refuses the key that plain `claude` sends here ({place}). It accepts the profile's own key.",
        "see where it is set: cgw explain",
    ),
    "key-renewed": Situation(
        "gateway.key",
        "The gateway refuses the key that the helper gives first ({place}). The client then asks the helper again "
        "(answer {status}), and the gateway accepts the profile's key.",
        "give the helper the new key now: cgw helper refresh",
    ),
    "key-no-difference": Situation(
        "gateway.key",
        "The gateway refuses requests with the key as it refuses those without one: it does not read the header "
        "{header}, or it does not accept the key.",
        f"cgw secret test {{reference}}\n{_HEADER}",
    ),
    # -- what is before the gateway ------------------------------------------------------------------------
    "front-sign-in": Situation(
        "gateway.key",
        "{front} asks for a user name and password ({scheme}) before the gateway sees the request.",
        "ask for the gateway's paths to be exempt from it",
    ),
    "front-takes-authorization": Situation(
        "gateway.key",
        "{front} asks for a user name and password ({scheme}) and takes the header Authorization for it, so the "
        "gateway's key cannot travel there.",
        "ask for the gateway's paths to be exempt from it",
    ),
    "front-refuses": Situation(
        "gateway.key",
        "{front} does not accept the user name and password ({scheme}) that are sent in Authorization.",
        "try the reference (USER:PASSWORD): cgw secret test {front_reference}\n"
        "or name another one: cgw init {profile} --front-auth REF",
    ),
    "head-limit": Situation(
        "gateway.key",
        "The key has {key_size} characters, more than {limiter} takes in a header: keys of the same form with "
        "{passes} characters pass.",
        "ask for a larger limit for request headers there (nginx: large_client_header_buffers, Apache: "
        "LimitRequestFieldSize, HAProxy: tune.bufsize)\nor for a shorter key",
    ),
    "head-count": Situation(
        "gateway.key",
        "{front} takes requests with at most {count} headers; Claude Code's have {sent}.",
        "ask for a larger limit there (Apache: LimitRequestFields, HAProxy: tune.http.maxhdr, Envoy: "
        "max_headers_count, Varnish: http_max_hdr)",
    ),
    "head-total": Situation(
        "gateway.key",
        "{front} refuses requests whose headers are as long as Claude Code's, {bytes} bytes beside the key.",
        "ask for a larger limit for request headers there (nginx: large_client_header_buffers, Apache: "
        "LimitRequestFieldSize, HAProxy: tune.bufsize)",
    ),
    "header-blocked": Situation(
        "gateway.key",
        "{front} refuses requests with the header {name}, which Claude Code sends; the same request without it is "
        "answered.",
        "ask for that header to be let through, or to be removed there",
    ),
    "query-refused": Situation(
        "gateway.key",
        "{front} refuses requests with the query {query}, which Claude Code's have; the same request without it is "
        "answered.",
        "ask for that query to be let through",
    ),
    "front-limits-rate": Situation(
        "gateway.key",
        "{front} limits how many requests may come in a moment. The client's subagents ask at the same time.",
        "ask for a limit of at least 10 requests a second there (nginx: limit_req, with burst)",
    ),
    "front-limited": Situation(
        "gateway.key",
        "Requests without a key are refused as too many as well: {front} limits how often this machine may ask.",
        "wait a minute, then: cgw doctor",
    ),
    "refused-everywhere": Situation(
        "gateway.key",
        "Every request gets this answer, with and without the key and whatever its path: the gateway does not accept "
        "the key in {header}, something before it wants more than a key (an admitted address, another header, a "
        "client certificate), or this address is another server's.",
        f"{_ADMIN}\nor try the key: cgw secret test {{reference}}",
    ),
    "page-instead-of-refusal": Situation(
        "gateway.key",
        "A web page came back, with and without the key: something before the gateway answers in its place (a "
        "firewall or a sign-in), or shows this page where the gateway refuses a key.",
        "cgw secret test {reference}\nor ask for {host} to be reachable without it",
    ),
    "route-prefix-kept": Situation(
        "gateway.route",
        "There is no {path} at this gateway. Only paths below {prefix} reach it: what is before it passes {prefix} "
        "on, which the gateway does not know, or it has another path.",
        "let it remove the prefix (nginx: location {prefix}/ {{ proxy_pass http://GATEWAY/; }}, Caddy: handle_path, "
        "Traefik: StripPrefix)\nor correct the path: cgw init {profile} --base-path PATH",
    ),
    "header-removed": Situation(
        "gateway.key",
        "{removal}. The gateway accepts the key in {accepted}.",
        "send it there: cgw init {profile} --key-header {other}",
    ),
    "header-removed-or-refused": Situation(
        "gateway.key",
        "The gateway answers as if no key was sent. {removal}, or the gateway does not accept this key.",
        "try another header: cgw init {profile} --key-header x-litellm-api-key\ncgw secret test {reference}",
    ),
    "key-taken-by-proxy": Situation(
        "gateway.key",
        "The key is in Proxy-Authorization, which the proxy {hop}:{hop_port} ({variable}) reads and removes on plain "
        "http.",
        f"use another header: cgw init {{profile}} --key-header x-litellm-api-key\n{_BYPASS}",
    ),
    "placeholder-read": Situation(
        "gateway.key",
        "The gateway reads Authorization before {header}, and takes the placeholder that the client sends there for "
        "the key.",
        "send the key there: cgw init {profile} --key-header authorization",
    ),
    "key-header-unread": Situation(
        "gateway.key",
        "{gateway} does not read its key from the header {header}.",
        "use one that it reads ({reads}): cgw init {profile} --key-header HEADER",
    ),
    "key-format": Situation(
        "gateway.key",
        "{gateway} reads the header {header} only {form}.",
        "cgw init {profile} --key-format {format}",
    ),
    "required-header-missing": Situation(
        "gateway.key",
        "{gateway} wants a header that the request does not have: {required}.",
        "add it to the [headers] table of the profile: cgw profile show {profile}",
    ),
    "cloud-refuses-key": Situation(
        "gateway.key",
        "{gateway} has no keys; it passes yours on, and the cloud behind it refuses it.",
        "store a key of the cloud: cgw secret set {reference}",
    ),
    "key-or-cloud-refused": Situation(
        "gateway.key",
        "The refusal is in the words of the cloud: the gateway passed your key on to it, or the gateway's own "
        "credential is refused.",
        f"cgw secret test {{reference}}\nor {_ADMIN}",
    ),
    "key-route": Situation(
        "gateway.key",
        "The key is valid, but not for {path}.",
        "ask for this route to be allowed for the key, or use another: cgw init {profile} --provider unified",
    ),
    "budget": Situation(
        "gateway.key", "The key's budget is used up.", "ask for a higher budget, or wait until it is reset"
    ),
    "rate-limited": Situation(
        "gateway.key",
        "Too many requests: the gateway or the cloud behind it limits this key.",
        "wait a minute, then: cgw doctor",
    ),
    "refused-otherwise": Situation(
        "gateway.key", "The gateway refuses the request; its own message is below.", _ADMIN
    ),
    "not-an-api": Situation(
        "gateway.key",
        "The answer has the status of success, but is not one of a model API: this address is another server's, or "
        "something before the gateway replaces its answers.",
        f"check that this is the gateway's address; {_NEW_URL}",
    ),
    "gateway-error": Situation(
        "gateway.key",
        "The gateway failed on a request with the key: when it checked the key, or when it asked the cloud.",
        _ADMIN,
    ),
    # -- the model ----------------------------------------------------------------------------------------------
    "model-denied": Situation(
        "gateway.model",
        "The key may not use the model {model}.",
        "use one that it may: cgw init {profile} --model NAME\nor ask for {model} to be allowed",
    ),
    "model-unknown": Situation(
        "gateway.model",
        "The gateway has no model called {model}.",
        "use one of its names{form_of_names}: cgw init {profile} --model NAME\nor add the model there: {snippet}",
    ),
    "model-upstream": Situation(
        "gateway.model",
        "The cloud behind the gateway does not offer the model {model} here.",
        "use another: cgw init {profile} --model NAME\nor, with AWS and Google, another --region",
    ),
    "model-refused": Situation(
        "gateway.model",
        "The gateway, or the cloud behind it, refuses a request for {model}; its own message is below.",
        _ADMIN,
    ),
    # -- the cloud behind the gateway ---------------------------------------------------------------------------
    "upstream-credential-missing": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The gateway itself has no credential for the cloud behind it.",
        "the gateway's administrator must add it: {snippet}",
    ),
    "upstream-credential-rejected": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The cloud behind the gateway rejects the gateway's own credential.",
        "the gateway's administrator must renew its cloud credential",
    ),
    "upstream-dead": Situation(
        "gateway.upstream", f"{KEY_FINE}The gateway cannot reach the cloud behind it.", _ADMIN
    ),
    "upstream-silent": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The gateway gave no answer about {{model}} within {{seconds}} s: the cloud behind"
        " it is slow or not reachable.",
        _ADMIN,
    ),
    "upstream-error": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The gateway fails on a request for {{model}}: by itself, or when it asks the cloud behind it.",
        f"check the model's name{{form_of_names}}: {{model}}\nor {_ADMIN}",
    ),
    # -- size and streaming -------------------------------------------------------------------------------------
    "body-limit": Situation(
        "gateway.body",
        "{front} refuses requests of {refused} (413){passed}. The client's first request has about 50 kB, later ones "
        "grow with the conversation, and it blames a limit of 32 MB.",
        "ask for a limit of at least 32 MB there (nginx: client_max_body_size 32m, Caddy: max_size of request_body, "
        "Traefik: maxRequestBodyBytes)",
    ),
    "body-inspected": Situation(
        "gateway.body",
        "Requests of {size} pass, but not one with source code in it: a firewall (WAF) before the gateway blocks it.",
        "ask for {host} to be exempt from body inspection",
    ),
    "body-blocked": Situation(
        "gateway.body",
        "Small requests pass, but one of {size} does not: a size limit or firewall (WAF) before the gateway blocks "
        "it.",
        "ask for {host} to be exempt from body inspection and for a limit of at least 32 MB",
    ),
    "live-refused": Situation("gateway.stream", "A real request is refused; the message is below.", _ADMIN),
    "stream-missing": Situation("gateway.stream", "The answer to a streaming request is not a stream.", _ADMIN),
    "stream-cut": Situation(
        "gateway.stream",
        "The stream was cut after {after} s, before the answer ended. Something on the way has a time limit.",
        "ask for a limit of at least 600 s there (nginx: proxy_read_timeout, HAProxy: timeout server, Envoy: timeout "
        "of the route)",
    ),
    "stream-error": Situation(
        "gateway.stream",
        "The stream has an error in place of an answer; its message is below.",
        f"wait a minute and repeat it: cgw doctor --live\nor {_ADMIN}",
    ),
    "stream-incomplete": Situation(
        "gateway.stream",
        "The stream ended after {after} s without the event that ends an answer (message_stop).",
        _ADMIN,
    ),
    "stream-gave-up": Situation(
        "gateway.stream",
        "No answer had begun after {after} s, and something on the way gave up. It has a time limit.",
        "ask for a limit of at least 600 s there (nginx: proxy_read_timeout, HAProxy: timeout server, Envoy: timeout "
        "of the route)",
    ),
    "stream-buffered": Situation(
        "gateway.stream",
        "The stream was held back and arrived in one piece at its end: a proxy on the way buffers it{compressed}. "
        "Long answers will run into its timeout.",
        "switch buffering off there (nginx: proxy_buffering off), then: cgw doctor --live",
    ),
    "stream-late": Situation(
        "gateway.stream",
        "The answer began only after {after} s, and then streamed: the model or the gateway is slow.",
        "a time limit on the way must be longer than that",
    ),
    "field-refused": Situation(
        "gateway.stream",
        "The gateway, or the cloud behind it, refuses {what}, which Claude Code sends; the same request without it "
        "is answered.",
        "the gateway must accept it, or remove it",
    ),
}
