"""Fixing a reference at install time: what it means here and now, so that nothing ambient can change it later.

A helper runs in every working directory, under an environment that a project's settings may add to. So addresses,
programs, directories, accounts, back ends and file names are written down when the helper is installed, in the table
``pinned``, and taken from nowhere else. A credential is never written down: the table names the variable that held
it, and only variables that were set at install time are read later.

A source module may offer ``pin(reference, context) -> PinnedReference``; one that does not is taken as it is.
"""

from __future__ import annotations

import os
import sys

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.reference import parse
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.secrets import source
from claude_gw_cli.secrets.plugin import Plugin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_gw_cli.secrets import Context

PLACES = (
    *("HOME", "USER", "LOGNAME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
    *("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"),
    *("DBUS_SESSION_BUS_ADDRESS", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("SYSTEMROOT", "APPDATA", "LOCALAPPDATA", "USERPROFILE"),
)
"""Where a program finds its own configuration and agents. No credential is among them: a program named by a profile
must not receive the keys of other services (property P3)."""

DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class PinnedReference:
    """A reference with everything that it depends on.

    Attributes:
        reference: the reference's text, with absolute names.
        tables: the tables that it needs at run time, complete.
        watch: files whose change makes a cached value stale.
        ambient: variables that hold its credential at run time.
        plugins: scheme -> ``module:function``.
        lifetime: seconds that a value lives, where the source decides that.
        cacheable: False where the source is at hand at no cost.
    """

    reference: str
    tables: dict[str, Any] = field(default_factory=dict)
    watch: tuple[str, ...] = ()
    ambient: tuple[str, ...] = ()
    plugins: tuple[tuple[str, str], ...] = ()
    lifetime: float | None = None
    cacheable: bool = True

    def with_inner(self, *inner: PinnedReference) -> PinnedReference:
        """This reference and the ones that it resolves itself (a client secret, a signing key)."""
        return replace(
            self,
            tables=merged(*(item.tables for item in inner), self.tables),
            watch=self.watch + tuple(path for item in inner for path in item.watch),
            ambient=self.ambient + tuple(name for item in inner for name in item.ambient),
            plugins=self.plugins + tuple(pair for item in inner for pair in item.plugins),
        )


def pin(text: str, context: Context) -> PinnedReference:
    """The pinned form of a reference.

    Raises:
        CgwError: the reference, its table or its program is invalid here.
    """
    reference = parse(text)
    module = source(reference.scheme, reference, context)
    if isinstance(module, Plugin):
        tables = merged(dict(context.tables), places(context, ()))
        pinned = PinnedReference(
            text, tables, ambient=tuple(passed(context)), plugins=((reference.scheme, module.target),)
        )
    else:
        own = getattr(module, "pin", None)
        pinned = own(reference, context) if own else PinnedReference(text)
    credentials = {"pinned": {"set": {}, "from_process": list(pinned.ambient)}}
    return replace(pinned, tables=merged(pinned.tables, credentials))


def places(context: Context, names: Sequence[str], programs: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The tables of a source that starts a program: its places, its own variables, programs by absolute path."""
    env = {name: context.env[name] for name in (*PLACES, *names) if context.env.get(name)}
    env["PATH"] = safe_path(context.env)
    if sys.platform == "linux":
        # without the variable, libraries look in places that the environment chooses
        runtime = context.env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
        env.setdefault("DBUS_SESSION_BUS_ADDRESS", f"unix:path={runtime}/bus")
    tables: dict[str, Any] = {"pinned": {"set": env, "programs": dict(programs or {})}}
    if further := passed(context):
        tables["helper"] = {"pass_env": further}
    return tables


def passed(context: Context) -> list[str]:
    """The further variables that a program may see by ``[helper] pass_env``; its answer depends on them.

    Raises:
        UsageError: it is not a list of variable names.
    """
    names = context.tables.get("helper", {}).get("pass_env", [])
    if not isinstance(names, list) or not all(
        isinstance(name, str) and name.isascii() and name.isidentifier() for name in names
    ):
        raise UsageError("[helper] pass_env must be a list of variable names", hint='pass_env = ["AWS_ROLE_ARN"]')
    return names


def safe_path(env: Mapping[str, str]) -> str:
    """PATH without relative entries: the working directory must not choose a program."""
    folders = [item for item in env.get("PATH", DEFAULT_PATH).split(os.pathsep) if os.path.isabs(item)]
    return os.pathsep.join(folders) or DEFAULT_PATH


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables within tables united; lists joined; for anything else the later one counts."""
    result: dict[str, Any] = {}
    for table in tables:
        for name, value in table.items():
            old = result.get(name)
            if isinstance(old, dict) and isinstance(value, dict):
                result[name] = merged(old, value)
            elif isinstance(old, list) and isinstance(value, list):
                result[name] = list(dict.fromkeys((*old, *value)))
            else:
                result[name] = value
    return result
