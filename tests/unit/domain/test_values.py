"""Values that an expression can yield: what is unknown keeps every reason, once."""

import pytest

from assaybook.domain.reasons import PRECEDENCE, Reason, ordered, rank_of
from assaybook.domain.values import (
    Bag,
    Conflict,
    SizeRange,
    ghost_row,
    joined,
    plain_list,
    unknown,
)


def test_reasons_stand_in_one_order_whatever_came_first() -> None:
    reasons = [Reason("conflict", "b"), Reason("error:nan", "a"), Reason("missing", "c")]
    assert [one.code for one in ordered(reasons)] == ["missing", "conflict", "error:nan"]
    assert ordered(reasons) == ordered(reversed(reasons))


def test_a_reason_is_told_once_for_each_place() -> None:
    twice = [Reason("null", "a", "one"), Reason("null", "a", "two"), Reason("null", "b")]
    assert [(one.path, one.message) for one in ordered(twice)] == [("a", "one"), ("b", "")]


def test_the_list_of_reasons_has_no_word_twice_and_errors_come_last() -> None:
    assert len(set(PRECEDENCE)) == len(PRECEDENCE)
    assert rank_of(Reason("error:overflow")) > rank_of(Reason(PRECEDENCE[-1]))
    assert Reason("error:overflow").is_error
    assert not Reason("missing").is_error


def test_unknowns_are_joined_without_losing_a_reason() -> None:
    both = joined([unknown("stale", "a"), unknown("missing", "b"), unknown("stale", "a")])
    assert [(one.code, one.path) for one in both.reasons] == [("missing", "b"), ("stale", "a")]
    assert joined([]).reasons == ()


def test_a_plain_list_is_closed_and_proves_nothing_by_itself() -> None:
    bag = plain_list([1, 2])
    assert [member.value for member in bag.members] == [1, 2]
    assert (bag.ghost, bag.proven) == (None, False)
    assert plain_list([], proven=True).proven


def test_only_an_open_list_has_a_further_row() -> None:
    row = ghost_row(Bag(ghost=unknown("missing"), label="recall", kind="metric"))
    assert (row.label, row.kind, row.ghost) == ("recall[?]", "metric", unknown("missing"))
    with pytest.raises(ValueError, match="closed list"):
        ghost_row(Bag())


def test_where_a_conflict_or_a_size_came_from_does_not_make_it_another() -> None:
    assert Conflict((1, 2), "here") == Conflict((1, 2), "there")
    assert SizeRange(1, 2, (Reason("null"),)) == SizeRange(1, 2)
