"""2xx: variables that the client does not read, by their names; with the name that was probably meant."""

from __future__ import annotations

from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.variables import BASE_URLS, INVENTED, OTHERS, SECRET_NAMES, VARIABLES, is_own
from claude_gw_cli.hints import TYPE_CHECKING, Iterator, Mapping
from claude_gw_cli.record import lru_cache
from claude_gw_cli.rules.context import RuleContext, env_at
from claude_gw_cli.rules.rule import RawFinding, rule
from claude_gw_cli.rules.settings_values import loses_the_gateway

if TYPE_CHECKING:
    from collections import Counter

    from claude_gw_cli.facts.names import Span

_PREFIXES = ("ANTHROPIC_", "CLAUDE_CODE_", "CLAUDE_")
_RELATED = ("API_TIMEOUT", "BASH_", "CLOUD_ML_", "DISABLE_", "ENABLE_", "MAX_", "MCP_", "OTEL_", "VERTEX_REGION_")
_SWITCHES = ("DISABLE_", "ENABLE_")
_COMPOSED = ("CLAUDE_PLUGIN_OPTION_", "CLAUDE_RUNNER_META_")
"""Beginnings of names that the client puts together from parts (read: 2.1.332)."""
_OWN_NAME = lazy(r"(?:ANTHROPIC|CLAUDE)_\w*")
_CODE = "CLAUDE_CODE_"
_TELLING = 11
"""Letters after which the rest of a name is hardly the same by chance."""
_COMPARED = 1000
"""Different unknown names that are compared with all others: two milliseconds each, and no person writes more."""
_LIKENESS = 0.9
"""A ratio of ``difflib``: one wrong letter in ten."""


@rule("CGW211 unknown-variable warning")
def unknown_variable(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable is unknown to the client, and close to one that exists."""
    for source, name, raw in ctx.env_members:
        if name in ctx.lost:
            continue
        if name in KNOWN and name != name.lower():
            message = f"{name} is a settings key, which the client does not read inside env"
            yield RawFinding(message, env_at(source, name), "move it to the top level of the file")
        elif right := meant(ctx, name):
            yield _misnamed(ctx, name, right, raw, env_at(source, name))
    for name, right in _misnamed_in_process(ctx).items():
        yield _misnamed(ctx, name, right, ctx.snapshot.process[name], Location(variable=name))


def _misnamed_in_process(ctx: RuleContext) -> dict[str, str]:
    """Wrong and right names. The environment also has other programs' variables: only what is hardly theirs."""
    found: dict[str, str] = {}
    for name in ctx.snapshot.process:
        own = name.startswith(_CODE) or (name.startswith("ANTHROPIC_") and name.endswith("_BASE_URL"))
        right = meant(ctx, name, invented=own)
        if right and not ctx.text(right) and (name.upper().startswith(_CODE) or right in BASE_URLS):
            found[name] = right
    return found


def _is_synonym(name: str, right: str) -> bool:
    """Whether a name is a choice of words rather than a slip: another program may have it, such as CLAUDE_MODEL."""
    from difflib import SequenceMatcher

    slip = _squeeze(name.upper()) == _squeeze(right) or SequenceMatcher(None, name, right).ratio() >= _LIKENESS
    return not name.startswith(_CODE) and not slip


def _misnamed(ctx: RuleContext, name: str, meant: str, value: object, at: Location) -> RawFinding:
    """A finding; only a note where the name may be another program's and the client lacks nothing."""
    lacks_key = meant in SECRET_NAMES and ctx.gateway_base is not None and not ctx.gateway_key
    severity: Severity | None = "info" if _is_synonym(name, meant) and not lacks_key else None
    if loses_the_gateway(ctx, meant, value):
        severity = "error"
    return RawFinding(f"the client does not read {name!r}", at, f"did you mean {meant}?", severity=severity)


@rule("CGW225 name-of-no-release info")
def name_of_no_release(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable has a name like the client's own, and no release reads it."""
    for source, name, _ in ctx.env_members:
        # A file that uses its own variable has it for itself.
        if _is_of_no_release(name) and not meant(ctx, name) and _own_names(source.text or "")[name] < 2:
            yield _of_no_release(name, env_at(source, name))
    misnamed = _misnamed_in_process(ctx)
    for name in ctx.snapshot.process:
        if _is_of_no_release(name) and name not in misnamed:
            yield _of_no_release(name, Location(variable=name))


@lru_cache(maxsize=4)
def _own_names(text: str) -> Counter[str]:
    """How often a text has each name that begins like the client's."""
    from collections import Counter

    return Counter(found[0] for found in _OWN_NAME.finditer(text))


def _of_no_release(name: str, at: Location) -> RawFinding:
    right = INVENTED.get(name) or near(name)
    advice = f"did you mean {right}?" if right else "remove it, unless another program reads it"
    return RawFinding(f"no release of Claude Code reads {name}", at, advice)


def _is_of_no_release(name: str) -> bool:
    return is_own(name) and name not in OTHERS and not is_known(name)


def is_known(name: str) -> bool:
    """Whether the table of variables, or a release's package, has this name."""
    return name in VARIABLES or name.startswith(_COMPOSED) or released(name) is not None


@lru_cache(maxsize=4096)
def released(name: str) -> Span | None:
    """The releases that have a name; ``None`` for one of ``VARIABLES``, whose row says more, and for others."""
    if name in VARIABLES or name in INVENTED or not name.startswith((*_PREFIXES, *_RELATED)):
        return None
    return _spans().get(name)


def _spans() -> Mapping[str, Span]:
    from claude_gw_cli.facts.names import spans

    return spans()


def meant(ctx: RuleContext, name: str, *, invented: bool = True) -> str | None:
    """The variable that an unknown name probably means, if any."""
    if is_known(name):
        return None
    if name.upper() in VARIABLES:  # on Windows upper and lower case are the same name
        return None if ctx.snapshot.platform == "win32" else name.upper()
    return (INVENTED.get(name) if invented else None) or near(name)


_compared: set[str] = set()
"""Names that were compared with all known ones, which takes time."""


@lru_cache(maxsize=1 << 17)  # one team's ten thousand files repeat the same few names
def near(name: str) -> str | None:
    """The known name that a name with the client's prefixes is nearly."""
    upper = _with_prefix(name.upper())
    if not upper.startswith((*_PREFIXES, *_RELATED)) or name in OTHERS:
        return None
    if upper != name.upper() and upper in VARIABLES:
        return upper
    whole, cores = _squeezed()
    found = whole.get(_squeeze(upper))
    if not found and upper.startswith((*_PREFIXES, *_SWITCHES)):
        found = cores.get(_core(upper))
    if found:
        return found
    if len(_compared) > _COMPARED:
        return None
    _compared.add(name)
    from difflib import get_close_matches

    best = get_close_matches(upper, _alike(len(upper), _sense(upper)), 1, _LIKENESS)
    return best[0] if best else None


def _with_prefix(name: str) -> str:
    """The name with a slip in ``ANTHROPIC_`` or ``CLAUDE_`` corrected."""
    first, _, rest = name.partition("_")
    if first[:1] not in {"A", "C"} or f"{first}_" in _PREFIXES or len(first) < len("CLAUDE") - 1:
        return name
    from difflib import get_close_matches

    near = get_close_matches(first, ("ANTHROPIC", "CLAUDE"), 1, 0.8)
    return f"{near[0]}_{rest}" if near else name


@lru_cache(maxsize=4096)
def _squeezed() -> tuple[dict[str, str], dict[str, str]]:
    """Every known name by its letters, and by its letters without prefix; those in VARIABLES come first."""
    ours = [name for name in VARIABLES if name.startswith((*_PREFIXES, *_RELATED))]
    names = [*ours, *(name for name in _spans() if name not in VARIABLES)]
    cores = {_core(name): name for name in reversed(names) if name in VARIABLES or len(_core(name)) > _TELLING}
    return {_squeeze(name): name for name in reversed(names)}, cores


@lru_cache(maxsize=4096)
def _alike(length: int, sense: tuple[bool, ...]) -> list[str]:
    """The known names of about this length and of this sense."""
    return [name for name in _squeezed()[0].values() if abs(len(name) - length) < 4 and _sense(name) == sense]


def _core(name: str) -> str:
    return _squeeze(name.removeprefix(next((item for item in _PREFIXES if name.startswith(item)), "")))


def _squeeze(name: str) -> str:
    return name.removesuffix("_MS").replace("_", "")


def _sense(name: str) -> tuple[bool, ...]:
    """What turns a name into its opposite."""
    return tuple(word in name for word in ("DISABLE", "ENABLE", "SKIP", "USE_"))
