"""A refused document on record: that it came, never what was in it."""

from typing import Any

import pytest
from pydantic import ValidationError

from assaybook.domain.refusal import LONGEST_NAME, Refusal
from support.refusals import a_refusal


def _changed(**change: Any) -> Refusal:
    return Refusal.model_validate(a_refusal().model_dump() | change)


def test_a_document_that_was_not_taken_in_whole_has_neither_digest_nor_size() -> None:
    assert _changed(digest=None, size=None).digest is None


@pytest.mark.parametrize(
    "change",
    [{"content": "Ann Example"}, {"name": "x" * (LONGEST_NAME + 1)}, {"id": "1"}, {"size": -1}],
    ids=lambda change: next(iter(change)),
)
def test_a_refusal_has_no_room_for_what_the_document_said(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _changed(**change)
