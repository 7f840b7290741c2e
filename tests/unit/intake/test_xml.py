"""XML: what is read, what is refused, and that nothing in it expands or fetches."""

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.xml_text import (
    attribute,
    child,
    children,
    line,
    namespace,
    own_text,
    place,
    read_xml,
    tag,
)

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaa">'
    '<!ENTITY b "&a;&a;&a;&a;">]><testsuites>&b;</testsuites>'
)
OUTSIDE = '<!DOCTYPE testsuites SYSTEM "file:///etc/passwd"><testsuites/>'


def _refused(text: str | bytes, limits: Limits | None = None) -> SubmitterError:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(SubmitterError) as caught:
        parse(raw, "report.xml", limits or Limits())
    return caught.value


def test_an_element_is_read_with_its_names_its_text_and_its_line() -> None:
    root = read_xml(b'<a xmlns="u:x" id="1">\n <b>t&amp;u</b>v\n</a>', "a.xml", Limits())
    (inner,) = children(root)
    assert (tag(root), namespace(root), attribute(root, "id")) == ("a", "u:x", "1")
    assert (own_text(inner), line(inner), place(inner)) == ("t&u", 2, "line 2")
    assert own_text(root).strip() == "v"
    assert child(root, "b") == inner
    assert child(root, "c") is None
    assert attribute(root, "other") is None


def test_what_is_no_element_has_neither_name_nor_text() -> None:
    assert (tag(None), namespace([]), own_text("x"), line(3)) == ("", "", "", 1)


def test_attributes_with_a_prefix_are_left_out() -> None:
    root = read_xml(b'<a xmlns:p="u:p" p:id="1" id="2"/>', "a.xml", Limits())
    assert (attribute(root, "id"), attribute(root, "u:p id")) == ("2", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(BOMB, "xml-not-allowed", id="entities that grow"),
        pytest.param(OUTSIDE, "xml-not-allowed", id="an entity from elsewhere"),
        pytest.param("<a>&b;</a>", "xml-malformed", id="an entity that nobody declared"),
        pytest.param("<a><b></a>", "xml-malformed", id="ends in the wrong order"),
        pytest.param("<testsuites><testsuite", "xml-malformed", id="truncated"),
        pytest.param('<a b="1" b="2"/>', "xml-malformed", id="an attribute twice"),
        pytest.param("<a>&#0;</a>", "xml-malformed", id="NUL by number"),
        pytest.param("<a>&#xD800;</a>", "xml-malformed", id="half a character by number"),
        pytest.param("words", "xml-malformed", id="no XML at all"),
        pytest.param(b"<a>\xe9</a>", "encoding-not-utf8", id="Latin-1"),
        pytest.param(
            '<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>',
            "encoding-not-utf8",
            id="says that it is Latin-1, and is not",
        ),
        pytest.param("<a>" * 200 + "</a>" * 200, "document-too-deep", id="deep"),
        pytest.param(
            f"<a b='{'x' * 5_000_000}'/>", "document-too-large", id="an attribute without end"
        ),
        pytest.param("<a>" + "<b/>" * 200_001 + "</a>", "document-too-large", id="many elements"),
    ],
)
def test_xml_that_cannot_be_read_safely_is_refused_with_its_place(
    text: str | bytes, code: str
) -> None:
    error = _refused(text)
    assert (error.code, error.where.startswith("report.xml"), bool(error.hint)) == (
        code,
        True,
        True,
    )


def test_a_declared_encoding_that_does_not_matter_is_no_reason_to_refuse() -> None:
    text = b'<?xml version="1.0" encoding="ISO-8859-1"?><a>plain</a>'
    assert own_text(parse(text, "a.xml", Limits()).value) == "plain"


@pytest.mark.parametrize("opening", ['<?xml version="1.0"?><a/>', "<testsuite/>", "<bom/>"])
def test_xml_without_a_suffix_is_known_by_its_first_words(opening: str) -> None:
    assert parse(opening.encode(), "stdin", Limits()).media == "xml"


def test_elements_are_counted_before_any_is_built_and_a_comment_holds_none() -> None:
    ends = "</b>" * 200_001
    with pytest.raises(SubmitterError) as refused:
        read_xml(f"<a>{ends}".encode(), "a.xml", Limits())
    assert refused.value.code == "document-too-large"
    commented = f"<?xml version='1.0'?><a><!--{ends}--></a>"
    assert tag(read_xml(commented.encode(), "a.xml", Limits())) == "a"


def test_markdown_that_begins_with_a_tag_is_no_xml() -> None:
    assert parse(b"<div>\n# Card\n", "README", Limits()).media == "text"
