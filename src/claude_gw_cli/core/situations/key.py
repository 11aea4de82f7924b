"""What goes wrong with the gateway's key, and what is before the gateway. Data only."""

from __future__ import annotations

from claude_gw_cli.core.situations.row import ADMIN, BYPASS, HEADER, NEW_KEY, NEW_URL, OTHER_URL, Situation

SITUATIONS: dict[str, Situation] = {
    # -- the gateway's key --------------------------------------------------------------------------------------
    "key-in-clear": Situation(
        "gateway.key",
        "The gateway URL is plain http to another machine: anyone on the network path could read the key, so cgw "
        "does not send it.",
        f'{OTHER_URL}\nor accept it in cgw.toml: [check] ignore = [{{{{ code = "{{rule}}", reason = "…" }}}}]',
    ),
    "key-unseen": Situation("gateway.key", "The gateway saw no key: it does not read the header {header}.", HEADER),
    "key-malformed": Situation(
        "gateway.key",
        "The gateway found no key: it reads another header than {header}, or requires it as 'Bearer KEY'.",
        HEADER,
    ),
    "key-is-jwt": Situation("gateway.key", "The key is a JWT, but this gateway has JWT sign-in disabled.", ADMIN),
    "key-form": Situation(
        "gateway.key", "This is not a key of this gateway: LiteLLM's keys start with sk-.", NEW_KEY
    ),
    "key-expired": Situation("gateway.key", "The key has expired.", NEW_KEY),
    "key-blocked": Situation("gateway.key", "The key has been blocked by the gateway's administrator.", NEW_KEY),
    "key-unknown": Situation(
        "gateway.key", "The gateway does not know this key (wrong, deleted, or of another gateway).", NEW_KEY
    ),
    "key-not-master": Situation(
        "gateway.key",
        "The gateway does not know this key; it has no key database, so it accepts only its master key.",
        "cgw secret test {reference}\nIs this the key of {root}? Then the gateway's database is down.",
    ),
    "key-refused": Situation("gateway.key", "The gateway refuses the key; its own message is below.", NEW_KEY),
    "key-forbidden": Situation(
        "gateway.key",
        "The gateway does not allow this request with this key (403); its own message is below.",
        f"{ADMIN}\nor try another key: cgw secret test {{reference}}",
    ),
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
        "The gateway refuses requests with the key as it refuses those without one: it does not accept the key, or "
        "does not read the header {header}.",
        f"cgw secret test {{reference}}\n{HEADER}",
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
        "or name another one: cgw profile set {profile} --front-auth REF",
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
        f"{ADMIN}\nor try the key: cgw secret test {{reference}}",
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
        "Traefik: StripPrefix)\nor correct the path: cgw profile set {profile} --base-path PATH",
    ),
    "header-removed": Situation(
        "gateway.key",
        "{removal}. The gateway accepts the key in {accepted}.",
        "send it there: cgw profile set {profile} --key-header {other}",
    ),
    "header-removed-or-refused": Situation(
        "gateway.key",
        "The gateway answers as if no key was sent: it does not accept this key, or does not see it. {removal}.",
        "cgw secret test {reference}\ntry another header: cgw profile set {profile} --key-header x-litellm-api-key",
    ),
    "key-taken-by-proxy": Situation(
        "gateway.key",
        "The key is in Proxy-Authorization, which the proxy {hop}:{hop_port} ({variable}) reads and removes on plain "
        "http.",
        f"use another header: cgw profile set {{profile}} --key-header x-litellm-api-key\n{BYPASS}",
    ),
    "several-keys": Situation(
        "gateway.key",
        "More than one key is sent. The gateway reads the one in {read} and refuses it; it accepts the one in "
        "{accepted} alone.",
        "remove the other one: {where}",
    ),
    "placeholder-read": Situation(
        "gateway.key",
        "The gateway reads Authorization before {header}, and takes the placeholder that the client sends there for "
        "the key.",
        "send the key there: cgw profile set {profile} --key-header authorization",
    ),
    "key-header-unread": Situation(
        "gateway.key",
        "{gateway} does not read its key from the header {header}.",
        "use one that it reads ({reads}): cgw profile set {profile} --key-header HEADER",
    ),
    "key-format": Situation(
        "gateway.key",
        "{gateway} reads the header {header} only {form}.",
        "cgw profile set {profile} --key-format {format}",
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
        f"cgw secret test {{reference}}\nor {ADMIN}",
    ),
    "key-route": Situation(
        "gateway.key",
        "The key is valid, but not for {path}.",
        "ask for this route to be allowed for the key, or use another: cgw profile set {profile} --provider unified",
    ),
    "budget": Situation(
        "gateway.key", "The key's budget is used up.", "ask for a higher budget, or wait until it is reset"
    ),
    "credit": Situation(
        "gateway.key",
        "The credit or the quota is used up: of this key, or of the account at the cloud behind the gateway.",
        "ask the gateway's administrator for more, or wait until it is reset",
    ),
    "overloaded": Situation(
        "gateway.key",
        "The gateway, or the cloud behind it, is overloaded at the moment.",
        "wait a minute, then: cgw doctor",
    ),
    "rate-limited": Situation(
        "gateway.key",
        "Too many requests: the gateway or the cloud behind it limits this key.",
        "wait a minute, then: cgw doctor",
    ),
    "refused-otherwise": Situation(
        "gateway.key", "The gateway refuses the request; its own message is below.", ADMIN
    ),
    "not-an-api": Situation(
        "gateway.key",
        "The answer has the status of success, but is not one of a model API: this address is another server's, or "
        "something before the gateway replaces its answers.",
        f"check that this is the gateway's address; {NEW_URL}",
    ),
    "gateway-error": Situation(
        "gateway.key",
        "The gateway, or something before it, failed on a request with the key: when it was checked, or when the "
        "cloud was asked.",
        ADMIN,
    ),
}
