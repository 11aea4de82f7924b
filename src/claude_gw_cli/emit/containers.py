"""YAML that is committed: a Compose file, and Kubernetes manifests. The key is referred to.

In ``environment:`` of Compose and in ``env`` of Kubernetes a dollar sign starts a substitution and ``$$`` is one
dollar sign; a ConfigMap and a Secret are taken as they are. Nothing can be unset; an empty value is the nearest.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import Keyed, spelled
from claude_gw_cli.emit.yamltext import mapping, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

_NAME = "claude-code-gateway"


def compose(sets: Sets, unsets: Unsets) -> str:
    """A file to merge: `docker compose -f compose.yaml -f THIS up`. The service's name is for the user to change."""
    values = {**dict.fromkeys(unsets, ""), **{name: spelled(value, _doubled) for name, value in sets}}
    lines = ["services:", "  claude:", "    environment:", *mapping(values, 6)]
    return "".join(f"{line}\n" for line in lines) if values else ""


def kubernetes(sets: Sets, unsets: Unsets) -> str:
    """A ConfigMap; for variables with the key a Secret, or a container that takes the key from a Secret."""
    keyed = {name: value for name, value in sets if isinstance(value, Keyed)}
    public = {**dict.fromkeys(unsets, ""), **dict(sets)}
    public = {name: value for name, value in public.items() if name not in keyed}
    texts = [_object("v1", "ConfigMap", ["data:", *mapping(public, 2)])] if public else []
    literal = {name: value for name, value in keyed.items() if not value.source}
    if literal:
        texts.append(_object("v1", "Secret", ["stringData:", *mapping(literal, 2)]))
    referring = {name: value for name, value in keyed.items() if value.source}
    if referring:
        texts.append(_object("v1", "PodTemplate", _template(referring)))
    return "---\n".join(texts)


def _template(values: dict[str, Keyed]) -> list[str]:
    """Lines for a container that is an example: its members envFrom and env are for the user's own container."""
    source = next(iter(values.values())).source
    lines = [
        "# Copy envFrom and env into your own container.",
        f"# To make the Secret: kubectl create secret generic {_NAME} --from-file={source}=FILE",
        "template:",
        "  spec:",
        "    containers:",
        "      - name: claude",
        "        envFrom:",
        f"          - configMapRef: {{name: {_NAME}}}",
        "        env:",
        f"          - name: {source}",
        f"            valueFrom: {{secretKeyRef: {{name: {_NAME}, key: {source}}}}}",
    ]
    for name, value in values.items():
        if name != source:  # "$(NAME)" is an earlier entry
            lines += [f"          - name: {name}", f"            value: {quoted(spelled(value, _doubled))}"]
    return lines


def _object(version: str, kind: str, lines: list[str]) -> str:
    head = [f"apiVersion: {version}", f"kind: {kind}", f"metadata: {{name: {_NAME}}}"]
    return "".join(f"{line}\n" for line in [*head, *lines])


def _doubled(text: str) -> str:
    return text.replace("$", "$$")


RENDERERS = {"compose": compose, "kubernetes": kubernetes}
