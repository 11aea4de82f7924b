"""Every source in every situation: one table. A new source has no row, and the test fails until it has one.

A cell says what an installed helper gets: ``K`` the key, a number an error with this exit code and a next step, a
letter why the situation is not possible (``REASONS``). ``test_situations`` produces each cell with a fake tool or
server that speaks the documented output. ``+``: a real tool proves it too; ``!``: only a real one does (``REAL``).
"""

from __future__ import annotations

SITUATIONS = (
    *("present", "missing", "locked", "signed out", "stopped", "lines", "field", "no field", "not text", "binary"),
    *("folder", "version", "slash", "question", "project"),
)

TABLE = """
#                pres. miss. lock. sign. stop. lines field nofld text  bin.  fold. vers. slash quest project
env              K     69    a     a     a     2     K     2     2     2     a     a     b     a     c
file             K     69    a     a     a     2     d     2     d     2     2     a     K     a     K
exec             K     69    69    69    69    2     d     2     d     2     69    d     K     69    K
keyring          K!    69!   77!   e     69!   2!    K!    2!    2!    2!    f     g     K!    77!   K!
secret-tool      K!    69!   77!   e     69!   2!    K!    2!    2!    2!    f     g     K!    77!   K!
vault            K+    69+   69+   77+   69    2     K+    2+    2     h     69    K+    b     i     K+
jwt              K+    69    a     a     a     j     2     j     j     2     2     j     b     2     K
oauth            K+    69    a     77+   69    2     2     j     69    69    j     j     b     i     K
op               K     69    77    77    69    2     K     2     2     2     2     g     b     69    K
ci-token         K+    69    m     77    69    2     2     j     69    69    j     j     b     i     K
pass             K+    69+   77+   e     69+   K+    K+    2+    2+    2+    2+    g     K+    77+   K+
gopass           K     69    77    e     69    2     K     69    k     2     2     g     K     69    K
security         K     69    77    e     69    2     K     2     2     l     f     g     K     69    K
aws-sm           K+    69+   m     77+   69+   2+    K+    2+    2+    2+    f     K+    K+    69    K+
aws-ssm          K+    69+   m     77    69    2     K     2+    2     h     69+   K+    K+    69    K+
gcloud-secret    K     69    m     77    69    2     K     2     2     2     f     K     b     69    K
gcloud-identity  K     n     m     77    69    2     2     j     j     2     j     j     b     69    K
az-keyvault      K     69    m     77+   69    2     K     2     2     h     f     K     b     69    K
az-token         K     n     m     77+   69    2     2     j     2     h     j     j     b     69    K
bw               K     69    77    77+   69    2     K     2     2     2     f     g     K     69    K
sops             K+    69+   77+   e     69    2+    K+    2+    2+    2     2+    g     K     69    K+
age              K+    69+   77+   e     69    K+    K+    2+    2     2+    2+    g     K     77+   K+
keepassxc        K+    69+   77+   e     69    2     K+    69+   k     2     2     g     K     69    K+
infisical        K     69    m     77    69    2     K     2     2     2     2     g     b     69    K
doppler          K     69    m     77    69    2     K     2     2     2     f     g     b     69    K
akeyless         K     69    m     77    69    2     K     2     2     2     69    g     K     69    K
lite             K     n     m     69    69    2     2     j     j     2     j     j     b     69    K
"""

REASONS = {
    "a": "It is read in this process: no tool, service, sign-in, folder or version is between.",
    "b": "Its names do not begin with a slash: the slash is not part of the name.",
    "c": "The variable is the store. A project that sets it gets its own value, never the user's.",
    "d": "The reference is a path or a command as a whole: it has no field and no version.",
    "e": "It has a lock but no sign-in.",
    "f": "It has names, not folders.",
    "g": "It keeps no versions that its tool could be asked for by name.",
    "h": "It answers JSON, and its values are text.",
    "i": "It is one HTTP request: nothing in it can ask a question.",
    "j": "It gives a token that is made on the spot, not a stored text.",
    "k": "Its tool gives every field as text; the words null and true are refused as from every source.",
    "l": "Its tool prints bytes as hexadecimal digits, which cannot be told from a key of such digits.",
    "m": "It is signed in or not; it has no lock.",
    "n": "It gives the token of the account that is signed in: nothing can be missing.",
}

_PASS, _AWS, _FILES = (f"test_stores.py::test_{name}" for name in ("pass", "aws", "encrypted_files"))
_AGE, _KEEPASSXC = f"{_FILES}[age://~/", f"{_FILES}[keepassxc://~/a.kdbx?entry="
_SERVICE = "test_keyring.py::test_each_situation_of_a_secret_service_has_its_answer"
_STOPPED = "test_keyring.py::test_a_stopped_service_does_not_hang_the_helper"
_CONFIRMS = "test_stores_keepassxc.py::test_an_application_that_confirms_each_access"
_BAO = "test_openbao.py::test_"
_VAULT = f"{_BAO}each_mistake_has_its_own_answer"
_TOKENS = "test_tokens.py::test_"

# Source -> situation -> the test of tests/real that proves the cell, with its parameter where it has a table.
REAL: dict[str, dict[str, str]] = {
    name: dict.fromkeys(
        ("present", "missing", "locked", "lines", "field", "no field", "not text", "binary", "slash", "project"),
        _SERVICE,
    )
    | {"stopped": _STOPPED, "question": _CONFIRMS}
    for name in ("keyring", "secret-tool")
} | {
    "vault": {
        "present": f"{_BAO}both_kv_versions_are_read[vault://old/llm#key]",
        "missing": f"{_VAULT}[vault://secret/nope#key-env2-CGW474]",
        "locked": f"{_BAO}a_sealed_and_an_uninitialised_server",
        "signed out": f"{_VAULT}[vault://secret/llm#key-env5-CGW470]",
        "field": f"{_BAO}both_kv_versions_are_read[vault://secret/llm#key]",
        "no field": f"{_VAULT}[vault://secret/llm#nope-env0-CGW462]",
        "version": f"{_BAO}both_kv_versions_are_read[vault://secret/llm?version=1#key]",
        "project": f"{_BAO}a_helper_takes_neither_server_nor_token_from_a_project",
    },
    "jwt": {"present": f"{_TOKENS}every_algorithm_is_verified_by_four_libraries_with_clocks_apart"},
    "oauth": {
        "present": f"{_TOKENS}a_strict_issuer_gives_a_token_for_a_secret_with_reserved_characters[basic]",
        "signed out": f"{_TOKENS}the_issuers_own_words_are_kept_and_the_secret_is_not[basic]",
    },
    "ci-token": {"present": "test_ci_tokens.py::test_a_job_signs_in_to_vault_with_its_own_token[GitHub Actions]"},
    "pass": {
        "present": f"{_PASS}[llm/key]",
        "missing": f"{_PASS}[nope]",
        "locked": f"{_PASS}[locked/key]",
        "stopped": f"{_PASS}_whose_agent_has_stopped",
        "lines": f"{_PASS}[llm/two]",
        "field": f"{_PASS}[llm/json#key]",
        "no field": f"{_PASS}[llm/json#nope]",
        "not text": f"{_PASS}[llm/json#none]",
        "binary": f"{_PASS}[llm/binary]",
        "folder": f"{_PASS}[llm]",
        "slash": f"{_PASS}[/llm/key]",
        "question": f"{_PASS}[locked/key]",
        "project": "test_stores.py::test_the_installed_helper_takes_no_store_from_a_project",
    },
    "aws-sm": {
        "present": f"{_AWS}[aws-sm:///prod/llm]",
        "missing": f"{_AWS}[aws-sm://prod/llm]",
        "signed out": f"{_AWS}_without_credentials_says_how_to_sign_in[?profile=sso-aws sso login]",
        "stopped": f"{_AWS}_whose_server_has_stopped",
        "lines": f"{_AWS}[aws-sm://lines]",
        "field": f"{_AWS}[aws-sm://json#key]",
        "no field": f"{_AWS}[aws-sm://json#nope]",
        "not text": f"{_AWS}[aws-sm://json#none]",
        "binary": f"{_AWS}[aws-sm://binary]",
        "version": f"{_AWS}[aws-sm://two?stage=AWSPREVIOUS]",
        "slash": f"{_AWS}[aws-sm:///prod/llm]",
        "project": f"{_AWS}[aws-sm:///prod/llm]",
    },
    "aws-ssm": {
        "present": f"{_AWS}[aws-ssm:///prod/llm]",
        "missing": f"{_AWS}[aws-ssm:///prod/nope]",
        "no field": f"{_AWS}[aws-ssm:///prod/llm#key]",
        "folder": f"{_AWS}[aws-ssm:///prod]",
        "version": f"{_AWS}[aws-ssm:///prod/two:1]",
        "slash": f"{_AWS}[aws-ssm:///prod/llm]",
        "project": f"{_AWS}[aws-ssm:///prod/llm]",
    },
    "az-keyvault": {"signed out": "test_stores.py::test_azure_signed_out[az-keyvault://vault/name]"},
    "az-token": {"signed out": "test_stores.py::test_azure_signed_out[az-token://https://x]"},
    "bw": {"signed out": "test_stores.py::test_bitwarden_signed_out"},
    "sops": {
        "present": f"{_FILES}[sops://~/a.env#KEY]",
        "missing": f"{_FILES}[sops://~/nope.yaml#key]",
        "locked": "test_stores.py::test_sops_without_its_key_names_the_variable",
        "lines": f"{_FILES}[sops://~/text.yaml#lines]",
        "field": f"{_FILES}[sops://~/a.json#more.key]",
        "no field": f"{_FILES}[sops://~/a.json#nope]",
        "not text": f"{_FILES}[sops://~/a.json#none]",
        "folder": f"{_FILES}[sops://~/#key]",
        "project": f"{_FILES}[sops://~/a.env#KEY]",
    },
    "age": {
        "present": f"{_AGE}key.age?identity=~/id.txt]",
        "missing": f"{_AGE}nope.age?identity=~/id.txt]",
        "locked": f"{_AGE}key.age?identity=~/locked.asc]",
        "lines": f"{_AGE}two.age?identity=~/id.txt]",
        "field": f"{_AGE}json.age?identity=~/id.txt#key]",
        "no field": f"{_AGE}json.age?identity=~/id.txt]",
        "binary": f"{_AGE}binary.age?identity=~/id.txt]",
        "folder": f"{_AGE}?identity=~/id.txt]",
        "question": f"{_AGE}key.age?identity=~/locked.asc]",
        "project": f"{_AGE}key.age?identity=~/id.txt]",
    },
    "keepassxc": {
        "present": f"{_KEEPASSXC}G/llm&key_file=~/kx.key]",
        "missing": f"{_KEEPASSXC}G/nope&key_file=~/kx.key]",
        "locked": f"{_KEEPASSXC}G/llm&key_file=~/id.txt]",
        "field": f"{_KEEPASSXC}G/llm&key_file=~/kx.key#Password]",
        "no field": f"{_KEEPASSXC}G/llm&key_file=~/kx.key#Nope]",
        "project": f"{_KEEPASSXC}G/llm&key_file=~/kx.key]",
    },
}


def cells() -> dict[tuple[str, str], str]:
    """(source, situation) -> the cell."""
    found: dict[tuple[str, str], str] = {}
    for line in TABLE.strip().splitlines()[1:]:
        source, *row = line.split()
        found |= {(source, situation): cell for situation, cell in zip(SITUATIONS, row, strict=True)}
    return found
