"""Copies of removed texts are found wherever they stand, and no other text is changed."""

from hypothesis import given
from hypothesis import strategies as st

from assaybook.intake.copies import MARK, Copies

TEXTS = st.text(alphabet="ab", min_size=4, max_size=24)


@given(st.sets(TEXTS, min_size=1, max_size=60), st.text(alphabet="abc ", max_size=60))
def test_no_copy_of_what_was_removed_is_left(removed: set[str], text: str) -> None:
    blotted, times = Copies(removed, "a.json").blotted(text)
    assert not any(one in part for one in removed for part in blotted.split(MARK))
    assert (times > 0) == any(one in text for one in removed)
    assert blotted.count(MARK) == times


@given(st.sets(TEXTS, min_size=1, max_size=60), st.text(alphabet="c ", max_size=60))
def test_a_text_that_holds_no_copy_stays_as_it_is(removed: set[str], text: str) -> None:
    assert Copies(removed, "a.json").blotted(text) == (text, 0)
