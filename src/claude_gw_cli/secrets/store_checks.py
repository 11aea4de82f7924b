"""What is looked at before a store's tool is started, where the tool itself succeeds with something else."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.secrets import answers
from claude_gw_cli.secrets.text import shown
from claude_gw_cli.world import regular

if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context


def folder_of_pass(reference: Reference, context: Context) -> None:
    """`pass show FOLDER` succeeds and prints the folder's name (measured, 1.7.4)."""
    home = context.env.get("HOME", "")
    store = context.env.get("PASSWORD_STORE_DIR") or os.path.join(home, ".password-store")
    path = os.path.join(store, reference.path)
    if os.path.isdir(path) and not os.path.isfile(f"{path}.gpg"):
        names = sorted(name.removesuffix(".gpg") for name in os.listdir(path) if not name.startswith("."))
        inside = ", ".join(names[:10]) or "nothing"
        raise answers.error("folder", reference.text, hint=f"Name a secret in it; it holds: {shown(inside)}")


def documents_of_sops(reference: Reference, context: Context) -> None:  # noqa: ARG001  # as every check
    """`sops --decrypt` to JSON gives only the first of several YAML documents (measured, 3.11)."""
    if not reference.path.endswith((".yaml", ".yml")):
        return
    try:
        text = regular.content(reference.path)[0].decode("utf-8", "replace")
    except FileError:
        return  # sops says why
    content = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith(("#", "%"))]
    if any(line == "---" or line.startswith("--- ") for line in content[1:]):
        raise answers.error(
            "ambiguous", reference.text, "the file has several YAML documents", "Keep the key in a separate file."
        )
