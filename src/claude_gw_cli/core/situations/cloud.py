"""What goes wrong with the model, the cloud behind the gateway, large requests and streams. Data only."""

from __future__ import annotations

from claude_gw_cli.core.situations.row import ADMIN, KEY_FINE, Situation

SITUATIONS: dict[str, Situation] = {
    # -- the model ----------------------------------------------------------------------------------------------
    "model-denied": Situation(
        "gateway.model",
        "The key may not use the model {model}.",
        "use one that it may: cgw profile set {profile} --model NAME\nor ask for {model} to be allowed",
    ),
    "model-unknown": Situation(
        "gateway.model",
        "The gateway has no model called {model}.",
        "use one of its names{form_of_names}: cgw profile set {profile} --model NAME\n"
        "or add the model there: {snippet}",
    ),
    "model-missing": Situation(
        "gateway.model",
        "The gateway, or the cloud behind it, has no model called {model}.",
        "use one of its names{form_of_names}: cgw profile set {profile} --model NAME\n"
        "or add the model there: {snippet}",
    ),
    "model-upstream": Situation(
        "gateway.model",
        "The cloud behind the gateway does not offer the model {model} here.",
        "use another: cgw profile set {profile} --model NAME\nor, with AWS and Google, another --region",
    ),
    "model-refused": Situation(
        "gateway.model",
        "The gateway, or the cloud behind it, refuses a request for {model}; its own message is below.",
        ADMIN,
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
    "upstream-dead": Situation("gateway.upstream", f"{KEY_FINE}The gateway cannot reach the cloud behind it.", ADMIN),
    "upstream-silent": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The gateway gave no answer about {{model}} within {{seconds}} s: the cloud behind"
        " it is slow or not reachable.",
        ADMIN,
    ),
    "upstream-error": Situation(
        "gateway.upstream",
        f"{KEY_FINE}The gateway fails on a request for {{model}}: by itself, or when it asks the cloud behind it.",
        f"check the model's name{{form_of_names}}: {{model}}\nor {ADMIN}",
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
    "live-refused": Situation("gateway.stream", "A real request is refused; the message is below.", ADMIN),
    "stream-missing": Situation("gateway.stream", "The answer to a streaming request is not a stream.", ADMIN),
    "stream-cut": Situation(
        "gateway.stream",
        "The stream was cut after {after} s, before the answer ended. Something on the way has a time limit.",
        "ask for a limit of at least 600 s there (nginx: proxy_read_timeout, HAProxy: timeout server, Envoy: timeout "
        "of the route)",
    ),
    "stream-error": Situation(
        "gateway.stream",
        "The stream has an error in place of an answer; its message is below.",
        f"wait a minute and repeat it: cgw doctor --live\nor {ADMIN}",
    ),
    "stream-incomplete": Situation(
        "gateway.stream",
        "The stream ended after {after} s without the event that ends an answer (message_stop).",
        ADMIN,
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
