"""Variables that decide how a request travels: over which proxy, with which trust roots, to which other address.

Measured with 2.1.330 against recorders: every name in ``PROXIES`` and ``ALL_PROXY`` alone carries the key to that
proxy (an https name for a plain http gateway too), set by a project as well. The other names are those that client
2.1.330 itself keeps in its lists of network variables, and what its runtimes (Node, Bun), OpenSSL and the C library
read.
"""

from __future__ import annotations

PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")
"""In the order in which the client looks for its proxy."""
ALL_PROXY = ("all_proxy", "ALL_PROXY")
"""Behind those, in releases with the fact ``all-proxy``."""
NO_PROXY = ("no_proxy", "NO_PROXY")
"""Hosts that are reached directly."""

ROOTS = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "OPENSSL_CONF", "OPENSSL_MODULES")
"""Files and directories that add or replace certificate authorities."""

TRUST = ("NODE_TLS_REJECT_UNAUTHORIZED", "BUN_TLS_REFUSE_DISTRUSTED_KEYS", "CLAUDE_CODE_CERT_STORE")
"""Texts that change how certificates are checked."""

DETOURS = (
    "ANTHROPIC_UNIX_SOCKET", "CLAUDE_CODE_RUNNER_MODEL_SOCKET", "CLAUDE_CODE_USE_GATEWAY", "CCR_AGENT_PROXY_ENABLED",
    "CCR_UPSTREAM_PROXY_ENABLED", "CCR_EGRESS_GATEWAY_ENABLED", "HOSTALIASES", "NODE_OPTIONS", "BUN_OPTIONS",
)  # fmt: skip
"""Set to anything, they make requests go elsewhere than the base URL says, or load code that can do so."""

WATCHED = (*PROXIES, *ALL_PROXY, *ROOTS, *TRUST, *DETOURS)
"""What the environment of a client start must not hold, except as it was when the helper was installed."""

PREFIXES = (
    "ANTHROPIC_", "CLAUDE_", "_CLAUDE_", "CLOUD_ML_", "VERTEX_", "AWS_", "CCR_", "NODE_", "BUN_", "SSL_", "OPENSSL_",
    "LD_", "DYLD_", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "AI_AGENT", "HOME",
)  # fmt: skip
"""Beginnings of all names that a prediction of the destination may look at; names with PROXY in them count too."""

IDLE_FLAGS = frozenset({
    "CLAUDE_CODE_USE_COWORK_PLUGINS", "CLAUDE_CODE_USE_NATIVE_FILE_SEARCH", "CLAUDE_CODE_USE_POWERSHELL_TOOL",
})  # fmt: skip
"""Names that look like a provider's switch and choose no provider (2.1.330)."""

OTHER_FLAGS = ("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_GATEWAY", "CLAUDE_CODE_USE_CCR_V2")
"""Switches of client 2.1.330 to providers that cgw does not configure (measured: the first one moves the key)."""

REPOSITORY_MAY_NOT = (
    r"(?i)(https?|all)_proxy|(ANTHROPIC|_?CLAUDE)_\w*(PROXY|CERT|TLS|SSL|SOCKET|_URL|_HOST|CLIENT_KEY)\w*"
    r"|ANTHROPIC_(PROFILE|CONFIG_DIR|FEDERATION_RULE_ID)|CLAUDE_CODE_HOST_\w+|CCR_\w+|AWS_(CA_BUNDLE|ENDPOINT_URL\w*)"
    r"|NODE_(EXTRA|TLS|USE_|PATH|REPL|OPTIONS)\w*|BUN_(?!ENV|INSTALL)\w+|SSL_CERT_\w+|OPENSSL_\w+|LD_\w+|DYLD_\w+"
    r"|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS"
)
"""Names by which a repository's settings could lead a key astray, known ones and their like in later clients."""

HARMLESS_NODE_OPTION = r"--(max-[a-z-]+=\d+|max_old_space_size=\d+|no-(warnings|deprecation)|enable-source-maps)"
"""Words of NODE_OPTIONS that projects set for their builds."""

MENTION = r"(?i)\\u00|base_url|proxy|socket|claude_code_|anthropic_|cert|_ca_|ssl|tls|node_|bun_|ccr_|ld_|hostalias"
"""What a text contains, in some spelling, if it sets any of these variables."""
