"""The house has three floors; imports only go down, and heavy libraries live in the room that owns them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"
FILES = sorted(path.relative_to(SRC) for path in SRC.rglob("*.py"))
FLOOR = {
    "facts": 0, "core": 1, "emit": 1, "readers": 1, "rules": 2, "report": 3,
    "world": 4, "secrets": 5, "helper": 6, "cli": 7, "__main__.py": 8, "__init__.py": 0,
}  # fmt: skip
PURE = {"facts", "core", "emit", "readers", "rules", "report"}
OWNERS = {
    "rich": {"cli"},
    "prompt_toolkit": {"cli/wizard/screen.py"},
    "pydantic": {"world/profile_text.py"},
    "idna": {"world/profile_text.py"},  # comes with requests
    "tomllib": set(),  # tomledit takes a sixth of its time
    "tomledit": {"core/documents.py", "facts/__init__.py", "world/profile_text.py", "world/profile_layout.py"},
    "keyring": {"secrets"},
    "secretstorage": {"secrets"},  # what keyring uses on Linux
    "hvac": {"secrets"},
    "jwt": {"secrets"},
    "cryptography": {"secrets", "world/sshsig.py", "world/probe/tls.py"},
    "jiter": {"core/documents.py"},
    "h11": {"world/probe/http1.py"},
    "requests": {"world"},
    "certifi": {"secrets/session.py"},  # comes with requests
    "urllib3": {"secrets/session.py"},  # comes with requests
    "yaml": {"readers", "world"},
    "tree_sitter": {"readers"},
    "tree_sitter_bash": {"readers/shelltree.py"},
    "_sha2": {"core/digest.py"},  # of CPython since 3.12
}
HASHES = {"_sha2", "_sha256", "_blake2"}
"""Private, and with ``hashlib`` to fall back to, whose import loads OpenSSL: a third of an interpreter's start."""
IMPURE_STDLIB = {
    "subprocess",
    "socket",
    "urllib.request",
    "http.client",
    "http.server",
    "shutil",
    "tempfile",
    "pathlib",
}


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse((SRC / path).read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
            if node.module == "claude_gw_cli":
                found += [f"claude_gw_cli.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_only_go_down(path: Path) -> None:
    room = path.parts[0]
    for name in imports(path):
        if name.startswith("claude_gw_cli."):
            target = name.split(".")[1]
            target = target if target in FLOOR else "__init__.py"
            assert FLOOR[target] <= FLOOR[room], f"{path} imports {name}, which is a higher floor"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_third_party_libraries_stay_in_their_room(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        if top == "claude_gw_cli" or (top in sys.stdlib_module_names and top not in OWNERS):
            continue
        assert top in OWNERS, f"{path} imports {name}: not a library of this project"
        assert path.parts[0] in OWNERS[top] or str(path) in OWNERS[top], f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in PURE], ids=str)
def test_pure_rooms_do_no_input_or_output(path: Path) -> None:
    for name in imports(path):
        assert name not in IMPURE_STDLIB, f"{path} imports {name}"
    source = ast.parse((SRC / path).read_text())
    calls = {
        node.func.id for node in ast.walk(source) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval"}, path


def runtime_imports() -> dict[str, set[str]]:
    """Module -> the modules of this package that it imports when it runs, also inside functions."""
    names = {
        ".".join(("claude_gw_cli", *path.with_suffix("").parts)).removesuffix(".__init__"): path for path in FILES
    }
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        tree = ast.parse((SRC / path).read_text())
        blocks = [
            node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ]
        unseen = {id(node) for block in blocks for line in block.body for node in ast.walk(line)}
        found[name] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and id(node) not in unseen:
                wanted = [f"{node.module}.{alias.name}" for alias in node.names]
                found[name] |= {item if item in names else str(node.module) for item in wanted}
        found[name] = found[name] & {*names} - {name}
    return found


def test_what_a_module_imports_is_there_when_it_runs() -> None:
    """A name that only type checkers see must not be imported by a line that runs, in a function either."""
    missing = []
    for path in FILES:
        tree = ast.parse((SRC / path).read_text())
        blocks = [
            node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ]
        unseen = {id(node) for block in blocks for line in block.body for node in ast.walk(line)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ImportFrom)
                and id(node) not in unseen
                and (node.module or "").startswith("claude_gw")
            ):
                names = [alias.name for alias in node.names]
                module = __import__(str(node.module), fromlist=names)
                missing += [f"{path}:{node.lineno} {name}" for name in names if not hasattr(module, name)]
    assert not missing


def test_no_modules_import_each_other_in_a_circle() -> None:
    """What remains after taking away, again and again, the modules that import nothing of the rest."""
    rest = runtime_imports()
    assert len(rest) > 100
    while done := {name for name, wanted in rest.items() if not wanted & {*rest}}:
        rest = {name: wanted for name, wanted in rest.items() if name not in done}
    while unused := {name for name in rest if not any(name in wanted for wanted in rest.values())}:
        rest = {name: wanted for name, wanted in rest.items() if name not in unused}
    assert not rest, {name: sorted(wanted & {*rest}) for name, wanted in rest.items()}


def test_layering_is_not_vacuous() -> None:
    assert len(FILES) > 10


@pytest.mark.parametrize("path", FILES, ids=str)
def test_private_modules_of_the_standard_library_are_not_imported(path: Path) -> None:
    """A library promises only what is not marked as private; the rest may be gone in its next release."""
    private = {name for name in imports(path) if name.startswith("_") and not name.startswith("__")} - HASHES
    assert not private, f"{path}: use the public module ({', '.join(sorted(private))})"
