"""The origin guard (P49): the key is handed out only for requests to the profile's own gateway.

Claude Code runs the user's helper in any working directory and sends its value to whatever base URL is in effect;
a project's settings can set that, without a prompt in print mode (measured, 2.1.330). The helper sees the client's
environment and directory and decides by them. When in doubt it refuses. On the hot path.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import CgwError, RefusedError
from claude_gw_cli.world.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.helper.spec import Spec

_DIRECT = "ANTHROPIC_BASE_URL"
_OFF = frozenset({"", "0", "false", "no", "off"})
_LONGEST = 5_000_000


def check(spec: Spec, env: Mapping[str, str], cwd: str) -> None:
    """Pass, or refuse to hand out the key.

    Raises:
        RefusedError: the client would send the key to another origin; the text names the variable, the address and
            the file that sets it.
    """
    if not spec.origin:
        return
    names = {_DIRECT, *(word for pair in spec.route for word in pair.split(" "))}
    layers = [("the environment", env), *_settings(spec, env, cwd, names)]
    effective: dict[str, tuple[str, str]] = {}
    for where, values in layers:
        effective.update({name: (values[name], where) for name in names if name in values})
    for flag, variable in _routes(spec, effective):
        url, where = effective.get(variable, ("", ""))
        if not url.strip():
            if not where and not flag and "CLAUDE_CODE_ENTRYPOINT" not in env:
                continue  # nothing is configured and no client is asking: a person tries the helper by hand
            where = where or (effective[flag][1] if flag else "the environment")
            _refuse(spec, f"{variable} is not set ({where}): the client would use the provider's own address")
        if origin(url) != spec.origin:
            _refuse(spec, f"{variable} leads to {origin(url) or 'an address that is no plain URL'} ({where})")


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL in one spelling; empty for anything that two parsers could read differently."""
    url = url.strip()
    scheme, colon, rest = url.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in {"http", "https"} or any(char <= " " or char > "~" or char == "\\" for char in url):
        return ""
    host = rest
    for end in "/?#":
        host = host.partition(end)[0]
    host = host.lower().removesuffix(":443" if scheme == "https" else ":80")
    return f"{scheme}://{host}" if host and "@" not in host and "%" not in host else ""


def _routes(spec: Spec, effective: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The (flag, base URL variable) pairs that may be in effect; without a flag it is the direct one."""
    found = False
    for pair in spec.route:
        flag, variable = pair.split(" ")
        if effective.get(flag, ("", ""))[0].strip().lower() not in _OFF:
            found = True
            yield flag, variable
    if not found:
        yield "", _DIRECT


def _settings(
    spec: Spec, env: Mapping[str, str], cwd: str, wanted: set[str]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The ``env`` of the settings files that the client reads here, weakest first.

    The first call of a client comes before a project's variables are in its environment (measured), so the files
    are read. The values of ``--settings`` cannot be known and are taken as part of the environment.
    """
    home = env.get("CLAUDE_CONFIG_DIR") or os.path.join(env.get("HOME", "/"), ".claude")
    drop_ins = os.path.join(spec.managed, "managed-settings.d")
    try:
        names = sorted(name for name in os.listdir(drop_ins) if name.endswith(".json") and name[0] != ".")
    except OSError:
        names = []
    for path in (
        os.path.join(home, "settings.json"),
        os.path.join(cwd, ".claude", "settings.json"),
        os.path.join(cwd, ".claude", "settings.local.json"),
        os.path.join(spec.managed, "managed-settings.json"),
        *(os.path.join(drop_ins, name) for name in names),
    ):
        values = _env_of(spec, path, wanted)
        if values:
            yield path, values


def _env_of(spec: Spec, path: str, wanted: set[str]) -> dict[str, str]:
    try:
        data = read_bytes(path)
    except CgwError:
        return {}  # the client cannot read it either
    if data is None or not data.strip():
        return {}
    if len(data) > _LONGEST:
        _refuse(spec, f"{path} is too large to be checked")
    wide = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if not wide and b"\\u" not in data and not any(name.encode() in data for name in wanted):
        return {}  # most files: known without importing a parser, which costs half an interpreter start
    import json

    try:
        document = json.loads(data.decode("utf-16" if wide else "utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return {}  # the client drops such a file whole (measured)
    values = document.get("env") if isinstance(document, dict) else None
    return (
        {name: value if isinstance(value, str) else str(value) for name, value in values.items()}
        if isinstance(values, dict)
        else {}
    )


def _refuse(spec: Spec, why: str) -> None:
    raise RefusedError(
        f"the key of helper {spec.name} is for {spec.origin} only; {why}",
        hint="If a project's settings do this, do not work there before you have read them.\n"
        "If the gateway has moved, update the profile and run: cgw helper install",
    )
