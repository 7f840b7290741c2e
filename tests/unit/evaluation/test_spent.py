"""A document is spent once one like it is newer and answers whole, and never before."""

from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.policy import Assurance
from assaybook.evaluation.spent import spent, standing_at
from support.assessing import at
from support.evidence import MODEL, a_document, a_fact, a_metric, covered

FAMILIES = frozenset({"metric"})
WHOLE = covered("metric/quality")


def _sent(day: float, **said: Any) -> Evidence:
    """Return a document of recall that was made and received on a day."""
    facts = said.pop("facts", (a_metric(),))
    known: dict[str, Any] = {"coverage": (WHOLE,), "name": f"{day}", "age": -day, "received": -day}
    return a_document(*facts, **{**known, **said})


def _since(*documents: Evidence, retired: tuple[float, ...] = ()) -> list[float | None]:
    """Return the day from which on each document is spent."""
    found = spent(documents, FAMILIES, [at(each) for each in retired]).since
    ends = [found.get(one.envelope.id) for one in documents]
    return [None if end is None else (end - at(0)).days for end in ends]


def test_a_document_is_spent_when_a_newer_one_that_answers_whole_is_received() -> None:
    assert _since(_sent(1), _sent(2), _sent(3)) == [2, 3, None]


def test_the_order_in_which_documents_are_received_decides_since_when() -> None:
    late = _sent(1, received=-5)
    assert _since(late, _sent(2), _sent(6)) == [6, 6, None]


UNLIKE: dict[str, dict[str, Any]] = {
    "another-source": {"tool": "other"},
    "another-release": {"release": "2"},
    "another-artifact": {"artifacts": (AboutArtifact(digest=MODEL, kind="model"),)},
    "weaker": {"assurance": Assurance.SELF},
    "declared": {"declared": ("produced_at",)},
    "declared-by-somebody-stronger": {"declared_assurance": Assurance.CI},
    "another-name": {"facts": (a_metric("precision"),)},
    "another-question": {"facts": (), "coverage": (covered("metric/fairness"),)},
    "not-examined": {"coverage": (covered("metric/quality", None),)},
    "with-errors": {"coverage": (covered("metric/quality", errored=1),)},
    "with-skips": {"coverage": (covered("metric/quality", skipped=1),)},
    "undated": {"age": None},
    "an-answer-of-a-person": {"facts": (a_metric(), a_fact("attestation", policy="p", rule="r"))},
}


@pytest.mark.parametrize("unlike", UNLIKE.values(), ids=UNLIKE.keys())
def test_what_is_not_alike_or_not_whole_spends_nothing(unlike: dict[str, Any]) -> None:
    assert _since(_sent(1), _sent(2, **unlike)) == [None, None]


def test_what_nobody_asks_about_does_not_keep_a_document_from_answering_whole() -> None:
    other = covered("pii/email", None)
    both = [_sent(day, coverage=(WHOLE, other)) for day in (1, 2)]
    assert _since(*both) == [2, None]


def test_what_was_received_before_a_source_was_retired_is_not_like_what_came_after() -> None:
    assert _since(_sent(1), _sent(3), retired=(2,)) == [None, None]
    assert _since(_sent(1), _sent(2), retired=(2,)) == [2, None]
    assert _since(_sent(1), _sent(2), retired=(1,)) == [None, None]


def test_documents_of_one_submission_stand_and_are_spent_together() -> None:
    two = [_sent(1, name="a", submission="x"), _sent(1, name="b", submission="x")]
    assert _since(*two, _sent(4)) == [4, 4, None]
    assert _since(_sent(0), *two) == [1, None, None]
    apart = [_sent(1, submission="x"), _sent(3, submission="x")]
    assert _since(_sent(0), *apart) == [None, None, None]
    mixed = [_sent(1, submission="x"), _sent(1, submission="x", tool="tool", release="2")]
    assert _since(_sent(0), *mixed, _sent(5)) == [5, None, None, None]


def test_of_one_instant_neither_spends_the_other() -> None:
    assert _since(_sent(1, name="a"), _sent(1, name="b")) == [None, None]


def test_for_the_words_the_first_that_was_spent_and_the_last_by_id_are_kept() -> None:
    documents = sorted((_sent(day) for day in range(9)), key=lambda one: one.envelope.received_at)
    found = spent(documents, FAMILIES, ())
    told = standing_at(documents, found.told)
    for day in range(9):
        received = documents[: day + 1]
        kept = told(at(day))
        assert max(received, key=lambda one: one.envelope.id) in kept
        assert received[-1] in kept
        assert day == 0 or received[0] in kept
        assert len(kept) <= 3


def test_what_stands_was_received_and_has_not_ended() -> None:
    first, second, third = (_sent(day) for day in (1, 2, 3))
    ends = {first.envelope.id: at(3), second.envelope.id: at(2)}
    standing = standing_at((third, second, first), ends)
    assert [standing(at(day)) for day in (0, 1, 2, 3, 9)] == [
        (),
        (first,),
        (first,),
        (third,),
        (third,),
    ]
    assert standing_at((), {})(at(1)) == ()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_what_stands_is_the_same_however_many_there_are(size: int) -> None:
    documents = [_sent(day) for day in range(size)]
    ends = {one.envelope.id: at(day + 2) for day, one in enumerate(documents) if day % 3}
    standing = standing_at(documents, ends)
    for half in range(-1, 2 * size + 6):
        instant = at(half / 2)
        assert standing(instant) == tuple(
            one
            for one in documents
            if one.envelope.received_at <= instant < ends.get(one.envelope.id, at(999))
        )
