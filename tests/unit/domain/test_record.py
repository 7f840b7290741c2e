"""A record behaves as the frozen data class that it stands for."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any, cast

import pytest

from assaybook.domain.record import draft, keyed_record, record


@record
class Point:
    """A point with a note that no comparison sees."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list[str], compare=False)


@keyed_record
class Named:
    """What has a name."""

    name: str
    rank: int = 0


@keyed_record
class Title(Named):
    """What has a name and a text."""

    text: str


@record
class Caller:
    """Who calls, with a secret."""

    name: str
    key: str = field(repr=False)


@record
class Nothing:
    """A record without a field."""


@draft
class Tally:
    """What is counted while reading."""

    rows: int = 0
    names: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Peer:
    """What the library makes of the same fields as a point."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list[str], compare=False)


def test_records_are_equal_by_class_and_by_the_fields_that_count() -> None:
    assert Point(1, tags=["a"]) == Point(1, 2)
    assert Point(1) != Point(2)
    other: object = Peer(1)
    assert Point(1) != other
    assert Nothing() == Nothing()
    assert {Point(1), Point(1), Point(3)} == {Point(3), Point(1)}
    assert len({Nothing(), Nothing()}) == 1


def test_a_record_cannot_be_changed() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 3
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    with pytest.raises(FrozenInstanceError):
        point.other = 3
    assert not hasattr(point, "__dict__")


def test_each_record_gets_a_list_of_its_own() -> None:
    one, two = Point(1), Point(1)
    one.tags.append("seen")
    assert two.tags == []


def test_fields_given_by_name_are_inherited_before_the_own_ones() -> None:
    title = Title(name="a", text="b")
    assert (title.name, title.rank, title.text) == ("a", 0, "b")
    assert [each.name for each in fields(title)] == ["name", "rank", "text"]
    build = cast("Callable[..., Title]", Title)
    with pytest.raises(TypeError, match="positional"):
        build("a", 0, "b")


def test_a_record_is_shown_replaced_copied_and_matched_as_its_peer() -> None:
    point = Point(1, 5)
    assert repr(point) == repr(Peer(1, 5)).replace("Peer", "Point")
    assert replace(point, x=4) == Point(4, 5)
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point  # noqa: S301 - made in the line itself
    match point:
        case Point(x, y):
            assert (x, y) == (1, 5)


def test_what_is_kept_out_of_sight_is_not_shown() -> None:
    assert repr(Caller("ann", "secret")) == "Caller(name='ann')"


def test_a_missing_and_an_unknown_field_are_refused() -> None:
    build = cast("Callable[..., Point]", Point)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        build()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        build(1, z=2)


def test_a_field_that_nobody_may_give_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="given all its fields"):

        @record
        class Later:
            """A record that would be filled in later."""

            name: str = field(init=False)


def test_a_field_without_a_default_after_one_with_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match="stands after one with a default: name"):

        @record
        class Odd:
            """A record that could not be made."""

            rank: int = 0
            name: str  # type: ignore[misc] # pyright: ignore[reportGeneralTypeIssues] - the point


def test_a_draft_is_filled_in_later_and_is_nobodys_key() -> None:
    one, other = Tally(), Tally(2, ["a"])
    assert one != other
    one.rows = 2
    one.names.append("a")
    assert one == other
    assert repr(one) == "Tally(rows=2, names=['a'])"
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - made here
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
    with pytest.raises(AttributeError):
        cast("Any", one).other = 3
