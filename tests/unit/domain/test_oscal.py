"""Texts of any origin in documents whose readers show Markdown."""

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.oscal import escaped, unmarked


@given(st.text(max_size=40))
def test_a_text_without_marks_reads_back_as_it_was(text: str) -> None:
    assert unmarked(escaped(text)) == text
