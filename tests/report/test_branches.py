from __future__ import annotations

from claude_gw_cli.report.branches import BOLD, PLAIN, Branch, painted


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
