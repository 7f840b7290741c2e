"""What an expression can yield: CEL values, unknowns, conflicting values, rows and lists.

Scalars are plain Python values: ``bool``, ``int`` (within 2**53 where a policy wrote them),
``float``, ``str``, ``None`` (a CEL null), aware ``datetime`` and ``timedelta``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from assaybook.domain.reasons import Reason, ordered
from assaybook.domain.record import record

Scalar: TypeAlias = bool | int | float | str | datetime | timedelta | None


@record
class Unknown:
    """A value that is not known, with every reason that could have decided it."""

    reasons: tuple[Reason, ...]


@record
class Conflict:
    """Two or more distinct values for one field of one row, none of which may be preferred.

    ``path`` says which field of which row, such as ``recall[slice=sex=female].value``; ``given``
    has what the documents give, where ``values`` were reckoned from it.
    """

    values: tuple[Scalar, ...]
    path: str = field(default="", compare=False)
    given: tuple[Scalar, ...] = field(default=(), compare=False)


@record
class Pointer:
    """Where a row was read: evidence id and JSON pointer (or line) into its blob."""

    evidence: str
    pointer: str


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One fact, one artifact, the system or the release, as an expression sees it.

    Attributes:
        kind: fact type (``metric``) or ``system``, ``release``, ``artifact``, ``scope``.
        label: how a person finds it, such as ``recall[slice=sex=female]``.
        values: field to value; a None here is a null *fact field* and reads as unknown(null).
        pointers: where it was read; several when documents agree or disagree about it.
        ghost: set for the one further row of an open list: every field is this unknown.
    """

    kind: str
    label: str
    values: Mapping[str, "Value"]
    pointers: tuple[Pointer, ...] = ()
    ghost: Unknown | None = None


@record
class Member:
    """An element of a list; with a doubt it is only possibly in the list."""

    value: "Value"
    doubt: Unknown | None = None


def _nothing_besides() -> dict[str, "Bag"]:
    return {}


@record
class Bag:
    """A list as judgement sees it.

    Attributes:
        members: its known elements, sure and possible.
        ghost: set when the list is open: the reasons for which more rows may exist.
        proven: when empty, it is proven to be so (a literal, a binding of ``eval``, or a need
            that was proven empty itself); otherwise quantifiers over nothing are unknown(empty).
        label: what reasons call it.
        kind: fact type of its rows, for the ghost row; empty for plain values.
        extra: what a need has besides its rows: ``coverage`` and ``evidence``, each a list.
    """

    members: tuple[Member, ...] = ()
    ghost: Unknown | None = None
    proven: bool = False
    label: str = "list"
    kind: str = ""
    extra: Mapping[str, "Bag"] = field(default_factory=_nothing_besides)


@record
class SizeRange:
    """The size of a list with uncertain members: between low and high (None: no upper end)."""

    low: int
    high: int | None
    reasons: tuple[Reason, ...] = field(default=(), compare=False)


Value: TypeAlias = (
    Scalar | Unknown | Conflict | Row | Bag | SizeRange | dict[bool | int | float | str, "Value"]
)


def unknown(code: str, path: str = "", message: str = "") -> Unknown:
    """Return an unknown with one reason."""
    return Unknown((Reason(code, path, message),))


def joined(unknowns: Iterable[Unknown]) -> Unknown:
    """Return one unknown with the reasons of all, in their order."""
    return Unknown(ordered(reason for one in unknowns for reason in one.reasons))


def plain_list(values: Iterable["Value"], *, label: str = "list", proven: bool = False) -> Bag:
    """Return a closed list of sure elements."""
    return Bag(tuple(Member(value) for value in values), None, proven, label)


def ghost_row(bag: Bag) -> Row:
    """Return the one further row of an open list.

    Raises:
        ValueError: the list is closed.
    """
    if bag.ghost is None:
        message = "a closed list has no further row"
        raise ValueError(message)
    return Row(bag.kind, f"{bag.label}[?]", {}, (), bag.ghost)
