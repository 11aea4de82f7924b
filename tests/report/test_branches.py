from __future__ import annotations

import pytest

from claude_gw_cli.report.branches import BOLD, PLAIN, Branch, broken, painted


def tree() -> Branch:
    top = Branch(f"{BOLD}top{PLAIN}")
    first = top.add("first")
    first.add("below")
    first.add("last below")
    top.add("last").add("under the last")
    return top


def test_a_tree_is_drawn_with_guides() -> None:
    assert painted("\n".join(tree().lines()), color=False) == (
        "top\n├── first\n│   ├── below\n│   └── last below\n└── last\n    └── under the last"
    )


def test_styles_are_the_terminals_only_where_it_has_colour() -> None:
    assert painted(f"{BOLD}a{PLAIN}", color=True) == "\033[1ma\033[0m"
    assert painted(f"{BOLD}a{PLAIN}", color=False) == "a"


def test_foreign_control_characters_do_not_reach_the_terminal() -> None:
    for color in (True, False):
        assert (
            painted("http://x/\033]0;title\007\r\x9b2J", color=color)
            == "http://x/\\u001b]0;title\\u0007\\u000d\\u009b2J"
        )


URL = "https://llm-gateway.department.corp.example.com:8443/some/long/path/to/the/gateway/v1/messages?beta=true"


@pytest.mark.parametrize("width", [80, 100])
def test_a_long_address_is_broken_behind_slashes_and_nothing_is_lost(width: int) -> None:
    lines = broken(f"POST {URL} from here", width)
    assert all(len(line) <= width - 4 * (at > 0) for at, line in enumerate(lines))
    assert "".join(lines).replace(" ", "") == f"POST{URL}fromhere"
    assert all(line[-1] in "/?&" for line in lines[:-1])
    tree = Branch("root")
    tree.add(f"POST {URL}")
    assert all(len(painted(line, color=False)) <= width for line in tree.lines(width))


@pytest.mark.parametrize("word", [URL.partition("://")[2], "x-" + "long-" * 20, "arn:aws:bedrock:" + "1" * 80])
def test_another_long_word_stays_whole(word: str) -> None:
    assert word in broken(f"model {word}", 80)
    assert URL in broken(f"POST {URL}", 40)
