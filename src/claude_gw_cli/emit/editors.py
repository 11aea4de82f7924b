"""JSON for programs and editors: a plain object, a VS Code settings fragment, a devcontainer.json fragment.

`json` is imported where it is used: it takes longer than all shell dialects together.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import referring, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets


def _dump(document: object) -> str:
    import json

    return json.dumps(document, indent=2) + "\n"


def as_json(sets: Sets, unsets: Unsets) -> str:
    """One object: a string sets the variable, ``null`` unsets it."""
    return _dump({**dict.fromkeys(unsets), **dict(sets)})


def vscode(sets: Sets, unsets: Unsets) -> str:
    """The extension's own variables, for the *user* settings of VS Code.

    Only they pass the extension's login check: it does not look into Claude Code's settings.json. The setting cannot
    unset; an empty value is the nearest.
    """
    variables = {**dict.fromkeys(unsets, ""), **dict(sets)}
    return _dump(
        {
            "claudeCode.environmentVariables": [{"name": name, "value": value} for name, value in variables.items()],
            "claudeCode.disableLoginPrompt": True,
        }
    )


def devcontainer(sets: Sets, unsets: Unsets) -> str:
    """Members for devcontainer.json: ``containerEnv`` reaches every process, ``remoteEnv`` alone can unset (null).

    Both substitute ``${localEnv:…}`` and its kin, and have no escape for it. Both end in a label of the image. A
    variable with the key is in ``remoteEnv``, because `docker run` would show it in its command line.
    """
    remote: dict[str, str | None] = dict.fromkeys(unsets)
    container: dict[str, str | None] = {}
    for name, value in sets:
        parts = referring(value)
        if "${" in (parts.before + parts.after if parts else value):
            raise refusal("devcontainer", name, "it has ${, which devcontainer.json substitutes")
        remote.pop(name, None)
        (remote if parts else container)[name] = str(value)
    document: dict[str, object] = {"containerEnv": container}
    if remote:
        document["remoteEnv"] = remote
    return _dump(document)


RENDERERS = {"json": as_json, "vscode": vscode, "devcontainer": devcontainer}
