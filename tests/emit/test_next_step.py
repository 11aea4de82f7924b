"""Commands in messages, in the words of each shell."""

from __future__ import annotations

import pytest

from claude_gw_cli import emit
from claude_gw_cli.emit.next_step import in_shell

TEXTS = (
    'eval "$(cgw env --profile work --resolve)"',
    "read -rs LLM_KEY && export LLM_KEY",
    "export NODE_EXTRA_CA_CERTS=/path/to/ca.pem (permanently: [env] of the profile), then: cgw doctor",
    "unset https_proxy, or correct it: export https_proxy=http://HOST:PORT",
    'export BW_SESSION="$(bw unlock --raw)", then cgw helper install',
)
FISH = (
    "cgw env --profile work --resolve --shell fish | source",
    "read -sx LLM_KEY",
    "set -gx NODE_EXTRA_CA_CERTS /path/to/ca.pem (permanently: [env] of the profile), then: cgw doctor",
    "set -e https_proxy, or correct it: set -gx https_proxy http://HOST:PORT",
    "set -gx BW_SESSION (bw unlock --raw), then cgw helper install",
)


@pytest.mark.parametrize(("text", "fish"), list(zip(TEXTS, FISH, strict=True)))
def test_a_command_is_one_of_the_readers_shell(text: str, fish: str) -> None:
    assert in_shell("fish", text) == fish
    for shell in ("bash", "zsh", None):
        assert in_shell(shell, text) == text


@pytest.mark.parametrize("shell", sorted(emit.SHELLS))
def test_every_shell_has_its_words(shell: str) -> None:
    told = "\n".join(in_shell(shell, text) for text in TEXTS)
    foreign = ["read -rs"] if shell in {"sh", "ksh"} else ["read -rs", "unset ", "export ", "eval"]
    foreign = [] if shell in {"bash", "zsh"} else [word for word in foreign if (shell, word) != ("tcsh", "eval")]
    assert not [word for word in foreign if f"\n{word}" in f"\n{told}"]


@pytest.mark.parametrize(
    "text", ["cgw profile set work --unset CA", "it is unset or empty", "export A and B", "eval it"]
)
def test_other_words_stay(text: str) -> None:
    assert in_shell("fish", text) == text


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        ("nu", ("$env.A_KEY = (bw unlock --raw)", '$env.A_KEY = "two words"', '$env.A_KEY = "/x.pem"')),
        ("powershell", ("$env:A_KEY = (bw unlock --raw)", "$env:A_KEY = 'two words'", "$env:A_KEY = '/x.pem'")),
        ("tcsh", ("setenv A_KEY `bw unlock --raw`", "setenv A_KEY 'two words'", "setenv A_KEY /x.pem")),
        ("fish", ("set -gx A_KEY (bw unlock --raw)", "set -gx A_KEY 'two words'", "set -gx A_KEY /x.pem")),
        ("ksh", ('export A_KEY="$(bw unlock --raw)"', 'export A_KEY="two words"', "export A_KEY=/x.pem")),
    ],
)
def test_a_value_in_quotes_and_what_a_command_prints_are_whole(shell: str, lines: tuple[str, str, str]) -> None:
    values = ('"$(bw unlock --raw)"', '"two words"', "/x.pem")
    for value, line in zip(values, lines, strict=True):
        assert in_shell(shell, f"Do it: export A_KEY={value}, then: cgw doctor") == f"Do it: {line}, then: cgw doctor"
