"""Records: what ``dataclass(slots=True)`` gives, frozen or not, made in a tenth of the time.

A command that ends soon spends most of its time in making classes, and Python 3.11 compiles six
methods for each. Here one is compiled, the constructor, and only when the first record of its
class is made; the others are shared or built from :func:`operator.attrgetter`, which is also
quicker when they run.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, TypeVar, cast, dataclass_transform

_Made = TypeVar("_Made")
_ABSENT: Final = object()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_Made]) -> type[_Made]:
    """Return the class as a frozen record with slots: equal by type and fields, and hashable.

    Fields may be made by :func:`dataclasses.field` with ``default``, ``default_factory``,
    ``compare`` and ``repr``. A field without a default after one with a default is a
    ``TypeError``, as is one that the constructor does not take.
    """
    return _record(cls, keywords=False)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def keyed_record(cls: type[_Made]) -> type[_Made]:
    """Return the class as :func:`record` does, with fields that are given by name only."""
    return _record(cls, keywords=True)


@dataclass_transform(field_specifiers=(field,))
def draft(cls: type[_Made]) -> type[_Made]:
    """Return the class as a record whose fields may be set later, so that it is not hashable."""
    return cast("type[_Made]", _made(cls, keywords=False, frozen=False))


def _record(cls: type[_Made], *, keywords: bool) -> type[_Made]:
    made = _made(cls, keywords=keywords, frozen=True)
    made.__hash__ = _digest_of(_values_of(made))
    made.__setattr__ = _refuse_change
    made.__delattr__ = _refuse_removal
    made.__reduce__ = _taken_apart
    return cast("type[_Made]", made)


def _made(cls: type[object], *, keywords: bool, frozen: bool) -> Any:  # noqa: ANN401 - in the making
    # Without words of its own the library would write a class its signature, for a millisecond.
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=keywords)(cls)
    _check_fields(made, keywords=keywords)

    def construct(self: object, /, *values: object, **named: object) -> None:
        made.__init__ = _constructor(made, keywords=keywords, frozen=frozen)
        made.__init__(self, *values, **named)

    made.__init__ = construct
    made.__eq__ = _equality_of(_values_of(made))
    made.__hash__ = None
    made.__repr__ = _shown
    return made


def _check_fields(made: Any, *, keywords: bool) -> None:  # noqa: ANN401 - in the making
    """Refuse fields of which no constructor can be made."""
    optional = False
    for each in fields(made):
        if not each.init:
            message = f"a record is given all its fields when it is made: {each.name}"
            raise TypeError(message)
        wanted = each.default is MISSING and each.default_factory is MISSING
        if wanted and optional and not keywords:
            message = f"a field without a default stands after one with a default: {each.name}"
            raise TypeError(message)
        optional = optional or not wanted


def _constructor(
    made: Any,  # noqa: ANN401 - in the making
    *,
    keywords: bool,
    frozen: bool,
) -> Callable[..., None]:
    known: dict[str, Any] = {"_absent": _ABSENT}
    head: list[str] = ["self"]
    body: list[str] = []
    for each in fields(made):
        name = value = each.name
        if frozen:
            known[f"_set_{name}"] = getattr(made, name).__set__
        if each.default is not MISSING:
            known[f"_default_{name}"] = each.default
            head.append(f"{name}=_default_{name}")
        elif each.default_factory is not MISSING:
            known[f"_make_{name}"] = each.default_factory
            head.append(f"{name}=_absent")
            value = f"_make_{name}() if {name} is _absent else {name}"
        else:
            head.append(name)
        body.append(f" _set_{name}(self, {value})" if frozen else f" self.{name} = {value}")
    if keywords and body:
        head.insert(1, "*")
    text = f"def __init__({', '.join(head)}):\n" + ("\n".join(body) or " pass")
    exec(text, known)  # noqa: S102 - made of the names of fields alone, as dataclass does it
    known["__init__"].__qualname__ = f"{made.__qualname__}.__init__"
    constructor: Callable[..., None] = known["__init__"]
    return constructor


def _values_of(made: Any) -> Callable[[object], object]:  # noqa: ANN401 - in the making
    names = [each.name for each in fields(made) if each.compare]
    return attrgetter(*names) if names else (lambda _: ())


def _equality_of(values: Callable[[object], object]) -> Callable[[object, object], Any]:
    def equal(self: object, other: object) -> Any:  # noqa: ANN401 - or NotImplemented
        if self.__class__ is not other.__class__:
            return NotImplemented
        return values(self) == values(other)

    return equal


def _digest_of(values: Callable[[object], object]) -> Callable[[object], int]:
    def digest(self: object) -> int:
        return hash((values(self),))

    return digest


def _shown(self: Any) -> str:  # noqa: ANN401 - any record
    told = (each.name for each in fields(self) if each.repr)
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in told)
    return f"{type(self).__qualname__}({inside})"


def _refuse_change(_: object, name: str, __: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(_: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _taken_apart(self: Any) -> Any:  # noqa: ANN401 - any record, as pickle wants it
    return _put_together, (
        type(self),
        {each.name: getattr(self, each.name) for each in fields(self)},
    )


def _put_together(cls: Callable[..., object], values: dict[str, object]) -> object:
    return cls(**values)
