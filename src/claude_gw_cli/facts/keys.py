"""What a key looks like by its form, what is only a placeholder, and how other programs write "the key is there".

Sources: the issuers' documentation of their key formats; placeholders and references seen in public configurations.
"""

from __future__ import annotations

# Prefix and body of keys whose form says that they are keys, whatever the name beside them. Bodies are long enough
# that a search pattern for such keys (`grep sk-ant-api03-`) is none.
FORMS = (
    r"\bsk-(?=[\w-]{0,200}\d)(?:[A-Za-z0-9_-]{12,})",
    r"\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}",  # JWT
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

ISSUED = (
    r"sk-ant-[\w-]{4,}",
    r"sk-(?=[A-Za-z_-]{0,200}\d)[\w-]{8,}",
    r"(?:glpat-|gh[opsur]_|github_pat_|npm_|dop_v1_|dckr_pat_|lin_api_|hf_|gsk_|xai-|pplx-|xox[a-z]-|AIza|ABSK)[\w-]{8,}",
    r"(?:[sr]k_(?:live|test)_|AGE-SECRET-KEY-1|bedrock-api-key-)[\w-]{8,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{12,}",
    r"(?:hv[sb]\.|ya29\.|SG\.|eyJ)[\w.-]{8,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*",
)
"""How keys of known issuers begin, with the shortest body that is masked."""
BEGINNINGS = (*ISSUED, r"gw-(?=[A-Za-z_-]{0,200}\d)[\w-]{8,}")
"""The same with what may be a host's name too: a shown value errs on the side of masking."""
BEGINNING_MARKS = (
    "sk-", "glpat-", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "npm_", "dop_v1_", "dckr_pat_",
    "lin_api_", "hf_", "gsk_", "xai-", "pplx-", "xox", "aiza", "absk", "k_live_", "k_test_", "age-secret-key-1",
    "bedrock-api-key-", "akia", "asia", "hvs.", "hvb.", "ya29.", "sg.", "eyj", "private key-----", "gw-",
)  # fmt: skip
"""One of these, in lower case, is in every text that one of ``BEGINNINGS`` matches."""

SUSPECT_NAME = (
    r"api[-_]?key|token|secret|secret[-_]?(?:access[-_]?)?key|access[-_]?key|password|passphrase|master[-_]?key|"
    r"subscription[-_]?key|salt[-_]?key"
)
"""End of a name (any case) whose value is a key if it also has the form of one."""
CREDENTIAL_NAME = (
    r"^key|api[-_]?key|(?<!idempotency)(?<!cache)(?<!partition)(?<!routing)(?<!shard)(?<!sort)(?<!public)[-_]key|"
    r"(?:\b|_)(?:auth|authorization|authentication|token|secret|password|credentials?)"
)
"""End of a header's or parameter's name (any case) whose value is a credential, whatever its form."""
CREDENTIAL_WORDS = ("key", "auth", "token", "secret", "password", "credential")
"""One of these is in every such name, in lower case."""
SUSPECT_WORDS = ("key", "token", "secret", "password", "passphrase")
"""One of these is in every such name, in lower case."""

DUMMIES = frozenset({
    "any", "anykey", "anything", "api-key", "api_key", "apikey", "changeit", "dummy", "dummy-key", "dummy-token",
    "dummy_key", "dummy_token", "empty", "fake", "fake-key", "fake_key", "foo", "free", "key", "n/a", "na", "no-auth",
    "no-key", "no-key-needed", "no-key-required", "noauth", "nokey", "none", "not-a-key", "not-a-real-key",
    "not-needed", "not-required", "not-used", "notneeded", "null", "pass", "passw0rd", "password", "placeholder",
    "secret", "test", "test-key", "test-token", "test_key", "token", "undefined", "unused", "user", "username", "x",
    "xxx", "[object object]", "lm-studio", "lmstudio", "local", "mock", "ollama", "vllm", "123", "1234", "12345",
    "123456",
})  # fmt: skip
"""Texts, in lower case, that programs which insist on a key are given where none is needed; also behind a prefix."""

PREFIX = r"(?:sk|pk|key)[-_](?:(?:ant|or|proj|litellm)[-_])?(?:(?:api|admin|oat)\d\d[-_]|v1[-_])?"
"""How a key begins, without what makes it one."""

RANDOM = r"sk-(?:ant|or|proj|svcacct)-"
"""How keys begin whose rest the issuer made: it never consists of words."""

SAID = frozenset({"bar", "demo", "dummy", "example", "fake", "foo", "invalid", "mock", "sample", "test"})
"""Words that say that a text of words is not a key."""

WORDS = (
    r"(?:[A-Z]?[a-z]{0,11}|[A-Z]?[a-z]{2,11}(?:[A-Z][a-z]{2,11}){1,3}|[A-Z]{1,12})\d{0,5}|\d{1,10}",
    r"[-_.:/ ]",
)
"""One part of a text that a person made up, and what is between two parts: ``local-key-1234``, and no random text."""

PLACEHOLDERS = (
    r"<[^<>]+>", r"\{\{[^}]{0,999}\}\}", r"(?<!\w)__\w+?__(?!\w)", r"@@\w+@@", r"#\{\w+\}",
    r"(?<![$#{%])\{\w{1,999}\}(?!\})",
    r"(?-i:^\[[A-Z][A-Z _-]+\]$)",
    r"\byour[-_. ]", r"[-_]your[-_]",
    (
        r"\byour(?:api|key|secret|token|company|corp|domain|gateway|host|instance|org|organization|project|region|"
        r"resource|server|tenant|workspace)"
    ),
    r"[-_. ]here$", r"replace[-_ ]?(?:me|this|with)", r"(?:insert|enter|paste|put)[-_ ](?:your|key|token)",
    r"change[-_ ]?(?:me|this)", r"^(?:todo|fixme|tbd)\b", r"\bredacted\b",
    r"(?<![a-z0-9])x{3,}(?![a-z0-9])", r"x{4,}", r"(?<![a-z0-9])x{2,}-x{2,}",
    r"\.{3}", "\u2026", r"\*{3,}", "\u2022{3,}",
    "\u4f60\u7684|\u60a8\u7684|\u5bc6\u94a5|\u4ee4\u724c|\u586b\u5199|\u586b\u5165",  # your, key, token, fill in
)  # fmt: skip
"""What a person is to replace, in any value; in lower or upper case."""
PLACEHOLDER_WORDS = (
    "<", "{", "__", "@@", "[", "your", "here", "replace", "insert", "enter", "paste", "put", "change", "todo",
    "fixme", "tbd", "redacted", "xx", "...", "\u2026", "***", "\u2022\u2022\u2022", "\u7684", "\u5bc6", "\u4ee4",
    "\u586b",
)  # fmt: skip
"""One of these is in each of them, in lower case."""
KEY_PLACEHOLDERS = (
    r"(?-i:^[A-Z][A-Z0-9_]*_(?:KEY|SECRET|TOKEN)$)",
    r"^(?:an?[-_])?example\b", r"[-_]example$", r"\bexample[-_](?:key|token|secret)", r"(?-i:EXAMPLE(?:KEY)?$)",
    r"^(?:hidden|masked)$",
)  # fmt: skip
KEY_PLACEHOLDER_WORDS = ("_key", "_secret", "_token", "example", "hidden", "masked")
"""The same for a key only: a variable's own name, and words that are part of a real host's name."""
NAME_PLACEHOLDERS = (r"(?-i:^[A-Z]+(?:_[A-Z0-9]+)+$)", r"^(?:my[-_])?(?:gcp[-_])?project[-_]id$")
"""The same for the name of a project, a region or a resource, which have no underscores and capitals."""

# (pattern at the start of a value, what it is): how a person writes where the key is. Scheme of cgw's own references
# are in core.reference.FORMS.
REFERENCES = (
    (r"\$?\{env:\w+\}", "a reference of another program"),
    (r"\{file:[^}]+\}", "a reference of another program"),
    (r"os\.(?:environ[/.:\[(]|getenv\()", "a reference of LiteLLM's"),
    (r"ENC\[AES256_GCM,", "a value that SOPS encrypted"),
    (r"(?:>>)?vault:[\w/-]+#|ref\+\w+://|<path:[^<>]+>$", "a reference of another program"),
    (r"/(?:run|var|etc|home|Users|opt|usr|root|mnt|secrets|tmp)/\S*$", "a path"),
)
RESOLVED_BEFORE = r"(?:>>)?vault:|ref\+\w+://|<path:|ENC\[AES256_GCM,|op://|(?:bw|doppler|infisical)://"
"""References that another program replaces before the process starts: bank-vaults, vals, Argo CD, SOPS, `op run`."""
RESOLVED_FORMATS = frozenset({"compose", "dotenv", "kubernetes", "maps"})
"""Modules of the formats in which it does."""
