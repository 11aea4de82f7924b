"""The user's own start, arranged so that the real client can make it without changing a file or leaving loopback.

The client writes into its configuration directory at every start, so it gets a temporary one with a copy of the
user's settings and the few members of .claude.json that decide about credentials; a login session stays where it is.
The home and the working directory are the real ones: helpers find their files. Only where settings in the
working directory name the base URL does the client see that directory through links, with that one value changed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from claude_gw_cli.core.errors import UnavailableError
from claude_gw_cli.core.layers import Effective, effective
from claude_gw_cli.core.predict.providers import Route, base_text, choose_route
from claude_gw_cli.core.redirect import on_recorder, redirected
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import MODEL_RESET
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world.client import QUIET, enclosed
from claude_gw_cli.world.loopback.clouds import fake_credentials

_CLAUDE_JSON = ("customApiKeyResponses", "apiKeyHelper", "env", "hasCompletedOnboarding", MODEL_RESET)
_READ_HERE = (".claude/settings.json", ".claude/settings.local.json")
"""What the client reads of its working directory."""


@dataclass(frozen=True, slots=True)
class IsolatedStart:
    """Everything that starts the client: ``start`` is what a prediction has to be made for."""

    start: Snapshot
    env: Mapping[str, str]
    cwd: str
    args: tuple[str, ...]


@contextmanager
def isolated(snapshot: Snapshot, args: tuple[str, ...], recorder: str) -> Iterator[IsolatedStart]:
    """The start, redirected to the recorder, for as long as the context lasts.

    Args:
        snapshot: the start as it would be made here and now.
        args: the client's own arguments.
        recorder: URL of the running loopback gateway.

    Raises:
        UnavailableError: the start cannot be kept on this machine; the text says why.
    """
    with tempfile.TemporaryDirectory(prefix="cgw-trace-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        layers = effective(snapshot)
        route = choose_route(snapshot, layers)
        turned, pinned = redirected(snapshot, _values(snapshot, layers, route, recorder, folder))
        turned = replace(turned, login=None)
        if pinned:
            raise UnavailableError(
                f"managed settings set {', '.join(pinned)}: this start cannot be redirected to the recorder",
                hint="Predict it without a start: cgw explain",
            )
        if route.situation == "google":
            turned = replace(turned, cloud_files=(("google", "GOOGLE_APPLICATION_CREDENTIALS"),))
        _write_user(snapshot, turned, folder / "config")
        cwd = _working_directory(snapshot, turned, folder / "work")
        args += _edited_flag(snapshot, turned, folder)
        yield IsolatedStart(turned, {**turned.process, "CLAUDE_CONFIG_DIR": str(folder / "config")}, cwd, args)


def _values(snapshot: Snapshot, layers: Effective, route: Route, recorder: str, folder: Path) -> dict[str, str]:
    provider = route.provider
    # Clients without NO_PROXY would tunnel to the recorder through the proxy, where a Proxy-Authorization header of
    # theirs breaks the request: for them the base URL and the fake cloud credentials must keep it on this machine.
    offline = enclosed(recorder)
    if not holds("no-proxy", snapshot.client_version):
        offline = dict(QUIET) | {name: "" for name in offline if name.lower() in ("http_proxy", "https_proxy")}
    values = {**offline, "CLAUDE_CODE_MAX_RETRIES": "0"}
    configured = base_text(provider, layers)
    base = on_recorder(configured or provider.cloud, recorder)
    if base is not None:
        values[provider.base] = base
        if provider.resource and layers.present(provider.resource) and not configured:
            values[provider.resource] = ""  # the client refuses the two together
    return values | _offline_credentials(layers, route, recorder, folder)


def _offline_credentials(layers: Effective, route: Route, recorder: str, folder: Path) -> dict[str, str]:
    """Cloud credentials that work offline, in place of ones that a cloud would have to be asked for."""
    if route.situation == "azure":
        raise UnavailableError(
            "the client would ask Microsoft for a token, which a trace does not let it do",
            hint="Predict it instead: cgw explain",
        )
    values = fake_credentials(
        [item for item in ("aws-keys", "google") if item == route.situation],
        recorder,
        folder,
        layers.text("ANTHROPIC_VERTEX_PROJECT_ID"),
    )
    if route.situation == "aws-keys":
        values |= {name: "" for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN") if layers.present(name)}
    return values


def _write_user(before: Snapshot, after: Snapshot, config: Path) -> None:
    config.mkdir(mode=0o700)
    for old, new in zip(before.files, after.files, strict=True):
        if old.scope == "user" and old.status != "absent":
            _copy(old.file, old.text, new.text, config / "settings.json")
    kept = {name: before.claude_json[name] for name in _CLAUDE_JSON if name in before.claude_json}
    (config / ".claude.json").write_text(json.dumps(kept), encoding="utf-8")


def _copy(file: str, old: str | None, new: str | None, to: Path) -> None:
    """The file byte for byte, unless its text was changed."""
    try:
        if new is None or new == old:
            shutil.copyfile(file, to)
        else:
            to.write_text(new, encoding="utf-8")
    except OSError:
        return  # unreadable for the client as well, or not there any more


def _working_directory(before: Snapshot, after: Snapshot, work: Path) -> str:
    """The real one, or one full of links beside the changed settings.

    Whatever scope a changed file has: in the home, or through a link, the user's own settings are read as the
    project's as well, and would send the client to the gateway itself.
    """
    changed = {
        os.path.realpath(old.file): new.text
        for old, new in zip(before.files, after.files, strict=True)
        if old.text != new.text
    }
    if changed.keys().isdisjoint(os.path.realpath(Path(before.cwd, name)) for name in _READ_HERE):
        return before.cwd
    settings = work / ".claude"
    settings.mkdir(parents=True)
    for real, link in ((Path(before.cwd), work), (Path(before.cwd, ".claude"), settings)):
        for item in real.iterdir():
            text = changed.get(os.path.realpath(item))
            if text is not None:
                (link / item.name).write_text(text, encoding="utf-8")
            elif not (link / item.name).exists():
                (link / item.name).symlink_to(item)
    return str(work)


def _edited_flag(before: Snapshot, after: Snapshot, folder: Path) -> tuple[str, ...]:
    """``--settings`` once more, where its document was changed: the last one counts, as a whole (measured)."""
    for old, new in zip(before.files, after.files, strict=True):
        if old.scope == "flag" and old.text != new.text:
            path = folder / "flag.json"
            path.write_text(new.text or "", encoding="utf-8")
            return ("--settings", str(path))
    return ()
