"""Texts of any origin in documents whose readers show Markdown."""

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.oscal import escaped, line, markup, name_of, unmarked, uuid_of


@given(st.text(max_size=40))
def test_a_text_without_marks_reads_back_as_it_was(text: str) -> None:
    assert unmarked(escaped(text)) == text


def test_a_text_of_any_kind_is_one_line_that_shows_whole() -> None:
    assert line(" two\n words\t ") == "two words"
    assert line("\n") == "-"
    assert line("a\u202eb\ud800") == "a\ufffdb\ufffd"


def test_evidence_draws_no_link_on_the_screen_of_an_auditor() -> None:
    assert markup("[press\n*here*](x)") == r"\[press \*here\*\](x)"


def test_a_name_begins_with_a_letter_or_a_line_whatever_it_was_made_of() -> None:
    assert [name_of(one) for one in ("a b", "_a", "7 a", "")] == ["a-b", "_a", "_7-a", "_"]


def test_a_thing_keeps_its_uuid_and_no_other_thing_has_it() -> None:
    assert uuid_of("finding", "a", "bc") == uuid_of("finding", "a", "bc")
    assert uuid_of("finding", "a", "bc") != uuid_of("finding", "ab", "c")
    assert uuid_of("finding", "a") != uuid_of("control", "a")
