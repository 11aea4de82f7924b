"""Which functions may resolve a secret, start a program or open a connection. Anything new fails here.

To add one, put it into ``ALLOWED`` with its reason; a function that acts for a profile takes a ``Grant``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from claude_gw_cli import secrets
from claude_gw_cli.core.grant import Grant

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"

# The end of a call's dotted name -> what the call does.
CALLS = {
    "Grant": "makes a grant",
    "secrets.resolve": "resolves a secret",
    "secrets.source": "resolves a secret",
    "resolve": "resolves a secret",
    "Context": "resolves a secret",
    "Context.make": "resolves a secret",
    "Popen": "starts a program",
    "children.start": "starts a program",
    "subprocess.run": "starts a program",
    "check_output": "starts a program",
    "check_call": "starts a program",
    "os.system": "starts a program",
    "os.popen": "starts a program",
    "os.fork": "starts a program",
    "Process": "starts a program",
    "Pool": "starts a program",
    "ProcessPoolExecutor": "starts a program",
    "forkpty": "starts a program",
    "posix_spawn": "starts a program",
    "create_subprocess_exec": "starts a program",
    "urlopen": "connects",
    "create_connection": "connects",
    "open_connection": "connects",
    "HTTPConnection": "connects",
    "HTTPSConnection": "connects",
    "socket.socket": "connects",
    "requests.get": "connects",
    "requests.post": "connects",
    "requests.request": "connects",
    "requests.Session": "connects",
    "hvac.Client": "connects",
}
# (file:function, what it does), with ``*`` for any part -> why it may.
ALLOWED: dict[tuple[str, str], str] = {
    ("world/config.py:LoadedProfile.grant", "makes a grant"): "the door: the profile is the user's own or trusted",
    ("cli/prepare.py:_from_rows", "makes a grant"): "a kept plan: what is trusted is part of what it depends on",
    ("cli/secret.py:_context", "makes a grant"): "a reference that the user typed on the command line",
    (
        "cli/new_profile.py:check_reference",
        "makes a grant",
    ): "the reference's scheme and tables are checked, nothing is fetched",
    ("cli/wizard/finish.py:_patch", "makes a grant"): "a profile that the user is typing: nothing is fetched",
    (
        "cli/wizard/reference.py:_tried",
        "makes a grant",
    ): "a reference that the user just typed at the wizard's question",
    (
        "cli/wizard/reference.py:_tried",
        "resolves a secret",
    ): "tries that reference once, to say whether it gives a key",
    ("cli/key_store.py:keyring_works", "makes a grant"): "asks the user's own keyring whether it works",
    ("cli/key_store.py:keyring_works", "resolves a secret"): "asks the user's own keyring whether it works",
    ("helper/runtime.py:*", "makes a grant"): "an installed helper's own private file",
    ("helper/cache.py:KeyringCache.*", "makes a grant"): "the helper's own cache, named in its private file",
    (
        "cli/doctor.py:examined",
        "makes a grant",
    ): "without a profile: the set-up that is here, if the user set its address",
    ("cli/prepare.py:Prepared.key", "resolves a secret"): "cgw env and run, with the profile's grant",
    ("cli/prepare.py:Prepared.basic", "resolves a secret"): "cgw env and run, with the profile's grant",
    ("cli/settings_change.py:_with_secrets", "resolves a secret"): "--write-secret, with the profile's grant",
    ("cli/local_probes.py:LocalProbes._secret", "resolves a secret"): "with the profile's grant",
    ("cli/local_probes.py:LocalProbes._front", "resolves a secret"): "with the profile's grant",
    ("cli/secret.py:_within", "resolves a secret"): "with the profile's grant, or typed",
    ("cli/secret.py:run_test", "resolves a secret"): "cgw secret test, with _context",
    ("cli/new_profile.py:check_reference", "resolves a secret"): "finds the source, does not fetch",
    ("helper/install.py:compile_spec", "resolves a secret"): "pins the reference, with the profile's grant",
    ("helper/runtime.py:*", "resolves a secret"): "the helper itself",
    ("helper/cache.py:KeyringCache.*", "resolves a secret"): "the helper's own cache",
    ("secrets/*", "resolves a secret"): "below the Context, which needs a grant",
    ("secrets/*", "starts a program"): "below the Context, which needs a grant",
    ("world/spread.py:_forked", "starts a program"): "this program itself, for a share of the rules over files",
    ("world/children.py:start", "starts a program"): "its callers have rows of their own",
    ("secrets/*", "connects"): "below the Context, which needs a grant",
    ("world/probe/*", "connects"): "below probe.gateway.Gateway, which needs a grant",
    ("cli/run.py:run", "starts a program"): "the user's command, after prepare() had the grant",
    ("world/client.py:run_client", "starts a program"): "the user's claude, or an installed helper",
    ("world/laboratory.py:helper_run", "starts a program"): "the matrix's own helper scripts",
    ("world/laboratory.py:can_have_own_etc", "starts a program"): "asks whether a mount namespace is possible",
    ("world/editor.py:_run", "starts a program"): "the user's own editor, by VISUAL or EDITOR",
    ("world/shared_source.py:_git", "starts a program"): "git for the source that the user named, without hooks",
    ("world/git.py:_run", "starts a program"): "git from an absolute PATH entry, without hooks and monitors",
    ("world/predicted_client.py:*", "starts a program"): "the demo's stand-in, with the demo's own helper",
    ("world/predicted_client.py:*", "connects"): "the demo's stand-in, to the demo's own gateway",
    ("world/download.py:_fetched", "connects"): "an address that the user typed: cgw init --from URL",
    ("world/detect.py:listens", "connects"): "the wizard, to a port on this machine; sends and reads nothing",
    ("world/detect.py:recognized", "connects"): "the wizard, to public pages on this machine; sends no key",
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def kind(name: str) -> str | None:
    if name.rpartition(".")[2].startswith(("execv", "execl", "spawn")) and name.startswith("os."):
        return "starts a program"
    if name in {"Path.resolve", "path.resolve"}:
        return None
    return next(
        (does for end, does in CALLS.items() if name == end or (name.endswith(f".{end}") and end != "resolve")), None
    )


def calls(tree: ast.AST, function: str = "") -> Iterator[tuple[str, str]]:
    """(function or class.method, what it does) of every such call."""
    for node in ast.iter_child_nodes(tree):
        inner = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and (does := kind(dotted(node.func))):
            yield function, does
        yield from calls(node, inner)


def found() -> set[tuple[str, str]]:
    return {
        (f"{path.relative_to(SRC)}:{function}", does)
        for path in SRC.rglob("*.py")
        for function, does in calls(ast.parse(path.read_text()))
    }


def test_nothing_else_resolves_starts_or_connects() -> None:
    unknown = {
        call for call in found() if not any(call[1] == does and fnmatch(call[0], name) for name, does in ALLOWED)
    }
    assert not unknown, "take a Grant, and give the function a row with its reason"


def test_every_row_is_still_needed() -> None:
    calls_now = found()
    for name, does in ALLOWED:
        assert any(does == call[1] and fnmatch(call[0], name) for call in calls_now), (name, does)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("def f():\n  import subprocess\n  subprocess.run(['x'])", "starts a program"),
        ("def f():\n  os.execvpe('x', [], {})", "starts a program"),
        ("def f():\n  secrets.resolve(ref, context)", "resolves a secret"),
        ("def f():\n  return Grant('own')", "makes a grant"),
        ("def f():\n  with requests.get(url) as answer: pass", "connects"),
    ],
)
def test_the_walk_sees(text: str, does: str) -> None:
    assert ("f", does) in set(calls(ast.parse(text)))


def test_there_is_no_context_without_a_grant() -> None:
    with pytest.raises(TypeError):
        secrets.Context({})  # type: ignore[call-arg, arg-type]
    with pytest.raises(TypeError, match="grant"):
        secrets.Context("own", {})  # type: ignore[arg-type]
    assert secrets.Context(Grant("own"), {}).for_material("key").grant.basis == "own"


@pytest.mark.parametrize(
    "path",
    [
        "helper/install.py:install",
        "helper/install.py:compile_spec",
        "helper/install.py:planned",
        "helper/standalone.py:install",
        "world/probe/gateway.py:Gateway.__init__",
    ],
)
def test_what_acts_for_a_profile_takes_a_grant(path: str) -> None:
    file, _, function = path.partition(":")
    name = function.rpartition(".")[2]
    nodes = [n for n in ast.walk(ast.parse((SRC / file).read_text())) if isinstance(n, ast.FunctionDef)]
    made = [n for n in nodes if n.name == name and any(a.arg == "grant" for a in (*n.args.args, *n.args.kwonlyargs))]
    assert made, f"{path} takes no grant"
