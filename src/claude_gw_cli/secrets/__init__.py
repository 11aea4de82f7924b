"""Where keys come from: one file per source, one protocol: reference -> value + expiry + facts.

``resolve`` is the only door. A source is a module with ``fetch(reference, context) -> FetchedSecret``; it is imported
when its scheme is asked for and not before, because this package is on the hot path of `cgw env`.

The contract of every source:
- It returns one line of text, or raises a typed error with the next step: exit 69 not there or no answer, 77 locked,
  signed out or refused, 2 a reference or a value that is not a key.
- It ends by the context's deadline and reads no more than a limit.
- It looks at ``context.env`` only. A helper's context holds what was pinned when it was installed (see ``pin``).
- It asks a question on the screen only where ``context.may_ask``.
- It never prints and never caches; the cache is the helper's.
"""

from __future__ import annotations

import time

from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.reference import Reference, parse, unknown_scheme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal, Protocol

    from claude_gw_cli.core.secret import Secret

    class Source(Protocol):
        """What a source module offers."""

        def fetch(self, reference: Reference, context: Context) -> FetchedSecret:
            """The value of a reference."""


BUDGET = 9.0
"""Seconds that a fetch may take in all; the client shows "taking a while" after 10 (measured)."""

# Scheme -> module. The presets are one table in one module.
_MODULES = {
    "env": "env",
    "file": "file",
    "keyring": "keyring",
    "vault": "vault",
    "jwt": "jwt",
    "oauth": "oauth",
    "ci-token": "pipeline",
    "exec": "command",
    "secret-tool": "keyring",
}


class FetchedSecret:
    """What a source returned.

    Attributes:
        value: the key.
        expires_at: when it ends, seconds since 1970 by this machine's clock; ``None`` where the source does not say.
        facts: what may be shown about it (``source``, ``version``, ``lease`` ...); never a secret.
        watch: absolute paths whose change makes the value stale (a key file).
    """

    __slots__ = ("expires_at", "facts", "value", "watch")

    def __init__(
        self,
        value: Secret,
        expires_at: float | None = None,
        facts: Mapping[str, str] | None = None,
        watch: Sequence[str] = (),
    ) -> None:
        self.value = value
        self.expires_at = expires_at
        self.facts = facts or {}
        self.watch = tuple(watch)


class Context:
    """What a source may look at: nothing ambient, and how its value is checked.

    Attributes:
        grant: the permission; without one nothing is resolved.
        env: the environment variables. With a table ``pinned`` (see ``pin``) only those that it names.
        deadline: on the monotonic clock; a source gives up by then.
        tables: the profile's tables (``jwt``, ``oauth``, ``vault``, ``helper``), as parsed.
        clock: the wall clock, seconds since 1970.
        plugins: scheme -> ``module:function``, recorded when a helper was installed.
        may_ask: true where the user sits at a terminal and expects a question (`cgw secret set`, `cgw secret test`).
        material: what is fetched for a source itself, which never travels in a header as it is: a ``key`` may have
            lines, a client's ``secret`` is any line of text; empty for the gateway's key.
    """

    __slots__ = ("clock", "deadline", "env", "grant", "material", "may_ask", "plugins", "tables")

    def __init__(
        self,
        grant: Grant,
        env: Mapping[str, str],
        deadline: float | None = None,
        tables: Mapping[str, Mapping[str, object]] | None = None,
        clock: Callable[[], float] = time.time,
        plugins: Mapping[str, str] | None = None,
        *,
        may_ask: bool = False,
    ) -> None:
        if not isinstance(grant, Grant):
            raise TypeError("a secret is resolved only with a grant")
        self.grant = grant
        pinned = (tables or {}).get("pinned")
        self.env = env if pinned is None else _pinned_environment(env, pinned)
        self.deadline = time.monotonic() + BUDGET if deadline is None else deadline
        self.tables = tables or {}
        self.clock = clock
        self.plugins = plugins or {}
        self.may_ask = may_ask
        self.material = ""

    @classmethod
    def make(
        cls, grant: Grant, env: Mapping[str, str], seconds: float, tables: Mapping[str, Mapping[str, object]]
    ) -> Context:
        """A context whose budget starts now."""
        return cls(grant, env, time.monotonic() + seconds, tables)

    @property
    def is_pinned(self) -> bool:
        """True for an installed helper: what the environment once said is in the tables."""
        return "pinned" in self.tables

    def remaining(self) -> float:
        """Seconds until the deadline, never less than a hundredth."""
        return max(self.deadline - time.monotonic(), 0.01)

    def accept(self, raw: str, origin: str) -> Secret:
        """What a source returned as a Secret; every source ends with this.

        Raises:
            UsageError: it is empty, or cannot be a key.
        """
        from claude_gw_cli.core.secret import Secret, checked

        return Secret(raw) if self.material and raw.strip() else checked(raw, origin)

    def for_material(self, kind: Literal["key", "secret"]) -> Context:
        """The same context, for what a source itself needs."""
        inner = Context(
            self.grant, self.env, self.deadline, self.tables, self.clock, self.plugins, may_ask=self.may_ask
        )
        inner.material = kind
        return inner

    def table(self, kind: str, name: str) -> Mapping[str, object]:
        """The profile's table ``[kind.name]``.

        Raises:
            UsageError: there is none; the text lists those that exist.
        """
        tables = self.tables.get(kind, {})
        table = tables.get(name)
        if not isinstance(table, dict):
            known = ", ".join(key for key, value in tables.items() if isinstance(value, dict)) or "none"
            raise UsageError(
                f"the profile has no table [{kind}.{name}] (there is: {known})",
                hint=f"Add [{kind}.{name}] to the profile, or correct the reference {kind}://{name}.",
            )
        return table


def _pinned_environment(env: Mapping[str, str], pinned: Mapping[str, object]) -> dict[str, str]:
    """The variables as they were pinned, and those that hold a credential from the process."""
    fixed, names = pinned.get("set"), pinned.get("from_process")
    found = {str(name): str(value) for name, value in fixed.items()} if isinstance(fixed, dict) else {}
    credentials = names if isinstance(names, list) else []
    return found | {name: env[name] for name in credentials if name in env}


class Within:
    """A part of a profile that names references: errors about them say which one.

    Args:
        where: ``[oauth.work] client_secret``.
    """

    __slots__ = ("where",)

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, CgwError):
            error.message = f"{self.where}: {error.message}"
            error.args = (error.message,)


def resolve(reference: str, context: Context) -> FetchedSecret:
    """The key that a reference names.

    Raises:
        UsageError: the reference or its table is invalid, or the value cannot be a key (exit 2).
        UnavailableError: the source does not answer or does not hold it (exit 69).
        RefusedError: the source, or a file's mode, says no (exit 77).
    """
    parsed = parse(reference)
    return source(parsed.scheme, parsed, context).fetch(parsed, context)


def resolve_basic(reference: str, context: Context) -> Secret:
    """``USER:PASSWORD`` behind a reference as the value of an ``Authorization: Basic`` header, in Base64.

    Raises:
        UsageError: it is not a user name and password; otherwise as ``resolve``.
    """
    from base64 import b64encode

    from claude_gw_cli.core.secret import Secret

    text = resolve(reference, context.for_material("secret")).value.reveal().strip("\r\n")
    if not text.partition(":")[0] or ":" not in text or not text.isprintable():
        raise UsageError(
            "the value of front_auth is not USER:PASSWORD on one line",
            hint="Store both, separated by a colon, and correct front_auth if it names another secret.",
        )
    return Secret(b64encode(text.encode()).decode())


def source(scheme: str, parsed: Reference, context: Context) -> Source:
    """The module (or plug-in) that serves a scheme."""
    from claude_gw_cli.core.reference import FORMS

    if scheme in FORMS:
        # importlib would cost as much as a light source does
        name = f"claude_gw_cli.secrets.{_MODULES.get(scheme, 'presets')}"
        module: Source = __import__(name, fromlist=["fetch"])
        return module
    from claude_gw_cli.secrets.plugin import Plugin, find_plugin

    target = context.plugins.get(scheme) or find_plugin(scheme)
    if target is None:
        raise unknown_scheme(parsed)
    return Plugin(target, FetchedSecret)
