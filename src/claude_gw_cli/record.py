"""Frozen records, and answers that are kept: the part of ``dataclasses`` and ``functools`` for what starts often.

The standard decorator writes and compiles up to eight methods per class at import and imports ``inspect``. Here a
class costs its list of fields: all methods are shared, and ``__init__`` is compiled for a class with many instances.
Measured with all heavy imports inside functions (CPU time, minimum of 25 starts; ``__init__`` compiled for the first
instance | ``dataclasses`` in its place):

    cgw explain              61 | 103 ms on CPython 3.11.7, 59 | 110 ms on 3.13.0
    cgw explain, JSON        86 | 143 ms                    83 | 141 ms
    cgw check settings.json  83 | 142 ms                    81 | 151 ms
    cgw env                  no difference: a kept plan needs no record

``functools`` imports ``collections``: together they take 0.3 of the instructions of ``python -c pass``.

Type checkers see the standard decorators; ``dataclasses.fields``, ``asdict`` and ``replace`` know a record. A test
holds the two against each other.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
    from functools import cached_property, lru_cache
else:
    _NONE = object()
    _FEW = 140
    """Instances that take as long as compiling an ``__init__`` does."""

    class _Field:
        """What ``field()`` says about one field."""

        __slots__ = ("default", "factory", "shown")

        def __init__(self, default, factory=_NONE, shown=True):
            self.default, self.factory, self.shown = default, factory, shown

    _PLAIN = _Field(_NONE)

    def field(*, default=_NONE, default_factory=_NONE, repr=True):  # noqa: A002 - the standard's own name
        """As ``dataclasses.field``."""
        return _Field(default, default_factory, repr)

    def dataclass(*, frozen=False, slots=False):
        """As ``dataclasses.dataclass``; no inheritance between records, no ``__post_init__``, no ``ClassVar``."""

        def make(plain):
            body = dict(plain.__dict__)
            fields = {}
            for name in body.get("__annotations__", ()):
                given = body.pop(name, _PLAIN)
                fields[name] = given if given.__class__ is _Field else _Field(given)
            del body["__dict__"], body["__weakref__"]
            body["__qualname__"] = plain.__qualname__
            if slots:
                body["__slots__"] = tuple(fields)
            body |= _SHARED | {"__record__": fields, "__match_args__": tuple(fields)}
            body |= {"__setattr__": _no_set, "__delattr__": _no_delete} if frozen else {"__hash__": None}
            made = type(plain.__name__, plain.__bases__, body)
            made.__init__ = _first_init(made, fields, frozen)
            return made

        return make

    def replace(record, /, **changes):
        """As ``dataclasses.replace``."""
        for name in type(record).__record__:
            if name not in changes:
                changes[name] = getattr(record, name)
        return type(record)(**changes)

    class cached_property:  # noqa: N801 - the standard's own name
        """As ``functools.cached_property``."""

        def __init__(self, ask):
            self._ask, self.__doc__ = ask, ask.__doc__

        def __set_name__(self, _, name):
            self._name = name

        def __get__(self, record, _=None):
            if record is None:
                return self
            found = record.__dict__[self._name] = self._ask(record)
            return found

    def lru_cache(maxsize):
        """As ``functools.lru_cache``, but what is full forgets all."""

        def keep(ask):
            known = {}

            def answer(*given, **named):
                key = (given, *named.items()) if named else given
                if key not in known:
                    if len(known) >= maxsize:
                        known.clear()
                    known[key] = ask(*given, **named)
                return known[key]

            answer.cache_clear = known.clear
            return answer

        return keep

    def _first_init(cls, fields, frozen):
        made, least, set_, size = 0, 0, object.__setattr__, len(fields)
        spare = defaults = factories = None

        def init(self, *args, **named):
            nonlocal made, least, spare, defaults, factories
            if not made:
                spare = [item.default for item in fields.values()]
                least = size - [*reversed(spare), _NONE].index(_NONE)
                defaults = {name: value for name, value in zip(fields, spare) if value is not _NONE}  # noqa: B905
                factories = {name: item.factory for name, item in fields.items() if item.factory is not _NONE}
            made += 1
            if least <= len(args) <= size and not named and made <= _FEW:
                for name, value in zip(fields, (*args, *spare[len(args) :])):  # noqa: B905 - they are as many
                    set_(self, name, value)
                return
            given = {**dict(zip(fields, args, strict=False)), **named}
            values = {**defaults, **given}
            for name, make in factories.items():
                if name not in given:
                    values[name] = make()
            # Many instances, or wrong arguments, which the compiled one names.
            if made > _FEW or len(given) < len(args) + len(named) or values.keys() != fields.keys():
                cls.__init__ = _compiled_init(fields, frozen)
                cls.__init__(self, *args, **named)
                return
            for name, value in values.items():
                set_(self, name, value)

        return init

    def _compiled_init(fields, frozen):
        scope = {"NONE": _NONE, "set_": object.__setattr__}
        heads, lines = ["self"], []
        for name, item in fields.items():
            value = name
            if item.factory is not _NONE:
                scope[f"make_{name}"] = item.factory
                heads.append(f"{name}=NONE")
                value = f"make_{name}() if {name} is NONE else {name}"
            elif item.default is not _NONE:
                scope[f"default_{name}"] = item.default
                heads.append(f"{name}=default_{name}")
            else:
                heads.append(name)
            lines.append(f"set_(self, '{name}', {value})" if frozen else f"self.{name} = {value}")
        exec(f"def __init__({', '.join(heads)}):\n {'; '.join(lines) or 'pass'}", scope)  # noqa: S102 - our own names
        return scope["__init__"]

    def _values(record):
        return tuple([getattr(record, name) for name in record.__record__])

    def _eq(self, other):
        return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self):
        return hash(_values(self))

    def _repr(self):
        shown = (f"{name}={getattr(self, name)!r}" for name, item in self.__record__.items() if item.shown)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _reduce(self):
        return type(self), _values(self)

    def _no_set(_, name, __):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _no_delete(_, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    class _StandardFields:
        """``__dataclass_fields__``, made on first use."""

        def __get__(self, record, cls):
            import dataclasses

            def standard(item):
                given = {"default": item.default, "default_factory": item.factory}
                return dataclasses.field(
                    repr=item.shown, **{key: value for key, value in given.items() if value is not _NONE}
                )

            items = [(name, cls.__annotations__[name], standard(item)) for name, item in cls.__record__.items()]
            made = dataclasses.make_dataclass(cls.__name__, items).__dataclass_fields__
            cls.__dataclass_fields__ = made  # it takes 3 ms
            return made

    _SHARED = {
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__reduce__": _reduce,
        "__dataclass_fields__": _StandardFields(),
    }


__all__ = ["cached_property", "dataclass", "field", "lru_cache", "replace"]
