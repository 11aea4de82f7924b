"""What a key looks like by its form, what is only a placeholder, and how other programs write "the key is there".

Sources: the issuers' documentation of their key formats; placeholders and references seen in public configurations.
"""

from __future__ import annotations

# Prefix and body of keys whose form says that they are keys, whatever the name beside them. Bodies are long enough
# that a search pattern for such keys (`grep sk-ant-api03-`) is none.
FORMS = (
    r"\bsk-(?=[\w-]*\d)(?:[A-Za-z0-9_-]{12,})",
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}",  # JWT
    r"\bhv[sb]\.[A-Za-z0-9_-]{10,}",  # Vault
    r"\bgh[pousr]_[A-Za-z0-9]{20,}",
    r"\bgithub_pat_\w{20,}",
    r"\bglpat-[\w-]{16,}",
    r"\bxox[abpr]-[\w-]{16,}",
    r"\bAIza[\w-]{30,}",  # Google
    r"\bya29\.[\w-]{20,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)

MARKS = (
    "sk-", "eyJ", "hvs.", "hvb.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "AIza",
    "ya29.", "PRIVATE KEY",
)  # fmt: skip
"""One of these is in every text that one of ``FORMS`` matches; a quick look before the slow one."""

BEGINNINGS = (
    r"sk-ant-[\w-]{4,}",
    r"(?:sk|gw)-(?=[A-Za-z_-]*\d)[\w-]{8,}",
    r"(?:glpat-|gh[opsur]_|github_pat_|npm_|dop_v1_|dckr_pat_|lin_api_|hf_|gsk_|xai-|pplx-|xox[a-z]-|AIza|ABSK)[\w-]{8,}",
    r"(?:[sr]k_(?:live|test)_|AGE-SECRET-KEY-1|bedrock-api-key-)[\w-]{8,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{12,}",
    r"(?:hv[sb]\.|ya29\.|SG\.|eyJ)[\w.-]{8,}",
)
"""How keys begin, with the shortest body that is masked: a shown text errs on the side of masking."""

SUSPECT_NAME = (
    r"api[-_]?key|token|secret|secret[-_]?(?:access[-_]?)?key|access[-_]?key|password|passphrase|master[-_]?key|"
    r"subscription[-_]?key|salt[-_]?key"
)
"""End of a name (any case) whose value is a key if it also has the form of one."""
SUSPECT_WORDS = ("key", "token", "secret", "password", "passphrase")
"""One of these is in every such name, in lower case."""

DUMMIES = frozenset({
    "anything", "changeit", "dummy", "dummy-key", "dummy-token", "dummy_key", "dummy_token", "empty", "fake",
    "fake-key", "fake_key", "foo", "n/a", "na", "no-key", "no-key-needed", "no-key-required", "nokey", "none",
    "not-needed", "not-required", "not-used", "notneeded", "null", "pass", "passw0rd", "password", "placeholder",
    "secret", "sk-dummy", "sk-fake", "sk-no-key-required", "sk-none", "sk-placeholder", "test", "token", "undefined",
    "unused", "user", "username", "x", "xxx", "[object object]", "lm-studio", "lmstudio", "local", "mock", "ollama",
    "sk-local", "sk-mock", "sk-ollama", "vllm",
})  # fmt: skip
"""Texts, in lower case, that programs which insist on a key are given where none is needed."""

# (pattern at the start of a value, what it is): how a person writes where the key is. Scheme of cgw's own references
# are in core.reference.FORMS.
REFERENCES = (
    (r"\$?\{env:\w+\}", "a reference of another program"),
    (r"\{file:[^}]+\}", "a reference of another program"),
    (r"os\.(?:environ[/.:\[(]|getenv\()", "a reference of LiteLLM's"),
    (r"/(?:run|var|etc|home|Users|opt|usr|root|mnt|secrets|tmp)/\S*$", "a path"),
)
